/** What every store promises (T1, T2, T8): one suite, run on memory and on IndexedDB. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { IndexedDbStore } from "../../pwa/src/sync/browser/indexeddb";
import type { Store } from "../../pwa/src/sync/store";
import { StorageEmptied, StorageFull, StorageLost } from "../../pwa/src/sync/store";
import { MemoryStore } from "../../pwa/src/sync/store_memory";

Object.assign(globalThis, { IDBKeyRange });

const STORES: Record<string, () => Store> = {
  memory: () => new MemoryStore(),
  IndexedDB: () => new IndexedDbStore("contract", new IDBFactory()),
};

for (const [name, open] of Object.entries(STORES)) {
  test(`T1 ${name}: what was written is read, each store apart`, async () => {
    const store = open();
    await store.write(async (tx) => {
      tx.put("meta", "state", { n: 1, nested: { list: [1, 2] } });
      tx.put("outbox", 1, { n: 1 });
    });
    const read = await store.read(async (tx) => [await tx.get("meta", "state"), await tx.get("kept", 1)]);
    assert.deepEqual(read, [{ n: 1, nested: { list: [1, 2] } }, undefined]);
  });

  test(`T1 ${name}: all gives values in the order of keys, also from one on, and count says how many`, async () => {
    const store = open();
    await store.write(async (tx) => {
      for (const n of [10, 2, 33]) tx.put("outbox", n, n);
    });
    assert.deepEqual(await store.read((tx) => tx.all("outbox")), [2, 10, 33]);
    assert.deepEqual(await store.read((tx) => tx.all("outbox", 10)), [10, 33]);
    const counts = await store.read((tx) => Promise.all([tx.count("outbox"), tx.count("kept")]));
    assert.deepEqual(counts, [3, 0]);
  });

  test(`T2 ${name}: a transaction that fails leaves nothing`, async () => {
    const store = open();
    const failing = store.write(async (tx) => {
      tx.put("outbox", 1, "half");
      await tx.get("meta", "state");
      throw new Error("on purpose");
    });
    await assert.rejects(failing, /on purpose/);
    assert.deepEqual(await store.read((tx) => tx.all("outbox")), []);
  });

  test(`T2 ${name}: a hundred actions at once get a hundred numbers`, async () => {
    const store = open();
    const number = () =>
      store.write(async (tx) => {
        const n = ((await tx.get<number>("meta", "n")) ?? 0) + 1;
        tx.put("meta", "n", n);
        tx.put("outbox", n, n);
        return n;
      });
    const numbers = await Promise.all(Array.from({ length: 100 }, number));
    assert.equal(new Set(numbers).size, 100);
    assert.equal((await store.read((tx) => tx.all("outbox"))).length, 100);
  });

  test(`T1 ${name}: delete, clear and destroy`, async () => {
    const store = open();
    await store.write(async (tx) => {
      for (const n of [1, 2]) tx.put("kept", n, n);
      tx.put("staging", 1, "page");
    });
    await store.write(async (tx) => {
      tx.delete("kept", 1);
      tx.clear("staging");
    });
    assert.deepEqual(await store.read((tx) => tx.all("kept")), [2]);
    assert.deepEqual(await store.read((tx) => tx.all("staging")), []);
    await store.destroy();
    const left = await store.read((tx) => tx.all("kept")).catch((error) => error);
    assert.ok(left instanceof StorageEmptied || left.length === 0);
  });

  test(`T1 ${name}: what is held outside changes nothing inside`, async () => {
    const store = open();
    const value = { list: [1] };
    await store.write(async (tx) => tx.put("meta", "state", value));
    value.list.push(2);
    assert.deepEqual(await store.read((tx) => tx.get("meta", "state")), { list: [1] });
  });
}

for (const [name, open] of Object.entries(STORES)) {
  test(`U1 ${name}: a file comes back as the bytes that were given, and goes with its transaction`, async () => {
    const store = open();
    const given = new Uint8Array([0, 255, 128, 7]);
    await store.write(async (tx) => tx.put("blobs", "p1", new Blob([given], { type: "image/jpeg" })));
    const failing = store.write(async (tx) => {
      tx.put("blobs", "p2", new Blob([given]));
      tx.delete("blobs", "p1");
      throw new Error("on purpose");
    });
    await assert.rejects(failing, /on purpose/);
    const [blob, ...others] = await store.read((tx) => tx.all<Blob>("blobs"));
    assert.ok(blob);
    assert.deepEqual([new Uint8Array(await blob.arrayBuffer()), blob.type], [given, "image/jpeg"]);
    assert.equal(others.length, 0);
  });
}

test("U1 a phone of before files keeps all that it holds, and can hold them", async () => {
  const factory = new IDBFactory();
  const old = ["meta", "confirmed", "outbox", "parked", "kept", "staging"] as const;
  await madeByVersion1(factory, "older", old);
  const store = new IndexedDbStore("older", factory);
  const held = await store.read((tx) => Promise.all(old.map((each) => tx.all(each))));
  assert.deepEqual(
    held,
    old.map((each) => [`of ${each}`]),
  );
  await store.write(async (tx) => tx.put("blobs", "p1", new Blob(["x"])));
  assert.equal(await store.read((tx) => tx.count("blobs")), 1);
});

/** What the first version of the app left, by hand. */
function madeByVersion1(factory: IDBFactory, name: string, stores: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = factory.open(name, 1);
    request.onerror = () => reject(request.error);
    request.onupgradeneeded = () => {
      for (const each of stores) request.result.createObjectStore(each).put(`of ${each}`, 1);
    };
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
  });
}

