/** A photo is kept whole or not at all (U1), read back before it is said to be (U2), and never takes the room of edits. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { COLLECTIONS, SCHEMA } from "../../pwa/src/collections.gen";
import { Keeper, type KeepWorld } from "../../pwa/src/media/keep";
import { type About, NoRoom, NotKept, type Taken, Unreadable } from "../../pwa/src/media/types";
import { type Bytes, dropFile, type FileEntry } from "../../pwa/src/sync/files";
import { newId } from "../../pwa/src/sync/ids";
import { openCore } from "../../pwa/src/sync/replica";
import { sha256Of } from "../../pwa/src/sync/sha256";
import { type Key, StorageFull, type StoreName, type Tx } from "../../pwa/src/sync/store";
import { MemoryStore } from "../../pwa/src/sync/store_memory";
import type { Data, Replica } from "../../pwa/src/sync/types";
import { ascii, jpegOf, rationals, tiffOf } from "./exif_bytes";
import { Outside, rest } from "./outside";
import { synced } from "./phone";
import { Shop } from "./shop";
import { identity } from "./things";

const ABOUT: About = { work_order: newId(), kind: "damage" };
const GIGA = 1_000_000_000;

/** A store that keeps a copy of itself after every write: what a phone holds that is killed then. */
class Watched extends MemoryStore {
  readonly copies: MemoryStore[] = [];
  full = false;

  override async write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const result = await super.write((tx) => work(this.full ? without(tx, "blobs") : tx));
    this.copies.push(this.copy());
    return result;
  }
}

