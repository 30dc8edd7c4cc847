/** A phone when things go wrong: lost answers, gaps, forks, restores, portals, refusals (C9, F1–F5, R10–R12, W14, T11). */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemoryStore } from "../../pwa/src/sync/store_memory";
import { Outside, rest } from "./outside";
import { create, lastPush, openPhone, patch, setting, synced } from "./phone";
import type { Fault } from "./shop";
import { idOf, REPLICA } from "./things";

const W1 = idOf(1);
const DAY_MS = 24 * 3600_000;

const PASSING: [Fault, string | null][] = [
  ["drop request", "offline"],
  ["drop answer", "offline"],
  ["cut", "portal"],
  ["portal", "portal"],
  ["portal json", "portal"],
  ["signed out", "signed_out"],
  ["busy", "busy"],
  ["double", null],
];

for (const [fault, trouble] of PASSING) {
  test(`C9 T11 ${fault}: nothing is lost and nothing happens twice`, async () => {
    const { replica, shop, outside } = await setting((shop) =>
      shop.commit("work_order", W1, { priority: "low" }),
    );
    await replica.act([patch(W1, { priority: "high" })]);
    shop.faults = [fault];
    await synced(replica);
    assert.equal(replica.overall().trouble, trouble);
    assert.equal(replica.get("work_order", W1)?.data.priority, "high");
    assert.equal(replica.overall().waiting, trouble ? 1 : 0);
    await outside.clock.pass(60_000);
    assert.equal(replica.overall().trouble, null);
    assert.equal(replica.overall().waiting, 0);
    assert.deepEqual(
      shop.log.map((changeset) => changeset.n),
      [1],
    );
  });
}

test("W14 Retry-After is waited out, and a person may still ask at once", async () => {
  const { replica, shop, outside } = await setting();
  await replica.act([create(W1, {})]);
  shop.faults = ["busy"];
  await synced(replica);
  await outside.clock.pass(6900);
  assert.equal(shop.log.length, 0);
  await outside.clock.pass(2000);
  assert.equal(shop.log.length, 1);
});

test("L4 failures back off up to a cap, and on line again syncs at once", async () => {
  const { replica, shop, outside } = await setting();
  const before = shop.faults.push(...Array<Fault>(1000).fill("drop request"));
  await replica.act([create(W1, {})]);
  await synced(replica);
  await outside.clock.pass(3600_000);
  const tries = before - shop.faults.length;
  assert.ok(tries > 60 && tries < 140, `${tries} tries in an hour`);
  shop.faults = [];
  outside.signal("online");
  await rest();
  assert.equal(shop.log.length, 1);
});

test("W14 413: the request is halved until it fits", async () => {
  const { replica, shop } = await setting();
  for (let i = 1; i <= 20; i += 1) await replica.act([create(idOf(i), {})]);
  shop.changesetsMax = 3;
  await synced(replica);
  assert.equal(shop.log.length, 20);
  assert.equal(replica.overall().waiting, 0);
});

test("W14 400: the one at fault is parked and its number used up, the others flow", async () => {
  const { replica, shop } = await setting();
  for (let i = 1; i <= 9; i += 1)
    await replica.act([create(idOf(i), { complaint: i === 5 ? "POISON" : "fine" })]);
  await synced(replica);
  assert.deepEqual(
    replica.parked().map(({ n, code }) => [n, code]),
    [[5, "invalid"]],
  );
  assert.deepEqual(
    shop.log.map(({ n, ops }) => [n, ops.length]),
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [n, n === 5 ? 0 : 1]),
  );
  assert.match(replica.exportParked(replica.parked()[0]?.key ?? ""), /POISON/);
});

test("W14 400 because of the cursor: it is given up, and no changeset is blamed", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { priority: "low" }));
  await replica.act([patch(W1, { priority: "high" })]);
  shop.faults = ["unreadable", "unreadable"];
  await synced(replica);
  assert.equal(replica.parked().length, 0);
  assert.equal(shop.requests.at(-1)?.cursor === null || shop.log.length === 1, true);
  await synced(replica);
  assert.equal(shop.log.length, 1);
});

