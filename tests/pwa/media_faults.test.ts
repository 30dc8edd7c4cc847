/** Photos when things go wrong: killed anywhere, restored, rolled back, forked, rotten, in several tabs (U1, U2, U4, U5). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { TIDY_MS } from "../../pwa/src/media/queue";
import { PIECE_MIN } from "../../pwa/src/media/tus";
import { LEASE_MS } from "../../pwa/src/sync/leadership";
import { MemoryStore } from "../../pwa/src/sync/store_memory";
import { heldIn, Life, Premises, Room } from "./darkroom";
import type { Fault } from "./depot";
import { Outside, rest } from "./outside";
import { create, synced } from "./phone";
import { Seeded } from "./random";
import { idOf } from "./things";

const PHOTO = idOf(1);

/** Whatever this phone ever held and does not any more is at the shop, whole. */
async function assertNothingLost(ids: string[], premises: Premises, store: MemoryStore): Promise<void> {
  const [held, arrived] = [await heldIn(store), premises.depot.arrived()];
  for (const id of ids) assert.ok(held.includes(id) || arrived.includes(id), `${id} is nowhere`);
  assert.deepEqual(premises.dangling(), []);
}

/** Two photos are kept and sent, and the copies let go of, by a phone that lives so many steps. Gives what was kept. */
async function day(
  premises: Premises,
  store: MemoryStore,
  life: Life,
): Promise<{ kept: string[]; done: boolean }> {
  const outside = new Outside();
  const kept: string[] = [];
  let done = false;
  const work = async () => {
    const room = await Room.open(outside, premises, store, { life });
    kept.push(await room.keep(1, PIECE_MIN + 9));
    kept.push(await room.keep(2, 30));
    const left = () => room.queue.state(idOf(1)) === null && room.queue.state(idOf(2)) === null;
    await room.until(() => life.over || left(), "all is let go of");
    if (life.over) return;
    await room.close();
    done = true;
  };
  void work();
  // What a dead phone waits for never comes, so nobody waits for its work.
  for (let i = 0; i < 600 && !done && !life.over; i += 1) await outside.clock.pass(1000);
  await rest();
  return { kept, done };
}

test("U1 U2 U4 killed at any step, a photo is on the phone or at the shop, and in the end at the shop", async () => {
  let lives = 0;
  for (let steps = 1; ; steps += 1) {
    const premises = new Premises();
    const store = new MemoryStore();
    premises.shop.durable = 9;
    const { kept, done } = await day(premises, store, new Life(steps));
    const ids = [...new Set([...kept, ...(await heldIn(store))])];
    await assertNothingLost(ids, premises, store);
    const made = await store.read((tx) => tx.all<{ ops: { id: string }[] }>("outbox"));
    for (const { ops } of made) for (const { id } of ops) assert.ok(ids.includes(id), `${id} has no file`);
    if (done) break;
    lives += 1;
    const room = await Room.open(new Outside(steps), premises, store);
    await room.drained();
    assert.deepEqual(premises.depot.arrived(), ids.sort());
    await room.close();
  }
  assert.ok(lives > 60, `${lives} places to die`);
});

const PASSING: Fault[] = ["no network", { cut: 1 }, { cut: 700 }, "answer lost", "doubled", "spoilt", "busy"];
for (const seed of [1, 2, 3])
  test(`U2 U4 a bad day, seed ${seed}: every file arrives whole, nothing is let go of before`, async () => {
    const random = new Seeded(seed);
    const room = await Room.open(new Outside(seed));
    const { depot, shop } = room.premises;
    const store = room.store as MemoryStore;
    const ids: string[] = [];
    for (let n = 1; n <= 20; n += 1) {
      ids.push(await room.keep(n, 1 + random.below(2 * PIECE_MIN)));
      depot.faults.push(...Array.from({ length: random.below(5) }, () => random.pick(PASSING)));
      shop.faults.push(random.pick(["none", "none", "drop answer", "portal", "drop request"]));
      shop.durable = random.below(n);
      await room.outside.clock.pass(random.below(3 * TIDY_MS));
      await assertNothingLost(ids, room.premises, store);
    }
    depot.faults = [];
    shop.faults = [];
    await room.drained();
    assert.deepEqual(depot.arrived(), ids.sort());
    await assertNothingLost(ids, room.premises, store);
  });

test("U5 a file that the shop lost is sent again from the copy, however long ago the receipt was", async () => {
  const room = await Room.open();
  await room.keep(1);
  await room.drained();
  await room.outside.clock.pass(3600_000);
  room.premises.depot.uploads.clear();
  room.premises.shop.commit("photo", PHOTO, { media: "waiting" });
  await room.until(() => room.premises.depot.arrived().length === 1, "it is there again");
  assert.equal(room.queue.state(PHOTO)?.is, "shop");
});

