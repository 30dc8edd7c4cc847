/** One part: how many there are, where it lies, and every movement that made it so. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { list, num, text } from "../../ui/data";
import { Empty } from "../../ui/empty";
import { money, quantity } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { go } from "../../ui/router";
import { act, patch } from "../act";
import { Fact } from "../customers/card";
import { HistoryButton } from "../history/button";
import { record } from "../live";
import { type FieldSpec, RecordSheet } from "../recordsheet";
import { may, maySet } from "../rights";
import { ItemSync } from "../syncwords";
import { type Counted, CountSheet } from "./countsheet";
import { LevelBadge } from "./level";
import { mayMove } from "./move";
import { Movements } from "./movements";
import { partName } from "./row";
import { stockOf } from "./shelf";
import { isShort } from "./stock";

const FIELDS: FieldSpec[] = [
  { field: "name", label: "Name", required: true },
  { field: "number", label: "Number" },
  { field: "bin", label: "Bin" },
  { field: "barcodes", label: "Barcodes", kind: "list" },
  { field: "reorder_level_milli", label: "Order at", kind: "thousandths" },
  { field: "price_cents", label: "Price each", kind: "cents" },
  { field: "cost_cents", label: "Cost each", kind: "cents" },
];

export function PartScreen({ id }: { id: string }) {
  const part = record("part", id);
  const [editing, edit] = useState(false);
  const [counting, count] = useState<Counted | null>(null);
  if (!part)
    return (
      <Empty
        icon="box"
        title="This part is not on this phone"
        action={
          <button type="button" class="button main" onClick={() => go("/parts")}>
            See all parts
          </button>
        }
      >
        It may have come from an old link.
      </Empty>
    );
  const stock = stockOf(part);
  const away = part.data.active === false;
  return (
    <article class="part stack" key={id}>
      <header class="card pad stack">
        <div class="row">
          <h1 class="grow">{partName(part)}</h1>
          <HistoryButton of={part} />
          {may("u", "part") && (
            <button
              type="button"
              class="button quiet icon-only"
              aria-label="Edit the part"
              onClick={() => edit(true)}
            >
              <Icon name="edit" />
            </button>
          )}
        </div>
        <p class="row wrap stock-now">
          <span class={`stock-number number ${stock < 0 ? "bad" : ""}`}>{quantity(stock)}</span>
          <span class="soft">in stock</span>
          <LevelBadge part={part} />
          {away && <span class="tag">put away</span>}
          <ItemSync id={part.id} quiet />
        </p>
        {stock < 0 && (
          <p class="banner tone-red">
            <Icon name="alert" />
            <span class="grow">
              More was used than the books knew of. Count what lies there to set them right.
            </span>
          </p>
        )}
        <div class="row wrap">
          {mayMove("count") && (
            <button
              type="button"
              class={`button ${isShort(part, stock) ? "main" : "tinted"}`}
              onClick={() => count("count")}
            >
              <Icon name="check" /> Count
            </button>
          )}
          {mayMove("receive") && (
            <button type="button" class="button" onClick={() => count("receive")}>
              <Icon name="inbox" /> Receive
            </button>
          )}
          {mayMove("adjust") && (
            <button type="button" class="button quiet" onClick={() => count("adjust")}>
              Correct
            </button>
          )}
        </div>
      </header>
      <Facts part={part} />
      <Movements part={part} />
      {may("u", "part") && (
        <button type="button" class="button wide" onClick={() => void putAway(part, !away)}>
          {away ? "Keep this part again" : "No longer kept"}
        </button>
      )}
      {editing && (
        <RecordSheet
          title="Edit the part"
          collection="part"
          record={part}
          fields={FIELDS}
          onClose={() => edit(false)}
        />
      )}
      {counting && <CountSheet part={part} kind={counting} onClose={() => count(null)} />}
    </article>
  );
}

const putAway = (part: Shown, away: boolean) =>
  act(
    [patch("part", part.id, { active: !away })],
    away ? `${partName(part)} put away` : `${partName(part)} is kept again`,
  );

function Facts({ part: { data } }: { part: Shown }) {
  const cents = (value: unknown) => (num(value) === null ? "" : money(num(value) ?? 0));
  const facts: [name: string, value: string][] = [
    ["Number", text(data.number)],
    ["Bin", text(data.bin)],
    ["Barcodes", list(data.barcodes).join(", ")],
    ["Order at", num(data.reorder_level_milli) === null ? "" : quantity(num(data.reorder_level_milli) ?? 0)],
    ["Price each", maySet("line_item", "price_cents") ? cents(data.price_cents) : ""],
    ["Cost each", cents(data.cost_cents)],
  ];
  const shown = facts.filter(([, value]) => value);
  if (shown.length === 0) return null;
  return (
    <section class="card pad" aria-label="About this part">
      <dl class="facts">
        {shown.map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
    </section>
  );
}