test("P10 an answer to what is no longer asked counts for nothing", async () => {
  const { replica, shop, phone } = await setting((shop) =>
    shop.commit("work_order", W1, { priority: "low" }),
  );
  await replica.act([patch(W1, { priority: "high" })]);
  const open = shop.holdNext();
  const late = replica.syncNow();
  await rest();
  // Another tab that believes to be the leader takes the same step before the answer comes.
  const other = await openPhone(new Outside(2), shop, phone.store);
  shop.commit("work_order", W1, { priority: "urgent" });
  await synced(other.replica);
  open();
  await late;
  await rest();
  assert.equal(replica.get("work_order", W1)?.data.priority, "urgent");
  assert.equal(shop.log.length, 1);
  assert.equal(replica.overall().waiting, 0);
});

test("F2 a gap is filled from the tail that is kept for it", async () => {
  const { replica, shop } = await setting();
  for (let i = 1; i <= 4; i += 1) await replica.act([create(idOf(i), { complaint: `${i}` })]);
  await synced(replica);
  forgetFrom(shop, 3);
  await replica.act([create(idOf(5), {})]);
  await synced(replica);
  assert.deepEqual(
    lastPush(shop).map(({ n, was }) => [n, was]),
    [
      [3, "accepted"],
      [4, "accepted"],
      [5, undefined],
    ],
  );
  assert.equal(shop.applied.get(REPLICA), 5);
});

test("F3 F4 a copied phone goes on under another name, and both halves are kept", async () => {
  const { replica, shop, outside, phone } = await setting((shop) =>
    shop.commit("work_order", W1, { priority: "low" }),
  );
  await replica.act([create(idOf(2), {})]);
  await synced(replica);
  const copy = (phone.store as MemoryStore).copy();
  await replica.act([create(idOf(3), { complaint: "first half" })]);
  await synced(replica);
  await replica.close();

  const other = await openPhone(outside, shop, copy);
  shop.faults = Array(4).fill("drop request");
  await other.replica.act([create(idOf(4), { complaint: "second half" })]);
  const form = other.replica.form(idOf(4));
  await other.replica.act([patch(idOf(4), { priority: "high" })]);
  shop.faults = [];
  await synced(other.replica);
  assert.notEqual(other.replica.identity.replica, REPLICA);
  assert.deepEqual(
    lastPush(shop).map(({ n, ops }) => [n, ops[0].base]),
    [
      [1, undefined],
      [2, { [other.replica.identity.replica]: 1, [REPLICA]: 1 }],
    ],
  );
  await other.replica.act([patch(idOf(4), { complaint: "from the old form" }, { form })]);
  await synced(other.replica);
  assert.deepEqual(lastPush(shop)[0].ops[0].base, { [other.replica.identity.replica]: 1, [REPLICA]: 1 });
  assert.equal(other.replica.get("work_order", idOf(3))?.data.complaint, "first half");
  assert.equal(shop.rows.get(idOf(4))?.data.complaint, "from the old form");
});

test("F5 a gap that nothing can fill is used up empty, and what waits goes in", async () => {
  const { replica, shop, phone } = await setting();
  for (let i = 1; i <= 4; i += 1) await replica.act([create(idOf(i), {})]);
  await synced(replica);
  await phone.store.write(async (tx) => tx.clear("kept"));
  forgetFrom(shop, 2);
  await replica.act([create(idOf(5), { complaint: "mine" })]);
  await synced(replica);
  assert.deepEqual(
    shop.log.slice(-4).map(({ n, ops }) => [n, ops.length]),
    [
      [2, 0],
      [3, 0],
      [4, 0],
      [5, 1],
    ],
  );
});

