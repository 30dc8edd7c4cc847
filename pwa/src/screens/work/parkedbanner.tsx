/** Says on the work order that an edit of it was not taken, in plain words, and leads to where it can be mended. */
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { children, parked } from "../live";
import { reasonWords } from "../sync/reasons";

export function ParkedBanner({ order }: { order: Shown }) {
  if (parked.value.length === 0) return null;
  const ids = new Set([
    order.id,
    ...["task", "note", "line_item", "photo", "time_entry"].flatMap((one) =>
      children(order.id, one).map((child) => child.id),
    ),
  ]);
  const about = parked.value.filter((one) =>
    one.ops.some((op) => ids.has(op.id) || ("set" in op && op.set?.work_order === order.id)),
  );
  if (about.length === 0) return null;
  return (
    <div class="banner tone-red" role="status">
      <Icon name="alert" />
      <span class="grow">
        <strong>needs you.</strong>{" "}
        {about.length === 1 && about[0] ? reasonWords(about[0]) : `${about.length} edits were not taken.`}
      </span>
      <a class="button" href="/needs-you">
        Look
      </a>
    </div>
  );
}
