/** The machine of a work order: what it is, its serial and meter. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { flag, num, text } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { inner, word } from "../../ui/words";
import { Fact } from "../customers/card";
import { HistoryButton } from "../history/button";
import { historyOf } from "../history/open";
import { record } from "../live";
import { PhotosLink } from "../photos/link";
import { type FieldSpec, RecordSheet } from "../recordsheet";
import { may } from "../rights";
import { equipmentName } from "../work/facts";

const FIELDS: FieldSpec[] = [
  { field: "kind", label: "Kind" },
  { field: "make", label: "Make" },
  { field: "model", label: "Model" },
  { field: "serial", label: "Serial" },
  { field: "tag", label: "Tag" },
  { field: "meter", label: "Meter", kind: "number" },
  { field: "meter_unit", label: "Unit of the meter" },
];

export function EquipmentCard({ order }: { order: Shown }) {
  const equipment = record("equipment", order.data.equipment);
  const [editing, setEditing] = useState(false);
  if (!equipment) return null;
  const { data } = equipment;
  const meter = num(data.meter);
  const facts: [name: string, value: string, field: string][] = [
    ["Kind", text(data.kind), "kind"],
    ["Serial", text(data.serial), "serial"],
    ["Tag", text(data.tag), "tag"],
    ["Meter", meter === null ? "" : `${meter.toLocaleString()} ${text(data.meter_unit)}`.trim(), "meter"],
  ];
  return (
    <section class="card" aria-labelledby="equipment-title">
      <header>
        <h2 id="equipment-title">{word("equipment")}</h2>
        <HistoryButton of={equipment} />
        {may("u", "equipment") && (
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Edit ${inner("equipment")}`}
            onClick={() => setEditing(true)}
          >
            <Icon name="edit" />
          </button>
        )}
      </header>
      <div class="body stack">
        <div class="row person">
          <span class="avatar square" aria-hidden="true">
            <Icon name="machine" />
          </span>
          <strong class="grow">{equipmentName(data)}</strong>
        </div>
        {flag(data.out_of_service) && (
          <p class="banner tone-red">
            <Icon name="ban" /> Out of service{text(data.reason) ? `: ${text(data.reason)}` : ""}
          </p>
        )}
        <dl class="facts">
          {facts.map(
            ([name, value, field]) =>
              value && <Fact key={name} name={name} value={value} onTap={historyOf(equipment, field)} />,
          )}
        </dl>
        <PhotosLink of={equipment} />
      </div>
      {editing && (
        <RecordSheet
          title={`Edit ${inner("equipment")}`}
          collection="equipment"
          record={equipment}
          fields={FIELDS}
          onClose={() => setEditing(false)}
        />
      )}
    </section>
  );
}
