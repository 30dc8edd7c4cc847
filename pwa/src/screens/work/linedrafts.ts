/** What saving a line item writes. A part from stock leaves the shelf in the same changeset as its line is made. */
import type { Draft, Shown } from "../../sync/types";
import { newId } from "../../sync/types";
import { first, num, orNull } from "../../ui/data";
import { decimal } from "../../ui/number";
import { create } from "../act";
import { record } from "../live";
import { may, maySet } from "../rights";

/** A line as its sheet holds it: texts as typed. */
export interface Typed {
  kind: string;
  part: string;
  description: string;
  quantity: string;
  minutes: string;
  price: string;
}

/** The fields as they would be written; a price only by those who may set one. */
export function fieldsOf(typed: Typed): Record<string, unknown> {
  const part = record("part", typed.part)?.data;
  const set: Record<string, unknown> = {
    description: first(typed.description, part?.name),
    quantity_milli: decimal(typed.quantity, 1000),
    minutes: typed.kind === "labour" ? decimal(typed.minutes, 1) : null,
  };
  if (maySet("line_item", "price_cents"))
    set.price_cents = decimal(typed.price, 100) ?? num(part?.price_cents);
  return set;
}

/** The drafts for a new line on `order`, last in its list. */
export function newLine(order: Shown, typed: Typed, last: Shown | undefined): Draft[] {
  const id = newId();
  const part = typed.kind === "part" ? orNull(typed.part) : null;
  const place = {
    work_order: order.id,
    kind: typed.kind,
    part,
    position: (num(last?.data.position) ?? 0) + 1,
  };
  const line = create("line_item", id, { ...fieldsOf(typed), ...place });
  if (!part || !may("c", "part_movement")) return [line];
  const taken = { part, kind: "issue", quantity_milli: -(decimal(typed.quantity, 1000) ?? 1000) };
  return [
    line,
    create("part_movement", newId(), { ...taken, work_order: order.id, line_item: id, at: Date.now() }),
  ];
}

/** Only what differs from what is shown is written, so that two people may change two things of one line. */
export function changedOf(typed: Typed, shown: Shown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fieldsOf(typed)).filter(
      ([field, value]) => (shown.data[field] ?? null) !== (value ?? null),
    ),
  );
}
