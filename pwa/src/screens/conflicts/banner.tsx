/** Says on the work order that two people wrote the same thing, and opens the sheet: the first of two taps. */
import type { Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { inner } from "../../ui/words";
import { conflictOpen } from "./sheet";
import { conflictsOf } from "./sides";

export function ConflictBanners({ order }: { order: Shown }) {
  const about = [order.id, text(order.data.customer), text(order.data.equipment)].filter(Boolean);
  return (
    <>
      {about.flatMap(conflictsOf).map((one) => (
        <div key={one.id} class="banner tone-red" role="status">
          <Icon name="split" />
          <span class="grow">
            <strong>Two versions of the {inner(text(one.data.field))}.</strong> Both are kept until somebody
            chooses.
          </span>
          <button type="button" class="button" onClick={() => (conflictOpen.value = one.id)}>
            Choose
          </button>
        </div>
      ))}
    </>
  );
}
