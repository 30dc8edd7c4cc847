/**
 * Restores of the shop stacked with copied and rolled-back phones and lost answers, from a seed (F4–F6, R9, R12, R14).
 *
 * Nothing is lost that the backup or any phone still had when the shop was restored (R16), nothing happens twice, and
 * at the end every screen shows what the shop has.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredParked } from "../../pwa/src/sync/meta";
import { MemoryStore } from "../../pwa/src/sync/store_memory";
import { Outside } from "./outside";
import { create, openPhone, type Phone, patch, setting, synced } from "./phone";
import { Seeded } from "./random";
import { type Saved, Shop } from "./shop";
import { identity, idOf } from "./things";

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const STEPS = 160;

interface Held {
  phone: Phone;
  store: MemoryStore;
  outside: Outside;
  earlier: MemoryStore[];
}

class Play {
  readonly random: Seeded;
  readonly shop = new Shop();
  readonly phones: Held[] = [];
  readonly saved = new Map<string, string>();
  readonly backups: Saved[] = [];
  private made = 1000;
  private opened = 0;

  constructor(readonly seed: number) {
    this.random = new Seeded(seed);
    for (let i = 1; i <= 5; i += 1) this.shop.commit("work_order", idOf(i), { priority: "low" });
  }

  async open(store: MemoryStore, replica: string, earlier: MemoryStore[] = []): Promise<Held> {
    this.opened += 1; // two phones with one source of chance would give two changesets one id
    const outside = new Outside(this.seed * 1000 + this.opened);
    const phone = await openPhone(outside, this.shop, store, identity(replica));
    return { phone, store, outside, earlier };
  }

  async step(): Promise<void> {
    const held = this.random.pick(this.phones);
    const at = this.random.below(100);
    if (at < 40) await this.note(held);
    else if (at < 50) this.shop.faults.push(this.random.pick(["drop answer", "drop request", "double"]));
    else if (at < 80) await synced(held.phone.replica);
    else if (at < 85) held.earlier.push(held.store.copy());
    else if (at < 88) await this.rollBack(held);
    else if (at < 90 && this.phones.length < 5) await this.copy(held);
    else if (at < 95) this.backUp();
    else if (at < 98) await this.restore();
  }

  private async note({ phone }: Held): Promise<void> {
    const id = idOf(this.made++);
    const text = `note ${id}`;
    await phone.replica.act([create(id, { work_order: idOf(1 + this.random.below(5)), text }, "note")]);
    this.saved.set(id, text);
  }

  private backUp(): void {
    const saved = this.shop.backup();
    this.backups.push(saved);
    if (this.random.below(2)) this.shop.verified(saved);
  }

  /** The newest verified backup or a newer one: an older one loses what phones let go of (R16). */
  private async restore(): Promise<void> {
    const saved = this.backups.at(-1);
    if (saved === undefined) return;
    this.shop.restore(saved);
    await this.excuse();
  }

  private async rollBack(held: Held): Promise<void> {
    const store = held.earlier.pop();
    if (store === undefined) return;
    await held.phone.replica.close();
    Object.assign(held, await this.open(store, held.phone.replica.identity.replica, held.earlier));
    await this.excuse();
  }

  private async copy(held: Held): Promise<void> {
    this.phones.push(await this.open(held.store.copy(), held.phone.replica.identity.replica));
  }

  /** Without what neither the shop nor any phone has any more: nobody could give it back. */
  private async excuse(): Promise<void> {
    const there = new Set(this.shop.rows.keys());
    for (const { store } of this.phones) for (const id of await recordsIn(store)) there.add(id);
    for (const id of this.saved.keys()) if (!there.has(id)) this.saved.delete(id);
  }
}

async function recordsIn(store: MemoryStore): Promise<string[]> {
  const all = await store.read(async (tx) => [
    ...(await tx.all<StoredParked>("outbox")),
    ...(await tx.all<StoredParked>("kept")),
    ...(await tx.all<StoredParked>("parked")),
  ]);
  return all.flatMap(({ ops }) => (ops ?? []).map(({ id }) => id));
}

for (const seed of SEEDS) {
  test(`I1 I2 I3 R12 R16 seed ${seed}: restores, copies and rollbacks, nothing lost, nothing twice`, async () => {
    const play = new Play(seed);
    for (const name of ["raaaaaaaaaaaa", "rbbbbbbbbbbbb"])
      play.phones.push(await play.open(new MemoryStore(), name));
    for (let i = 0; i < STEPS; i += 1) await play.step();
    play.shop.faults = [];
    for (let i = 0; i < 3; i += 1) for (const { phone } of play.phones) await synced(phone.replica);
    for (const [id, text] of play.saved) assert.equal(play.shop.rows.get(id)?.data.text, text, `lost: ${id}`);
    const ids = play.shop.log.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, "something happened twice");
    for (const { phone } of play.phones) {
      assert.equal(phone.replica.overall().waiting, 0);
      const shown = phone.replica.all("note").map(({ id, data }) => [id, data.text]);
      const there = [...play.shop.rows.values()].filter((row) => row.collection === "note" && !row.gone);
      assert.deepEqual(shown.sort(), there.map(({ id, data }) => [id, data.text]).sort());
    }
  });
}

