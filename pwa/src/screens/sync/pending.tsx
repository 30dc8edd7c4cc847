/** What waits on this phone, one line for each thing. */
import type { Shown } from "../../sync/types";
import { first } from "../../ui/data";
import { capital, inner } from "../../ui/words";
import { must, overall, record, records } from "../live";
import { fileState } from "../photos/media";
import { ItemSync } from "../syncwords";

const COLLECTIONS = [
  "work_order",
  "task",
  "note",
  "line_item",
  "time_entry",
  "customer",
  "equipment",
  "photo",
  "part_movement",
];
const SHOWN_MAX = 20;

/** A photo whose file is here too stands among the photos, once. */
const hasItsFile = (one: Shown) => one.collection === "photo" && fileState(one.id) !== null;

function waiting(): Shown[] {
  return COLLECTIONS.flatMap((one) => records(one)).filter(
    (one) =>
      (one.fresh || one.pending.length > 0 || must().state(one.id).is === "needs_you") && !hasItsFile(one),
  );
}

function about(one: Shown): string {
  const order = record("work_order", one.data.work_order)?.data;
  const customer = record(
    "customer",
    one.collection === "work_order" ? one.data.customer : order?.customer,
  )?.data;
  const own = first(one.data.title, one.data.text, one.data.description, one.data.name);
  const number = first(one.data.number, order?.number);
  return [own, number, (!own || !number) && first(customer?.name)].filter(Boolean).join(" · ");
}

export function PendingList() {
  if (!overall.value?.waiting && !overall.value?.needsYou) return null;
  const found = waiting();
  return (
    <ul class="pending" aria-label="Waiting on this phone">
      {found.slice(0, SHOWN_MAX).map((one) => (
        <li key={one.id} class="row">
          <span class="grow">
            <span class="clip block">
              {one.fresh ? "New " : ""}
              {one.fresh ? inner(one.collection) : capital(inner(one.collection))}
            </span>
            <span class="soft small clip block">{about(one)}</span>
          </span>
          <ItemSync id={one.id} />
        </li>
      ))}
      {found.length > SHOWN_MAX && <li class="soft small">and {found.length - SHOWN_MAX} more</li>}
    </ul>
  );
}
