/**
 * A new work order: whose, which machine, what is wrong. Customer and machine may be new too; all of it is one
 * changeset, made without a network, and what is typed is kept until it is saved.
 */
import type { Draft } from "../../sync/types";
import { newId } from "../../sync/types";
import { orNull, text } from "../../ui/data";
import { useDraft } from "../../ui/draft";
import { AreaField, ChipField, SelectField, TextField } from "../../ui/field";
import { fromLocalInput } from "../../ui/format";
import { go } from "../../ui/router";
import { inner, word } from "../../ui/words";
import { act, create } from "../act";
import { type CustomerChoice, CustomerPicker, NO_CUSTOMER } from "../customers/picker";
import { type EquipmentChoice, EquipmentPicker, NO_EQUIPMENT } from "../equipment/picker";
import { me, records } from "../live";
import { PRIORITIES } from "./facts";

interface Values {
  customer: CustomerChoice;
  equipment: EquipmentChoice;
  complaint: string;
  priority: string;
  assignee: string;
  promised: string;
  tasks: string;
}

function blank(): Values {
  return {
    customer: NO_CUSTOMER,
    equipment: NO_EQUIPMENT,
    complaint: "",
    priority: "normal",
    assignee: me.value.role === "tech" ? me.value.id : "",
    promised: "",
    tasks: "",
  };
}

function customerDrafts(choice: CustomerChoice, id: string): Draft[] {
  if (choice.id) return [];
  const set = {
    name: choice.name.trim(),
    company: orNull(choice.company),
    phones: phones(choice.phone),
    emails: phones(choice.email),
  };
  return [create("customer", id, set)];
}

/** Contact lists are written whole, since they are kept as lists; none is an empty list. */
const phones = (value: string) => (value.trim() ? [value.trim()] : []);

function equipmentDrafts(choice: EquipmentChoice, id: string, customer: string): Draft[] {
  if (choice.id || !choice.adding) return [];
  const set = {
    customer,
    kind: orNull(choice.kind),
    make: orNull(choice.make),
    model: orNull(choice.model),
    serial: orNull(choice.serial),
  };
  return [create("equipment", id, set)];
}

/** The drafts of one changeset, and the new work order's id. */
export function draftsOf(values: Values): { id: string; drafts: Draft[] } {
  const id = newId();
  const customer = values.customer.id || newId();
  const hasMachine = Boolean(values.equipment.id) || values.equipment.adding;
  const equipment = hasMachine ? values.equipment.id || newId() : null;
  const set: Record<string, unknown> = {
    customer,
    complaint: orNull(values.complaint),
    priority: values.priority,
  };
  if (equipment) set.equipment = equipment;
  if (values.assignee) set.assignee = values.assignee;
  if (values.promised) set.promised_at = fromLocalInput(values.promised);
  const titles = values.tasks
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean);
  const tasks = titles.map((title, i) => create("task", newId(), { work_order: id, title, position: i + 1 }));
  const made = equipment ? equipmentDrafts(values.equipment, equipment, customer) : [];
  return {
    id,
    drafts: [...customerDrafts(values.customer, customer), ...made, create("work_order", id, set), ...tasks],
  };
}

const complete = (values: Values) =>
  Boolean(values.customer.id || values.customer.name.trim()) && values.complaint.trim() !== "";

export function CreateScreen() {
  const draft = useDraft<Values>("new", blank);
  const values = draft.value.value;
  const set =
    <K extends keyof Values>(field: K) =>
    (value: Values[K]) =>
      draft.set({ ...draft.value.value, [field]: value });
  const save = async (event: Event) => {
    event.preventDefault();
    if (!complete(values)) return;
    const { id, drafts } = draftsOf(values);
    if (!(await act(drafts, `${word("work_order")} saved`))) return;
    draft.clear();
    go(`/work/${id}`, "replace");
  };
  const pickCustomer = (customer: CustomerChoice) =>
    draft.set({
      ...values,
      customer,
      equipment: customer.id === values.customer.id ? values.equipment : NO_EQUIPMENT,
    });
  return (
    <form class="edit stack" onSubmit={save} aria-label={`New ${inner("work_order")}`}>
      <h1>New {inner("work_order")}</h1>
      <CustomerPicker value={values.customer} onPick={pickCustomer} />
      {(values.customer.id || values.customer.adding) && (
        <EquipmentPicker customer={values.customer.id} value={values.equipment} onPick={set("equipment")} />
      )}
      <AreaField
        label={word("complaint")}
        rows={4}
        value={values.complaint}
        onInput={set("complaint")}
        required
        placeholder="What the customer says, in their words"
      />
      <ChipField
        label="Priority"
        value={values.priority}
        onInput={set("priority")}
        options={PRIORITIES.map((value) => ({ value, label: word(`priority.${value}`) }))}
      />
      <AreaField
        label="First tasks"
        rows={3}
        value={values.tasks}
        onInput={set("tasks")}
        hint="One on each line."
      />
      <Assignment values={values} set={set} />
      <div class="save-bar">
        <button type="button" class="button" onClick={draft.clear}>
          Clear
        </button>
        <button type="submit" class="button main grow" disabled={!complete(values)}>
          Save {inner("work_order")}
        </button>
      </div>
      {!complete(values) && (
        <p class="soft small">
          A {inner("customer")} and a {inner("complaint")} are needed. The number comes from the shop.
        </p>
      )}
    </form>
  );
}

function Assignment({
  values,
  set,
}: {
  values: Values;
  set: <K extends keyof Values>(field: K) => (value: Values[K]) => void;
}) {
  const staff = records("staff").filter((one) => one.data.active !== false);
  return (
    <div class="pair">
      <SelectField
        label="Assigned to"
        value={values.assignee}
        onInput={set("assignee")}
        options={[
          { value: "", label: "Nobody yet" },
          ...staff.map((one) => ({ value: one.id, label: text(one.data.name) })),
        ]}
      />
      {me.value.role !== "tech" && (
        <TextField label="Promised" type="datetime-local" value={values.promised} onInput={set("promised")} />
      )}
    </div>
  );
}
