/** One tab on one phone: a replica over a store and a shop, in a world the test holds. */

import { openCore } from "../../pwa/src/sync/replica";
import type { Store } from "../../pwa/src/sync/store";
import { MemoryStore } from "../../pwa/src/sync/store_memory";
import type { Data, Draft, Identity, Replica } from "../../pwa/src/sync/types";
import { Outside, rest } from "./outside";
import { Shop } from "./shop";
import { COLLECTIONS, identity } from "./things";

export interface Phone {
  replica: Replica;
  store: Store;
  channel: { asleep: boolean };
}

export interface Setting {
  shop: Shop;
  outside: Outside;
  phone: Phone;
  replica: Replica;
}

export async function openPhone(
  outside: Outside,
  shop: Shop,
  store: Store = new MemoryStore(),
  who: Identity = identity(),
  schema = 7,
): Promise<Phone> {
  const world = outside.world(store, shop.fetch);
  const replica = await openCore({ world, identity: who, collections: COLLECTIONS, schema });
  return { replica, store, channel: world.channel };
}

/** A shop and a phone that has everything of it. */
export async function setting(prepare: (shop: Shop) => void = () => {}): Promise<Setting> {
  const shop = new Shop();
  prepare(shop);
  const outside = new Outside();
  const phone = await openPhone(outside, shop);
  await synced(phone.replica);
  return { shop, outside, phone, replica: phone.replica };
}

export async function synced(replica: Replica): Promise<void> {
  await rest();
  await replica.syncNow();
  await rest();
}

export function create(id: string, set: Data, collection = "work_order"): Draft {
  return { op: "create", collection, id, set };
}

export function patch(id: string, set: Data, more: Partial<Draft> = {}): Draft {
  return { op: "patch", collection: "work_order", id, set, ...more } as Draft;
}

/** The changesets of the last request that had any. */
// biome-ignore lint/suspicious/noExplicitAny: what travelled is read as loose JSON on purpose.
export function lastPush(shop: Shop): any[] {
  const all = shop.requests.map((request) => request.changesets as unknown[]);
  return all.filter((changesets) => changesets.length > 0).at(-1) ?? [];
}
