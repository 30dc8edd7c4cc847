/**
 * Comparing what is stored with what the shop says it should be: sums, then parts, then ids (D1 to D4). Pure.
 *
 * A *total* is a count and a sum of record digests; a *part* of a collection are its records whose ids end in the same
 * byte. The other side's totals are compared with, and never taken over.
 */

import { canonical } from "./canonical";
import { sha256Start } from "./sha256";
import type { Held } from "./types";

export interface Total {
  count: number;
  sum: string;
}

export type Totals = Record<string, Total>;
export type Parts = Record<string, Totals>;
/** collection → id → `@` and digest. */
export type Ids = Record<string, Record<string, [number, string]>>;

/** One record as it is compared. */
export interface Row {
  collection: string;
  id: string;
  at: number;
  digest: bigint;
}

export type Kind = "missing" | "extra" | "changed";
/** id → its collection, and in what it differs. */
export type Differing = Map<string, { collection: string; kind: Kind }>;
/** collection → how many records differed, and how: what is reported. */
export type Found = Record<string, Record<Kind, number>>;

/** A shop with more than this many differing records is fetched anew (D3). */
export const FETCH_MAX = 1000;
const MODULUS = 2n ** 64n;

export function rowOf(held: Held): Row {
  const { collection, id, vv, data } = held;
  const at = vv["@"] ?? 0;
  return { collection, id, at, digest: sha256Start(canonical([collection, id, at, data])) };
}

export function partOf(id: string): string {
  return id.slice(-2);
}

export function byCollection(rows: readonly Row[]): Totals {
  return totals(rows.map((row) => [row.collection, row.digest]));
}

export function byPart(rows: readonly Row[], collection: string): Totals {
  const own = rows.filter((row) => row.collection === collection);
  return totals(own.map((row) => [partOf(row.id), row.digest]));
}

/** Names under which the two sides say something else; what only one side knows differs too. */
export function differing(mine: Totals, theirs: Totals): string[] {
  const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  return [...names].filter((name) => !same(mine[name], theirs[name])).sort();
}

export function differingParts(rows: readonly Row[], said: Parts): Record<string, string[]> {
  const found = Object.entries(said).map(
    ([name, parts]) => [name, differing(byPart(rows, name), parts)] as const,
  );
  return Object.fromEntries(found.filter(([, parts]) => parts.length > 0));
}

/** What is here and not there, there and not here, or not the same, within the parts asked for. */
export function differingIds(rows: readonly Row[], parts: Record<string, string[]>, said: Ids): Differing {
  const found: Differing = new Map();
  for (const row of rows) {
    if (!parts[row.collection]?.includes(partOf(row.id))) continue;
    const theirs = said[row.collection]?.[row.id];
    if (theirs === undefined) found.set(row.id, { collection: row.collection, kind: "extra" });
    else if (theirs[0] !== row.at || theirs[1] !== String(row.digest))
      found.set(row.id, { collection: row.collection, kind: "changed" });
  }
  const mine = new Set(rows.map((row) => row.id));
  for (const [collection, ids] of Object.entries(said))
    for (const id of Object.keys(ids)) if (!mine.has(id)) found.set(id, { collection, kind: "missing" });
  return found;
}

export function counted(found: Differing): Found {
  const counts: Found = {};
  for (const { collection, kind } of found.values()) {
    counts[collection] ??= { missing: 0, extra: 0, changed: 0 };
    counts[collection][kind] += 1;
  }
  return counts;
}

function totals(named: [string, bigint][]): Totals {
  const sums = new Map<string, { count: number; sum: bigint }>();
  for (const [name, digest] of named) {
    const total = sums.get(name) ?? { count: 0, sum: 0n };
    sums.set(name, { count: total.count + 1, sum: (total.sum + digest) % MODULUS });
  }
  return Object.fromEntries([...sums].map(([name, { count, sum }]) => [name, { count, sum: String(sum) }]));
}

function same(mine: Total | undefined, theirs: Total | undefined): boolean {
  return mine?.count === theirs?.count && mine?.sum === theirs?.sum;
}
