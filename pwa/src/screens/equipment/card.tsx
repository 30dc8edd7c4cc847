/** The machine of a work order: what it is, its serial and meter. */
import type { Shown } from "../../sync/types";
import { flag, num, text } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { word } from "../../ui/words";
import { Fact } from "../customers/card";
import { record } from "../live";
import { equipmentName } from "../work/facts";

export function EquipmentCard({ order }: { order: Shown }) {
  const equipment = record("equipment", order.data.equipment);
  if (!equipment) return null;
  const { data } = equipment;
  const meter = num(data.meter);
  const facts: [string, string][] = [
    ["Kind", text(data.kind)],
    ["Serial", text(data.serial)],
    ["Tag", text(data.tag)],
    ["Meter", meter === null ? "" : `${meter.toLocaleString()} ${text(data.meter_unit)}`.trim()],
  ];
  return (
    <section class="card" aria-labelledby="equipment-title">
      <header>
        <h2 id="equipment-title">{word("equipment")}</h2>
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
          {facts.map(([name, value]) => value && <Fact key={name} name={name} value={value} />)}
        </dl>
      </div>
    </section>
  );
}
