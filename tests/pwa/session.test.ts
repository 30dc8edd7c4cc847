/** Signing in and out in a browser (S1–S5, T12): who is remembered, and what stays on the device. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { IndexedDbStore } from "../../pwa/src/sync/browser/indexeddb";
import { databaseOf } from "../../pwa/src/sync/browser/open";
import { remembered, SignInError, signIn, signOut, whoAmI } from "../../pwa/src/sync/browser/session";
import { StorageEmptied } from "../../pwa/src/sync/store";
import type { Identity } from "../../pwa/src/sync/types";

let kept: Map<string, string>;
let asked: { method: string; body: Record<string, unknown> | null }[];
let answer: () => Response;

beforeEach(() => {
  kept = new Map();
  asked = [];
  const localStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  };
  const fetch = async (_path: string, init: RequestInit) => {
    asked.push({ method: init.method ?? "", body: init.body ? JSON.parse(String(init.body)) : null });
    return answer();
  };
  Object.assign(globalThis, { localStorage, fetch, indexedDB: new IDBFactory(), IDBKeyRange });
});

const json = (status: number, body: unknown) => () =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8" },
  });

const session = (person: string, replica: string) => ({
  replica,
  epoch: "e1",
  principal: { kind: "staff", role: "tech", name: person, id: person },
  shop: { id: "shop1", name: "Demo" },
});

async function signInAs(person: string, replica: string) {
  answer = json(201, session(person, replica));
  return signIn({ email: `${person}@demo.test`, password: "x", device: "Phone" });
}

test("S2 a person who was here before names their own replica, somebody else does not", async () => {
  await signInAs("ann", "raaaaaaaaaaaa");
  await signInAs("ben", "rbbbbbbbbbbbb");
  await signInAs("ann", "raaaaaaaaaaaa");
  assert.deepEqual(
    asked.map(({ body }) => body?.device),
    [{ name: "Phone" }, { name: "Phone" }, { name: "Phone", replica: "raaaaaaaaaaaa" }],
  );
});

test("S3 without the network the last person is still known; a session that is over says so", async () => {
  const identity = await signInAs("ann", "raaaaaaaaaaaa");
  answer = () => {
    throw new TypeError("network");
  };
  assert.deepEqual(await whoAmI(), { identity, online: null });
  answer = json(401, { code: "unauthenticated", message: "Sign in." });
  assert.deepEqual(await whoAmI(), { identity, online: false });
  assert.deepEqual(remembered(), identity);
});

test("S5 a refusal has the server's sentence, a portal's page another", async () => {
  answer = json(401, { code: "unauthenticated", message: "That is not right." });
  const attempt = () => signIn({ email: "ann@demo.test", password: "x", device: "Phone" });
  await assert.rejects(
    attempt,
    (error) => error instanceof SignInError && error.message === "That is not right.",
  );
  answer = () => new Response("<html></html>", { headers: { "Content-Type": "text/html" } });
  await assert.rejects(attempt, { code: "portal" });
  assert.equal(remembered(), null);
});

/** A tab that had it open makes it anew no more. */
async function assertRemoved(store: IndexedDbStore, identity: Identity): Promise<void> {
  await assert.rejects(
    store.read((tx) => tx.all("outbox")),
    StorageEmptied,
  );
  const left = await indexedDB.databases();
  assert.ok(left.every(({ name }) => name !== databaseOf(identity)));
}

test("T12 signing out removes the database, unless work in it was not sent", async () => {
  const identity = await signInAs("ann", "raaaaaaaaaaaa");
  const store = new IndexedDbStore(databaseOf(identity));
  await store.write(async (tx) => tx.put("outbox", 1, "unsent"));
  answer = () => new Response(null, { status: 204 });
  assert.deepEqual(await signOut(identity, 1), { unsent: 1, kept: true });
  assert.deepEqual(await store.read((tx) => tx.all("outbox")), ["unsent"]);
  assert.equal(remembered(), null);
  assert.deepEqual(await signOut(identity, 0), { unsent: 0, kept: false });
  await assertRemoved(store, identity);
});

test("T12 a photo that the shop does not have keeps the database, though nobody counted it", async () => {
  const identity = await signInAs("ann", "raaaaaaaaaaaa");
  const store = new IndexedDbStore(databaseOf(identity));
  const held = { id: "p1", sha256: "0", bytes: 3, type: "image/jpeg", at: 1, receipt: null, trouble: null };
  await store.write(async (tx) => {
    tx.put("files", "p1", held);
    tx.put("files", "p2", { ...held, id: "p2", receipt: 2 });
  });
  answer = () => new Response(null, { status: 204 });
  assert.deepEqual(await signOut(identity, 0), { unsent: 1, kept: true });
  assert.equal((await store.read((tx) => tx.all("files"))).length, 2);
  await store.write(async (tx) => tx.put("files", "p1", { ...held, receipt: 3 }));
  assert.deepEqual(await signOut(identity, 0), { unsent: 0, kept: false });
  await assertRemoved(store, identity);
});
