/** The way to the slider, where a work order has photos of both sides. */
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { pairOf } from "./pair";
import { compared } from "./viewer/open";

export function CompareButton({ photos }: { photos: Shown[] }) {
  if (!pairOf(photos)) return null;
  return (
    <button
      type="button"
      class="button grow"
      onClick={() => (compared.value = { ids: photos.map((one) => one.id) })}
    >
      <Icon name="compare" /> Before and after
    </button>
  );
}
