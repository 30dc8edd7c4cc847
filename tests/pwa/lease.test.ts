/** The lease of a device: it locks when it is past, whatever the clock did, and opens by the shop's word alone (R2). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../../pwa/src/sync/ids";
import { type Lease, LOOK_MS, passed } from "../../pwa/src/sync/lease";
import { openCore } from "../../pwa/src/sync/replica";
import { MemoryStore } from "../../pwa/src/sync/store_memory";
import type { Replica } from "../../pwa/src/sync/types";
import { Outside, rest } from "./outside";
import { synced } from "./phone";
import { Shop } from "./shop";
import { COLLECTIONS, identity } from "./things";

const DAY_MS = 24 * 3600_000;
const FRESH: Lease = { left: 7 * DAY_MS, wall: 1000, server: 5000, locked: false };

test("R2 out of sight the phone's clock counts, a step back counts nothing and gives nothing back", () => {
  const later = passed(FRESH, { wall: 1000 + 6 * DAY_MS, monotone: null });
  assert.deepEqual([later.left, later.locked], [DAY_MS, false]);
  const back = passed(later, { wall: 1000 - 30 * DAY_MS, monotone: null });
  assert.deepEqual([back.left, back.locked], [DAY_MS, false]);
  const past = passed(back, { wall: back.wall + DAY_MS, monotone: null });
  assert.deepEqual([past.left, past.locked], [0, true]);
});

test("R2 in sight the monotone clock counts, so a clock that jumps does not lock", () => {
  const jumped = passed(FRESH, { wall: 1000 + 4000 * DAY_MS, monotone: 60_000 });
  assert.deepEqual([jumped.left, jumped.locked], [7 * DAY_MS - 60_000, false]);
  assert.equal(passed(jumped, { wall: 0, monotone: 7 * DAY_MS }).locked, true);
});

test("R2 what is locked stays locked, whatever the clock says afterwards", () => {
  const locked = passed(FRESH, { wall: 1000 + 8 * DAY_MS, monotone: null });
  assert.equal(passed({ ...locked, left: DAY_MS }, { wall: 1000, monotone: 0 }).locked, true);
});

/** A phone whose page can be out of sight, and whose monotone clock runs with the test's. */
class Held {
  readonly outside = new Outside();
  readonly store = new MemoryStore();
  readonly shop = new Shop();
  visible = true;
  replica!: Replica;

  async open(): Promise<this> {
    this.shop.lease = 7 * DAY_MS;
    const { clock } = this.outside;
    const world = this.outside.world(this.store, this.shop.fetch);
    const more = { monotone: () => clock.time, inSight: () => this.visible };
    this.replica = await openCore({
      world: { ...world, ...more },
      identity: identity(),
      collections: COLLECTIONS,
      schema: 7,
    });
    await rest();
    return this;
  }

  get locked(): boolean {
    return this.replica.overall().locked;
  }

  /** The app is closed for a while and opened without a network. */
  async away(ms: number): Promise<void> {
    await this.replica.close();
    this.outside.clock.time += ms;
    this.shop.faults = Array(9).fill("drop request");
    await this.open();
  }
}

test("R2 a phone that was away for a week opens locked, its outbox whole, and a sync unlocks it", async () => {
  const held = await new Held().open();
  await synced(held.replica);
  held.shop.faults = Array(9).fill("drop request");
  const id = newId();
  await held.replica.act([{ op: "create", collection: "note", id, set: { text: "kept" } }]);
  await held.away(7 * DAY_MS - 60_000);
  assert.equal(held.locked, false);
  await held.away(60_000);
  assert.deepEqual([held.locked, held.replica.overall().waiting], [true, 1]);
  await held.away(-30 * DAY_MS);
  assert.equal(held.locked, true, "a clock that is set back unlocks nothing");
  held.shop.faults = [];
  await synced(held.replica);
  assert.deepEqual([held.locked, held.replica.overall().waiting], [false, 0]);
  assert.equal(held.shop.rows.get(id)?.data.text, "kept");
});

test("R2 a session that is over does not unlock", async () => {
  const held = await new Held().open();
  await synced(held.replica);
  await held.away(8 * DAY_MS);
  held.shop.faults = ["signed out"];
  await held.replica.syncNow();
  assert.deepEqual([held.locked, held.replica.overall().trouble], [true, "signed_out"]);
});

test("R2 an app in sight is not locked by a clock that jumps, and is by a week without the shop", async () => {
  const held = await new Held().open();
  await synced(held.replica);
  held.shop.faults = Array(4000).fill("drop request");
  await held.outside.clock.pass(LOOK_MS);
  held.outside.clock.skew = 365 * DAY_MS;
  await held.outside.clock.pass(LOOK_MS);
  assert.equal(held.locked, false);
  held.outside.clock.time += 7 * DAY_MS;
  await held.outside.clock.pass(LOOK_MS);
  assert.equal(held.locked, true);
});

test("R2 coming back into sight is looked at by the phone's clock", async () => {
  const held = await new Held().open();
  await synced(held.replica);
  held.shop.faults = Array(99).fill("drop request");
  held.outside.clock.skew = 8 * DAY_MS;
  held.outside.signal("visible");
  await rest();
  assert.equal(held.locked, true);
});