test("F6 a tail that forks goes on under the present name, before what waits", async () => {
  const { replica, shop, phone } = await setting((shop) => shop.commit("work_order", idOf(1), {}));
  const saved = shop.backup();
  await replica.act([patch(idOf(1), { complaint: "mine" })]);
  await synced(replica);
  await replica.act([patch(idOf(1), { priority: "high" })]);
  shop.restore(saved);
  const stolen = { n: 1, id: idOf(99), at: 1, ops: [] };
  shop.outcomes.set(`${replica.identity.replica}:1`, {
    digest: "another",
    result: { n: 1, outcome: "accepted", seq: 1, id: stolen.id },
  });
  await synced(replica);
  assert.equal(shop.rows.get(idOf(1))?.data.complaint, "mine");
  assert.equal(shop.rows.get(idOf(1))?.data.priority, "high");
  assert.deepEqual(
    shop.log.map(({ n }) => n),
    [1, 2],
  );
  assert.equal((await phone.store.read((tx) => tx.all("outbox"))).length, 0);
});

test("F5 a rolled-back phone with nothing to send takes another name before it holds what the other wrote", async () => {
  const { replica, shop, phone, outside } = await setting();
  const earlier = (phone.store as MemoryStore).copy();
  await replica.act([create(idOf(2), { complaint: "by the other half" })]);
  await synced(replica);
  await replica.close();
  const back = await openPhone(outside, shop, earlier);
  await synced(back.replica);
  assert.notEqual(back.replica.identity.replica, replica.identity.replica);
  assert.equal(back.replica.get("work_order", idOf(2))?.data.complaint, "by the other half");
});

test("R14 a note that comes back before its work order is sent anew when that is here", async () => {
  const shop = new Shop();
  shop.strict = true;
  const desk = await openPhone(new Outside(1), shop, new MemoryStore(), identity("raaaaaaaaaaaa"));
  const tech = await openPhone(new Outside(2), shop, new MemoryStore(), identity("rbbbbbbbbbbbb"));
  await synced(desk.replica);
  const saved = shop.backup();
  await desk.replica.act([create(idOf(1), { complaint: "noise" })]);
  await synced(desk.replica);
  await synced(tech.replica);
  await tech.replica.act([create(idOf(2), { work_order: idOf(1), text: "heard it" }, "note")]);
  await synced(tech.replica);
  shop.restore(saved);
  await synced(tech.replica);
  assert.deepEqual(
    tech.replica.parked().map(({ code }) => code),
    ["missing_parent"],
  );
  await synced(desk.replica);
  await synced(tech.replica);
  assert.deepEqual(tech.replica.parked(), []);
  assert.equal(shop.rows.get(idOf(2))?.data.text, "heard it");
});

/** Both phones know a work order that a restore takes away, and one that stays; `back` is brought back by the desk. */
async function afterRestore(work: (tech: Phone) => Promise<void>) {
  const shop = new Shop();
  shop.strict = true;
  const desk = await openPhone(new Outside(1), shop, new MemoryStore(), identity("raaaaaaaaaaaa"));
  const tech = await openPhone(new Outside(2), shop, new MemoryStore(), identity("rbbbbbbbbbbbb"));
  shop.commit("work_order", idOf(2), { priority: "low" });
  await synced(desk.replica);
  const saved = shop.backup();
  await desk.replica.act([create(idOf(1), { complaint: "noise" })]);
  await synced(desk.replica);
  await synced(tech.replica);
  await work(tech);
  await synced(tech.replica);
  shop.restore(saved);
  await synced(tech.replica);
  return { shop, desk, tech };
}

test("R14 what is sent anew goes in the order in which it was made", async () => {
  const words = Array.from({ length: 12 }, (_, i) => `word ${i}`);
  const { shop, desk, tech } = await afterRestore(async ({ replica }) => {
    for (const complaint of words) await replica.act([patch(idOf(1), { complaint })]);
  });
  assert.equal(tech.replica.parked().length, words.length);
  await synced(desk.replica);
  await synced(tech.replica);
  assert.deepEqual(tech.replica.parked(), []);
  assert.equal(shop.rows.get(idOf(1))?.data.complaint, words.at(-1));
});

test("R14 what the phone has written over since is left to the person", async () => {
  const { shop, desk, tech } = await afterRestore(async ({ replica }) => {
    await replica.act([patch(idOf(1), { complaint: "hum" }), patch(idOf(2), { priority: "high" })]);
  });
  await tech.replica.act([patch(idOf(2), { priority: "urgent" })]);
  await synced(tech.replica);
  await synced(desk.replica);
  await synced(tech.replica);
  assert.deepEqual(
    tech.replica.parked().map(({ code }) => code),
    ["gone"],
  );
  assert.equal(shop.rows.get(idOf(2))?.data.priority, "urgent");
});

test("F7 a tail under a name that the shop takes for somebody else's goes on under the present one", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", idOf(1), { priority: "low" }));
  await synced(replica);
  const saved = shop.backup();
  await replica.act([patch(idOf(1), { priority: "high" })]);
  await synced(replica);
  const name = replica.identity.replica;
  shop.restore(saved);
  shop.strangers.add(name);
  await synced(replica);
  assert.equal(shop.rows.get(idOf(1))?.data.priority, "high");
  assert.deepEqual([replica.overall().waiting, replica.parked()], [0, []]);
});

test("R9 R14 what was written over stays so when a backup has the later one", async () => {
  const { shop, desk, tech } = await afterRestore(async ({ replica }) => {
    await replica.act([patch(idOf(1), { complaint: "hum" }), patch(idOf(2), { priority: "high" })]);
  });
  await tech.replica.act([patch(idOf(2), { priority: "urgent" })]);
  await synced(tech.replica);
  shop.verified(shop.backup());
  await synced(tech.replica);
  await synced(desk.replica);
  await synced(tech.replica);
  assert.equal(tech.replica.parked().length, 1);
  assert.equal(shop.rows.get(idOf(2))?.data.priority, "urgent");
});
