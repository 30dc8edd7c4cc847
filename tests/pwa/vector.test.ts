/** Bases as they travel (W11). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Waiting, wireOf } from "../../pwa/src/sync/changeset";
import type { Op, Vector } from "../../pwa/src/sync/types";
import { fitting } from "../../pwa/src/sync/vector";

const OWN = "rzzzzzzzzzzzz";

/** A vector as of a record that so many phones wrote, this one among them. */
function written(phones: number): Vector {
  const others = Array.from({ length: phones - 1 }, (_, i) => [`r${String(i).padStart(12, "0")}`, i + 1]);
  return { ...Object.fromEntries(others), "@": 9120, [OWN]: 42 };
}

test("W11 a base that fits travels as it is", () => {
  const base = written(999);
  assert.equal(fitting(base, OWN), base);
});

test("W11 of a base with too many entries the shop's count and the own one always travel", () => {
  const base = fitting(written(10_000), OWN);
  assert.equal(Object.keys(base).length, 1000);
  assert.equal(base["@"], 9120);
  assert.equal(base[OWN], 42);
  assert.equal(base.r000000000000, 1);
  assert.deepEqual(fitting(base, OWN), base);
});

test("W11 what travels of a changeset has bases that fit", () => {
  const ops: Op[] = [
    { op: "create", collection: "job", id: "0193a", set: {} },
    { op: "patch", collection: "job", id: "0193b", base: written(2000), set: { title: "A pump" } },
    { op: "delete", collection: "job", id: "0193c", base: written(2000) },
  ];
  const waiting: Waiting = { order: 1, replica: OWN, n: 43, id: "0193d", schema: 1, at: 5, ops, before: [] };
  const sent = wireOf(waiting) as { ops: { base?: Vector }[] };
  assert.deepEqual(
    sent.ops.map(({ base }) => base && Object.keys(base).length),
    [undefined, 1000, 1000],
  );
});
