/** What the screens of work orders decide: the steps they offer, the order of the queue, what a search finds. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { byUrgency, dueOf, progress } from "../../pwa/src/screens/work/facts";
import { queueOf } from "../../pwa/src/screens/work/queue";
import { fold, haystack, matches } from "../../pwa/src/screens/work/search";
import { nextStep, type Rights, stepsFrom } from "../../pwa/src/screens/work/steps";
import type { Data, Shown } from "../../pwa/src/sync/types";
import { idOf } from "./things";

const RIGHTS: Rights = { role: "tech", qcRequired: false, readyNeedsTasks: false, techMayClose: false };
const NOW = 1_795_000_000_000;
const HOUR_MS = 3_600_000;

let count = 0;
function order(data: Data): Shown {
  count += 1;
  return { collection: "work_order", id: idOf(count), data, fresh: false, pending: [] };
}

const targets = (from: string, rights: Rights, open = 0) =>
  stepsFrom(from, rights, open).map((one) => one.to);

test("a tech moves freely within work, and is not offered what the office decides", () => {
  assert.deepEqual(targets("in_progress", RIGHTS).sort(), [
    "approved",
    "diagnosing",
    "on_hold",
    "qc",
    "ready",
    "waiting_approval",
    "waiting_parts",
  ]);
  assert.deepEqual(targets("closed", RIGHTS), []);
});

test("a shop that requires the check offers no way past it", () => {
  const rights = { ...RIGHTS, qcRequired: true };
  assert.ok(!targets("in_progress", rights).includes("ready"));
  assert.equal(nextStep("in_progress", rights, 0)?.step.to, "qc");
});

test("open tasks block being ready where the shop wants them done, and say so", () => {
  const rights = { ...RIGHTS, readyNeedsTasks: true };
  const ready = stepsFrom("in_progress", rights, 2).find((one) => one.to === "ready");
  assert.equal(ready?.blocked, "2 tasks are still open");
  assert.equal(stepsFrom("in_progress", rights, 0).find((one) => one.to === "ready")?.blocked, undefined);
});

test("putting on hold and going back from ready ask for a reason", () => {
  assert.equal(stepsFrom("in_progress", RIGHTS, 0).find((one) => one.to === "on_hold")?.reason, true);
  assert.deepEqual(stepsFrom("ready", RIGHTS, 0), [{ to: "in_progress", reason: true }]);
});

test("a tech hands over only where the shop lets techs close", () => {
  assert.equal(nextStep("ready", RIGHTS, 0), null);
  assert.equal(nextStep("ready", { ...RIGHTS, techMayClose: true }, 0)?.step.to, "closed");
});

test("the parts counter moves between waiting for parts and work, and nothing else", () => {
  const rights = { ...RIGHTS, role: "parts" };
  assert.deepEqual(targets("waiting_parts", rights), ["in_progress"]);
  assert.deepEqual(targets("new", rights), []);
});

test("urgent comes before high, then the earlier promise, then the older", () => {
  const low = order({ priority: "low", promised_at: NOW });
  const later = order({ promised_at: NOW + HOUR_MS });
  const sooner = order({ promised_at: NOW });
  const urgent = order({ priority: "urgent" });
  assert.deepEqual([low, later, sooner, urgent].sort(byUrgency), [urgent, sooner, later, low]);
});

test("what is ready, or closed, is not late", () => {
  const promised_at = NOW - HOUR_MS;
  assert.equal(dueOf(order({ status: "in_progress", promised_at }), NOW)?.late, true);
  assert.equal(dueOf(order({ status: "ready", promised_at }), NOW)?.late, false);
  assert.equal(dueOf(order({ status: "closed", promised_at }), NOW)?.late, false);
  assert.equal(dueOf(order({ status: "new" }), NOW), null);
});

test("a tech's queue has their own first and what nobody has last, each once", () => {
  const mine = order({ status: "in_progress", assignee: "me" });
  const waiting = order({ status: "waiting_parts", assignee: "me" });
  const free = order({ status: "new" });
  const others = order({ status: "new", assignee: "you" });
  const closed = order({ status: "closed", assignee: "me" });
  const found = queueOf([free, waiting, closed, others, mine], "me", "tech", NOW);
  assert.deepEqual(
    found.map((one) => [one.title, one.orders]),
    [
      ["At work", [mine]],
      ["Waiting", [waiting]],
      ["Nobody's yet", [free]],
    ],
  );
});

test("the office sees every open work order under exactly one heading", () => {
  const statuses = ["new", "diagnosing", "waiting_approval", "qc", "ready", "on_hold", "closed"];
  const all = statuses.map((status) => order({ status, assignee: "you", promised_at: NOW - HOUR_MS }));
  const found = queueOf(all, "me", "service_writer", NOW).flatMap((one) => one.orders);
  assert.equal(found.length, 6);
  assert.equal(new Set(found).size, 6);
});

test("tasks are counted where they are held, else as the server counted", () => {
  const one = order({ tasks_done: 3, tasks_total: 5 });
  assert.deepEqual(progress(one, []), { done: 3, total: 5 });
  assert.deepEqual(progress(one, [order({ done: true }), order({ done: false })]), { done: 1, total: 2 });
});

test("a search finds by beginnings of words, accents aside, and by any part of a number", () => {
  const customer = order({ name: "Zoë Müller", phones: ["+49 40 5550"] });
  const found = order({
    number: "WO-1042",
    complaint: "Läuft unrund",
    customer: customer.id,
    tags: ["warranty"],
  });
  const hay = haystack(found, (collection) => (collection === "customer" ? customer : undefined));
  for (const words of ["zoe", "MULLER unr", "042", "wo 1042", "5550", "warr"])
    assert.ok(matches(hay, words), words);
  for (const words of ["oe", "zoe meier", "43"]) assert.ok(!matches(hay, words), words);
});

test("folding keeps letters of every script", () => {
  assert.equal(fold("  Ąžuolas – Ünï/42 "), "azuolas uni 42");
  assert.equal(fold("ポンプ"), "ポンプ".normalize("NFD").replace(/\p{Diacritic}/gu, ""));
});
