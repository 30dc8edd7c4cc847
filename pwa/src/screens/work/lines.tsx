/** Line items: labour, parts, fees. Prices show to those who may see them. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { first, flag, num, text } from "../../ui/data";
import { minutes, money, quantity } from "../../ui/format";
import { Icon, type IconName } from "../../ui/icons";
import { lazy } from "../../ui/lazy";
import { word } from "../../ui/words";
import { children, me, record } from "../live";
import { mayMove } from "../parts/move";
import { may } from "../rights";
import { ItemSync } from "../syncwords";
import { LineSheet } from "./linesheet";
import { byPosition } from "./tasks";

const ICONS: Record<string, IconName> = { labour: "wrench", part: "box", fee: "money" };

export function LinesCard({ order }: { order: Shown }) {
  const lines = children(order.id, "line_item").sort(byPosition);
  const [open, setOpen] = useState<string | null>(null);
  const total = lines.filter((one) => !flag(one.data.declined)).reduce((sum, one) => sum + amount(one), 0);
  const priced = me.value.role !== "tech" && lines.some((one) => num(one.data.price_cents) !== null);
  return (
    <section class="card" aria-labelledby="lines-title">
      <header>
        <h2 id="lines-title">Parts and labour</h2>
        {mayMove("issue") && may("c", "line_item") && (
          <button type="button" class="button tinted" aria-label="Use a part" onClick={() => setOpen("part")}>
            <Icon name="box" /> Part
          </button>
        )}
        <button type="button" class="button quiet" onClick={() => setOpen("new")}>
          <Icon name="plus" /> Add
        </button>
      </header>
      <div class="body">
        {lines.length === 0 && <p class="soft">Nothing used or planned yet.</p>}
        <ul class="lines">
          {lines.map((line) => (
            <li key={line.id}>
              <button type="button" class="line" onClick={() => setOpen(line.id)}>
                <Line line={line} priced={priced} />
              </button>
            </li>
          ))}
        </ul>
        {priced && (
          <p class="row total">
            <span class="grow">Total</span>
            <strong class="number">{money(num(order.data.total_cents) ?? total)}</strong>
          </p>
        )}
      </div>
      {open === "part" && <UsePartSheet order={order} last={lines.at(-1)} onClose={() => setOpen(null)} />}
      {open && open !== "part" && (
        <LineSheet
          order={order}
          line={lines.find((one) => one.id === open)}
          last={lines.at(-1)}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  );
}

const UsePartSheet = lazy(async () => (await import("../parts/usesheet")).UsePartSheet);

/** What a line costs: its price times its quantity. */
export function amount(line: Shown): number {
  return Math.round(((num(line.data.price_cents) ?? 0) * (num(line.data.quantity_milli) ?? 1000)) / 1000);
}

export function lineName(line: Shown): string {
  const part = record("part", line.data.part)?.data;
  return first(line.data.description, part?.name, word(`kind.${text(line.data.kind)}`));
}

function Line({ line, priced }: { line: Shown; priced: boolean }) {
  const kind = text(line.data.kind);
  const many = num(line.data.quantity_milli) ?? 1000;
  const time = num(line.data.minutes);
  const part = record("part", line.data.part)?.data;
  const facts = [
    kind === "labour" && time ? minutes(time) : many !== 1000 ? `${quantity(many)} ×` : "",
    text(part?.number),
    part?.bin ? `bin ${text(part.bin)}` : "",
  ];
  return (
    <>
      <span class="kind soft">
        <Icon name={ICONS[kind] ?? "box"} label={word(`kind.${kind}`)} />
      </span>
      <span class="grow">
        <span class={flag(line.data.declined) ? "declined" : ""}>{lineName(line)}</span>
        <span class="row wrap small soft number">
          <span>{facts.filter(Boolean).join(" · ")}</span>
          {flag(line.data.declined) && <span class="tag">declined</span>}
          {many === 0 && <span class="tag">put back</span>}
          <ItemSync id={line.id} quiet />
        </span>
      </span>
      {priced && num(line.data.price_cents) !== null && <span class="number">{money(amount(line))}</span>}
    </>
  );
}
