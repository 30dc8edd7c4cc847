/** What moved: when, by whom, for which work order. What was wrong is taken back by the same movement the other way round. */
import type { Shown } from "../../sync/types";
import { num, text } from "../../ui/data";
import { quantity, stamp } from "../../ui/format";
import { Icon, type IconName } from "../../ui/icons";
import { inner, word } from "../../ui/words";
import { act } from "../act";
import { record, records } from "../live";
import { ItemSync } from "../syncwords";
import { numberOf } from "../work/facts";
import { type MovementKind, mayMove, movement } from "./move";
import { at } from "./stock";

const ICONS: Record<string, IconName> = {
  issue: "wrench",
  return: "back",
  receive: "inbox",
  count: "check",
  adjust: "edit",
};
const SHOWN_MAX = 50;

export function Movements({ part }: { part: Shown }) {
  const all = records("part_movement").filter((one) => one.data.part === part.id);
  const undone = new Set(all.map((one) => text(one.data.undoes)).filter(Boolean));
  const sorted = all.sort((a, b) => at(b) - at(a)).slice(0, SHOWN_MAX);
  return (
    <section class="card" aria-labelledby="movements-title">
      <header>
        <h2 id="movements-title">Movements</h2>
      </header>
      <div class="body">
        {sorted.length === 0 && (
          <p class="soft">Nothing moved that this phone knows of. Older movements are at the shop.</p>
        )}
        <ul class="movements">
          {sorted.map((one) => (
            <Row key={one.id} moved={one} undone={undone.has(one.id)} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function Row({ moved, undone }: { moved: Shown; undone: boolean }) {
  const { data } = moved;
  const kind = text(data.kind) as MovementKind;
  const milli = num(data.quantity_milli) ?? 0;
  const order = record("work_order", data.work_order);
  const who = text(record("staff", data.created_by)?.data.name);
  const takenBack = text(data.undoes) !== "";
  return (
    <li class="row">
      <span class="kind soft">
        <Icon name={ICONS[kind] ?? "box"} />
      </span>
      <span class="grow">
        <span class={undone ? "declined" : ""}>
          {takenBack ? `${word(`movement.${kind}`)}, taken back` : word(`movement.${kind}`)}
        </span>
        <span class="row wrap small soft number">
          <span>{[stamp(at(moved)), who].filter(Boolean).join(" · ")}</span>
          {order && <a href={`/work/${order.id}`}>{numberOf(order) ?? `new ${inner("work_order")}`}</a>}
          {text(data.reason) && <span>“{text(data.reason)}”</span>}
          <ItemSync id={moved.id} quiet />
        </span>
      </span>
      <strong class="number">
        {kind === "count" ? `= ${quantity(milli)}` : milli > 0 ? `+${quantity(milli)}` : quantity(milli)}
      </strong>
      {canTakeBack(moved) && !undone && (
        <button
          type="button"
          class="button quiet icon-only"
          aria-label={`Take back: ${word(`movement.${kind}`)} ${quantity(milli)}`}
          onClick={() => void takeBack(moved)}
        >
          <Icon name="undo" />
        </button>
      )}
    </li>
  );
}

/** A count is not taken back but counted again; what belongs to a line item is changed there. */
function canTakeBack({ data }: Shown): boolean {
  const kind = text(data.kind) as MovementKind;
  return kind !== "count" && !data.undoes && !data.line_item && mayMove(kind);
}

function takeBack({ id, data }: Shown): Promise<boolean> {
  const more = { undoes: id, work_order: data.work_order ?? null, reason: data.reason ?? null };
  const kind = text(data.kind) as MovementKind;
  return act([movement(kind, text(data.part), -(num(data.quantity_milli) ?? 0), more)], "Taken back");
}