/** A transaction in which this store takes nothing more. */
function without(tx: Tx, full: StoreName): Tx {
  const put = (store: StoreName, key: Key, value: unknown) => {
    if (store === full) throw new StorageFull();
    tx.put(store, key, value);
  };
  return new Proxy(tx, {
    get: (target, name) => {
      const value = name === "put" ? put : Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

interface Phone {
  shop: Shop;
  outside: Outside;
  store: Watched;
  replica: Replica;
  keeper: Keeper;
}

const open = (outside: Outside, shop: Shop, store: MemoryStore) =>
  openCore({
    world: outside.world(store, shop.fetch),
    identity: identity(),
    collections: COLLECTIONS,
    schema: SCHEMA,
  });

async function phone(change: Partial<KeepWorld> = {}, settings: Data = {}): Promise<Phone> {
  const [shop, outside, store] = [new Shop(), new Outside(), new Watched()];
  shop.commit("shop", newId(), settings);
  const replica = await open(outside, shop, store);
  await synced(replica);
  store.copies.length = 0;
  const world: KeepWorld = {
    shrink: async (blob) => ({ blob, preview: "data:image/jpeg;base64,AA==" }),
    digest: async (bytes) => hex(new Uint8Array(bytes)),
    room: async () => null,
    now: () => outside.clock.now(),
    stored: (id) => store.read((tx) => tx.get<Bytes>("blobs", id)),
    drop: (id) => store.write(async (tx) => dropFile(tx, id)),
    ...change,
  };
  return { shop, outside, store, replica, keeper: new Keeper(world, replica) };
}

const hex = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function taken(text = "a picture", more: Partial<Taken> = {}): Taken {
  return { blob: new Blob([text], { type: "image/jpeg" }), takenAt: 5000, position: null, ...more };
}

/** Photos whose record waits to be sent, those whose file is known, and those whose bytes are there. */
async function heldIn(store: MemoryStore): Promise<string[][]> {
  const [outbox, files, blobs] = await store.read((tx) =>
    Promise.all([
      tx.all<{ ops: { op: string; id: string }[] }>("outbox"),
      tx.all<FileEntry>("files"),
      tx.count("blobs"),
    ]),
  );
  const made = outbox.flatMap(({ ops }) => ops.filter(({ op }) => op === "create").map(({ id }) => id));
  const named = files.map(({ id }) => id);
  const bytes = await store.read((tx) => Promise.all(named.map((id) => tx.get("blobs", id))));
  assert.equal(blobs, named.length);
  return [made.sort(), named.sort(), named.filter((_, i) => bytes[i] !== undefined)];
}

async function nothingHeld({ store, replica }: Phone): Promise<void> {
  assert.deepEqual(await heldIn(store), [[], [], []]);
  assert.deepEqual(replica.all("photo"), []);
}

test("U1 a photo is a record with its file's hash, size and type, and the file", async () => {
  const { keeper, replica, store, outside } = await phone();
  const id = await keeper.keep(taken(), { ...ABOUT, note: "left door" });
  const sha256 = hex(new TextEncoder().encode("a picture"));
  assert.deepEqual(replica.get("photo", id)?.data, {
    ...ABOUT,
    note: "left door",
    preview: "data:image/jpeg;base64,AA==",
    visible_to_customer: true,
    taken_at: 5000,
    sha256,
    bytes: 9,
    type: "image/jpeg",
  });
  const [entry, blob] = await store.read((tx) =>
    Promise.all([tx.get<FileEntry>("files", id), tx.get<Blob>("blobs", id)]),
  );
  const at = outside.clock.now();
  const held = { id, sha256, bytes: 9, type: "image/jpeg", at, receipt: null, trouble: null };
  assert.deepEqual([entry, await blob?.text()], [held, "a picture"]);
});

test("U1 a phone that is killed after any write has record and file, or neither", async () => {
  const { keeper, store, shop, outside, replica } = await phone();
  const copies = [store.copy(), ...store.copies];
  shop.faults = Array(50).fill("drop request");
  const first = await keeper.keep(taken("one"), ABOUT);
  await keeper.keep(taken("two"), ABOUT);
  await keeper.takeBack(first);
  copies.push(...store.copies);
  await replica.close();
  const seen = new Set<number>();
  for (const copy of copies) {
    const [made, files, bytes] = await heldIn(copy);
    assert.deepEqual([files, bytes], [made, made]);
    const again = await open(outside, shop, copy);
    assert.deepEqual(
      again
        .all("photo")
        .map((photo) => photo.id)
        .sort(),
      files,
    );
    await again.close();
    seen.add(files?.length ?? 0);
  }
  assert.deepEqual([...seen].sort(), [0, 1, 2]);
});

test("U1 a phone that takes the record and not the file keeps neither, and says that it is full", async () => {
  const full = await phone();
  full.store.full = true;
  await assert.rejects(full.keeper.keep(taken(), ABOUT), NoRoom);
  await nothingHeld(full);
  full.store.full = false;
  await full.keeper.keep(taken(), ABOUT);
  assert.equal(full.replica.all("photo").length, 1);
});

const LIES: Record<string, KeepWorld["stored"]> = {
  "other bytes": async () => new Blob(["a pictura"]),
  "fewer bytes": async () => new Blob(["a pict"]),
  nothing: async () => undefined,
  "an error": () => Promise.reject(new DOMException("gone", "NotReadableError")),
};

for (const [what, stored] of Object.entries(LIES)) {
  test(`U2 a storage that gives back ${what} did not keep the photo, and nothing of it stays`, async () => {
    const liar = await phone({ stored });
    liar.shop.faults = Array(9).fill("drop request");
    await assert.rejects(liar.keeper.keep(taken(), ABOUT), NotKept);
    await nothingHeld(liar);
  });
}

test("U2 a file that was not kept goes also when its record was sent meanwhile", async () => {
  const held: { replica?: Replica } = {};
  const stored = async () => {
    await synced(held.replica as Replica);
    return undefined;
  };
  const liar = await phone({ stored });
  held.replica = liar.replica;
  await assert.rejects(liar.keeper.keep(taken(), ABOUT), NotKept);
  assert.equal(liar.shop.log.length > 0, true);
  assert.equal(await liar.store.read((tx) => tx.count("blobs")), 0);
  assert.equal(await liar.store.read((tx) => tx.count("files")), 0);
});

/** What is free of what there is when a photo of 1 MB just fits. */
const ROOMS: [quota: number, free: number][] = [
  [0.1 * GIGA, 21_000_000],
  [GIGA, 51_000_000],
  [2 * GIGA, 101_000_000],
  [50 * GIGA, 201_000_000],
];

for (const [quota, free] of ROOMS) {
  test(`U2 of ${quota / GIGA} GB a photo never takes what edits need`, async () => {
    const room = { used: quota - free, quota, persistent: true };
    const tight = await phone({ room: async () => room });
    const picture = taken("x".repeat(1_000_000));
    assert.equal(await tight.keeper.hasRoom(1_000_000), true);
    await tight.keeper.keep(picture, ABOUT);
    room.used += 1;
    const writes = tight.store.copies.length;
    assert.equal(await tight.keeper.hasRoom(1_000_000), false);
    await assert.rejects(tight.keeper.keep(picture, ABOUT), NoRoom);
    await rest();
    assert.equal(tight.store.copies.length, writes);
    assert.equal(tight.replica.all("photo").length, 1);
    await tight.replica.act([
      { op: "create", collection: "work_order", id: newId(), set: { complaint: "edit" } },
    ]);
  });
}

test("U2 where the browser does not say how much room there is a photo is tried", async () => {
  for (const room of [undefined, async () => null, () => Promise.reject(new Error("no"))]) {
    const { keeper, replica } = await phone({ room });
    await keeper.keep(taken(), ABOUT);
    assert.equal(replica.all("photo").length, 1);
  }
});

test("a photo that was not sent is taken back with its file, a newer one stays", async () => {
  const { keeper, store, shop } = await phone();
  shop.faults = Array(50).fill("drop request");
  const first = await keeper.keep(taken("one"), ABOUT);
  const second = await keeper.keep(taken("two"), ABOUT);
  assert.equal(await keeper.takeBack(first), true);
  assert.deepEqual(await heldIn(store), [[second], [second], [second]]);
  assert.equal(await keeper.takeBack(second), true);
  assert.deepEqual(await heldIn(store), [[], [], []]);
  assert.equal(await keeper.takeBack(newId()), false);
});

test("a photo that the shop knows keeps its file when it is taken back: the shop may refuse", async () => {
  const { keeper, store, replica } = await phone();
  const id = await keeper.keep(taken(), ABOUT);
  await synced(replica);
  await keeper.takeBack(id);
  assert.equal(await store.read((tx) => tx.count("blobs")), 1);
});

test("pictures are made smaller one at a time, and one that is none holds up no other", async () => {
  let [now, most] = [0, 0];
  const shrink: KeepWorld["shrink"] = async (blob) => {
    now += 1;
    most = Math.max(most, now);
    await rest(3);
    now -= 1;
    if ((await blob.text()) === "3") throw new Unreadable();
    return { blob, preview: null };
  };
  const { keeper, replica } = await phone({ shrink });
  const shots = Array.from({ length: 10 }, (_, n) => keeper.keep(taken(`${n}`), ABOUT));
  const done = await Promise.allSettled(shots);
  assert.deepEqual(
    done.map(({ status }) => status === "fulfilled"),
    Array.from({ length: 10 }, (_, n) => n !== 3),
  );
  assert.equal(most, 1);
  assert.equal(replica.all("photo").length, 9);
});

test("a file of more than 10 MB is no photo, and nothing is stored", async () => {
  const large = await phone();
  const files = (bytes: number) => taken("x".repeat(bytes));
  await assert.rejects(large.keeper.keep(files(10_000_001), ABOUT), Unreadable);
  await nothingHeld(large);
  await large.keeper.keep(files(10_000_000), ABOUT);
});

function picked(at: string, more: Partial<Taken> = {}): Taken {
  const [north, east] = [51, 7].map(
    (degrees) =>
      [
        [degrees, 1],
        [30, 1],
        [0, 1],
      ] as [number, number][],
  );
  const place = [ascii(1, "N"), rationals(2, true, north as [number, number][])];
  const gps = [...place, ascii(3, "E"), rationals(4, true, east as [number, number][])];
  const block = tiffOf(true, [ascii(0x9003, at), ascii(0x9011, "+00:00")], gps);
  return { ...taken("", more), blob: new Blob([jpegOf(block)], { type: "image/jpeg" }) };
}

test("a picked picture's own time counts, but none that is still to come", async () => {
  const { keeper, replica, outside } = await phone();
  const timeOf = async (at: string) =>
    replica.get("photo", await keeper.keep(picked(at), ABOUT))?.data.taken_at;
  assert.equal(await timeOf("2020:02:03 04:05:06"), Date.UTC(2020, 1, 3, 4, 5, 6));
  assert.equal(await timeOf("2199:01:01 00:00:00"), outside.clock.now());
  assert.equal(await timeOf("2199:99:01 00:00:00"), 5000);
});

test("the place that a picture names is kept only if the shop wants it and the person agreed", async () => {
  const at = "2020:02:03 04:05:06";
  const here = { lat_e7: 1, lng_e7: 2, accuracy_m: 3 };
  const wanting = await phone({}, { photos_position: true });
  const other = await phone({}, { photos_position: false });
  const placeOf = async ({ keeper, replica }: Phone, shot: Taken) =>
    replica.get("photo", await keeper.keep(shot, ABOUT))?.data.position;
  const named = { lat_e7: 515000000, lng_e7: 75000000 };
  assert.deepEqual(await placeOf(wanting, picked(at, { ownPosition: true })), named);
  assert.deepEqual(await placeOf(wanting, picked(at, { ownPosition: true, position: here })), here);
  assert.equal(await placeOf(wanting, picked(at)), undefined);
  assert.equal(await placeOf(other, picked(at, { ownPosition: true })), undefined);
});

test("the shop's settings decide who sees a photo and whether it stays as it was taken", async () => {
  const wholes: boolean[] = [];
  const shrink: KeepWorld["shrink"] = async (blob, whole) => {
    wholes.push(whole);
    return { blob, preview: null };
  };
  const hidden = await phone({ shrink }, { photos_visible: false, photos_original: true });
  const plain = await phone({ shrink });
  const seen = async ({ keeper, replica }: Phone, about: About) =>
    replica.get("photo", await keeper.keep(taken(), about))?.data.visible_to_customer;
  assert.equal(await seen(hidden, ABOUT), false);
  assert.equal(await seen(hidden, { ...ABOUT, visible_to_customer: true }), true);
  assert.equal(await seen(plain, ABOUT), true);
  assert.deepEqual(wholes, [true, true, false]);
});

test("a page without WebCrypto comes to the same hash", () => {
  const random = new Outside(9).random;
  for (let length = 0; length < 300; length += 1) {
    const bytes = random.fill(new Uint8Array(length + 3)).subarray(3);
    assert.equal(Buffer.from(sha256Of(bytes)).toString("hex"), hex(bytes));
  }
});