test("R10 R12 a restored shop gets what its backup missed, and the screen never goes back", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { priority: "low" }));
  await replica.act([patch(W1, { priority: "high" })]);
  await replica.act([create(idOf(2), { complaint: "REFUSED" })]);
  await synced(replica);
  await replica.act([create(idOf(3), {})]);
  await synced(replica);
  await replica.act([patch(W1, { complaint: "waiting" })]);
  restore(shop, "e2");
  shop.commit("work_order", W1, { priority: "low" });
  const seen: unknown[] = [];
  replica.subscribe(() => seen.push(replica.get("work_order", W1)?.data.priority));
  await synced(replica);
  assert.ok(
    seen.every((priority) => priority === "high"),
    String(seen),
  );
  assert.equal(shop.rows.get(W1)?.data.priority, "high");
  assert.equal(shop.rows.get(W1)?.data.complaint, "waiting");
  assert.deepEqual(pushes(shop).slice(-2), [
    { replica: REPLICA, limit: 0, sent: ["1 accepted", "2 rejected", "3 accepted"] },
    { replica: replica.identity.replica, limit: 1000, sent: ["1"] },
  ]);
  assert.equal(replica.parked().length, 1);
  assert.equal(replica.identity.epoch, "e2");
});

test("R11 what the shop said it had goes with requests until there is a cursor that says it", async () => {
  const { replica, shop } = await setting();
  await replica.act([create(W1, { complaint: "mine" })]);
  await synced(replica);
  restore(shop, "e2");
  const [before, began] = [shop.requests.length, shop.seq];
  await synced(replica);
  await replica.act([patch(W1, { complaint: "later" })]);
  await synced(replica);
  const told = shop.requests.slice(before).map(({ seen, cursor }) => [seen ?? null, cursor !== null]);
  assert.deepEqual(told, [
    [null, true], // learns of the restore
    [`e2|${began}`, false], // hands over its tail
    [`e2|${began + 1}`, false], // begins anew
    [null, true],
  ]);
});

test("R10 a restore that shows only in the answer to a pull is found too", async () => {
  const { replica, shop } = await setting();
  await replica.act([create(W1, { complaint: "mine" })]);
  await synced(replica);
  restore(shop, "e2");
  await synced(replica);
  assert.equal(shop.rows.get(W1)?.data.complaint, "mine");
  assert.equal(replica.get("work_order", W1)?.data.complaint, "mine");
});

test("R6 R7 a revoked phone hands over what waits and then forgets everything", async () => {
  const { replica, shop, phone } = await setting((shop) =>
    shop.commit("work_order", W1, { priority: "low" }),
  );
  await replica.act([patch(W1, { priority: "high" })]);
  shop.revoked.add(REPLICA);
  await synced(replica);
  assert.equal(shop.applied.get(REPLICA), 1);
  assert.equal(replica.overall().trouble, "revoked");
  assert.equal(replica.get("work_order", W1), undefined);
  assert.deepEqual(await phone.store.read((tx) => tx.all("confirmed")), []);
});

test("R4 a session that is over touches nothing, and after sign-in it drains", async () => {
  const { replica, shop } = await setting();
  await replica.act([create(W1, {})]);
  shop.faults = ["signed out"];
  await synced(replica);
  assert.equal(replica.overall().trouble, "signed_out");
  await replica.act([create(idOf(2), {})]);
  assert.equal(replica.overall().waiting, 2);
  await synced(replica);
  assert.equal(shop.log.length, 2);
});

test("S2 another name from a sign-in: what waits is sent under it, once", async () => {
  const { replica, shop, outside, phone } = await setting();
  await replica.act([create(W1, {})]);
  shop.faults = ["drop answer"];
  await synced(replica);
  await replica.close();
  const who = { ...replica.identity, replica: "rbbbbbbbbbbbb" };
  const again = await openPhone(outside, shop, phone.store, who);
  await synced(again.replica);
  assert.equal(again.replica.overall().waiting, 0);
  assert.equal(shop.log.length, 1);
  assert.equal(again.replica.identity.replica, "rbbbbbbbbbbbb");
});

