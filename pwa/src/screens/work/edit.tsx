/**
 * Editing a work order. The form is taken when editing begins and kept with what is typed, so that after a killed
 * app the edit still names what its author had seen, whatever has arrived since.
 */
import { useEffect, useRef } from "preact/hooks";
import type { Data, Form, Shown } from "../../sync/types";
import { list, num, orNull, text } from "../../ui/data";
import { useDraft } from "../../ui/draft";
import { AreaField, ChipField, SelectField, TextField } from "../../ui/field";
import { fromLocalInput, toLocalInput } from "../../ui/format";
import { back, query } from "../../ui/router";
import { toast } from "../../ui/toast";
import { inner, word } from "../../ui/words";
import { act } from "../act";
import { me, must, record, records } from "../live";
import { PRIORITIES } from "./facts";

const TEXTS = ["complaint", "diagnosis", "correction", "service_type", "area", "bay"];
const LATER = ["assignee", "equipment", "priority"];

/** The fields as the inputs hold them: all strings. */
type Values = Record<string, string>;

function valuesOf(order: Shown): Values {
  const plain = Object.fromEntries([...TEXTS, ...LATER].map((field) => [field, text(order.data[field])]));
  return {
    ...plain,
    priority: text(order.data.priority) || "normal",
    promised_at: toLocalInput(num(order.data.promised_at)),
    tags: list(order.data.tags).join(", "),
  };
}

const tagsOf = (value: string) =>
  [
    ...new Set(
      value
        .split(",")
        .map((one) => one.trim())
        .filter(Boolean),
    ),
  ].sort();

/** What was changed against what stood when editing began; nothing else is written. */
function changes(values: Values, before: Values): Data {
  const set: Data = {};
  for (const [field, value] of Object.entries(values)) {
    if (value === before[field]) continue;
    if (field === "tags")
      set.tags = {
        add: tagsOf(value).filter((one) => !tagsOf(before.tags ?? "").includes(one)),
        remove: tagsOf(before.tags ?? "").filter((one) => !tagsOf(value).includes(one)),
      };
    else if (field === "promised_at") set.promised_at = fromLocalInput(value);
    else set[field] = orNull(value);
  }
  return set;
}

interface Kept {
  form: Form;
  before: Values;
  values: Values;
}

export function EditScreen({ id }: { id: string }) {
  const order = record("work_order", id);
  return order ? <EditForm key={id} order={order} /> : null;
}

function EditForm({ order }: { order: Shown }) {
  const draft = useDraft<Kept>(`edit.${order.id}`, () => ({
    form: must().form(order.id),
    before: valuesOf(order),
    values: valuesOf(order),
  }));
  const { form, before, values } = draft.value.value;
  const shell = useRef<HTMLFormElement>(null);
  const set = (field: string) => (value: string) =>
    draft.set({ ...draft.value.value, values: { ...draft.value.value.values, [field]: value } });
  const leave = () => {
    draft.clear();
    back(`/work/${order.id}`);
  };
  useEffect(() => {
    if (draft.found)
      toast("What you typed before is still here.", { action: { label: "Start over", run: draft.clear } });
    const field = new URLSearchParams(query.value).get("field");
    const input = field && shell.current?.querySelector<HTMLElement>(`[data-field="${field}"] textarea`);
    if (input) {
      input.focus();
      input.scrollIntoView({ block: "center" });
    }
  }, []);
  const save = async (event: Event) => {
    event.preventDefault();
    const wanted = changes(values, before);
    if (Object.keys(wanted).length === 0) return leave();
    if (await act([{ op: "patch", collection: "work_order", id: order.id, set: wanted, form }], "Saved"))
      leave();
  };
  return (
    <form ref={shell} class="edit stack" onSubmit={save} aria-label={`Edit ${inner("work_order")}`}>
      <h1>Edit {text(order.data.number) || inner("work_order")}</h1>
      {["complaint", "diagnosis", "correction"].map((field) => (
        <div key={field} data-field={field}>
          <AreaField label={word(field)} rows={4} value={values[field] ?? ""} onInput={set(field)} />
        </div>
      ))}
      <ChipField
        label="Priority"
        value={values.priority ?? ""}
        onInput={set("priority")}
        options={PRIORITIES.map((value) => ({ value, label: word(`priority.${value}`) }))}
      />
      <OrderChoices order={order} values={values} set={set} />
      <TextField
        label="Tags"
        value={values.tags ?? ""}
        onInput={set("tags")}
        hint="Separate them by commas."
      />
      <div class="save-bar">
        <button type="button" class="button" onClick={leave}>
          Cancel
        </button>
        <button type="submit" class="button main grow">
          Save
        </button>
      </div>
    </form>
  );
}

function OrderChoices({
  order,
  values,
  set,
}: {
  order: Shown;
  values: Values;
  set: (field: string) => (value: string) => void;
}) {
  const none = { value: "", label: "Nobody yet" };
  const staff = records("staff").filter((one) => one.data.active !== false);
  const machines = records("equipment").filter(
    (one) => one.data.customer === order.data.customer || one.id === values.equipment,
  );
  return (
    <>
      <div class="pair">
        <SelectField
          label="Assigned to"
          value={values.assignee ?? ""}
          onInput={set("assignee")}
          options={[none, ...staff.map((one) => ({ value: one.id, label: text(one.data.name) }))]}
        />
        {me.value.role !== "tech" && (
          <TextField
            label="Promised"
            type="datetime-local"
            value={values.promised_at ?? ""}
            onInput={set("promised_at")}
          />
        )}
      </div>
      <SelectField
        label={word("equipment")}
        value={values.equipment ?? ""}
        onInput={set("equipment")}
        options={[
          { value: "", label: "None" },
          ...machines.map((one) => ({
            value: one.id,
            label:
              [text(one.data.make), text(one.data.model), text(one.data.serial)].filter(Boolean).join(" ") ||
              text(one.data.kind),
          })),
        ]}
      />
      <div class="pair">
        <TextField label="Service" value={values.service_type ?? ""} onInput={set("service_type")} />
        <TextField label={word("bay")} value={values.bay ?? ""} onInput={set("bay")} />
      </div>
    </>
  );
}
