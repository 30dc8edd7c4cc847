/** Adding a line item, or changing one. A part chosen from stock brings its name and price. */
import { useMemo, useState } from "preact/hooks";
import type { Draft, Shown } from "../../sync/types";
import { num, text } from "../../ui/data";
import { AreaField, ChipField, SelectField, TextField } from "../../ui/field";
import { quantity } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { decimal, shownDecimal } from "../../ui/number";
import { Sheet } from "../../ui/sheet";
import { word } from "../../ui/words";
import { act } from "../act";
import { me, must, record, records } from "../live";
import { moveBy, putBack } from "../parts/move";
import { partsInUse } from "../parts/shelf";
import { takenFor } from "../parts/stock";
import { may, maySet } from "../rights";
import { changedOf, newLine, type Typed } from "./linedrafts";

interface Props {
  order: Shown;
  line: Shown | undefined;
  last: Shown | undefined;
  onClose: () => void;
}

/** The parts counter adds parts, everybody else adds all kinds. */
const kinds = () => (me.value.role === "parts" ? ["part"] : ["labour", "part", "fee"]);

function typedOf(line: Shown | undefined): Typed {
  return {
    kind: text(line?.data.kind) || (kinds()[0] ?? "part"),
    part: text(line?.data.part),
    description: text(line?.data.description),
    quantity: shownDecimal(line?.data.quantity_milli ?? 1000, 1000),
    minutes: shownDecimal(line?.data.minutes, 1),
    price: shownDecimal(line?.data.price_cents, 100),
  };
}

export function LineSheet({ order, line, last, onClose }: Props) {
  const form = useMemo(() => (line ? must().form(line.id) : undefined), [line?.id]);
  const [typed, setTyped] = useState(() => typedOf(line));
  const set = (field: keyof Typed) => (value: string) => setTyped({ ...typed, [field]: value });
  const ready = Boolean(typed.description.trim() || typed.part) && decimal(typed.quantity, 1000) !== null;
  const save = async () => {
    const moved = line ? moveBy(line, decimal(typed.quantity, 1000) ?? 0) : [];
    const done = line
      ? await act(
          [
            { op: "patch", collection: "line_item", id: line.id, set: changedOf(typed, line), form },
            ...moved,
          ],
          "Line saved",
        )
      : await act(newLine(order, typed, last), "Line added");
    if (done) onClose();
  };
  const remove = async () => {
    if (!line) return;
    const back = putBack(line);
    const gone: Draft = { op: "delete", collection: "line_item", id: line.id, form };
    if (await act([...back, gone], back.length ? "Line removed, part put back" : "Line removed")) onClose();
  };
  const footer = (
    <>
      {line && removable(line) && (
        <button type="button" class="button" onClick={() => void remove()}>
          <Icon name="trash" /> Remove
        </button>
      )}
      <button type="button" class="button main" disabled={!ready} onClick={() => void save()}>
        Save
      </button>
    </>
  );
  return (
    <Sheet title={line ? "Change line" : "Add a line"} onClose={onClose} footer={footer}>
      {!line && <What typed={typed} set={set} />}
      <AreaField
        label="Description"
        rows={2}
        value={typed.description}
        onInput={set("description")}
        placeholder={text(record("part", typed.part)?.data.name)}
      />
      <Amounts typed={typed} set={set} />
      {line && takenFor(line, records("part_movement")) > 0 && (
        <p class="hint">More takes from the shelf, fewer puts back on it.</p>
      )}
    </Sheet>
  );
}

/** What a line took from the shelf goes back with it, so that the books and the shelf agree. */
const removable = (line: Shown) => may("d", "line_item", line);

interface Inputs {
  typed: Typed;
  set: (field: keyof Typed) => (value: string) => void;
}

function What({ typed, set }: Inputs) {
  const parts = partsInUse();
  const label = (one: Shown) =>
    [
      text(one.data.number),
      text(one.data.name),
      `${quantity(num(one.data.on_hand_milli) ?? 0)} in stock`,
    ].filter(Boolean);
  return (
    <>
      <ChipField
        label="Kind"
        value={typed.kind}
        onInput={set("kind")}
        options={kinds().map((value) => ({ value, label: word(`kind.${value}`) }))}
      />
      {typed.kind === "part" && (
        <SelectField
          label="Part from stock"
          value={typed.part}
          onInput={set("part")}
          options={[
            { value: "", label: "Not from stock" },
            ...parts.map((one) => ({ value: one.id, label: label(one).join(" · ") })),
          ]}
        />
      )}
    </>
  );
}

function Amounts({ typed, set }: Inputs) {
  const wrong = decimal(typed.quantity, 1000) === null ? "A number, please" : null;
  return (
    <div class="pair">
      {typed.kind === "labour" ? (
        <TextField label="Minutes" inputmode="numeric" value={typed.minutes} onInput={set("minutes")} />
      ) : (
        <TextField
          label="Quantity"
          inputmode="decimal"
          value={typed.quantity}
          onInput={set("quantity")}
          wrong={wrong}
        />
      )}
      {maySet("line_item", "price_cents") && (
        <TextField
          label="Price each"
          inputmode="decimal"
          value={typed.price}
          onInput={set("price")}
          placeholder={shownDecimal(record("part", typed.part)?.data.price_cents, 100)}
        />
      )}
    </div>
  );
}
