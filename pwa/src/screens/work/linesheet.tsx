/** Adding a line item, or changing one. A part chosen from stock brings its name and price. */
import { useMemo, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { newId } from "../../sync/types";
import { first, num, orNull, text } from "../../ui/data";
import { AreaField, ChipField, SelectField, TextField } from "../../ui/field";
import { Sheet } from "../../ui/sheet";
import { word } from "../../ui/words";
import { act, create } from "../act";
import { me, must, records } from "../live";

const KINDS = ["labour", "part", "fee"];

/** "1,5" and "1.5" both mean one and a half; null when it is no number. */
export function decimal(value: string, times: number): number | null {
  const n = Number(value.trim().replace(",", "."));
  return value.trim() && Number.isFinite(n) ? Math.round(n * times) : null;
}

const shownDecimal = (value: unknown, times: number) =>
  num(value) === null ? "" : String((num(value) ?? 0) / times);

interface Props {
  order: Shown;
  line: Shown | undefined;
  last: Shown | undefined;
  onClose: () => void;
}

export function LineSheet({ order, line, last, onClose }: Props) {
  const form = useMemo(() => (line ? must().form(line.id) : undefined), [line?.id]);
  const [kind, setKind] = useState(text(line?.data.kind) || "labour");
  const [part, setPart] = useState(text(line?.data.part));
  const [description, setDescription] = useState(text(line?.data.description));
  const [many, setMany] = useState(shownDecimal(line?.data.quantity_milli ?? 1000, 1000));
  const [time, setTime] = useState(shownDecimal(line?.data.minutes, 1));
  const [price, setPrice] = useState(shownDecimal(line?.data.price_cents, 100));
  const parts = records("part").filter((one) => one.data.active !== false);
  const prices = me.value.role !== "tech";
  const chosen = parts.find((one) => one.id === part)?.data;
  const ready = Boolean(description.trim() || part) && decimal(many, 1000) !== null;

  const save = async () => {
    const said = {
      description: first(description, chosen?.name),
      quantity_milli: decimal(many, 1000),
      minutes: kind === "labour" ? decimal(time, 1) : null,
    };
    const set: Record<string, unknown> = prices
      ? { ...said, price_cents: decimal(price, 100) ?? num(chosen?.price_cents) }
      : said;
    const done = line
      ? await act(
          [{ op: "patch", collection: "line_item", id: line.id, set: changed(set, line), form }],
          "Line saved",
        )
      : await act(
          [
            create("line_item", newId(), {
              ...set,
              work_order: order.id,
              kind,
              part: kind === "part" ? orNull(part) : null,
              position: (num(last?.data.position) ?? 0) + 1,
            }),
          ],
          "Line added",
        );
    if (done) onClose();
  };
  return (
    <Sheet
      title={line ? "Change line" : "Add a line"}
      onClose={onClose}
      footer={
        <button type="button" class="button main" disabled={!ready} onClick={() => void save()}>
          Save
        </button>
      }
    >
      {!line && (
        <ChipField
          label="Kind"
          value={kind}
          onInput={setKind}
          options={KINDS.map((value) => ({ value, label: word(`kind.${value}`) }))}
        />
      )}
      {kind === "part" && !line && (
        <SelectField
          label="Part from stock"
          value={part}
          onInput={setPart}
          options={[
            { value: "", label: "Not from stock" },
            ...parts.map((one) => ({
              value: one.id,
              label: [text(one.data.number), text(one.data.name)].filter(Boolean).join(" · "),
            })),
          ]}
        />
      )}
      <AreaField
        label="Description"
        rows={2}
        value={description}
        onInput={setDescription}
        placeholder={text(chosen?.name)}
      />
      <div class="pair">
        {kind === "labour" ? (
          <TextField label="Minutes" inputmode="numeric" value={time} onInput={setTime} />
        ) : (
          <TextField
            label="Quantity"
            inputmode="decimal"
            value={many}
            onInput={setMany}
            wrong={decimal(many, 1000) === null ? "A number, please" : null}
          />
        )}
        {prices && (
          <TextField
            label="Price each"
            inputmode="decimal"
            value={price}
            onInput={setPrice}
            placeholder={shownDecimal(chosen?.price_cents, 100)}
          />
        )}
      </div>
    </Sheet>
  );
}

/** Only what differs from what is shown is written, so that two people may change two things of one line. */
export function changed(set: Record<string, unknown>, shown: Shown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(set).filter(([field, value]) => (shown.data[field] ?? null) !== (value ?? null)),
  );
}
