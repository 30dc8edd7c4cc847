/** The rest of a work order: who does it, when it is promised, where it stands, its tags. */
import type { Shown } from "../../sync/types";
import { list, num, text } from "../../ui/data";
import { dayAndTime, minutes, money, stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { word } from "../../ui/words";
import { act, patch } from "../act";
import { Fact } from "../customers/card";
import { historyOf, openHistory } from "../history/open";
import { me, record } from "../live";
import { maySet } from "../rights";
import { isOpen } from "./facts";
import { madeAt } from "./notes";

const nameOf = (id: unknown) => text(record("staff", id)?.data.name);

/** What it is called, how it reads, and the field behind it, whose history a tap shows. */
type Line = [name: string, value: string, field?: string];

function facts(order: Shown): Line[] {
  const { data } = order;
  const time = (field: string) => (num(data[field]) === null ? "" : dayAndTime(num(data[field]) ?? 0));
  const spent = num(data.actual_minutes);
  const planned = num(data.estimated_minutes);
  const helpers = list(data.helpers).map((one) => nameOf(one) || one);
  const took = [
    spent !== null && `${minutes(spent)} spent`,
    planned !== null && `${minutes(planned)} planned`,
  ];
  const goodwill = num(data.goodwill_cents);
  return [
    ["Assigned to", nameOf(data.assignee) || "Nobody yet", "assignee"],
    ["Helping", helpers.join(", "), "helpers"],
    ["Promised", time("promised_at"), "promised_at"],
    ["Priority", data.priority ? word(`priority.${text(data.priority)}`) : "", "priority"],
    ["Service", text(data.service_type), "service_type"],
    ["Area", text(data.area), "area"],
    [word("bay"), text(data.bay), "bay"],
    ["Time", took.filter(Boolean).join(", ")],
    ["Checked by", nameOf(data.qc_by)],
    ["Goodwill", goodwill ? `${money(goodwill)} ${text(data.goodwill_reason)}` : "", "goodwill_cents"],
    ["Status since", num(data.status_at) === null ? "" : stamp(num(data.status_at) ?? 0), "status"],
    ["Taken in", dayAndTime(madeAt(order))],
    ["Closed", time("closed_at")],
  ];
}

async function takeOn(order: Shown): Promise<void> {
  await act([patch("work_order", order.id, { assignee: me.value.id })], "It is yours");
}

export function DetailsCard({ order }: { order: Shown }) {
  const tags = list(order.data.tags);
  return (
    <section class="card" aria-labelledby="details-title">
      <header>
        <h2 id="details-title">Details</h2>
        {!order.fresh && (
          <button
            type="button"
            class="button quiet"
            onClick={() => openHistory("work_order", order.id)}
            aria-keyshortcuts="h"
          >
            <Icon name="history" /> History
          </button>
        )}
      </header>
      <div class="body stack">
        <dl class="facts">
          {facts(order).map(
            ([name, value, field]) =>
              value && (
                <Fact
                  key={name}
                  name={name}
                  value={value}
                  onTap={field ? historyOf(order, field) : undefined}
                />
              ),
          )}
        </dl>
        {!order.data.assignee && isOpen(order) && maySet("work_order", "assignee") && (
          <button type="button" class="button tinted" onClick={() => void takeOn(order)}>
            <Icon name="hand" /> Take this on
          </button>
        )}
        {tags.length > 0 && (
          <ul class="row wrap" aria-label="Tags">
            {tags.map((tag) => (
              <li key={tag} class="tag">
                {tag}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
