/** What a phone says of answered changes that no verified backup of the shop has yet (R9, R12, R16). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { create, openPhone, setting, synced } from "./phone";
import { idOf } from "./things";

test("R9 every tab says how many answered changes no backup has yet, after a restart too", async () => {
  const { replica, shop, phone, outside } = await setting();
  const other = await openPhone(outside, shop, phone.store);
  const said = () => [replica.overall().kept, other.replica.overall().kept];
  for (let i = 1; i <= 3; i += 1)
    await replica.act([create(idOf(i), { complaint: i === 2 ? "REFUSED" : "" })]);
  assert.deepEqual(said(), [0, 0]);
  await synced(replica);
  assert.deepEqual(said(), [3, 3]);
  await other.replica.close();
  assert.equal((await openPhone(outside, shop, phone.store)).replica.overall().kept, 3);
  shop.durable = 2;
  await synced(replica);
  assert.equal(replica.overall().kept, 1);
  shop.durable = 3;
  await synced(replica);
  assert.equal(replica.overall().kept, 0);
});

test("R9 what was answered counts as not backed up also before the page that shows it has come", async () => {
  const { replica, shop } = await setting();
  for (let i = 1; i <= 5; i += 1) shop.commit("work_order", idOf(90 + i), {});
  shop.pageMax = 2;
  await replica.act([create(idOf(1), {})]);
  const sums = new Set<number>();
  const leave = replica.subscribe(() => sums.add(replica.overall().waiting + replica.overall().kept));
  await synced(replica);
  leave();
  assert.deepEqual([...sums], [1]);
});

test("R12 after a restore what is sent again counts as waiting, and then as not backed up", async () => {
  const { replica, shop } = await setting();
  const saved = shop.backup();
  for (let i = 1; i <= 2; i += 1) await replica.act([create(idOf(i), {})]);
  await synced(replica);
  shop.restore(saved);
  const sums = new Set<number>();
  const leave = replica.subscribe(() => sums.add(replica.overall().waiting + replica.overall().kept));
  await synced(replica);
  leave();
  assert.deepEqual([...sums], [2]);
  assert.equal(replica.overall().kept, 2);
  shop.verified(shop.backup());
  await synced(replica);
  assert.equal(replica.overall().kept, 0);
});
