/** Confirmed with the outbox laid over it (T3), and where each field that is shown came from (V11, V12). */

import { isLaidOver, type Waiting, waits } from "./changeset";
import { type CollectionSpec, isElements } from "./schema";
import type { Data, Held, Op, Shown, Vector } from "./types";
import { advance } from "./vector";

/** One op of an own changeset that touches a record. */
export interface Layer {
  by: Waiting;
  op: Op;
}

/** What the server said already contains this changeset, so that laying it over would go back in time (T4, T9). */
export function isContained(held: Held | undefined, by: Waiting): boolean {
  if (held === undefined || (waits(by) && by.was === undefined)) return false;
  if ((held.vv[by.replica] ?? 0) >= by.n) return true;
  const seq = by.accepted?.seq;
  return typeof seq === "number" && (held.vv["@"] ?? 0) >= seq;
}

/** The layers that still say something over what is held. */
export function effective(held: Held | undefined, layers: readonly Layer[]): Layer[] {
  return layers.filter(({ by }) => isLaidOver(by) && !isContained(held, by));
}

/** The record's data after one op; undefined when there is nothing to show. */
export function lay(data: Data | undefined, op: Op, spec: CollectionSpec | undefined): Data | undefined {
  if (op.op === "delete") return undefined;
  if (op.op === "create") return data ?? written({}, op.set, spec);
  return data && written(data, op.set, spec);
}

function written(data: Data, set: Data, spec: CollectionSpec | undefined): Data {
  const next = { ...data };
  for (const [field, value] of Object.entries(set)) {
    const shown = isElements(spec, field) ? withElements(data[field], value) : value;
    if (isEmpty(shown)) delete next[field];
    else next[field] = shown;
  }
  return next;
}

/** What is empty is not there: null clears a field, and a set without elements is none (W19). */
function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** The sorted elements after `{ add, remove }`; an element named in both stays. */
function withElements(held: unknown, change: unknown): unknown {
  if (change === null || typeof change !== "object" || Array.isArray(change)) return change;
  const { add = [], remove = [] } = change as { add?: string[]; remove?: string[] };
  const kept = (Array.isArray(held) ? (held as string[]) : []).filter((element) => !remove.includes(element));
  return [...new Set([...kept, ...add])].sort();
}

/** The record as a screen shows it, or undefined when it is nowhere, deleted or out of view. */
export function show(
  held: Held | undefined,
  layers: readonly Layer[],
  spec: CollectionSpec | undefined,
): Shown | undefined {
  const over = effective(held, layers);
  let data = held?.data;
  const pending = new Set<string>();
  for (const { by, op } of over) {
    data = lay(data, op, spec);
    if (op.op !== "delete" && waits(by)) for (const field of Object.keys(op.set)) pending.add(field);
  }
  const named = held ?? over[0]?.op;
  if (data === undefined || named === undefined) return undefined;
  return {
    collection: named.collection,
    id: named.id,
    data,
    fresh: held === undefined,
    pending: [...pending],
  };
}

/** The base of one field as it is shown now: the record's own vector, or that of the own write laid over it. */
export function baseOf(held: Held | undefined, layers: readonly Layer[], field: string): Vector {
  let base: Vector = held?.vv ?? {};
  for (const { by, op } of effective(held, layers)) {
    if (op.op === "create") base = held ? base : { [by.replica]: by.n };
    else if (op.op === "patch" && field in op.set) base = advance(op.base, by.replica, by.n);
  }
  return base;
}
