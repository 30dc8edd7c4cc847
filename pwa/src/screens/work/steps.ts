/**
 * The steps of a work order as a screen offers them, read off the table that the server judges by. This only keeps
 * people from being offered what would be refused; the server judges again.
 */
import { STEPS } from "../../collections.gen";

export interface Rights {
  role: string;
  qcRequired: boolean;
  readyNeedsTasks: boolean;
  techMayClose: boolean;
}

export interface Step {
  to: string;
  /** A reason must be given. */
  reason: boolean;
  /** Why it cannot be taken just now, in words for people. */
  blocked?: string;
}

const TABLE = STEPS["work_order.status"] ?? [];

/** Every step that this person may take from `from`; those that only lack something say what. */
export function stepsFrom(from: string, rights: Rights, openTasks: number): Step[] {
  const found = new Map<string, Step>();
  for (const row of TABLE) {
    if (!row.from.includes(from) || !row.who.includes(rights.role) || !allowed(row.needs, rights)) continue;
    for (const to of row.to)
      if (to !== from && !found.has(to)) found.set(to, step(to, row.needs, rights, openTasks));
  }
  return [...found.values()];
}

function allowed(needs: string[], rights: Rights): boolean {
  if (needs.includes("no_qc") && rights.qcRequired) return false;
  return !needs.includes("tech_may_close") || rights.techMayClose;
}

function step(to: string, needs: string[], rights: Rights, openTasks: number): Step {
  const made: Step = { to, reason: needs.includes("reason") };
  if (needs.includes("tasks_done") && rights.readyNeedsTasks && openTasks > 0)
    made.blocked = `${openTasks} ${openTasks === 1 ? "task is" : "tasks are"} still open`;
  return made;
}

const NEXT: Record<string, { to: string; words: string }> = {
  new: { to: "diagnosing", words: "Start diagnosis" },
  diagnosing: { to: "waiting_approval", words: "Ask for approval" },
  waiting_approval: { to: "approved", words: "Mark approved" },
  approved: { to: "in_progress", words: "Start work" },
  waiting_parts: { to: "in_progress", words: "Parts are here" },
  on_hold: { to: "in_progress", words: "Go on with work" },
  qc: { to: "ready", words: "Pass the check" },
  ready: { to: "closed", words: "Hand over and close" },
};

/** The one step that usually comes next, with the words of its button, when it may be taken. */
export function nextStep(
  from: string,
  rights: Rights,
  openTasks: number,
): { step: Step; words: string } | null {
  const finished = rights.qcRequired
    ? { to: "qc", words: "Send to quality check" }
    : { to: "ready", words: "Mark as ready" };
  const wanted = from === "in_progress" ? finished : NEXT[from];
  const found = stepsFrom(from, rights, openTasks).find((one) => one.to === wanted?.to);
  return found && wanted ? { step: found, words: wanted.words } : null;
}
