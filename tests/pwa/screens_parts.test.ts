/** What the screens of parts decide: the stock as this phone knows it, who is short, what a search and a code find. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isShort,
  levelOf,
  onHand,
  partOfCode,
  recentParts,
  searchParts,
  takenFor,
  unsentByPart,
} from "../../pwa/src/screens/parts/stock";
import type { Data, Shown } from "../../pwa/src/sync/types";
import { idOf } from "./things";

let count = 0;
function shown(collection: string, data: Data, fresh = false): Shown {
  count += 1;
  return { collection, id: idOf(count), data, fresh, pending: [] };
}
const part = (data: Data = {}) => shown("part", { name: "Spark plug", on_hand_milli: 4000, ...data });
const moved = (of: Shown, kind: string, milli: number, at: number, fresh = true) =>
  shown("part_movement", { part: of.id, kind, quantity_milli: milli, at }, fresh);

test("what was moved here and has not arrived lies over the shop's sum; what has arrived is in it", () => {
  const plug = part();
  const movements = [
    moved(plug, "issue", -1000, 10),
    moved(plug, "issue", -2000, 11, false),
    moved(part(), "issue", -1000, 12),
    moved(plug, "return", 500, 13),
  ];
  assert.equal(onHand(plug, unsentByPart(movements).get(plug.id) ?? []), 3500);
});

test("a count says what lay there, whatever was moved before it and in whatever order it is known", () => {
  const plug = part();
  const before = moved(plug, "issue", -1000, 10);
  const counted = moved(plug, "count", 7000, 20);
  const after = moved(plug, "issue", -1000, 30);
  assert.equal(onHand(plug, unsentByPart([after, counted, before]).get(plug.id) ?? []), 6000);
});

test("zero is no news where the shop names no level, and below zero always is", () => {
  const levels = (data: Data, stock: number) => [levelOf(part(data), stock), isShort(part(data), stock)];
  assert.deepEqual(levels({}, 0), ["none", false]);
  assert.deepEqual(levels({}, -1), ["below_zero", true]);
  assert.deepEqual(levels({ reorder_level_milli: 2000 }, 2000), ["low", true]);
  assert.deepEqual(levels({ reorder_level_milli: 2000 }, 2001), ["enough", false]);
  assert.deepEqual(levels({ reorder_level_milli: 0 }, 0), ["none", true]);
});

test("what a line took is what was issued on it less what came back", () => {
  const line = shown("line_item", { kind: "part" });
  const on = (milli: number) => shown("part_movement", { line_item: line.id, quantity_milli: milli });
  assert.equal(
    takenFor(line, [on(-3000), on(1000), shown("part_movement", { quantity_milli: -9000 })]),
    2000,
  );
});

test("one's own last parts come newest first, each once; what waits to be sent is one's own", () => {
  const [plug, belt, oil] = [part(), part(), part()];
  const by = (of: Shown, at: number, data: Data, fresh = false) => {
    const one = moved(of, "issue", -1000, at, fresh);
    return { ...one, data: { ...one.data, ...data } };
  };
  const movements = [
    by(plug, 10, { created_by: "me" }),
    by(belt, 30, {}, true),
    by(plug, 20, { created_by: "me" }),
    by(oil, 40, { created_by: "somebody" }),
    by(oil, 50, { created_by: "me", kind: "return" }),
  ];
  assert.deepEqual(recentParts(movements, "me", 8), [belt.id, plug.id]);
  assert.deepEqual(recentParts(movements, "me", 1), [belt.id]);
});

test("a search looks through name, number, bin and codes, and puts first what begins so", () => {
  const belt = part({ name: "Drive belt", number: "754-04060", bin: "B2" });
  const cover = part({ name: "Belt cover", barcodes: ["5012345678900"] });
  const all = [belt, cover, part({ name: "Oil" })];
  assert.deepEqual(searchParts(all, "belt"), [cover, belt]);
  assert.deepEqual(searchParts(all, "04060"), [belt]);
  assert.deepEqual(searchParts(all, "b2"), [belt]);
  assert.deepEqual(searchParts(all, "5678900"), [cover]);
  assert.deepEqual(searchParts(all, "gasket"), []);
});

test("a code finds its one part: by barcode before number, UPC with or without its zero, and none of two", () => {
  const plug = part({ barcodes: ["036000291452"], number: "RC12" });
  const other = part({ number: "036000291452x", barcodes: ["A-1", "A-2"] });
  const all = [plug, other];
  assert.equal(partOfCode(all, "0036000291452"), plug);
  assert.equal(partOfCode(all, " rc12 "), plug);
  assert.equal(partOfCode(all, "a-2"), other);
  assert.equal(partOfCode(all, ""), null);
  assert.equal(partOfCode([...all, part({ barcodes: ["A-2"] })], "A-2"), null);
});
