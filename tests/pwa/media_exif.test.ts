/** What a picture says of itself: when and where it was taken; and that no bytes make us believe or throw. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { said } from "../../pwa/src/media/exif";
import { ascii, type Entry, jpegOf, rationals, tiffOf } from "./exif_bytes";
import { Seeded } from "./random";

const NOTHING = { takenAt: null, position: null };
const TAKEN = [ascii(0x9003, "2026:11:26 14:32:05"), ascii(0x9011, "+01:00")];

function place(little: boolean, more: Entry[] = []): Entry[] {
  return [
    ascii(1, "S"),
    rationals(2, little, [
      [33, 1],
      [51, 1],
      [2412, 100],
    ]),
    ascii(3, "E"),
    rationals(4, little, [
      [151, 1],
      [12, 1],
      [36, 1],
    ]),
    ...more,
  ];
}

for (const little of [true, false]) {
  const order = little ? "little" : "big";

  test(`the time with its zone, and the place in whole numbers, ${order}-endian`, () => {
    const block = tiffOf(little, TAKEN, place(little, [rationals(0x1f, little, [[75, 10]])]));
    assert.deepEqual(said(jpegOf(block)), {
      takenAt: Date.UTC(2026, 10, 26, 13, 32, 5),
      position: { lat_e7: -338567000, lng_e7: 1512100000, accuracy_m: 8 },
    });
  });

  test(`every beginning of the block gives what it says or nothing, and never throws, ${order}-endian`, () => {
    const block = tiffOf(little, TAKEN, place(little));
    const whole = said(jpegOf(block));
    for (let length = 0; length < block.length; length += 1) {
      const { takenAt, position } = said(jpegOf(block.slice(0, length)));
      assert.ok(takenAt === null || takenAt === whole.takenAt);
      assert.ok(position === null || position.lat_e7 === whole.position?.lat_e7);
    }
  });
}

test("a time without a zone is this device's own", () => {
  const { takenAt } = said(jpegOf(tiffOf(true, [ascii(0x9003, "2026:11:26 14:32:05")])));
  assert.equal(takenAt, new Date(2026, 10, 26, 14, 32, 5).getTime());
});

test("a place without how exact it is does not pretend to know", () => {
  const { position } = said(jpegOf(tiffOf(true, [], place(true))));
  assert.deepEqual(position, { lat_e7: -338567000, lng_e7: 1512100000 });
});

test("what is no time and no place is passed over", () => {
  const zeros = rationals(2, true, [
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
  const lists: [Entry[], Entry[]][] = [
    [[ascii(0x9003, "0000:00:00 00:00:00")], [ascii(1, "N"), zeros, ascii(3, "E"), { ...zeros, tag: 4 }]],
    [[ascii(0x9003, "yesterday")], [ascii(1, "X"), ...place(true).slice(1)]],
    [[{ ...ascii(0x9003, "2026:11:26 14:32:05"), type: 7 }], place(true).slice(1)],
    [[], [ascii(1, "N"), rationals(2, true, [[91, 1]]), ...place(true).slice(2)]],
    [[], [ascii(1, "N"), ...denominator(0), ...place(true).slice(2)]],
  ];
  for (const [exif, gps] of lists) assert.deepEqual(said(jpegOf(tiffOf(true, exif, gps))), NOTHING);
});

function denominator(number: number): Entry[] {
  return [
    rationals(2, true, [
      [33, number],
      [0, 1],
      [0, 1],
    ]),
  ];
}

test("what is no JPEG, has no block, or points outside gives nothing", () => {
  const block = tiffOf(true, TAKEN, place(true));
  const outside = [...block];
  outside.splice(4, 4, 0xff, 0xff, 0xff, 0x7f);
  const neither = [...block];
  neither.splice(0, 2, 0x41, 0x42);
  const heads = [
    new ArrayBuffer(0),
    new ArrayBuffer(64),
    new Uint8Array([0xff, 0xd8, 0xff]).buffer,
    new Uint8Array([0xff, 0xd8, 0xff, 0xda, 0, 2, 0, 0, 0, 0, 0, 0]).buffer,
    // A segment that says it has no length would be looked at for ever.
    new Uint8Array([0xff, 0xd8, ...Array.from({ length: 40 }, () => [0xff, 0xe0, 0, 0]).flat()]).buffer,
    jpegOf(outside),
    jpegOf(neither),
  ];
  for (const head of heads) assert.deepEqual(said(head), NOTHING);
});

test("ten thousand blocks with bytes turned over neither throw nor give a place off the earth", () => {
  const random = new Seeded(4);
  const block = new Uint8Array(jpegOf(tiffOf(false, TAKEN, place(false))));
  for (let n = 0; n < 10_000; n += 1) {
    const hurt = block.slice();
    for (const byte of random.fill(new Uint8Array(6))) hurt[2 + (byte % (hurt.length - 2))] = byte;
    const { position, takenAt } = said(hurt.buffer);
    if (position) assert.ok(Math.abs(position.lat_e7) <= 9e8 && Math.abs(position.lng_e7) <= 18e8);
    assert.ok(takenAt === null || Number.isInteger(takenAt));
  }
});
