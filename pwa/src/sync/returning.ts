/**
 * What failed after a restore because another phone still had what it needs is sent anew when that is here (R14).
 *
 * The id of what is sent anew follows from the old one, so that two copies of a phone send one thing. The same rules
 * are in sync/recover.py; tests/vectors/recover.json holds cases that both read.
 */

import type { Waiting } from "./changeset";
import type { Meta, StoredParked } from "./meta";
import type { Collections } from "./schema";
import type { Tx } from "./store";
import type { Op } from "./types";

export const LACKS_SOMETHING: ReadonlySet<string> = new Set([
  "gone",
  "missing_parent",
  "blocked_by",
  "rejected_before",
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

export function idAnew(id: string): string {
  const tail = (BigInt(`0x${id.slice(24)}`) + STEP) % TAIL;
  return id.slice(0, 24) + tail.toString(16).padStart(12, "0");
}

/** Looks, at a flip, whether what was parked for lack of something can go; gives the places in the outbox. */
export async function bringBack(
  tx: Tx,
  meta: Meta,
  collections: Collections,
  here: (id: string) => boolean,
): Promise<number[]> {
  const outbox: number[] = [];
  for (const parked of await tx.all<StoredParked>("parked")) {
    if (parked.kind !== "parked" || !parked.restored || !LACKS_SOMETHING.has(parked.code)) continue;
    const lacking = ![...needs(parked.ops, collections)].every(here);
    if (lacking || !parked.lacking) {
      if (lacking !== (parked.lacking ?? false)) tx.put("parked", parked.key, { ...parked, lacking });
      continue;
    }
    tx.delete("parked", parked.key);
    meta.n += 1;
    meta.order += 1;
    outbox.push(meta.order);
    tx.put("outbox", meta.order, anew(parked, meta));
  }
  return outbox;
}

function anew({ id, at, ops, schema = 1 }: StoredParked, { order, n, identity }: Meta): Waiting {
  const before = ops.map(() => ({}));
  return {
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
