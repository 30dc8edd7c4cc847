/** Two tabs over one store (T2, T7): one syncs, both show the same, no number is used twice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LEASE_MS } from "../../pwa/src/sync/leadership";
import type { Store } from "../../pwa/src/sync/store";
import { rest } from "./outside";
import { create, openPhone, patch, setting, synced } from "./phone";
import { idOf } from "./things";

const W1 = idOf(1);

async function twoTabs() {
  const first = await setting((shop) => shop.commit("work_order", W1, { priority: "low" }));
  const second = await openPhone(first.outside, first.shop, first.phone.store);
  await rest();
  return { ...first, second };
}

test("T2 two tabs that act at once never share a number", async () => {
  const { replica, second, shop, outside } = await twoTabs();
  const acts = Array.from({ length: 20 }, (_, i) =>
    (i % 2 ? replica : second.replica).act([create(idOf(100 + i), {})]),
  );
  await Promise.all(acts);
  await outside.clock.pass(5000);
  assert.deepEqual(
    shop.log.map(({ n }) => n),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  for (const tab of [replica, second.replica]) assert.equal(tab.all("work_order").length, 21);
});

test("T7 what one tab does, the other shows, and one of them syncs for both", async () => {
  const { replica, second, shop, outside } = await twoTabs();
  await second.replica.act([patch(W1, { priority: "high" })]);
  await rest();
  assert.equal(replica.get("work_order", W1)?.data.priority, "high");
  assert.deepEqual(replica.state(W1), { is: "phone" });
  const before = shop.requests.length;
  await outside.clock.pass(1000);
  assert.equal(shop.log.length, 1);
  assert.equal(shop.requests.length, before + 1);
  assert.equal(second.replica.state(W1).is, "shop");
  assert.equal(second.replica.overall().waiting, 0);
});

test("T7 what one tab saves while another is just reading, that one shows too", async () => {
  const { replica, outside, shop, phone } = await setting();
  // The second tab has read everything, and hears of it a moment later: in between the first tab saves.
  const slow: Store = {
    read: async (work) => {
      const found = await phone.store.read(work);
      if (replica.get("work_order", W1) === undefined) {
        await replica.act([create(W1, { priority: "high" })]);
        await rest();
      }
      return found;
    },
    write: (work) => phone.store.write(work),
    close: () => phone.store.close(),
    destroy: () => phone.store.destroy(),
  };
  const second = await openPhone(outside, shop, slow);
  await rest();
  assert.equal(second.replica.get("work_order", W1)?.data.priority, "high");
});

test("T7 a sleeping leader loses its place to a tab that is awake", async () => {
  const { second, phone, shop, outside } = await twoTabs();
  phone.channel.asleep = true;
  await second.replica.act([patch(W1, { priority: "high" })]);
  await outside.clock.pass(LEASE_MS - 100);
  assert.equal(shop.log.length, 0);
  await outside.clock.pass(1000);
  assert.equal(shop.log.length, 1);
});

test("T7 a tab that slept reads again when it wakes", async () => {
  const { replica, second, phone, outside, shop } = await twoTabs();
  phone.channel.asleep = true;
  await second.replica.act([create(idOf(2), {})]);
  await outside.clock.pass(10_000);
  assert.equal(shop.log.length, 1);
  assert.equal(replica.get("work_order", idOf(2)), undefined);
  phone.channel.asleep = false;
  outside.signal("visible");
  await rest();
  assert.equal(replica.get("work_order", idOf(2))?.fresh, false);
});

test("T7 when the leader closes, the other tab syncs", async () => {
  const { replica, second, shop } = await twoTabs();
  await second.replica.act([create(idOf(2), {})]);
  await replica.close();
  await rest();
  await synced(second.replica);
  assert.equal(shop.log.length, 1);
});

test("T7 the other tab's status is that of the one that syncs", async () => {
  const { second, shop } = await twoTabs();
  shop.faults = ["portal"];
  await synced(second.replica);
  assert.equal(second.replica.overall().trouble, "portal");
});

test("T12 what another tab removed is gone from this one too, and says to sign in", async () => {
  const { replica, second, phone, outside } = await twoTabs();
  await phone.store.destroy();
  outside.signal("visible");
  await rest();
  for (const tab of [replica, second.replica]) {
    assert.equal(tab.all("work_order").length, 0);
    assert.equal(tab.overall().trouble, "signed_out");
  }
  await assert.rejects(replica.act([create(idOf(2), {})]), { code: "storage_emptied" });
});
