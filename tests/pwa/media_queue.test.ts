/** The queue of files over the app's own replica: what goes when, what waits and why, and what a phone lets go of (U1–U6, T7, T11). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FilesWorld, Queue } from "../../pwa/src/media/queue";
import type { Store } from "../../pwa/src/sync/store";
import type { MemoryStore } from "../../pwa/src/sync/store_memory";
import type { Replica } from "../../pwa/src/sync/types";
import { type Outside, rest, TestLocks, TestTabs } from "./outside";
import { create, openPhone, type Setting, setting } from "./phone";
import { idOf } from "./things";
import { digest, fileOf, TusServer } from "./uploads";

interface Place extends Setting {
  server: TusServer;
  queue: Queue;
  net: { type: string | undefined };
  room: { used: number; quota: number };
  told: number[];
}

function worldOf(place: Pick<Place, "outside" | "server" | "net" | "room">, store: Store): FilesWorld {
  const { outside, server, net, room } = place;
  return {
    ...outside.world(store, async () => assert.fail("files go by their own way")),
    channel: apartOf(outside).tabs.join(),
    locks: apartOf(outside).locks,
    fetch: server.fetch,
    digest,
    connection: () => net.type,
    room: async () => ({ ...room, persistent: true }),
  };
}

/** The tabs' files talk to each other and take turns apart from the tabs' replicas. */
const apart = new WeakMap<Outside, { tabs: TestTabs; locks: TestLocks }>();
function apartOf(outside: Outside) {
  const found = apart.get(outside) ?? { tabs: new TestTabs(), locks: new TestLocks() };
  apart.set(outside, found);
  return found;
}

async function placed(): Promise<Place> {
  const base = await setting();
  const server = new TusServer();
  // As the real shop: a photo is waited for, and is being looked at once its file has arrived.
  server.arrived = (id) => void base.shop.commit("photo", id, { media: "processing" });
  const place = {
    ...base,
    server,
    net: { type: "wifi" },
    room: { used: 0, quota: 1e10 },
    told: [] as number[],
  };
  const queue = new Queue(worldOf(place, base.phone.store), base.replica, () => {
    place.told.push(queue.overall().progress);
  });
  await queue.start();
  return { ...place, queue };
}

/** Keeps a photo as the app does: record and file in one action. */
async function keep(replica: Replica, queue: Queue, n: number, bytes: number): Promise<string> {
  const file = fileOf(idOf(n), bytes, n);
  await replica.act([create(file.id, { kind: "damage", sha256: file.sha256 }, "photo")], [file]);
  await queue.kept();
  return file.id;
}

const TURNS = 40;

