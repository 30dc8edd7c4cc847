/** Using a part on a work order: found by what was used last, by words, by a scanner's code or the camera; then how many. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { quantity } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { decimal } from "../../ui/number";
import { Sheet } from "../../ui/sheet";
import { act } from "../act";
import { FindPart } from "./find";
import { issue, undoIssue } from "./move";
import { PartFacts, partName } from "./row";
import { stockOf } from "./shelf";
import { Stepper } from "./stepper";

interface Props {
  order: Shown;
  last: Shown | undefined;
  onClose: () => void;
}

export function UsePartSheet({ order, last, onClose }: Props) {
  const [part, choose] = useState<Shown | null>(null);
  const [typed, type] = useState("1");
  const milli = decimal(typed, 1000);
  const ready = part !== null && milli !== null && milli > 0;
  const take = async () => {
    if (!ready) return;
    const drafts = issue(order, part, milli, last);
    if (await act(drafts, `${quantity(milli)} × ${partName(part)} taken`, () => undoIssue(drafts))) onClose();
  };
  const footer = part && (
    <>
      <button type="button" class="button" onClick={() => choose(null)}>
        Another part
      </button>
      <button type="button" class="button main grow" disabled={!ready} onClick={() => void take()}>
        {ready ? `Take ${quantity(milli)}` : "Take"}
      </button>
    </>
  );
  return (
    <Sheet title={part ? "How many?" : "Use a part"} onClose={onClose} footer={footer}>
      {part ? (
        <Chosen part={part} typed={typed} onType={type} taken={milli ?? 0} />
      ) : (
        <FindPart onFound={choose} />
      )}
    </Sheet>
  );
}

interface ChosenProps {
  part: Shown;
  typed: string;
  onType: (value: string) => void;
  taken: number;
}

function Chosen({ part, typed, onType, taken }: ChosenProps) {
  const left = stockOf(part) - taken;
  return (
    <>
      <div class="row part-facts">
        <PartFacts part={part} />
      </div>
      <Stepper label="Quantity" value={typed} onInput={onType} />
      {taken > 0 && left < 0 && (
        <p class="banner tone-amber" role="status">
          <Icon name="alert" />
          <span class="grow">
            The books will say {quantity(left)}. Take it all the same: the part is in your hand. A count sets
            the books right.
          </span>
        </p>
      )}
    </>
  );
}
