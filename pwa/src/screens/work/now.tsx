/** Now: what to do next. A tech sees their own day; the office sees what waits for somebody. */
import type { Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { Empty } from "../../ui/empty";
import { hourOf, longDay, when } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { capital, inner, plural } from "../../ui/words";
import { me, overall, record, records } from "../live";
import { told } from "../sync/notices";
import { RunningCard } from "../timesheet/running";
import { clockIn, clockOut, runningShift, runningWork } from "../timesheet/timer";
import { byUrgency, dueOf, isOpen, statusOf, WAITING } from "./facts";
import { OrderRow } from "./row";

export interface Section {
  title: string;
  orders: Shown[];
}

/** The queue of one person: at work first, then what can be begun, then what waits for others, then what nobody has. */
export function queueOf(orders: Shown[], person: string, role: string, now: number): Section[] {
  const open = orders.filter(isOpen).sort(byUrgency);
  return (role === "tech" ? techQueue(open, person) : officeQueue(open, now)).filter(
    (one) => one.orders.length > 0,
  );
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

function greeting(ms: number): string {
  const hour = hourOf(ms);
  return hour < 12 ? "Good morning" : hour < 18 ? "Good afternoon" : "Good evening";
}

function summary(sections: Section[], now: number): string {
  const orders = sections.filter((one) => one.title !== "Nobody's yet").flatMap((one) => one.orders);
  const late = orders.filter((one) => dueOf(one, now)?.late).length;
  const today = orders.filter((one) => dueOf(one, now)?.today && !dueOf(one, now)?.late).length;
  const open = `${orders.length} open ${inner(orders.length === 1 ? "work_order" : "work_orders")}`;
  return [open, today && `${today} promised today`, late && `${late} late`].filter(Boolean).join(" · ");
}

export function NowScreen({ selected }: { selected?: string }) {
  const now = Date.now();
  const sections = queueOf(records("work_order"), me.value.id, me.value.role, now);
  return (
    <div class="now stack">
      <div>
        <p class="soft mid">{capital(longDay(now))}</p>
        <h1>
          {greeting(now)}, {me.value.name.split(" ")[0]}
        </h1>
        <p class="soft">{summary(sections, now)}</p>
      </div>
      {runningWork.value && <RunningCard entry={runningWork.value} />}
      <ShiftRow />
      <GaveWay />
      {sections.map((one) => (
        <section key={one.title} class="stack-tight" aria-label={one.title}>
          <h2 class="group-title">
            {one.title} <span class="soft number">{one.orders.length}</span>
          </h2>
          <div class="order-list card">
            {one.orders.map((order) => (
              <OrderRow key={order.id} order={order} selected={order.id === selected} />
            ))}
          </div>
        </section>
      ))}
      {sections.length === 0 && <NothingToDo />}
    </div>
  );
}

/** Says that edits of one's own gave way to later ones: promised to their author, so it stands where they look first. */
function GaveWay() {
  const count = told().length;
  if (count === 0) return null;
  return (
    <a class="banner tone-blue" href="/needs-you">
      <Icon name="history" />
      <span class="grow">
        {count === 1 ? "One of your edits" : `${count} of your edits`} gave way to a later one.
      </span>
      <Icon name="forward" />
    </a>
  );
}

/** Clock in and out: a shift is theirs who work by the hour. */
function ShiftRow() {
  const shift = runningShift.value;
  if (me.value.role === "customer") return null;
  return (
    <div class="shift row">
      <Icon name="clock" />
      <span class="grow mid">
        {shift ? `Clocked in since ${when(Number(shift.data.started_at))}` : "You are not clocked in"}
      </span>
      <button type="button" class="button quiet" onClick={() => void (shift ? clockOut() : clockIn())}>
        {shift ? "Clock out" : "Clock in"}
      </button>
    </div>
  );
}

function NothingToDo() {
  if (overall.value?.bootstrapping != null) {
    return (
      <Empty icon="download" title="Getting your work ready">
        Your {plural("work_order").toLowerCase()} are on their way to this phone. Afterwards everything opens
        without a network.
      </Empty>
    );
  }
  return (
    <Empty
      icon="check"
      title="Nothing waits for you"
      action={
        <a class="button main" href="/new">
          <Icon name="plus" /> New {inner("work_order")}
        </a>
      }
    >
      {me.value.role === "tech"
        ? `When somebody assigns you a ${inner("work_order")}, it shows up here, most urgent first. All others are under Jobs.`
        : `No ${inner("work_order")} is open. A new one starts with a customer and a complaint.`}
    </Empty>
  );
}

export const assigneeName = (order: Shown): string => text(record("staff", order.data.assignee)?.data.name);