test("T4 what was accepted during a bootstrap stays laid over until a pull that surely has it", async () => {
  const { replica, shop } = await setting((shop) => {
    for (let i = 1; i <= 6; i += 1) shop.commit("work_order", idOf(i), { priority: "low" });
  });
  shop.epoch = "e2";
  shop.pageMax = 2;
  shop.endsEarly = true;
  const seen = new Set<unknown>();
  const watch = () => seen.add(replica.get("work_order", W1)?.data.priority);
  const open = shop.holdNext();
  const syncing = replica.syncNow();
  await rest();
  const second = shop.holdNext();
  open();
  await rest();
  await replica.act([patch(W1, { priority: "high" })]);
  replica.subscribe(watch);
  second();
  await syncing;
  await rest();
  assert.deepEqual([...seen], ["high"]);
  assert.equal(replica.overall().waiting, 0);
});

test("W5 confirmed is the largest number up to which every outcome is stored", async () => {
  const { replica, shop } = await setting();
  for (let i = 1; i <= 3; i += 1)
    await replica.act([create(idOf(i), { complaint: i === 2 ? "REFUSED" : "" })]);
  await synced(replica);
  await synced(replica);
  assert.equal(shop.requests.at(-1)?.confirmed, 3);
});

test("undo never takes back what may have reached the shop", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { priority: "low" }));
  const id = await replica.act([patch(W1, { priority: "high" })]);
  shop.faults = ["drop answer"];
  await synced(replica);
  assert.equal(await replica.undo(id), true);
  assert.equal(replica.overall().waiting, 2);
  await synced(replica);
  assert.equal(shop.rows.get(W1)?.data.priority, "low");
  assert.deepEqual(
    shop.log.map(({ n }) => n),
    [1, 2],
  );
});

test("R9 what a backup holds is no longer kept", async () => {
  const { replica, shop, phone } = await setting();
  for (let i = 1; i <= 3; i += 1) await replica.act([create(idOf(i), {})]);
  await synced(replica);
  assert.equal((await phone.store.read((tx) => tx.all("kept"))).length, 3);
  shop.durable = 2;
  await synced(replica);
  assert.deepEqual(
    (await phone.store.read((tx) => tx.all<{ n: number }>("kept"))).map(({ n }) => n),
    [3],
  );
});

test("R9 what is kept is let go of after 30 days of the shop, whatever the phone's clock says", async () => {
  const { replica, shop, phone, outside } = await setting();
  const kept = () => phone.store.read((tx) => tx.all("kept"));
  shop.now = 1_800_000_000_000;
  await replica.act([create(idOf(1), {})]);
  await synced(replica);
  outside.clock.skew = 3650 * DAY_MS;
  for (let day = 0; day < 31; day += 1) {
    await synced(replica);
    assert.equal((await kept()).length, 1, `after ${day} days`);
    shop.now += DAY_MS;
  }
  shop.now += DAY_MS;
  outside.clock.skew = -3650 * DAY_MS;
  await synced(replica);
  assert.equal((await kept()).length, 0);
});

/** What went out, request by request, where there was anything. */
function pushes(shop: Awaited<ReturnType<typeof setting>>["shop"]) {
  const said = shop.requests.map(({ replica, limit, changesets }) => ({
    replica,
    limit,
    sent: (changesets as { n: number; was?: string }[]).map(({ n, was }) => [n, was].join(" ").trim()),
  }));
  return said.filter(({ sent }) => sent.length > 0);
}

/** The shop's data as a backup would have it: without what this replica pushed from `n` on. */
function forgetFrom(shop: Awaited<ReturnType<typeof setting>>["shop"], n: number): void {
  shop.applied.set(REPLICA, n - 1);
  for (const changeset of shop.log.splice(n - 1)) {
    shop.outcomes.delete(`${REPLICA}:${changeset.n}`);
    shop.byId.delete(changeset.id);
    for (const op of changeset.ops) if (op.op === "create") shop.rows.delete(op.id);
  }
}

/** The shop restored from a backup that knows nothing of this replica. */
function restore(shop: Awaited<ReturnType<typeof setting>>["shop"], epoch: string): void {
  forgetFrom(shop, 1);
  shop.outcomes.clear();
  shop.byId.clear();
  shop.epoch = epoch;
  shop.seq += 2 ** 20;
}
