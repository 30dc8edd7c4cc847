/**
 * Editing a customer or a machine: the fields in a sheet, only what was changed is written, and the form is taken
 * when the sheet opens. What is typed is kept until it is saved or given up.
 */
import type { CollectionName } from "../collections.gen";
import type { Data, Form, Shown } from "../sync/types";
import { list, orNull, text } from "../ui/data";
import { useDraft } from "../ui/draft";
import { AreaField, TextField } from "../ui/field";
import { decimal, shownDecimal } from "../ui/number";
import { Sheet } from "../ui/sheet";
import { act } from "./act";
import { must } from "./live";
import { maySet } from "./rights";

export interface FieldSpec {
  field: string;
  label: string;
  /** `thousandths` and `cents` are whole numbers in the record, and read and typed as people write them. */
  kind?: "line" | "area" | "list" | "number" | "thousandths" | "cents";
  required?: boolean;
}

interface Props {
  title: string;
  collection: CollectionName;
  record: Shown;
  fields: FieldSpec[];
  onClose: () => void;
}

/** Numbers: how many of what is stored make one of what is shown. */
const TIMES: Record<string, number> = { number: 1, cents: 100, thousandths: 1000 };
const timesOf = (kind: FieldSpec["kind"]): number | undefined => TIMES[kind ?? ""];

type Values = Record<string, string>;

interface Kept {
  form: Form;
  before: Values;
  values: Values;
}

function valuesOf(record: Shown, fields: FieldSpec[]): Values {
  return Object.fromEntries(fields.map((spec) => [spec.field, typedOf(spec, record.data[spec.field])]));
}

function typedOf({ kind }: FieldSpec, value: unknown): string {
  const times = timesOf(kind);
  if (times) return shownDecimal(value, times);
  return kind === "list" ? list(value).join(", ") : text(value);
}

const split = (value: string) => [
  ...new Set(
    value
      .split(/[,;\n]/)
      .map((one) => one.trim())
      .filter(Boolean),
  ),
];

/** What differs from what stood when editing began. */
function changes(fields: FieldSpec[], { before, values }: Kept): Data {
  const set: Data = {};
  for (const { field, kind } of fields) {
    const [was = "", is = ""] = [before[field], values[field]];
    const times = timesOf(kind);
    if (was === is) continue;
    if (kind === "list") {
      const [had, has] = [split(was), split(is)];
      set[field] = {
        add: has.filter((one) => !had.includes(one)),
        remove: had.filter((one) => !has.includes(one)),
      };
    } else if (times) set[field] = decimal(is, times);
    else set[field] = orNull(is);
  }
  return set;
}

const wrongOf = ({ kind, required }: FieldSpec, value: string): string | null => {
  if (required && !value.trim()) return "This cannot be empty.";
  return timesOf(kind) && value.trim() && decimal(value, 1) === null ? "A number, please." : null;
};

export function RecordSheet({ title, collection, record, fields: all, onClose }: Props) {
  const fields = all.filter(({ field }) => maySet(collection, field));
  const draft = useDraft<Kept>(`edit.${record.id}`, () => {
    const values = valuesOf(record, fields);
    return { form: must().form(record.id), before: values, values };
  });
  const kept = draft.value.value;
  const set = (field: string) => (value: string) =>
    draft.set({ ...draft.value.value, values: { ...draft.value.value.values, [field]: value } });
  const wrong = fields.some((one) => wrongOf(one, kept.values[one.field] ?? ""));
  const leave = () => {
    draft.clear();
    onClose();
  };
  const save = async () => {
    const wanted = changes(fields, kept);
    if (Object.keys(wanted).length === 0) return leave();
    if (await act([{ op: "patch", collection, id: record.id, set: wanted, form: kept.form }], "Saved"))
      leave();
  };
  const footer = (
    <>
      <button type="button" class="button" onClick={leave}>
        Cancel
      </button>
      <button type="button" class="button main" disabled={wrong} onClick={() => void save()}>
        Save
      </button>
    </>
  );
  return (
    <Sheet title={title} onClose={onClose} footer={footer}>
      {fields.map((spec) => (
        <Input key={spec.field} spec={spec} value={kept.values[spec.field] ?? ""} onInput={set(spec.field)} />
      ))}
    </Sheet>
  );
}

function Input({
  spec,
  value,
  onInput,
}: {
  spec: FieldSpec;
  value: string;
  onInput: (value: string) => void;
}) {
  const { label, kind, required } = spec;
  const wrong = wrongOf(spec, value);
  if (kind === "area") return <AreaField label={label} value={value} onInput={onInput} wrong={wrong} />;
  const hint = kind === "list" ? "Separate several by commas." : undefined;
  return (
    <TextField
      label={label}
      value={value}
      onInput={onInput}
      required={required}
      wrong={wrong}
      hint={hint}
      inputmode={kind === "number" ? "numeric" : timesOf(kind) ? "decimal" : undefined}
    />
  );
}
