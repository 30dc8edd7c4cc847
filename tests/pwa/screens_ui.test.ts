/** The small parts of the screens: contrast of any shop's colour, dates and amounts, the customer's stages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDone, marksOf, STAGES, sentenceOf, stageOf, tasksOf } from "../../pwa/src/screens/portal/stages";
import { keptHelp, keptWords } from "../../pwa/src/screens/sync/kept";
import { opValues } from "../../pwa/src/screens/sync/reasons";
import type { Data, Shown } from "../../pwa/src/sync/types";
import { accentOf } from "../../pwa/src/ui/colour";
import { list, num, orNull } from "../../pwa/src/ui/data";
import {
  clock,
  fromLocalInput,
  minutes,
  money,
  nearDay,
  running,
  setFormats,
  toLocalInput,
  when,
} from "../../pwa/src/ui/format";
import { plural, setWords, word } from "../../pwa/src/ui/words";
import { idOf } from "./things";

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test("whatever colour a shop has, words on it and in it stand at 7:1 in both schemes", () => {
  for (const colour of ["#ffdd00", "#0b5563", "#ff3366", "#000000", "#ffffff", "#77aa33"]) {
    const made = accentOf(colour) ?? {};
    assert.ok(contrast(made["--accent"] ?? "", "#ffffff") >= 7, colour);
    const pair = (name: string) => /light-dark\((#\w+), (#\w+)\)/.exec(made[name] ?? "") ?? [];
    const [, lightInk = "", darkInk = ""] = pair("--accent-ink");
    const [, lightTint = "", darkTint = ""] = pair("--accent-tint");
    assert.ok(contrast(lightInk, lightTint) >= 7, `${colour} light`);
    assert.ok(contrast(darkInk, darkTint) >= 7, `${colour} dark`);
  }
});

test("what is no colour changes nothing", () => {
  for (const wrong of ["", "red", "#12", "url(x)"]) assert.equal(accentOf(wrong), null);
});

test("dates and money follow the shop, and a setting the browser does not know is passed over", () => {
  setFormats({ locale: "en-GB", zone: "Europe/Berlin", currency: "EUR" });
  const noon = Date.UTC(2026, 10, 21, 11, 0);
  assert.equal(clock(noon), "12:00");
  assert.equal(nearDay(noon + 13 * 3_600_000, noon), 1);
  assert.equal(when(noon, noon), "today 12:00");
  assert.equal(money(1950), "€19.50");
  setFormats({ locale: "not a locale", zone: "Mars/Base", currency: "?" });
  assert.equal(typeof clock(noon), "string");
  assert.match(money(100), /1/);
});

test("what is typed as a time is the shop's time, also beside a change of the clocks", () => {
  setFormats({ locale: "en-GB", zone: "Europe/Berlin", currency: "EUR" });
  const summer = Date.UTC(2026, 6, 1, 15, 0);
  assert.equal(toLocalInput(summer), "2026-07-01T17:00");
  for (const at of [
    summer,
    Date.UTC(2026, 2, 29, 0, 59),
    Date.UTC(2026, 2, 29, 1, 1),
    Date.UTC(2026, 11, 31, 23, 30),
  ])
    assert.equal(fromLocalInput(toLocalInput(at)), at);
  assert.equal(toLocalInput(null), "");
  for (const wrong of ["", "soon"]) assert.equal(fromLocalInput(wrong), null);
});

test("lengths of time are said as people say them", () => {
  assert.deepEqual([0, 45, 60, 80, 125].map(minutes), ["0 min", "45 min", "1 h", "1 h 20", "2 h 05"]);
  assert.equal(running(3_600_000 + 62_000), "1:01:02");
  assert.equal(running(-5), "0:00:00");
});

test("the shop's words come first, with or without their prefix", () => {
  setWords({ work_order: "Ticket", in_progress: "Being repaired", status: { ready: "Come and get it" } });
  assert.equal(word("work_order"), "Ticket");
  assert.equal(plural("work_order"), "Tickets");
  assert.equal(word("status.in_progress"), "Being repaired");
  assert.equal(word("status.ready"), "Come and get it");
  assert.equal(word("status.waiting_parts"), "Waiting for parts");
  assert.equal(word("some.unknown_thing"), "Unknown thing");
  setWords({});
});

test("odd values in a record break no screen", () => {
  assert.equal(num("7"), null);
  assert.deepEqual(list(["a", 3, null]), ["a"]);
  assert.equal(orNull("  "), null);
});

const order = (data: Data): Shown => ({
  collection: "work_order",
  id: idOf(1),
  data,
  fresh: false,
  pending: [],
});

test("every status has a stage and a sentence for the customer", () => {
  const open = [
    "new",
    "diagnosing",
    "waiting_approval",
    "approved",
    "in_progress",
    "waiting_parts",
    "on_hold",
    "qc",
  ];
  const stages = [...open, "ready", "closed"].map((status) => stageOf(order({ status })));
  assert.deepEqual(stages, [0, 1, 2, 3, 3, 3, 3, 3, 4, 5]);
  assert.equal(STAGES.length, 6);
  assert.equal(stageOf(order({ status: "canceled" })), -1);
  for (const status of [...open, "ready", "closed", "canceled"])
    assert.ok(sentenceOf(order({ status })), status);
  assert.ok(isDone(order({ status: "closed" })) && !isDone(order({ status: "ready" })));
});

test("waiting for parts and on hold are said beside the stage", () => {
  assert.equal(marksOf(order({ status: "waiting_parts" }))[0]?.words, "Waiting for parts");
  assert.equal(marksOf(order({ status: "on_hold" }))[0]?.words, "On hold");
  assert.deepEqual(marksOf(order({ status: "in_progress" })), []);
});

test("task counts show only where there are tasks, and never more done than there are", () => {
  assert.equal(tasksOf(order({ tasks_total: 0 })), null);
  assert.deepEqual(tasksOf(order({ tasks_total: 5, tasks_done: 7 })), { done: 5, total: 5 });
});

test("R9 R16 what no backup has yet is said in words, with what would give it up, and nothing when all is in one", () => {
  assert.equal(keptWords(0), "");
  assert.equal(keptWords(1), "1 change is at the shop and not yet in a backup");
  assert.equal(keptWords(1200), "1,200 changes are at the shop and not yet in a backup");
  assert.match(keptHelp(1), /keeps it until it is, 30 days at most/);
  assert.match(
    keptHelp(12),
    /keeps them until they are.*gives them back if the shop has to restore.*Signing out/,
  );
});

test("T5 what was refused is told without what is empty only because its group goes whole", () => {
  const told = (set: Data) =>
    opValues({ op: "patch", collection: "work_order", id: idOf(1), base: {}, set }).map(({ field }) => field);
  assert.deepEqual(told({ status: "waiting_parts", status_reason: null, status_at: 1 }), ["status"]);
  assert.deepEqual(told({ status: "on_hold", status_reason: "Rain", status_at: 1 }), [
    "status",
    "status_reason",
  ]);
  assert.deepEqual(told({ diagnosis: null }), ["diagnosis"]);
});
