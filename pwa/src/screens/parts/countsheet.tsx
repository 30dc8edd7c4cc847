/** Counting a shelf, putting a delivery on it, or setting right what the books say: one number and a word to it. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { ChipField, TextField } from "../../ui/field";
import { fromLocalInput, quantity, toLocalInput } from "../../ui/format";
import { decimal } from "../../ui/number";
import { Sheet } from "../../ui/sheet";
import { act } from "../act";
import { type MovementKind, movement } from "./move";
import { partName } from "./row";
import { stockOf } from "./shelf";
import { Stepper } from "./stepper";

export type Counted = Extract<MovementKind, "count" | "receive" | "adjust">;

const WORDS: Record<Counted, { title: string; label: string; button: string }> = {
  count: { title: "Count", label: "How many lie there?", button: "Save the count" },
  receive: { title: "Put on the shelf", label: "How many came?", button: "Put on the shelf" },
  adjust: { title: "Correct the stock", label: "How many should it be?", button: "Correct" },
};

export function CountSheet({ part, kind, onClose }: { part: Shown; kind: Counted; onClose: () => void }) {
  const stock = stockOf(part);
  const [typed, type] = useState(kind === "receive" ? "1" : String(Math.max(0, stock) / 1000));
  const [reason, setReason] = useState("");
  const [earlier, setEarlier] = useState(false);
  const [time, setTime] = useState(() => toLocalInput(Date.now()));
  const milli = decimal(typed, 1000);
  const told = earlier ? fromLocalInput(time) : undefined;
  const ahead = Boolean(told && told > Date.now());
  const moved = milli === null ? 0 : kind === "adjust" ? milli - stock : milli;
  const ready =
    milli !== null &&
    told !== null &&
    !ahead &&
    (kind === "count" || moved !== 0) &&
    (kind !== "adjust" || reason.trim() !== "");
  const words = WORDS[kind];
  const save = async () => {
    const more = {
      ...(told ? { at: told } : {}),
      ...(kind === "adjust" ? { reason: reason.trim() } : {}),
    };
    const said =
      kind === "receive"
        ? `${quantity(moved)} put on the shelf`
        : `${partName(part)}: ${quantity(milli ?? 0)} in stock`;
    if (await act([movement(kind, part.id, moved, more)], said)) onClose();
  };
  return (
    <Sheet
      title={words.title}
      onClose={onClose}
      footer={
        <button type="button" class="button main grow" disabled={!ready} onClick={() => void save()}>
          {words.button}
        </button>
      }
    >
      <p>
        <strong>{partName(part)}</strong>
        <span class="soft"> · the books say {quantity(stock)}</span>
      </p>
      <Stepper label={words.label} value={typed} onInput={type} />
      {kind === "count" && (
        <>
          <ChipField
            label="Counted"
            value={earlier ? "earlier" : "now"}
            onInput={(value) => setEarlier(value === "earlier")}
            options={[
              { value: "now", label: "Just now" },
              { value: "earlier", label: "Earlier" },
            ]}
          />
          {earlier && (
            <TextField
              label="When"
              type="datetime-local"
              value={time}
              onInput={setTime}
              wrong={ahead ? "That is still to come." : null}
              hint="What was used since then is taken off by itself."
            />
          )}
        </>
      )}
      {kind === "adjust" && (
        <TextField
          label="Reason"
          value={reason}
          onInput={setReason}
          required
          hint="Everybody who opens the part sees it."
        />
      )}
    </Sheet>
  );
}
