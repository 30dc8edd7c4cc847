/**
 * Confirmed records in memory, in 256 buckets by the last byte of their id.
 *
 * In the store one bucket is one value, a JSON text: what costs in IndexedDB is the number of puts, so ten
 * thousand records are 256 of them, and a few changed records rewrite a few buckets. A record in it is a list without
 * names: collection, id, `@`, each other entry of its vector as a name and a number, data.
 */

import type { Tx } from "./store";
import type { Data, Held, Vector } from "./types";

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

/** A record as it is stored; the object is the form of before, which is read until its bucket is written again. */
type Stored =
  | [collection: string, id: string, seq: number, ...entries: (string | number)[], data: Data]
  | Held;

export function bucketText(bucket: Bucket): string {
  return JSON.stringify(Array.from(bucket.values(), storedOf));
}

function heldOf(stored: Stored): Held {
  if (!Array.isArray(stored)) return stored;
  const [collection, id, seq] = stored;
  const vv: Vector = { "@": seq };
  for (let i = 3; i < stored.length - 1; i += 2) vv[stored[i] as string] = stored[i + 1] as number;
  return { collection, id, vv, data: stored.at(-1) as Data };
}

function storedOf({ collection, id, vv, data }: Held): Stored {
  const { "@": seq, ...entries } = vv;
  return seq === undefined
    ? { collection, id, vv, data }
    : [collection, id, seq, ...Object.entries(entries).flat(), data];
}

/**
 * What a bucket's text holds. Storage may give back something else than it was given: that counts as missing (D2), and
 * `noticed` is called.
 */
export function parseBucket(text: unknown, index?: number, noticed = () => {}): Map<string, Held> {
  if (text === undefined) return new Map();
  const stored = typeof text === "string" ? jsonOf(text) : null;
  const whole = Array.isArray(stored) ? stored : [];
  const records = whole.map(heldOf).filter((record) => isHeld(record, index));
  if (stored !== whole || records.length < whole.length) noticed();
  return new Map(records.map((record) => [record.id, record]));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isHeld(record: Held | null, index: number | undefined): record is Held {
  const { id, collection, vv, data } = record ?? ({} as Partial<Held>);
  const named = typeof id === "string" && typeof collection === "string";
  return named && isObject(vv) && isObject(data) && (index === undefined || bucketOf(id) === index);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

export async function readBuckets(
  tx: Tx,
  indices: readonly number[],
  noticed?: () => void,
): Promise<Map<number, Map<string, Held>>> {
  const texts = await Promise.all(indices.map((index) => tx.get("confirmed", index)));
  return new Map(indices.map((index, i) => [index, parseBucket(texts[i], index, noticed)]));
}

/**
 * The buckets that change when these records are put in their places, in the order they came.
 *
 * After a reset all buckets begin empty: what was not sent again is dropped (P9). To `mend` writes all of them anew.
 */
export function bucketsWith(
  held: Confirmed,
  records: Iterable<WireRecord>,
  reset: boolean,
  mend = false,
): Map<number, Bucket> {
  const next = new Map<number, Map<string, Held>>();
  if (reset || mend)
    for (let index = 0; index < BUCKETS; index += 1)
      next.set(index, new Map(reset ? [] : held.bucket(index)));
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
  for (const [index, bucket] of buckets) tx.put("confirmed", index, bucketText(bucket));
  return [...buckets.keys()];
}
