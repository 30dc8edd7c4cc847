/** The way into the history of a field, or of a whole record: a small button beside it, with words for a screen reader. */
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { inner } from "../../ui/words";
import { openHistory } from "./open";

/** Nothing while the record is on this device alone: the shop has no history of it yet. */
export function HistoryButton({ of, field }: { of: Shown; field?: string }) {
  if (of.fresh) return null;
  return (
    <button
      type="button"
      class="button quiet icon-only"
      aria-label={`History of ${inner(field ?? of.collection)}`}
      title="History"
      onClick={() => openHistory(of.collection, of.id, field)}
    >
      <Icon name="history" />
    </button>
  );
}
