/** What is said of a link in a line, and passwords that are made up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Album } from "../../pwa/src/screens/albums/fetch";
import { dayOf, endOf, stateOf, suggestPassword, viewsOf } from "../../pwa/src/screens/albums/words";
import { setFormats } from "../../pwa/src/ui/format";

const NOW = Date.UTC(2026, 10, 26, 12);
const DAY = 86_400_000;
const album: Album = {
  id: "a",
  title: "Your mower",
  photos: null,
  password: false,
  made_at: NOW - DAY,
  expires_at: NOW + DAY,
  revoked: false,
  views: 0,
  seen_at: null,
};

setFormats({ locale: "en-GB", zone: "UTC" });

test("a link works until its last moment, and not when it was taken back", () => {
  assert.equal(stateOf(album, NOW), "open");
  assert.equal(stateOf(album, album.expires_at - 1), "open");
  assert.equal(stateOf(album, album.expires_at), "over");
  assert.equal(stateOf({ ...album, revoked: true }, NOW), "revoked");
  assert.equal(endOf(album, NOW), "works until Fri 27 Nov");
  assert.equal(endOf(album, NOW + 2 * DAY), "ended Fri 27 Nov");
  assert.equal(endOf({ ...album, revoked: true }, NOW), "ended by the shop");
});

test("a day of another year says its year", () => {
  assert.equal(dayOf(NOW + 100 * DAY, NOW), "Sat 6 Mar 2027");
});

test("how often a link was opened, and when last", () => {
  assert.equal(viewsOf(album, NOW), "not opened yet");
  assert.equal(viewsOf({ ...album, views: 1, seen_at: NOW }, NOW), "opened once, last 12:00");
  assert.equal(
    viewsOf({ ...album, views: 3, seen_at: NOW - DAY }, NOW),
    "opened 3 times, last Wed 25 Nov, 12:00",
  );
});

test("a password that is made up can be set, and is another one each time", () => {
  const made = new Set(Array.from({ length: 200 }, () => suggestPassword()));
  assert.ok(made.size > 190);
  for (const one of made) assert.match(one, /^[a-z]{4,} [a-z]{4,} [a-z]{4,} \d\d$/);
  assert.equal(
    suggestPassword(() => 0)
      .split(" ")
      .at(-1),
    "10",
  );
});
