/** The stream of pokes (L1, L2, L5): a poke pulls, a silent stream is dead, and then the timer asks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { POLL_MS, SILENCE_MS } from "../../pwa/src/sync/loop";
import { rest } from "./outside";
import { setting } from "./phone";
import { idOf } from "./things";

const W1 = idOf(1);

test("L1 a poke pulls", async () => {
  const { replica, shop, outside } = await setting();
  shop.commit("work_order", W1, {});
  outside.streams[0]?.events.poke();
  await rest();
  assert.ok(replica.get("work_order", W1));
});

test("L5 a doubled poke does no harm, many in a round trip are one more", async () => {
  const { shop, outside } = await setting();
  const before = shop.requests.length;
  for (let i = 0; i < 50; i += 1) outside.streams[0]?.events.poke();
  await rest();
  assert.ok(shop.requests.length - before <= 2);
});

test("L2 a stream that is silent for two heartbeats is given up, and the timer asks", async () => {
  const { replica, shop, outside } = await setting();
  await outside.clock.pass(SILENCE_MS - 1);
  assert.equal(outside.streams[0]?.open, true);
  await outside.clock.pass(2);
  assert.equal(outside.streams[0]?.open, false);
  shop.commit("work_order", W1, {});
  await outside.clock.pass(POLL_MS);
  assert.ok(replica.get("work_order", W1));
});

test("L2 heartbeats keep the stream, and it is tried again after it was lost", async () => {
  const { outside } = await setting();
  for (let i = 0; i < 10; i += 1) {
    await outside.clock.pass(20_000);
    outside.streams[0]?.events.beat();
  }
  assert.equal(outside.streams.length, 1);
  outside.streams[0]?.events.lost();
  await outside.clock.pass(1000);
  assert.equal(outside.streams.length, 2);
});
