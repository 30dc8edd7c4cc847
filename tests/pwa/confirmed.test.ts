/** How confirmed records lie in their buckets (T1): without names, and read from the form of before too. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketText, parseBucket } from "../../pwa/src/sync/confirmed";
import type { Held } from "../../pwa/src/sync/types";

const ID = "01930000-0000-7000-8000-0000000000ff";
const DATA = { title: "A pump", tags: ["a", "b"] };
const FORMS: Record<string, Held> = {
  "the shop's own count alone": { collection: "job", id: ID, vv: { "@": 9120 }, data: DATA },
  "entries of replicas": { collection: "job", id: ID, vv: { "@": 9120, r7k2m9qx4wd3b: 42 }, data: DATA },
  "no values": { collection: "job", id: ID, vv: { "@": 9120 }, data: {} },
  "a vector without the shop's count": { collection: "job", id: ID, vv: { r7k2m9qx4wd3b: 42 }, data: DATA },
};

const bucket = (...records: Held[]) => new Map(records.map((record) => [record.id, record]));

for (const [name, held] of Object.entries(FORMS)) {
  test(`T1 a record with ${name} comes back as it was put`, () => {
    assert.deepEqual(parseBucket(bucketText(bucket(held))), bucket(held));
  });

  test(`T1 a record with ${name} is read in the form of before`, () => {
    assert.deepEqual(parseBucket(JSON.stringify([held])), bucket(held));
  });
}

test("T1 a record keeps at most 60 bytes beside its id and its data, also in an epoch of large numbers", () => {
  const vv = { "@": 1_793_229_000 * 2 ** 20, r7k2m9qx4wd3b: 120_000 };
  const texts = [ID, ID.replace(/f/g, "e")].map((id) => ({ collection: "work_order", id, vv, data: DATA }));
  const [one, two] = [bucketText(bucket(...texts.slice(1))), bucketText(bucket(...texts))];
  const kept = two.length - one.length - JSON.stringify(DATA).length - ID.length;
  assert.ok(kept <= 60, `${kept} bytes`);
});

test("T1 an empty bucket and one that was never written hold nothing", () => {
  assert.deepEqual(parseBucket(bucketText(bucket())), bucket());
  assert.deepEqual(parseBucket(undefined), bucket());
});
