/**
 * Confirmed records in memory, in 256 buckets by the last byte of their id.
 *
 * In the store one bucket is one value, a JSON text: what costs in IndexedDB is the number of puts, so ten
 * thousand records are 256 of them, and a few changed records rewrite a few buckets.
 */

import type { Tx } from "./store";
import type { Held } from "./types";

export const BUCKETS = 256;
export type Bucket = ReadonlyMap<string, Held>;

/** A record on the wire: whole, or gone from the view (W8). */
export type WireRecord = Held | { collection: string; id: string; gone: true };

export class Confirmed {
  private readonly buckets: Bucket[] = Array.from({ length: BUCKETS }, () => new Map());

  get(id: string): Held | undefined {
    return this.buckets[bucketOf(id)]?.get(id);
  }

  bucket(index: number): Bucket {
    return this.buckets[index] ?? new Map();
  }

  replace(index: number, bucket: Bucket): void {
    this.buckets[index] = bucket;
  }

  *all(): Iterable<Held> {
    for (const bucket of this.buckets) yield* bucket.values();
  }
}

/** The bucket of an id that ends in two hexadecimal digits; any other text shares by its last character. */
export function bucketOf(id: string): number {
  const byte = Number.parseInt(id.slice(-2), 16);
  return Number.isNaN(byte) ? id.charCodeAt(id.length - 1) % BUCKETS : byte;
}

export function parseBucket(text: string | undefined): Map<string, Held> {
  const held = text ? (JSON.parse(text) as Held[]) : [];
  return new Map(held.map((record) => [record.id, record]));
}

export async function readBuckets(
  tx: Tx,
  indices: readonly number[],
): Promise<Map<number, Map<string, Held>>> {
  const texts = await Promise.all(indices.map((index) => tx.get<string>("confirmed", index)));
  return new Map(indices.map((index, i) => [index, parseBucket(texts[i])]));
}

/**
 * The buckets that change when these records are put in their places, in the order they came.
 *
 * After a reset all buckets begin empty: what was not sent again is dropped (P9).
 */
export function bucketsWith(
  held: Confirmed,
  records: Iterable<WireRecord>,
  reset: boolean,
): Map<number, Bucket> {
  const next = new Map<number, Map<string, Held>>();
  if (reset) for (let index = 0; index < BUCKETS; index += 1) next.set(index, new Map());
  for (const record of records) {
    const index = bucketOf(record.id);
    const bucket = next.get(index) ?? new Map(held.bucket(index));
    next.set(index, bucket);
    if ("gone" in record) bucket.delete(record.id);
    else
      bucket.set(record.id, {
        collection: record.collection,
        id: record.id,
        vv: record.vv,
        data: record.data,
      });
  }
  return next;
}

export function putBuckets(tx: Tx, buckets: Map<number, Bucket>): number[] {
  for (const [index, bucket] of buckets) tx.put("confirmed", index, JSON.stringify([...bucket.values()]));
  return [...buckets.keys()];
}
