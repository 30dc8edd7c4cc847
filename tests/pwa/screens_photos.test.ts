/** Photos on the screens: how far each is in words, which two say before and after, drawings, zooming, what the chip counts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FilesOverall } from "../../pwa/src/media/types";
import { finished } from "../../pwa/src/screens/photos/drawing/hand";
import { pathOf } from "../../pwa/src/screens/photos/drawing/overlay";
import {
  asDrawing,
  drawingWords,
  type Point,
  type Shape,
  shapesOf,
  simplified,
  together,
} from "../../pwa/src/screens/photos/drawing/shapes";
import { pairOf } from "../../pwa/src/screens/photos/pair";
import { between, gridOf, heightOf, rowsOf, type Span, towards } from "../../pwa/src/screens/photos/rows";
import { PAUSES, stateOfPhoto } from "../../pwa/src/screens/photos/state";
import { scaled, within, ZOOM_MAX } from "../../pwa/src/screens/photos/viewer/zoom";
import { countsOf, stateOfRest } from "../../pwa/src/screens/sync/overall";
import type { Data, Overall, Shown } from "../../pwa/src/sync/types";

const SHOP = { is: "shop", at: 5 } as const;

test("a photo is on this phone until the shop has its file, though its record is there already", () => {
  const state = stateOfPhoto({ media: "waiting" }, SHOP, { is: "phone", why: "wifi" });
  assert.deepEqual(state, { sync: { is: "phone" }, more: PAUSES.wifi });
  const sending = stateOfPhoto({ media: "waiting" }, SHOP, { is: "sending", progress: 0.4 });
  assert.deepEqual(sending.sync, { is: "sending", progress: 0.4 });
});

test("a photo that somebody else took and has not sent is said to be not at the shop yet", () => {
  assert.equal(stateOfPhoto({ media: "waiting" }, SHOP, null).sync, null);
});

test("a photo at the shop bears the time of its file's receipt where this phone knows it", () => {
  assert.deepEqual(stateOfPhoto({ media: "processing" }, SHOP, { is: "shop", at: 9 }).sync, {
    is: "shop",
    at: 9,
  });
  assert.deepEqual(stateOfPhoto({ media: "ready" }, SHOP, null).sync, SHOP);
  assert.deepEqual(stateOfPhoto({ media: "ready", created_at: 7 }, { is: "shop", at: null }, null).sync, {
    is: "shop",
    at: 7,
  });
});

test("a refused photo needs somebody, and says why and what to do", () => {
  const state = stateOfPhoto({ media: "refused", media_reason: "It is not a picture" }, SHOP, null);
  assert.equal(state.sync?.is, "needs_you");
  assert.equal(state.more, "It is not a picture. Take it again, or delete it.");
  const parked = { is: "needs_you", reason: "Your role may not change this.", code: "forbidden" } as const;
  assert.deepEqual(stateOfPhoto({ media: "waiting" }, parked, { is: "phone", why: null }).sync, parked);
});

const photo = (id: string, data: Data): Shown => ({
  collection: "photo",
  id,
  data,
  fresh: false,
  pending: [],
});

test("before and after are the earliest and the latest, damage and repair where there is none, and never a document", () => {
  const all = [
    photo("a2", { kind: "after", taken_at: 40 }),
    photo("b2", { kind: "before", taken_at: 20 }),
    photo("b1", { kind: "before", taken_at: 10 }),
    photo("a1", { kind: "after", taken_at: 30 }),
    photo("b0", { kind: "before", taken_at: 1, type: "application/pdf" }),
  ];
  const pair = pairOf(all);
  assert.deepEqual([pair?.before[0]?.id, pair?.after[0]?.id, pair?.before.length], ["b1", "a2", 2]);
  const other = pairOf([
    photo("d", { kind: "damage", taken_at: 1 }),
    photo("r", { kind: "repair", taken_at: 2 }),
  ]);
  assert.deepEqual([other?.before[0]?.id, other?.after[0]?.id], ["d", "r"]);
  assert.equal(pairOf(all.filter((one) => one.data.kind === "before")), null);
});

const arrow = (to: Point): Shape => ({ kind: "arrow", points: [[0, 0], to], colour: "#e5231b", width: 90 });

test("what is no drawing is no drawing, whatever is in the field", () => {
  const broken = [
    null,
    5,
    "x",
    {},
    { shapes: 5 },
    { shapes: [null, { kind: "arrow" }, { ...arrow([1, 1]), colour: "red" }] },
  ];
  for (const value of broken) assert.deepEqual(shapesOf(value), []);
  assert.deepEqual(shapesOf(asDrawing([arrow([1, 1])])), [arrow([1, 1])]);
  assert.equal(asDrawing([]), null);
});

test("two drawings made at once are kept as one, with what they share once", () => {
  const both = together(asDrawing([arrow([1, 1]), arrow([2, 2])]), asDrawing([arrow([1, 1]), arrow([3, 3])]));
  assert.deepEqual(shapesOf(both), [arrow([1, 1]), arrow([2, 2]), arrow([3, 3])]);
  assert.equal(drawingWords(both), "3 arrows");
  assert.equal(drawingWords(null), "nothing drawn");
});

test("a hand's line keeps its corners and loses its trembling; a mere touch draws nothing", () => {
  const way = Array.from({ length: 101 }, (_, i): Point => [i * 50, i % 2]);
  const corner = Array.from({ length: 50 }, (_, i): Point => [5000, i * 50]);
  assert.deepEqual(simplified([...way, ...corner], 18), [
    [0, 0],
    [5000, 0],
    [5000, 2450],
  ]);
  const pen = { kind: "free", colour: "#e5231b", width: 90 } as const;
  assert.equal(
    finished(pen, [
      [10, 10],
      [14, 12],
    ]),
    null,
  );
  assert.equal(finished(pen, way)?.points.length, 2);
});

test("a circle stays round on a wide picture: its height is measured in the picture's own", () => {
  const shape: Shape = {
    kind: "circle",
    points: [
      [1000, 1000],
      [3000, 5000],
    ],
    colour: "#e5231b",
    width: 90,
  };
  assert.match(pathOf(shape, 2), /A1000 1000 /);
});

test("a zoomed picture keeps the point under the finger, covers its frame, and ends at its limit", () => {
  const at = scaled({ scale: 1, x: 0, y: 0 }, 2, 100, 50);
  assert.deepEqual(at, { scale: 2, x: -100, y: -50 });
  assert.deepEqual(within({ scale: 2, x: 900, y: -900 }, 400, 300), { scale: 2, x: 200, y: -150 });
  assert.equal(scaled(at, 100, 0, 0).scale, ZOOM_MAX);
  assert.deepEqual(within({ scale: 0.5, x: 9, y: 9 }, 400, 300), { scale: 1, x: 0, y: 0 });
});

const overall = (more: Partial<Overall>) =>
  ({ waiting: 0, needsYou: 0, online: true, lastContact: 5, ...more }) as Overall;
const files = (more: Partial<FilesOverall>) =>
  ({ waiting: 0, needsYou: 0, progress: 0, sending: null, ...more }) as FilesOverall;

test("the chip counts a photo once, though its record and its file both wait", () => {
  assert.deepEqual(countsOf(overall({ waiting: 3 }), files({ waiting: 2, needsYou: 1 }), 2), {
    waiting: 3,
    needsYou: 1,
  });
  assert.deepEqual(countsOf(overall({ waiting: 1 }), files({ waiting: 4 }), 0), { waiting: 5, needsYou: 0 });
  assert.deepEqual(countsOf(overall({ waiting: 1 }), null, 0), { waiting: 1, needsYou: 0 });
});

test("everything is at the shop only when the photos are there too", () => {
  assert.deepEqual(stateOfRest(overall({}), files({ waiting: 2 }), 0), { is: "phone" });
  assert.deepEqual(stateOfRest(overall({}), files({ waiting: 2, sending: "x", progress: 0.3 }), 0), {
    is: "sending",
    progress: 0.3,
  });
  assert.deepEqual(stateOfRest(overall({}), files({}), 0), SHOP);
});

const onDay = (id: string, day: string) => photo(id, { day });
const dayOf = (one: Shown) => String(one.data.day);

test("a long grid has as many columns as there is room for, and its rows lie one under the other", () => {
  const grid = gridOf(358, 100, 8, 44);
  assert.deepEqual(grid, { columns: 3, side: 114, gap: 8, title: 44 });
  assert.equal(gridOf(50, 100, 8, 44).columns, 1);
  const photos = [..."abcd"].map((id) => onDay(id, "Today")).concat(onDay("e", "Yesterday"));
  const rows = rowsOf(photos, grid, dayOf);
  assert.deepEqual(
    rows.map(({ title, photos: its, top, height }) => [
      title,
      its.map((one) => one.id).join(""),
      top,
      height,
    ]),
    [
      ["Today", "abc", 0, 166],
      ["", "d", 166, 122],
      ["Yesterday", "e", 288, 166],
    ],
  );
  assert.equal(heightOf(rows), 454);
  assert.deepEqual(between(rows, 0, 100), [0, 1]);
  assert.deepEqual(between(rows, 166, 289), [1, 3]);
  assert.deepEqual(between(rows, 900, 1000), [3, 3]);
  assert.deepEqual(between([], 0, 100), [0, 0]);
});

test("of a long grid one row more is drawn in each frame, those that are seen first, until all that are near are", () => {
  const size = ([from, to]: Span) => to - from;
  for (const drawn of [
    [0, 0],
    [0, 4],
    [6, 9],
    [18, 25],
    [40, 41],
  ] as Span[])
    for (const wanted of [
      [5, 20],
      [0, 3],
      [19, 19],
    ] as Span[]) {
      const inView: Span = [wanted[0] + 4, wanted[0] + 9];
      let now = drawn;
      for (let frame = 0; String(now) !== String(wanted); frame += 1) {
        const next = towards(now, wanted, inView);
        assert.ok(frame <= 16, `${drawn} comes to ${wanted}`);
        const kept = Math.max(0, Math.min(now[1], wanted[1]) - Math.max(now[0], wanted[0]));
        assert.ok(size(next) <= kept + 1, "no more than one row in a frame");
        now = next;
      }
    }
  assert.deepEqual(towards([0, 0], [5, 20], [9, 14]), [9, 10]);
  assert.deepEqual(towards([9, 12], [5, 20], [9, 14]), [9, 13]);
  assert.deepEqual(towards([10, 14], [5, 20], [9, 14]), [9, 14]);
});
