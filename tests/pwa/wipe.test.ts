/** A revoked phone hands over what waits, forgets everything, and knows how much it handed over (R6, R7). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../../pwa/src/sync/ids";
import { openCore } from "../../pwa/src/sync/replica";
import { MemoryStore } from "../../pwa/src/sync/store_memory";
import { Outside } from "./outside";
import { create, openPhone, synced } from "./phone";
import { Shop } from "./shop";
import { COLLECTIONS, identity } from "./things";

async function revokedPhone(waiting: number) {
  const shop = new Shop();
  shop.commit("note", newId(), { text: "of the shop" });
  const outside = new Outside();
  const store = new MemoryStore();
  const told: number[] = [];
  const world = outside.world(store, shop.fetch);
  const revoked = (handed: number) => told.push(handed);
  const replica = await openCore({
    world,
    identity: identity(),
    collections: COLLECTIONS,
    schema: 7,
    revoked,
  });
  await synced(replica);
  shop.faults = Array(waiting).fill("drop request");
  for (let n = 0; n < waiting; n += 1) await replica.act([create(newId(), { number: `${n}` })]);
  shop.faults = [];
  shop.revoked.add(replica.identity.replica);
  return { shop, outside, store, replica, told };
}

test("R7 when its outbox is through everything on it is gone, and it says what it handed over", async () => {
  const { shop, store, replica, told } = await revokedPhone(3);
  shop.changesetsMax = 1;
  await synced(replica);
  const left = await store.read(async (tx) => [
    ...(await tx.all("meta")),
    ...(await tx.all("confirmed")),
    ...(await tx.all("outbox")),
    ...(await tx.all("parked")),
  ]);
  assert.deepEqual([left, replica.all("note"), replica.all("work_order")], [[], [], []]);
  assert.deepEqual([told, replica.overall().wiped], [[3], { handed: 3 }]);
  assert.equal(replica.overall().trouble, "revoked");
});

test("R7 nothing goes before the outbox is through", async () => {
  const { shop, store, replica, told } = await revokedPhone(2);
  shop.faults = ["drop answer"];
  await synced(replica);
  assert.equal((await store.read((tx) => tx.all("outbox"))).length, 2);
  assert.deepEqual([told, replica.overall().wiped], [[], null]);
  await replica.syncNow();
  assert.deepEqual(told, [2]);
});

test("R7 the other tabs of the phone hear of it and show nothing any more", async () => {
  const { shop, outside, store, replica } = await revokedPhone(1);
  const other = await openPhone(outside, shop, store);
  assert.equal(other.replica.all("note").length, 1);
  await synced(replica);
  assert.deepEqual([other.replica.all("note"), other.replica.overall().wiped], [[], { handed: 1 }]);
});
