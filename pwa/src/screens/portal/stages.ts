/** How far a repair is, in the customer's words: six stages, and badges for what holds it up. */
import type { Shown } from "../../sync/types";
import type { Tone } from "../../ui/badges";
import { num, text } from "../../ui/data";
import type { IconName } from "../../ui/icons";

export const STAGES = ["Received", "Diagnosis", "Your approval", "In repair", "Ready", "Done"];

const STAGE_OF: Record<string, number> = {
  new: 0,
  diagnosing: 1,
  waiting_approval: 2,
  approved: 3,
  in_progress: 3,
  waiting_parts: 3,
  on_hold: 3,
  qc: 3,
  ready: 4,
  closed: 5,
};

export const statusOf = (order: Shown) => text(order.data.status) || "new";

/** 0..5, or −1 when the order was canceled. */
export const stageOf = (order: Shown): number =>
  STAGE_OF[statusOf(order)] ?? (statusOf(order) === "canceled" ? -1 : 0);

export const isDone = (order: Shown) => ["closed", "canceled"].includes(statusOf(order));

export interface Mark {
  words: string;
  icon: IconName;
  tone: Tone;
}

/** What a customer should know beside the stage. */
export function marksOf(order: Shown): Mark[] {
  const status = statusOf(order);
  const marks: Record<string, Mark> = {
    waiting_parts: { words: "Waiting for parts", icon: "box", tone: "orange" },
    on_hold: { words: "On hold", icon: "pause", tone: "grey" },
    waiting_approval: { words: "Waits for your approval", icon: "hourglass", tone: "amber" },
    ready: { words: "Ready for you", icon: "flag", tone: "green" },
    canceled: { words: "Canceled", icon: "ban", tone: "red" },
    qc: { words: "Final check", icon: "shield", tone: "pink" },
  };
  const mark = marks[status];
  return mark ? [mark] : [];
}

export interface Tasks {
  done: number;
  total: number;
}

export function tasksOf(order: Shown): Tasks | null {
  const total = num(order.data.tasks_total) ?? 0;
  return total > 0 ? { done: Math.min(total, num(order.data.tasks_done) ?? 0), total } : null;
}

/** One sentence that says where things are. */
export function sentenceOf(order: Shown): string {
  const sentences: Record<string, string> = {
    new: "We have it. Next we find out what is wrong.",
    diagnosing: "We are finding out what is wrong.",
    waiting_approval: "We know what it needs and wait for your word.",
    approved: "You have approved it. Work starts soon.",
    in_progress: "We are working on it.",
    waiting_parts: "Parts are on order. Work goes on when they are here.",
    on_hold: "Work is paused. Ask us if you want to know more.",
    qc: "The work is done. We are checking it once more.",
    ready: "It is ready. You can collect it.",
    closed: "It is done and handed over.",
    canceled: "This order was canceled.",
  };
  return sentences[statusOf(order)] ?? "";
}