test("T8 a tab of before lets the newer version in, and its own work is there", async () => {
  const factory = new IDBFactory();
  await madeByVersion1(factory, "shared", ["meta", "outbox"]);
  const open = factory.open("shared", 1);
  await new Promise((resolve) => {
    open.onsuccess = resolve;
  });
  // As the connections of every version of the app do.
  open.result.onversionchange = () => open.result.close();
  const store = new IndexedDbStore("shared", factory);
  assert.deepEqual(await store.read((tx) => tx.all("outbox")), ["of outbox"]);
});

/** A factory whose connections the test can break. */
function breaking(factory: IDBFactory) {
  const state = { opened: 0, last: null as IDBDatabase | null, always: null as string | null };
  const open = (name: string, version: number) => {
    const request = factory.open(name, version);
    state.opened += 1;
    request.addEventListener("success", () => {
      state.last = request.result;
      const { always } = state;
      if (always) request.result.transaction = () => fail(always);
    });
    return request;
  };
  return {
    state,
    factory: { open, deleteDatabase: (name: string) => factory.deleteDatabase(name) } as IDBFactory,
  };
}

function fail(name: string): never {
  throw new DOMException("on purpose", name);
}

test("T8 a lost connection is opened again once, and the write is there", async () => {
  const { state, factory } = breaking(new IDBFactory());
  const store = new IndexedDbStore("lost", factory);
  await store.write(async (tx) => tx.put("meta", "a", 1));
  state.last?.close();
  await store.write(async (tx) => tx.put("meta", "b", 2));
  assert.equal(state.opened, 2);
  assert.deepEqual(await store.read((tx) => tx.all("meta")), [1, 2]);
});

test("T8 a connection that stays lost is a clear error", async () => {
  const { state, factory } = breaking(new IDBFactory());
  const store = new IndexedDbStore("lost", factory);
  state.always = "InvalidStateError";
  await assert.rejects(
    store.write(async (tx) => tx.put("meta", "a", 1)),
    StorageLost,
  );
  assert.equal(state.opened, 2);
});

test("T8 another version that wants the database is let in", async () => {
  const { state, factory } = breaking(new IDBFactory());
  const store = new IndexedDbStore("shared", factory);
  await store.write(async (tx) => tx.put("meta", "a", 1));
  const other = new IndexedDbStore("shared", factory);
  await other.destroy();
  assert.equal(state.opened, 1);
});

test("R7 what asked for the database at once, and what asks later, leave nothing behind when it is removed", async () => {
  const factory = new IDBFactory();
  const store = new IndexedDbStore("wiped", factory);
  const beside = new IndexedDbStore("wiped", factory);
  const asked = [1, 2, 3].map((n) => store.write(async (tx) => tx.put("kept", n, n)));
  await Promise.all([...asked, beside.read((tx) => tx.all("kept"))]);
  await store.destroy();
  for (const each of [store, beside])
    await assert.rejects(
      each.read((tx) => tx.all("kept")),
      StorageEmptied,
    );
  assert.deepEqual(await factory.databases(), []);
});

test("T8 a lost connection is no reason to forget the one that another has opened since", async () => {
  const { state, factory } = breaking(new IDBFactory());
  const store = new IndexedDbStore("lost", factory);
  await store.write(async (tx) => tx.put("meta", "a", 1));
  state.last?.close();
  const writes = ["b", "c", "d"].map((key) => store.write(async (tx) => tx.put("meta", key, 2)));
  await Promise.all(writes);
  assert.equal(state.opened, 2);
});

test("T2 a full phone says so and nothing is half saved", async () => {
  const { state, factory } = breaking(new IDBFactory());
  const store = new IndexedDbStore("full", factory);
  state.always = "QuotaExceededError";
  await assert.rejects(
    store.write(async (tx) => tx.put("meta", "a", 1)),
    StorageFull,
  );
});