test("U5 a restored shop gets back photo and file, with no copy let go of while that lasts", async () => {
  const room = await Room.open();
  const { shop, depot } = room.premises;
  await synced(room.replica);
  const saved = shop.backup();
  const ids = [await room.keep(1), await room.keep(2)];
  await room.drained();
  await room.outside.clock.pass(2 * TIDY_MS);
  assert.deepEqual(await room.held(), ids);
  shop.restore(saved);
  depot.uploads.clear();
  // The changes that bring the photos back take their time; what memory shows is still of before.
  shop.faults = ["none", ...Array(20).fill("drop request")];
  room.outside.signal("online");
  for (let i = 0; i < 10; i += 1) {
    await room.outside.clock.pass(TIDY_MS);
    assert.deepEqual(await room.held(), ids);
  }
  shop.faults = [];
  room.outside.signal("online");
  await room.drained();
  assert.deepEqual(depot.arrived(), ids);
});

test("U5 without room to spare, too, nothing goes whose photo is yet to be sent again", async () => {
  const scarce = async () => ({ used: 900, quota: 1000, persistent: false });
  const room = await Room.open(undefined, undefined, undefined, { room: scarce });
  const { shop, depot } = room.premises;
  await synced(room.replica);
  const saved = shop.backup();
  await room.keep(1);
  await room.until(() => room.premises.depot.arrived().length === 1, "it arrives");
  const found = await room.held();
  shop.restore(saved);
  depot.uploads.clear();
  shop.faults = ["none", ...Array(20).fill("drop request")];
  room.outside.signal("online");
  await room.outside.clock.pass(10 * TIDY_MS);
  assert.deepEqual([found, await room.held()], [[PHOTO], [PHOTO]]);
});

test("U5 404 while the shop stands before a restore: once it knows the photo again it gets the file", async () => {
  const room = await Room.open();
  const { shop, depot } = room.premises;
  await room.queue.wish({ paused: true });
  await room.keep(1);
  await synced(room.replica);
  const row = shop.rows.get(PHOTO);
  shop.remove(PHOTO);
  await synced(room.replica);
  shop.rows.delete(PHOTO);
  await room.queue.wish({ paused: false });
  await room.until(() => room.queue.overall().needsYou === 1, "it needs the person");
  shop.commit("photo", PHOTO, row?.data ?? {});
  await synced(room.replica);
  await room.until(() => depot.arrived().length === 1, "it arrives");
  assert.deepEqual([room.queue.state(PHOTO)?.is, room.queue.overall().needsYou], ["shop", 0]);
  shop.durable = 9;
  await synced(room.replica);
  await room.outside.clock.pass(2 * TIDY_MS);
  assert.deepEqual(await room.held(), []);
});

test("U1 a phone that goes on under another name sends its files all the same", async () => {
  const room = await Room.open();
  const copy = (room.store as MemoryStore).copy();
  await room.replica.act([create(idOf(90), {})]);
  await synced(room.replica);
  const other = await Room.open(new Outside(7), room.premises, copy);
  other.premises.depot.faults = ["no network"];
  const before = other.replica.identity.replica;
  await other.keep(1);
  await other.drained();
  assert.notEqual(other.replica.identity.replica, before);
  assert.deepEqual(other.premises.depot.arrived(), [PHOTO]);
});

test("U2 a phone that was rolled back finds that the shop has its files", async () => {
  const room = await Room.open();
  await room.queue.wish({ paused: true });
  await room.keep(1, 2 * PIECE_MIN);
  await room.keep(2);
  await synced(room.replica);
  const saved = (room.store as MemoryStore).copy();
  await room.queue.wish({ paused: false });
  await room.drained();
  await room.close();
  const { bytes } = room.premises.depot;
  const again = await Room.open(new Outside(9), room.premises, saved);
  await again.queue.wish({ paused: false });
  await again.drained();
  assert.equal(again.premises.depot.bytes, bytes);
  assert.deepEqual(again.premises.depot.arrived(), [idOf(1), idOf(2)]);
});

test("U2 two phones with the same copy send it at once: it arrives once and whole", async () => {
  const room = await Room.open();
  await room.queue.wish({ paused: true });
  for (let n = 1; n <= 4; n += 1) await room.keep(n, n * PIECE_MIN);
  await synced(room.replica);
  const copy = (room.store as MemoryStore).copy();
  const other = await Room.open(new Outside(3), room.premises, copy);
  await Promise.all([room.queue.wish({ paused: false }), other.queue.wish({ paused: false })]);
  for (let i = 0; i < 900; i += 1)
    await Promise.all([room.outside.clock.pass(100), other.outside.clock.pass(100)]);
  assert.deepEqual(room.premises.depot.arrived(), [1, 2, 3, 4].map(idOf));
  assert.deepEqual([room.queue.overall().waiting, other.queue.overall().waiting], [0, 0]);
  assert.ok(room.premises.depot.bytes < 15 * PIECE_MIN);
});

