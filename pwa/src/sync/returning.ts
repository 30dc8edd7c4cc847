/**
 * What failed after a restore because another phone still had what it needs is sent anew when that is here (R14).
 *
 * The id of what is sent anew follows from the old one, so that two copies of a phone send one thing. The same rules
 * are in sync/recover.py; tests/vectors/recover.json holds cases that both read.
 */

import { type Kept, placeOf, type Waiting } from "./changeset";
import type { Meta, StoredParked } from "./meta";
import { type Collections, unitOf } from "./schema";
import type { Tx } from "./store";
import type { Op } from "./types";
import { type Rename, translate } from "./vector";

export const LACKS_SOMETHING: ReadonlySet<string> = new Set([
  "gone",
  "missing_parent",
  "blocked_by",
  "rejected_before",
  "handed_over",
]);
const STEP = 0x5bd1e995abcdn;
const TAIL = 2n ** 48n;

/** The records that must be there for these ops: those they change, and those they refer to. */
export function needs(ops: readonly Op[], collections: Collections): Set<string> {
  const found = new Set<string>();
  for (const op of ops) {
    if (op.op !== "create") found.add(op.id);
    const fields = Object.entries(collections[op.collection]?.fields ?? {});
    for (const [name, { type }] of op.op === "delete" ? [] : fields) {
      const value = op.op === "delete" ? null : op.set[name];
      if (type === "ref" && typeof value === "string") found.add(value);
    }
  }
  for (const op of ops) if (op.op === "create") found.delete(op.id);
  return found;
}

/** Whether `later` writes of a record what `earlier` writes of it too: a field, its group, or by a delete the whole. */
export function surpasses(later: readonly Op[], earlier: readonly Op[], collections: Collections): boolean {
  const before = written(earlier, collections);
  return [...written(later, collections)].some(([id, units]) => {
    const also = before.get(id);
    return also && (units.has(WHOLE) || also.has(WHOLE) || [...units].some((unit) => also.has(unit)));
  });
}

const WHOLE = "";

/** record → the units that are written of it. */
function written(ops: readonly Op[], collections: Collections): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const op of ops) {
    const units = found.get(op.id) ?? new Set();
    found.set(op.id, units);
    const fields = op.op === "delete" ? [] : Object.keys(op.set);
    if (op.op === "delete") units.add(WHOLE);
    for (const name of fields) units.add(unitOf(collections[op.collection], name));
  }
  return found;
}

export function idAnew(id: string): string {
  const tail = (BigInt(`0x${id.slice(24)}`) + STEP) % TAIL;
  return id.slice(0, 24) + tail.toString(16).padStart(12, "0");
}

/**
 * Looks, at a flip, whether what was parked for lack of something can go; gives the places in the outbox. It goes in the
 * order in which it was made, and what this phone has written over since is left to the person: under its new number it
 * would count as the later one. That is noted, for what was written over it is not kept for ever.
 */
export async function bringBack(
  tx: Tx,
  meta: Meta,
  collections: Collections,
  here: (id: string) => boolean,
): Promise<number[]> {
  const outbox: number[] = [];
  const all = (await tx.all<StoredParked>("parked")).filter(mayReturn);
  if (all.length === 0) return outbox;
  const later = (await tx.all<Waiting>("outbox")).filter(({ was }) => was !== "rejected");
  later.push(...(await tx.all<Kept>("kept")).filter(({ outcome }) => outcome === "accepted"));
  const hasGoneOn = (parked: StoredParked) =>
    later.some((one) => placeOf(one) > placeOf(parked) && surpasses(one.ops, parked.ops, collections));
  const went: Rename = { numbers: [], upto: {} };
  for (const parked of all.sort((a, b) => placeOf(a) - placeOf(b))) {
    const lacking = ![...needs(parked.ops, collections)].every(here);
    const goneOn = parked.goneOn || hasGoneOn(parked);
    if (lacking || !parked.lacking || goneOn) {
      const before = [parked.lacking ?? false, parked.goneOn ?? false];
      if (before[0] !== lacking || before[1] !== goneOn)
        tx.put("parked", parked.key, { ...parked, lacking, goneOn });
      continue;
    }
    tx.delete("parked", parked.key);
    meta.n += 1;
    meta.order += 1;
    outbox.push(meta.order);
    tx.put("outbox", meta.order, anew(parked, meta, went));
    went.numbers.push([parked.replica ?? "", parked.n, meta.identity.replica, meta.n]);
  }
  return outbox;
}

function mayReturn({ kind, restored, code }: StoredParked): boolean {
  return kind === "parked" && restored === true && LACKS_SOMETHING.has(code);
}

/** The same once more. Where it builds on what went before it, it builds on that under its new number. */
function anew(parked: StoredParked, { order, n, identity }: Meta, went: Rename): Waiting {
  const { id, at, schema = 1 } = parked;
  const ops = parked.ops.map((op) => (op.op === "create" ? op : { ...op, base: translate(op.base, went) }));
  const before = ops.map(() => ({}));
  return {
    made: placeOf(parked),
    order,
    replica: identity.replica,
    n,
    id: idAnew(id),
    schema,
    at,
    ops,
    before,
    restored: true,
    anew: true,
  };
}
