/** A customer's own work orders as cards: what is under way first, then what is done. */
import type { Shown } from "../../sync/types";
import { Badge } from "../../ui/badges";
import { first, num, text } from "../../ui/data";
import { Empty } from "../../ui/empty";
import { when } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { capital, inner, plural, word } from "../../ui/words";
import { me, overall, record, records } from "../live";
import { isDone, marksOf, STAGES, sentenceOf, stageOf, tasksOf } from "./stages";
import { StageBar } from "./stepper";

const newest = (a: Shown, b: Shown) => b.id.localeCompare(a.id);

export function machineOf(order: Shown): string {
  const machine = record("equipment", order.data.equipment)?.data;
  return first(
    [text(machine?.make), text(machine?.model)].filter(Boolean).join(" "),
    machine?.kind,
    order.data.complaint,
    word("work_order"),
  );
}

export function Dashboard() {
  const orders = records("work_order").sort(newest);
  const active = orders.filter((one) => !isDone(one));
  const done = orders.filter(isDone);
  return (
    <div class="stack portal-home">
      <div>
        <h1>Hello, {me.value.name.split(" ")[0]}</h1>
        <p class="soft">
          {active.length
            ? `${active.length} ${active.length === 1 ? inner("work_order") : plural("work_order").toLowerCase()} with us just now.`
            : "Nothing of yours is with us just now."}
        </p>
      </div>
      {orders.length === 0 && <Nothing />}
      <ul class="order-cards">
        {active.map((one) => (
          <li key={one.id}>
            <OrderCard order={one} />
          </li>
        ))}
      </ul>
      {done.length > 0 && <h2 class="group-title">Done</h2>}
      {done.length > 0 && (
        <div class="card">
          {done.map((one) => (
            <a key={one.id} class="done-row row" href={`/customer/work-order/${one.id}`}>
              <span class="grow">
                <strong class="block clip">{machineOf(one)}</strong>
                <span class="soft small number">
                  {[text(one.data.number), num(one.data.closed_at) && when(num(one.data.closed_at) ?? 0)]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </span>
              <Icon name="forward" />
            </a>
          ))}
        </div>
      )}
    </div>
  );
}

function Nothing() {
  return overall.value?.bootstrapping != null || overall.value?.lastContact == null ? (
    <Empty icon="download" title="Fetching your orders">
      They show here as soon as they have arrived.
    </Empty>
  ) : (
    <Empty icon="inbox" title="No orders yet">
      When you bring something in, you can follow it here.
    </Empty>
  );
}

function OrderCard({ order }: { order: Shown }) {
  const tasks = tasksOf(order);
  const eta = num(order.data.promised_at);
  return (
    <a class="card order-card" href={`/customer/work-order/${order.id}`}>
      <span class="row">
        <span class="soft small number grow">{text(order.data.number) || "New"}</span>
        {marksOf(order).map((mark) => (
          <Badge key={mark.words} tone={mark.tone} icon={mark.icon}>
            {mark.words}
          </Badge>
        ))}
      </span>
      <h2>{machineOf(order)}</h2>
      <p class="soft">{sentenceOf(order)}</p>
      <StageBar order={order} />
      <span class="row small">
        <strong class="grow">{STAGES[stageOf(order)]}</strong>
        {tasks && (
          <span class="number">
            {tasks.done}/{tasks.total} tasks
          </span>
        )}
      </span>
      {eta !== null && (
        <span class="row small eta">
          <Icon name="calendar" /> Expected {capital(when(eta))}
        </span>
      )}
    </a>
  );
}
