/** The rest of a work order: who does it, when it is promised, where it stands, its tags. */
import type { Shown } from "../../sync/types";
import { list, num, text } from "../../ui/data";
import { dayAndTime, minutes, money, stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { word } from "../../ui/words";
import { act, patch } from "../act";
import { Fact } from "../customers/card";
import { me, record } from "../live";
import { maySet } from "../rights";
import { isOpen } from "./facts";
import { madeAt } from "./notes";

const nameOf = (id: unknown) => text(record("staff", id)?.data.name);

function facts(order: Shown): [string, string][] {
  const { data } = order;
  const time = (field: string) => (num(data[field]) === null ? "" : dayAndTime(num(data[field]) ?? 0));
  const spent = num(data.actual_minutes);
  const planned = num(data.estimated_minutes);
  return [
    ["Assigned to", nameOf(data.assignee) || "Nobody yet"],
    [
      "Helping",
      list(data.helpers)
        .map((one) => nameOf(one) || one)
        .join(", "),
    ],
    ["Promised", time("promised_at")],
    ["Service", text(data.service_type)],
    ["Area", text(data.area)],
    [word("bay"), text(data.bay)],
    [
      "Time",
      [spent !== null && `${minutes(spent)} spent`, planned !== null && `${minutes(planned)} planned`]
        .filter(Boolean)
        .join(", "),
    ],
    ["Checked by", nameOf(data.qc_by)],
    [
      "Goodwill",
      num(data.goodwill_cents) ? `${money(num(data.goodwill_cents) ?? 0)} ${text(data.goodwill_reason)}` : "",
    ],
    ["Status since", num(data.status_at) === null ? "" : stamp(num(data.status_at) ?? 0)],
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
      </header>
      <div class="body stack">
        <dl class="facts">
          {facts(order).map(([name, value]) => value && <Fact key={name} name={name} value={value} />)}
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
