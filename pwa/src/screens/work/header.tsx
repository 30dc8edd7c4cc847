/** The head of a work order: number, whose, what, how far. */
import type { Shown } from "../../sync/types";
import { Badge, lookOf, PriorityBadge } from "../../ui/badges";
import { first, num, text } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { capital, inner, word } from "../../ui/words";
import { HistoryButton } from "../history/button";
import { record } from "../live";
import { maySet } from "../rights";
import { ItemSync } from "../syncwords";
import { statusSheet } from "./actions";
import { customerName, equipmentName, numberOf, statusOf } from "./facts";
import { DueWords } from "./row";

export function OrderHeader({ order }: { order: Shown }) {
  const customer = record("customer", order.data.customer)?.data;
  const equipment = record("equipment", order.data.equipment)?.data;
  const look = lookOf(statusOf(order));
  const reason = text(order.data.status_reason);
  return (
    <header class="order-header">
      <div class="row wrap order-id">
        <span class="number">{numberOf(order) ?? <NoNumber />}</span>
        <ItemSync id={order.id} at={num(order.data.updated_at)} />
      </div>
      <div class="row title-row">
        <h1 class="grow">{customerName(customer) || "No customer yet"}</h1>
        {maySet("work_order", "complaint") && (
          <a class="button phone-only" href={`/work/${order.id}/edit`}>
            <Icon name="edit" /> Edit
          </a>
        )}
      </div>
      <p class="soft">{first(equipmentName(equipment), `No ${inner("equipment")} yet`)}</p>
      <div class="row wrap status-row">
        <button
          type="button"
          class="status-button"
          onClick={() => (statusSheet.value = order.id)}
          aria-label={`Status: ${word(`status.${statusOf(order)}`)}. Change it`}
        >
          <Badge tone={look.tone} icon={look.icon} size="large">
            {word(`status.${statusOf(order)}`)}
            <Icon name="down" />
          </Badge>
        </button>
        <HistoryButton of={order} field="status" />
        <PriorityBadge priority={order.data.priority} />
        <DueWords order={order} />
      </div>
      {reason && <p class="mid reason">“{capital(reason)}”</p>}
    </header>
  );
}

function NoNumber() {
  return (
    <span>
      New <span class="soft">· the number comes from the shop</span>
    </span>
  );
}
