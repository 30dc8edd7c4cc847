/**
 * The queue: which work orders come under which heading for whom. A tech sees their own day; the office sees what
 * waits for somebody. Pure, so that it can be tried without a screen.
 */
import type { Shown } from "../../sync/types";
import { byUrgency, dueOf, isOpen, statusOf, WAITING } from "./facts";

export interface Section {
  title: string;
  orders: Shown[];
}

/** The queue of one person: at work first, then what can be begun, then what waits for others, then what nobody has. */
export function queueOf(orders: Shown[], person: string, role: string, now: number): Section[] {
  const open = orders.filter(isOpen).sort(byUrgency);
  const sections =
    role === "tech" ? techQueue(open, person) : role === "parts" ? partsQueue(open) : officeQueue(open, now);
  return sections.filter((one) => one.orders.length > 0);
}

function techQueue(open: Shown[], person: string): Section[] {
  const own = open.filter((one) => one.data.assignee === person);
  const is = (...wanted: string[]) => own.filter((one) => wanted.includes(statusOf(one)));
  return [
    { title: "At work", orders: is("in_progress", "diagnosing") },
    { title: "Up next", orders: is("approved", "new") },
    { title: "Waiting", orders: own.filter((one) => WAITING.has(statusOf(one))) },
    { title: "Finished, not handed over", orders: is("qc", "ready") },
    { title: "Nobody's yet", orders: open.filter((one) => !one.data.assignee) },
  ];
}

/** The parts counter sees first what waits for it, then what may soon. */
function partsQueue(open: Shown[]): Section[] {
  const is = (...wanted: string[]) => open.filter((one) => wanted.includes(statusOf(one)));
  return [
    { title: "Waiting for parts", orders: is("waiting_parts") },
    { title: "In work", orders: is("in_progress", "approved") },
    { title: "Being diagnosed", orders: is("diagnosing", "new") },
  ];
}

function officeQueue(open: Shown[], now: number): Section[] {
  const taken = new Set<string>();
  const take = (title: string, wanted: (one: Shown) => boolean) => {
    const orders = open.filter((one) => !taken.has(one.id) && wanted(one));
    for (const one of orders) taken.add(one.id);
    return { title, orders };
  };
  return [
    take("Late", (one) => dueOf(one, now)?.late ?? false),
    take("Ready to hand over", (one) => statusOf(one) === "ready"),
    take("Needs a check", (one) => statusOf(one) === "qc"),
    take("Nobody's yet", (one) => !one.data.assignee),
    take("Waiting for approval", (one) => statusOf(one) === "waiting_approval"),
    take("Promised today", (one) => dueOf(one, now)?.today ?? false),
    take("Waiting for parts or on hold", (one) => WAITING.has(statusOf(one))),
    take("In work", () => true),
  ];
}
