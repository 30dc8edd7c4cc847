/** Now: what to do next. A tech sees their own day; the office sees what waits for somebody. */
import { Empty } from "../../ui/empty";
import { hourOf, longDay, when } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { capital, inner, plural } from "../../ui/words";
import { me, overall, records } from "../live";
import { ShortParts } from "../parts/short";
import { told } from "../sync/notices";
import { RunningCard } from "../timesheet/running";
import { clockIn, clockOut, runningShift, runningWork } from "../timesheet/timer";
import { dueOf } from "./facts";
import { queueOf, type Section } from "./queue";
import { OrderRow } from "./row";

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
      <ShortParts />
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
