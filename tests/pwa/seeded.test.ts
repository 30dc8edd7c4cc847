/**
 * Hundreds of random steps from a seed: two phones, one of them with two tabs, a colleague at the desk, and every
 * fault of the network. At the end nothing is lost, nothing happened twice, and every screen shows what the shop has.
 *
 * A failing seed is printed in the test's name; pin it below.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore } from "../../pwa/src/sync/store_memory";
import type { Replica } from "../../pwa/src/sync/types";
import { Outside, rest } from "./outside";
import { openPhone, type Phone } from "./phone";
import { Seeded } from "./random";
import { type Fault, Shop } from "./shop";
import { identity, idOf } from "./things";

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const STEPS = 300;
const FAULTS: Fault[] = [
  "drop request",
  "drop answer",
  "double",
  "portal",
  "portal json",
  "signed out",
  "busy",
  "cut",
];

interface Tab {
  phone: Phone;
  outside: Outside;
  store: MemoryStore;
  replica: string;
}

class Play {
  readonly random: Seeded;
  readonly shop = new Shop();
  readonly tabs: Tab[] = [];
  /** Every note that "saved" was shown for: its text, which no other note has. */
  readonly saved = new Map<string, string>();
  private made = 1000;

  constructor(seed: number) {
    this.random = new Seeded(seed);
    this.shop.pageMax = 7;
    for (let i = 1; i <= 20; i += 1) this.shop.commit("work_order", idOf(i), { priority: "low" });
  }

  async open(outside: Outside, store: MemoryStore, replica: string): Promise<void> {
    const phone = await openPhone(outside, this.shop, store, identity(replica));
    this.tabs.push({ phone, outside, store, replica });
  }

  async step(): Promise<void> {
    const tab = this.random.pick(this.tabs);
    const at = this.random.below(100);
    if (at < 35) await this.note(tab.phone.replica);
    else if (at < 50) await this.edit(tab.phone.replica);
    else if (at < 60)
      this.shop.commit("work_order", idOf(1 + this.random.below(20)), { priority: this.word() });
    else if (at < 75) this.shop.faults.push(this.random.pick(FAULTS));
    else if (at < 80) tab.outside.signal("online");
    else if (at < 84) tab.phone.channel.asleep = !tab.phone.channel.asleep;
    else if (at < 86) await this.reopen(tab);
    else if (at < 88) this.shop.durable = Math.max(this.shop.durable, this.random.below(10));
    else for (const outside of this.outsides()) await outside.clock.pass(this.random.below(5000));
  }

  /** Faults stop; everybody wakes; everything drains. */
  async drain(): Promise<void> {
    this.shop.faults = [];
    for (const { phone, outside } of this.tabs) {
      phone.channel.asleep = false;
      outside.signal("visible");
    }
    for (let i = 0; i < 3; i += 1) {
      for (const outside of this.outsides()) {
        outside.signal("online");
        await outside.clock.pass(400_000);
      }
    }
  }

  outsides(): Set<Outside> {
    return new Set(this.tabs.map((tab) => tab.outside));
  }

  private async note(replica: Replica): Promise<void> {
    const id = idOf(this.made++);
    const text = this.random.below(10) === 0 ? `REFUSED ${id}` : `note ${id}`;
    const work_order = idOf(1 + this.random.below(20));
    await replica.act([{ op: "create", collection: "note", id, set: { work_order, text } }]);
    this.saved.set(id, text);
  }

  private async edit(replica: Replica): Promise<void> {
    const shown = replica.all("work_order");
    if (shown.length === 0) return;
    const { id } = this.random.pick(shown);
    const form = this.random.below(2) ? replica.form(id) : undefined;
    await rest(this.random.below(5));
    await replica.act([{ op: "patch", collection: "work_order", id, set: { priority: this.word() }, form }]);
  }

  private async reopen(tab: Tab): Promise<void> {
    await tab.phone.replica.close();
    tab.phone = await openPhone(tab.outside, this.shop, tab.store, identity(tab.replica));
  }

  private word(): string {
    return `word ${this.random.below(1_000_000)}`;
  }
}

for (const seed of SEEDS) {
  test(`I1 I2 I3 I6 seed ${seed}: ${STEPS} steps, nothing lost, nothing twice, all drained`, async () => {
    const play = new Play(seed);
    const one = new Outside(seed * 10);
    const shared = new MemoryStore();
    await play.open(one, shared, "raaaaaaaaaaaa");
    await play.open(one, shared, "raaaaaaaaaaaa");
    await play.open(new Outside(seed * 10 + 1), new MemoryStore(), "rbbbbbbbbbbbb");
    for (let i = 0; i < STEPS; i += 1) await play.step();
    await play.drain();
    checkNothingLost(play);
    checkNothingTwice(play);
    for (const { phone } of play.tabs) checkScreens(phone.replica, play.shop);
  });
}

function checkNothingLost({ saved, shop, tabs }: Play): void {
  const parked = new Set(
    tabs.flatMap(({ phone }) => phone.replica.parked().flatMap(({ ops }) => ops.map((op) => op.id))),
  );
  assert.ok(saved.size > 50, `only ${saved.size} notes were tried`);
  for (const [id, text] of saved) {
    if (text.startsWith("REFUSED")) assert.ok(parked.has(id), `${text} is not parked`);
    else assert.equal(shop.rows.get(id)?.data.text, text);
  }
}

function checkNothingTwice({ shop }: Play): void {
  const ids = shop.log.map((changeset) => changeset.id);
  assert.equal(new Set(ids).size, ids.length);
}

function checkScreens(replica: Replica, shop: Shop): void {
  const { waiting, trouble } = replica.overall();
  assert.deepEqual({ waiting, trouble }, { waiting: 0, trouble: null });
  const shown = ["work_order", "note"].flatMap((name) => replica.all(name)).map(({ id, data }) => [id, data]);
  const held = [...shop.rows.values()].filter((row) => !row.gone).map(({ id, data }) => [id, data]);
  assert.deepEqual(new Map(shown as [string, unknown][]), new Map(held as [string, unknown][]));
}
