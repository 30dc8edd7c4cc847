/** The sums of D1 as a server makes them, with the machine's own SHA-256: what the app's own is tried against. */

import { createHash } from "node:crypto";
import { canonical } from "../../pwa/src/sync/canonical";
import type { Data, Vector } from "../../pwa/src/sync/types";

interface Row {
  collection: string;
  id: string;
  vv: Vector;
  data: Data;
}

export function digestOf({ collection, id, vv, data }: Row): bigint {
  const hash = createHash("sha256")
    .update(canonical([collection, id, vv["@"], data]))
    .digest();
  return hash.readBigUInt64BE(0);
}

export function totalsOf(rows: Row[], by = (row: Row) => row.collection) {
  const sums: Record<string, { count: number; sum: string }> = {};
  for (const row of rows) {
    const { count, sum } = sums[by(row)] ?? { count: 0, sum: "0" };
    sums[by(row)] = { count: count + 1, sum: String((BigInt(sum) + digestOf(row)) % 2n ** 64n) };
  }
  return sums;
}

export function partsOf(rows: Row[], collections: string[]) {
  const parts = collections.map((name) => {
    const own = rows.filter((row) => row.collection === name);
    return [name, totalsOf(own, (row) => row.id.slice(-2))];
  });
  return Object.fromEntries(parts);
}

export function idsIn(rows: Row[], parts: Record<string, string[]>) {
  const named = Object.entries(parts).map(([name, wanted]) => {
    const own = rows.filter((row) => row.collection === name && wanted.includes(row.id.slice(-2)));
    return [name, Object.fromEntries(own.map((row) => [row.id, [row.vv["@"], String(digestOf(row))]]))];
  });
  return Object.fromEntries(named);
}
