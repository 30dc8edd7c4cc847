/** One work order in a list: what it is, whose, how urgent and how far, at a glance. */
import type { Shown } from "../../sync/types";
import { PriorityBadge, StatusBadge, StatusDisc } from "../../ui/badges";
import { first, text } from "../../ui/data";
import { when } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { capital, inner } from "../../ui/words";
import { children, record } from "../live";
import { ItemSync } from "../syncwords";
import { customerName, dueOf, equipmentName, numberOf, progress, statusOf } from "./facts";

export function DueWords({ order }: { order: Shown }) {
  const now = Date.now();
  const due = dueOf(order, now);
  if (!due) return null;
  return (
    <span class={`due number ${due.late ? "bad" : ""}`}>
      <Icon name={due.late ? "alert" : "calendar"} />
      {due.late ? `Late, ${when(due.ms, now)}` : capital(when(due.ms, now))}
    </span>
  );
}

export function OrderRow({ order, selected }: { order: Shown; selected?: boolean }) {
  const customer = record("customer", order.data.customer)?.data;
  const equipment = record("equipment", order.data.equipment)?.data;
  const { done, total } = progress(order, children(order.id, "task"));
  return (
    <a
      class="order-row"
      href={`/work/${order.id}`}
      aria-current={selected ? "true" : undefined}
      data-order={order.id}
    >
      <StatusDisc status={statusOf(order)} />
      <div class="grow">
        <div class="row line">
          <strong class="grow clip">{customerName(customer) || "No customer yet"}</strong>
          <span class="order-number number soft">{numberOf(order) ?? "new"}</span>
        </div>
        <div class="soft mid clip">{first(equipmentName(equipment), `No ${inner("equipment")}`)}</div>
        <p class="what clip-2">{first(order.data.complaint, "No complaint written down")}</p>
        <div class="row wrap marks">
          <StatusBadge status={statusOf(order)} size="bare" />
          <PriorityBadge priority={text(order.data.priority)} />
          <DueWords order={order} />
          {total > 0 && (
            <span class="due number soft">
              <Icon name="check" />
              {done}/{total}
              <span class="hidden-label"> tasks done</span>
            </span>
          )}
          <ItemSync id={order.id} quiet />
        </div>
      </div>
    </a>
  );
}
