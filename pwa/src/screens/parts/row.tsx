/** One part in a list: what it is, where it lies, how many there are. */
import type { Shown } from "../../sync/types";
import { first, text } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { records } from "../live";
import { InStock, LevelBadge } from "./level";
import { onHand } from "./stock";

export const partName = (part: Shown): string =>
  first(part.data.name, part.data.number, "A part without a name");

export const placeOf = (part: Shown): string =>
  [text(part.data.number), text(part.data.bin) && `bin ${text(part.data.bin)}`].filter(Boolean).join(" · ");

interface Props {
  part: Shown;
  /** Without it the row is a link to the part. */
  onPick?: () => void;
}

export function PartRow({ part, onPick }: Props) {
  const stock = onHand(part, records("part_movement"));
  const inside = (
    <>
      <span class="avatar square" aria-hidden="true">
        <Icon name="box" />
      </span>
      <span class="grow">
        <strong class="clip block">{partName(part)}</strong>
        <span class="row wrap marks soft mid">
          {placeOf(part)}
          <LevelBadge part={part} stock={stock} />
        </span>
      </span>
      <InStock stock={stock} />
    </>
  );
  return onPick ? (
    <button type="button" class="part-row" onClick={onPick}>
      {inside}
    </button>
  ) : (
    <a class="part-row" href={`/parts/${part.id}`}>
      {inside}
    </a>
  );
}