/** Lets time pass a little at a time, so that what blobs and promises still have under way keeps up with the clock. */
async function settled(place: Place, ms = 20_000): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) {
    await place.outside.clock.pass(ms / TURNS);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

const held = (place: Place) => place.phone.store.read((tx) => tx.all<{ id: string }>("files"));
const blobs = (place: Place) => place.phone.store.read((tx) => tx.count("blobs"));

test("U2 U4 changes go first, then files, small before large; the copy stays until there is a receipt", async () => {
  const place = await placed();
  const order: string[] = [];
  place.server.arrived = (id) => {
    order.push(id);
    place.shop.commit("photo", id, { media: "processing" });
  };
  const large = await keep(place.replica, place.queue, 1, 700_000);
  const small = await keep(place.replica, place.queue, 2, 1000);
  assert.deepEqual(place.queue.state(large), { is: "phone", why: "changes_first" });
  assert.equal(place.server.requests, 0);
  await settled(place);
  assert.deepEqual(order, [small, large]);
  assert.equal(place.queue.overall().waiting, 0);
  assert.equal(place.queue.state(large)?.is, "shop");
  assert.equal(place.server.sentBytes, 701_000);
});

test("U2 no file goes while a change of any kind could", async () => {
  const place = await placed();
  const id = await keep(place.replica, place.queue, 1, 1000);
  await place.queue.wish({ paused: true });
  await settled(place);
  // The shop knows the photo; now a change waits whose answer does not come.
  const open = place.shop.holdNext();
  await place.replica.act([create(idOf(50), { priority: "low" })]);
  await place.queue.wish({ paused: false });
  await settled(place, 2000);
  assert.deepEqual(
    [place.queue.state(id), place.server.requests],
    [{ is: "phone", why: "changes_first" }, 0],
  );
  open();
  await settled(place);
  assert.equal(place.queue.state(id)?.is, "shop");
});

test("U4 a copy goes when the shop made something of it and its record is in a backup, and not before", async () => {
  const place = await placed();
  const id = await keep(place.replica, place.queue, 1, 1000);
  await settled(place);
  assert.equal(await blobs(place), 1);
  place.shop.commit("photo", id, { media: "ready" });
  await place.replica.syncNow();
  await place.outside.clock.pass(200_000);
  assert.equal(await blobs(place), 1, "no backup has its record yet");
  await place.phone.store.write(async (tx) => tx.clear("kept"));
  await place.replica.syncNow();
  await place.outside.clock.pass(400_000);
  place.queue.sendNow();
  await rest();
  assert.deepEqual([(await held(place)).length, await blobs(place)], [0, 0]);
});

test("U4 without room to spare a receipt and a shop that made something of it are enough", async () => {
  const place = await placed();
  const id = await keep(place.replica, place.queue, 1, 1000);
  await settled(place);
  place.shop.commit("photo", id, { media: "ready" });
  Object.assign(place.room, { used: 9e9 });
  await place.replica.syncNow();
  await place.outside.clock.pass(100_000);
  place.queue.sendNow();
  await rest();
  assert.equal(await blobs(place), 0);
});

test("U5 what the shop has lost is sent again from the kept copy, by the same rule", async () => {
  const place = await placed();
  const id = await keep(place.replica, place.queue, 1, 300_000);
  await settled(place);
  place.server.lose(id);
  place.shop.commit("photo", id, { media: "waiting" });
  await place.outside.clock.pass(120_000);
  await place.replica.syncNow();
  await settled(place);
  assert.equal(place.server.files.get(id)?.arrived, true);
  assert.equal(place.server.sentBytes, 600_000);
});

test("U6 a deleted photo's copy goes; one that the shop does not know, or refused, stays and needs a person", async () => {
  const place = await placed();
  const deleted = await keep(place.replica, place.queue, 1, 1000);
  const unknown = await keep(place.replica, place.queue, 2, 2000);
  const refused = await keep(place.replica, place.queue, 3, 3000);
  place.server.deleted.add(deleted);
  place.server.unknown.add(unknown);
  await place.replica.syncNow();
  place.shop.commit("photo", refused, { media: "refused", media_reason: "This is no picture." });
  place.shop.remove(unknown);
  await place.replica.syncNow();
  await settled(place);
  assert.deepEqual(
    (await held(place)).map(({ id }) => id),
    [unknown, refused],
  );
  assert.deepEqual(place.queue.state(refused), { is: "needs_you", reason: "This is no picture." });
  await place.queue.shelf.drop(refused);
  assert.equal(place.queue.state(refused), null);
});

test("U2 nothing goes while it is paused, or on a network the person does not want; then it goes on", async () => {
  const place = await placed();
  place.net.type = "cellular";
  await place.queue.wish({ wifiOnly: true });
  const id = await keep(place.replica, place.queue, 1, 600_000);
  await settled(place);
  assert.deepEqual([place.queue.overall().why, place.server.requests], ["wifi", 0]);
  await place.queue.wish({ paused: true });
  place.net.type = "wifi";
  await settled(place);
  assert.deepEqual([place.queue.overall().why, place.server.requests], ["paused", 0]);
  await place.queue.wish({ paused: false });
  await settled(place);
  assert.equal(place.queue.state(id)?.is, "shop");
});

test("U2 a pause in the middle of a file stops it, and it goes on where it was", async () => {
  const place = await placed();
  const id = await keep(place.replica, place.queue, 1, 3_000_000);
  await place.replica.syncNow();
  const fetch = place.server.fetch;
  let patches = 0;
  Object.assign(place.server, {
    fetch: async (...words: Parameters<typeof fetch>) => {
      if (words[1].method === "PATCH" && ++patches === 2) await place.queue.wish({ paused: true });
      return fetch(...words);
    },
  });
  const queue = new Queue(worldOf(place, place.phone.store), place.replica, () => {});
  await place.queue.stop();
  await queue.start();
  await settled(place);
  await queue.wish({ paused: false });
  await settled(place);
  assert.equal(queue.state(id)?.is, "shop");
  assert.ok(place.server.sentBytes <= 3_000_000 * 1.35);
  await queue.stop();
});

test("T11 a portal marks nothing as sent, and the shop's own voice ends the waiting", async () => {
  const place = await placed();
  const id = await keep(place.replica, place.queue, 1, 1000);
  place.server.always = { is: "portal" };
  await settled(place);
  assert.deepEqual(place.queue.state(id), { is: "phone", why: "portal" });
  place.server.always = null;
  await place.outside.clock.pass(600_000);
  await rest();
  assert.equal(place.queue.state(id)?.is, "shop");
});

test("U2 failures back off and a session that is over waits for the sign-in", async () => {
  const place = await placed();
  const id = await keep(place.replica, place.queue, 1, 1000);
  place.server.always = { is: "status", status: 401 };
  await settled(place, 5 * 60_000);
  // Changes still get through here, and each time they do it is tried once more.
  assert.ok(place.server.requests < 60, `${place.server.requests} requests in five minutes`);
  assert.deepEqual(place.queue.state(id), { is: "phone", why: "signed_out" });
  place.server.always = null;
  place.queue.sendNow();
  await settled(place);
  assert.equal(place.queue.state(id)?.is, "shop");
});

test("U2 progress only grows while many files go", async () => {
  const place = await placed();
  for (let n = 1; n <= 20; n += 1) await keep(place.replica, place.queue, n, 100_000 + n);
  await place.replica.syncNow();
  place.told.length = 0;
  await settled(place, 60_000);
  const rising = place.told.filter((share) => share < 1);
  assert.deepEqual(
    rising,
    [...rising].sort((a, b) => a - b),
  );
  assert.equal(place.queue.overall().progress, 1);
});

test("U2 five hundred photos drain, each once", async () => {
  const place = await placed();
  for (let n = 1; n <= 500; n += 1) await keep(place.replica, place.queue, n, 500 + n);
  await settled(place, 300_000);
  await settled(place, 300_000);
  assert.equal([...place.server.files.values()].filter((file) => file.arrived).length, 500);
  assert.equal(place.queue.overall().waiting, 0);
});

test("U1 a phone that dies between any two writes or requests loses nothing, and lets go of nothing before its receipt", async () => {
  for (let dies = 0; dies < 14; dies += 1) {
    const place = await placed();
    await keep(place.replica, place.queue, 1, 600_000);
    await keep(place.replica, place.queue, 2, 1000);
    await place.replica.syncNow();
    const fetch = place.server.fetch;
    let left = dies;
    const dead = () => new Promise<never>(() => undefined);
    const store = place.phone.store as MemoryStore;
    const mortal: Store = {
      read: (work) => (left < 0 ? dead() : store.read(work)),
      write: async (work) => (--left < 0 ? dead() : store.write(work)),
      close: () => {},
      destroy: () => store.destroy(),
    };
    const world = {
      ...worldOf(place, mortal),
      fetch: (async (...words) => (--left < 0 ? dead() : fetch(...words))) as typeof fetch,
    };
    await place.queue.stop();
    const doomed = new Queue(world, place.replica, () => {});
    await doomed.start();
    await settled(place);
    for (const { id } of [{ id: idOf(1) }, { id: idOf(2) }])
      assert.ok(
        place.server.files.get(id)?.arrived || (await store.read((tx) => tx.get("blobs", id))),
        `gone at ${dies}`,
      );
    // The same phone, started again on what its disk holds.
    const other = { ...place, phone: await openPhone(place.outside, place.shop, store.copy()) };
    const queue = new Queue(worldOf(other, other.phone.store), other.phone.replica, () => {});
    await queue.start();
    await other.phone.replica.syncNow();
    queue.sendNow();
    await queue.drained();
    for (const n of [1, 2]) assert.equal(place.server.files.get(idOf(n))?.arrived, true, `killed at ${dies}`);
    await queue.stop();
  }
});

test("T7 of two tabs one sends, both show it, and the other goes on when it closes", async () => {
  const place = await placed();
  const second = await openPhone(place.outside, place.shop, place.phone.store);
  const other = new Queue(worldOf(place, place.phone.store), second.replica, () => {});
  await other.start();
  const first = await keep(place.replica, place.queue, 1, 1000);
  await settled(place);
  assert.equal(other.state(first)?.is, "shop");
  assert.equal(place.server.sentBytes, 1000);
  await place.queue.stop();
  const next = await keep(second.replica, other, 2, 2000);
  await settled(place);
  await settled(place);
  assert.equal(other.state(next)?.is, "shop");
  assert.equal(place.server.sentBytes, 3000);
  await other.stop();
});

test("U2 a file whose bytes the storage lost needs a person and holds up nobody", async () => {
  const place = await placed();
  const lost = await keep(place.replica, place.queue, 1, 1000);
  const fine = await keep(place.replica, place.queue, 2, 2000);
  await place.phone.store.write(async (tx) => tx.delete("blobs", lost));
  await settled(place);
  assert.equal(place.queue.state(lost)?.is, "needs_you");
  assert.equal(place.queue.state(fine)?.is, "shop");
});

test("U1 what is taken back before it was sent takes its file along", async () => {
  const place = await placed();
  place.outside.online = false;
  const file = fileOf(idOf(9), 1000);
  const changeset = await place.replica.act([create(file.id, { kind: "damage" }, "photo")], [file]);
  assert.equal(await blobs(place), 1);
  assert.equal(await place.replica.undo(changeset), true);
  assert.equal(await blobs(place), 0);
});
