/** One part in a list: what it is, where it lies, how many there are. */
import type { Shown } from "../../sync/types";
import { first, text } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { InStock, LevelBadge } from "./level";

export const partName = (part: Shown): string =>
  first(part.data.name, part.data.number, "A part without a name");

const placeOf = (part: Shown): string =>
  [text(part.data.number), text(part.data.bin) && `bin ${text(part.data.bin)}`].filter(Boolean).join(" · ");

/** What one sees of a part at a glance. */
export function PartFacts({ part }: { part: Shown }) {
  return (
    <>
      <span class="avatar square" aria-hidden="true">
        <Icon name="box" />
      </span>
      <span class="grow">
        <strong class="clip block">{partName(part)}</strong>
        <span class="row wrap marks soft mid">
          {placeOf(part)}
          <LevelBadge part={part} />
        </span>
      </span>
      <InStock part={part} />
    </>
  );
}

/** Without `onPick` the row is a link to the part. */
export function PartRow({ part, onPick }: { part: Shown; onPick?: () => void }) {
  const inside = <PartFacts part={part} />;
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
