/** A new part: what it is called, where it lies, and at how many the shop orders. */
import { useState } from "preact/hooks";
import { newId } from "../../sync/types";
import { orNull } from "../../ui/data";
import { TextField } from "../../ui/field";
import { decimal } from "../../ui/number";
import { go } from "../../ui/router";
import { Sheet } from "../../ui/sheet";
import { act, create } from "../act";

const NONE = { name: "", number: "", bin: "", code: "", reorder: "", price: "" };

export function NewPartSheet({ onClose }: { onClose: () => void }) {
  const [typed, type] = useState(NONE);
  const set = (field: keyof typeof NONE) => (value: string) => type({ ...typed, [field]: value });
  const wrong = (value: string, times: number) =>
    value.trim() && decimal(value, times) === null ? "A number, please." : null;
  const ready = Boolean(typed.name.trim()) && !wrong(typed.reorder, 1000) && !wrong(typed.price, 100);
  const save = async () => {
    const id = newId();
    const values = {
      name: typed.name.trim(),
      number: orNull(typed.number),
      bin: orNull(typed.bin),
      reorder_level_milli: decimal(typed.reorder, 1000),
      price_cents: decimal(typed.price, 100),
      ...(typed.code.trim() ? { barcodes: { add: [typed.code.trim()], remove: [] } } : {}),
    };
    if (!(await act([create("part", id, values)], `${values.name} added`))) return;
    onClose();
    go(`/parts/${id}`);
  };
  return (
    <Sheet
      title="New part"
      onClose={onClose}
      footer={
        <button type="button" class="button main grow" disabled={!ready} onClick={() => void save()}>
          Add the part
        </button>
      }
    >
      <TextField label="Name" value={typed.name} onInput={set("name")} required />
      <div class="pair">
        <TextField label="Number" value={typed.number} onInput={set("number")} />
        <TextField label="Bin" value={typed.bin} onInput={set("bin")} />
      </div>
      <TextField
        label="Barcode"
        value={typed.code}
        onInput={set("code")}
        hint="A scanner that types may be used here."
      />
      <div class="pair">
        <TextField
          label="Order at"
          inputmode="decimal"
          value={typed.reorder}
          onInput={set("reorder")}
          wrong={wrong(typed.reorder, 1000)}
          hint="At this many it counts as short."
        />
        <TextField
          label="Price each"
          inputmode="decimal"
          value={typed.price}
          onInput={set("price")}
          wrong={wrong(typed.price, 100)}
        />
      </div>
    </Sheet>
  );
}
