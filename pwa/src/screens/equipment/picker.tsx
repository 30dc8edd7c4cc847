/** Which machine: one of the customer's, a new one, or none yet. */
import { text } from "../../ui/data";
import { TextField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { inner, word } from "../../ui/words";
import { records } from "../live";
import { equipmentName } from "../work/facts";

export interface EquipmentChoice {
  id: string;
  adding: boolean;
  kind: string;
  make: string;
  model: string;
  serial: string;
}

export const NO_EQUIPMENT: EquipmentChoice = {
  id: "",
  adding: false,
  kind: "",
  make: "",
  model: "",
  serial: "",
};

interface Props {
  customer: string;
  value: EquipmentChoice;
  onPick: (value: EquipmentChoice) => void;
}

export function EquipmentPicker({ customer, value, onPick }: Props) {
  if (value.adding) return <NewEquipment value={value} onPick={onPick} />;
  const own = customer ? records("equipment").filter((one) => one.data.customer === customer) : [];
  return (
    <fieldset class="field">
      <legend class="label">{word("equipment")}</legend>
      <div class="stack-tight">
        {own.map((one) => (
          <button
            key={one.id}
            type="button"
            class="choice"
            aria-pressed={value.id === one.id ? "true" : "false"}
            onClick={() => onPick(value.id === one.id ? NO_EQUIPMENT : { ...NO_EQUIPMENT, id: one.id })}
          >
            <span class="avatar square" aria-hidden="true">
              <Icon name={value.id === one.id ? "check" : "machine"} />
            </span>
            <span class="grow">
              {equipmentName(one.data)}
              <span class="why">
                {[text(one.data.kind), text(one.data.serial)].filter(Boolean).join(" · ")}
              </span>
            </span>
          </button>
        ))}
        <button type="button" class="button tinted" onClick={() => onPick({ ...NO_EQUIPMENT, adding: true })}>
          <Icon name="plus" /> New {inner("equipment")}
        </button>
      </div>
    </fieldset>
  );
}

function NewEquipment({ value, onPick }: Omit<Props, "customer">) {
  const set = (field: keyof EquipmentChoice) => (typed: string) => onPick({ ...value, [field]: typed });
  const kinds = [
    ...new Set(
      records("equipment")
        .map((one) => text(one.data.kind))
        .filter(Boolean),
    ),
  ].sort();
  const makes = [
    ...new Set(
      records("equipment")
        .map((one) => text(one.data.make))
        .filter(Boolean),
    ),
  ].sort();
  return (
    <fieldset class="card pad stack">
      <legend class="hidden-label">New {inner("equipment")}</legend>
      <div class="row">
        <h2 class="grow">New {inner("equipment")}</h2>
        <button type="button" class="button quiet" onClick={() => onPick(NO_EQUIPMENT)}>
          Leave out
        </button>
      </div>
      <TextField
        label="Kind"
        value={value.kind}
        onInput={set("kind")}
        list={kinds}
        placeholder="Pressure washer"
      />
      <div class="pair">
        <TextField label="Make" value={value.make} onInput={set("make")} list={makes} />
        <TextField label="Model" value={value.model} onInput={set("model")} />
      </div>
      <TextField label="Serial" value={value.serial} onInput={set("serial")} />
    </fieldset>
  );
}
