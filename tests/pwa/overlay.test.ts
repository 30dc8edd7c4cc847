/** Rules T3, T4, V11, V12 of docs/protocol.md: what is shown, and from where each field comes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Waiting } from "../../pwa/src/sync/changeset";
import { baseOf, type Layer, show } from "../../pwa/src/sync/overlay";
import type { Held, Op } from "../../pwa/src/sync/types";
import { COLLECTIONS, idOf, REPLICA } from "./things";

const SPEC = COLLECTIONS.work_order;
const ID = idOf(1);
const HELD: Held = {
  collection: "work_order",
  id: ID,
  vv: { "@": 9120, rother: 4 },
  data: { status: "new", priority: "low", tags: ["a", "b"], later_field: 7 },
};

function layer(n: number, op: Partial<Op> & { op: Op["op"] }, more: Partial<Waiting> = {}): Layer {
  const full = { collection: "work_order", id: ID, base: { "@": 9101 }, set: {}, ...op } as Op;
  const by: Waiting = {
    order: n,
    replica: REPLICA,
    n,
    id: idOf(900 + n),
    schema: 1,
    at: 0,
    ops: [full],
    before: [],
    ...more,
  };
  return { by, op: full };
}

test("T3 a patch lays its fields over what is confirmed, and says which wait", () => {
  const shown = show(HELD, [layer(42, { op: "patch", set: { priority: "high" } })], SPEC);
  assert.deepEqual(shown?.data, { ...HELD.data, priority: "high" });
  assert.deepEqual(shown?.pending, ["priority"]);
  assert.equal(shown?.fresh, false);
});

test("T3 elements are added and removed, the order is sorted", () => {
  const shown = show(
    HELD,
    [layer(42, { op: "patch", set: { tags: { add: ["c", "A"], remove: ["b"] } } })],
    SPEC,
  );
  assert.deepEqual(shown?.data.tags, ["A", "a", "c"]);
});

test("T3 a create makes the record, a patch after it changes it, a delete hides it", () => {
  const create = layer(42, { op: "create", set: { priority: "low" } });
  const patch = layer(43, { op: "patch", set: { priority: "high" } });
  const shown = show(undefined, [create, patch], SPEC);
  assert.deepEqual(shown, {
    collection: "work_order",
    id: ID,
    data: { priority: "high" },
    fresh: true,
    pending: ["priority"],
  });
  assert.equal(show(undefined, [create, patch, layer(44, { op: "delete" })], SPEC), undefined);
  assert.equal(show(HELD, [layer(44, { op: "delete" })], SPEC), undefined);
});

test("T3 a patch of a record that is not there shows nothing", () => {
  assert.equal(show(undefined, [layer(42, { op: "patch", set: { priority: "high" } })], SPEC), undefined);
});

test("T4 an accepted changeset stays laid over until what is confirmed is at its seq", () => {
  const over = (seq: number) =>
    layer(42, { op: "patch", set: { priority: "high" } }, { accepted: { seq, until: 1 } });
  assert.equal(show(HELD, [over(9121)], SPEC)?.data.priority, "high");
  assert.deepEqual(show(HELD, [over(9121)], SPEC)?.pending, []);
  assert.equal(show(HELD, [over(9120)], SPEC)?.data.priority, "low");
});

test("T9 what waits is laid over also when the record has moved on underneath", () => {
  const moved = { ...HELD, vv: { "@": 9999, [REPLICA]: 50 } };
  assert.equal(
    show(moved, [layer(42, { op: "patch", set: { priority: "high" } })], SPEC)?.data.priority,
    "high",
  );
});

test("R12 what was rejected in a lost lineage is not laid over", () => {
  const was = layer(42, { op: "patch", set: { priority: "high" } }, { was: "rejected" });
  assert.equal(show(HELD, [was], SPEC)?.data.priority, "low");
});

test("V11 a field shown from confirmed has the record's vector", () => {
  const layers = [layer(42, { op: "patch", set: { priority: "high" } })];
  assert.deepEqual(baseOf(HELD, layers, "status"), { "@": 9120, rother: 4 });
});

test("V12 a field shown from an own waiting write has that write's base and its number", () => {
  const layers = [
    layer(42, { op: "patch", set: { priority: "high" } }),
    layer(43, { op: "patch", set: { status: "qc" } }),
  ];
  assert.deepEqual(baseOf(HELD, layers, "priority"), { "@": 9101, [REPLICA]: 42 });
});

test("V12 a record that is only in the outbox has the number of its create", () => {
  const layers = [layer(42, { op: "create", set: { priority: "low" } })];
  assert.deepEqual(baseOf(undefined, layers, "complaint"), { [REPLICA]: 42 });
  const patched = [...layers, layer(45, { op: "patch", base: { [REPLICA]: 42 }, set: { priority: "high" } })];
  assert.deepEqual(baseOf(undefined, patched, "priority"), { [REPLICA]: 45 });
});