async function twoTabs() {
  const first = await Room.open();
  await synced(first.replica);
  const second = await Room.open(first.outside, first.premises, first.store);
  await rest();
  return { first, second };
}

test("U2 of two tabs one sends, whichever kept the photo, and both say how far it is", async () => {
  const { first, second } = await twoTabs();
  const { depot } = first.premises;
  await second.keep(1, 2 * PIECE_MIN);
  await second.keep(2, 10);
  const halfway: unknown[] = [];
  depot.onRequest = () => {
    const { sending } = first.queue.overall();
    if (sending) halfway.push([sending, second.queue.overall().sending]);
  };
  await first.until(() => depot.arrived().length === 2, "both are there");
  await rest();
  assert.ok(halfway.length > 3);
  for (const pair of halfway.slice(1) as [string, string][]) assert.ok(pair[1] !== null);
  assert.equal(depot.bytes, 2 * PIECE_MIN + 10);
  for (const tab of [first, second])
    for (const n of [1, 2]) assert.equal(tab.queue.state(idOf(n))?.is, "shop");
  assert.deepEqual(
    [first, second].map(({ queue }) => queue.overall().progress),
    [1, 1],
  );
});

test("U2 a tab that opens later says why nothing goes", async () => {
  const room = await Room.open();
  room.premises.depot.wrong.set(PHOTO, "full");
  await room.keep(1);
  await room.until(() => room.queue.overall().why === "shop_full", "the shop is full");
  const late = await Room.open(room.outside, room.premises, room.store);
  await rest();
  assert.deepEqual(late.queue.state(PHOTO), { is: "phone", why: "shop_full" });
});

test("U2 a wish of one tab counts for the tab that sends, at once", async () => {
  const { first, second } = await twoTabs();
  const { depot } = first.premises;
  depot.onRequest = ({ offset }) => offset === PIECE_MIN && void second.queue.wish({ paused: true });
  await first.keep(1, 9 * PIECE_MIN);
  await first.until(() => first.queue.overall().why === "paused", "it pauses");
  assert.deepEqual(depot.arrived(), []);
  depot.onRequest = () => {};
  await second.queue.wish({ paused: false });
  await first.drained();
});

test("U2 a photo kept in one tab breaks off nothing that another tab is sending", async () => {
  const { first, second } = await twoTabs();
  const { depot } = first.premises;
  depot.onRequest = ({ offset }) => offset === PIECE_MIN && void second.keep(2, 10);
  await first.keep(1, 9 * PIECE_MIN);
  await first.drained();
  const starts = depot.asked.filter(({ method, id }) => method === "POST" && id === PHOTO);
  assert.deepEqual([starts.length, depot.arrived()], [1, [idOf(1), idOf(2)]]);
});

test("U2 send now in one tab ends the waiting of the tab that sends", async () => {
  const { first, second } = await twoTabs();
  const { depot } = first.premises;
  depot.faults = ["full"];
  await first.keep(1);
  await first.until(() => depot.asked.length === 1, "it asks");
  second.queue.sendNow();
  await first.outside.clock.pass(1000);
  assert.deepEqual(depot.arrived(), [PHOTO]);
});

test("U2 when the tab that sends closes halfway, another goes on where it was", async () => {
  const { first, second } = await twoTabs();
  const { depot } = first.premises;
  let closing: Promise<void> | null = null;
  depot.onRequest = ({ offset }) => {
    if (offset === PIECE_MIN) closing ??= first.close();
  };
  await first.keep(1, 9 * PIECE_MIN);
  await second.until(() => depot.arrived().length === 1, "it arrives");
  await closing;
  assert.ok(depot.bytes <= 12 * PIECE_MIN, `${depot.bytes / PIECE_MIN} pieces`);
});

test("U2 when the tab that sends is frozen, another takes its place", async () => {
  const { first, second } = await twoTabs();
  const { depot } = first.premises;
  const thaw = depot.holdNext();
  await first.keep(1, 2 * PIECE_MIN);
  await first.until(() => depot.asked.length === 1, "it asks");
  first.channel.asleep = true;
  second.queue.sendNow();
  await second.outside.clock.pass(LEASE_MS + 1000);
  assert.deepEqual(depot.arrived(), [PHOTO]);
  thaw();
  first.channel.asleep = false;
  // What was said meanwhile it did not hear; browsers tell a tab that it is seen again.
  first.outside.signal("visible");
  await first.drained();
  assert.equal(first.queue.state(PHOTO)?.is, "shop");
});

test("T12 what another tab removed is shown by none, and sent by none", async () => {
  const { first, second } = await twoTabs();
  await first.queue.wish({ paused: true });
  await first.keep(1);
  await first.store.destroy();
  for (const tab of [first, second]) tab.outside.signal("visible");
  await first.outside.clock.pass(60_000);
  assert.equal(first.premises.depot.asked.length, 0);
  for (const tab of [first, second]) assert.equal(tab.queue.state(PHOTO), null);
});
