/** The way into the history of a field: a small button beside it, with words for a screen reader. */
import { Icon } from "../../ui/icons";
import { inner } from "../../ui/words";
import { openHistory } from "./open";

export function HistoryButton({ collection, id, field }: { collection: string; id: string; field: string }) {
  return (
    <button
      type="button"
      class="button quiet icon-only"
      aria-label={`History of ${inner(field)}`}
      title="History"
      onClick={() => openHistory(collection, id, field)}
    >
      <Icon name="history" />
    </button>
  );
}
