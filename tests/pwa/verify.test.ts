/** A phone compares what it stored with the shop, mends itself and says so (D1 to D5, V19). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bucketOf, parseBucket } from "../../pwa/src/sync/confirmed";
import { newId } from "../../pwa/src/sync/ids";
import { sha256Start } from "../../pwa/src/sync/sha256";
import type { Held } from "../../pwa/src/sync/types";
import { byCollection, rowOf } from "../../pwa/src/sync/verify";
import { rest } from "./outside";
import { openPhone, type Setting, setting, synced } from "./phone";
import type { Shop } from "./shop";
import { digestOf } from "./sums";

declare const WORKBAY_ROOT: string;
const DAY_MS = 24 * 3600_000;

interface Case {
  name: string;
  rules: string[];
  record?: Held;
  digest?: string;
}

const vectors = JSON.parse(readFileSync(`${WORKBAY_ROOT}/tests/vectors/record_digest.json`, "utf8"));
for (const { name, rules, record, digest } of vectors.cases as Case[]) {
  if (record && digest)
    test(`${rules.join(" ")} digest: ${name}`, () => assert.equal(String(rowOf(record).digest), digest));
}

test("D1 the app's own SHA-256 is SHA-256, at every length around a block and for every kind of character", () => {
  for (let length = 0; length < 200; length += 1) same("a".repeat(length));
  for (const text of ["é", "größer — “x”", "\u2028\u007f\u0000", "🔧🔩", "€".repeat(70), "🔧".repeat(33)])
    same(text);
});

function same(text: string): void {
  const held = { collection: "note", id: text, vv: { "@": 3 }, data: { text } };
  assert.equal(rowOf(held).digest, digestOf(held));
  assert.equal(typeof sha256Start(text), "bigint");
}

async function filled(many = 300): Promise<Setting & { ids: string[] }> {
  const ids = Array.from({ length: many }, () => newId());
  const found = await setting((shop) => {
    for (const [i, id] of ids.entries())
      shop.commit(i % 3 ? "note" : "work_order", id, { text: `größer ${i}`, number: `${i}` });
  });
  return { ...found, ids };
}

/** The ids that are stored in one piece with this one. */
function beside(ids: readonly string[], place: number): string[] {
  return ids.filter((id) => bucketOf(id) === bucketOf(ids[place] ?? ""));
}

/** The app is closed and opened again on the same store. */
async function reopened({ phone, outside, shop }: Setting): Promise<Setting> {
  await phone.replica.close();
  const again = await openPhone(outside, shop, phone.store);
  await rest();
  return { phone: again, outside, shop, replica: again.replica };
}

/** Changes what lies in the store, behind the replica's back. */
async function damage({ phone }: Setting, id: string, change: (bucket: Held[]) => unknown): Promise<void> {
  await phone.store.write(async (tx) => {
    const bucket = parseBucket(await tx.get("confirmed", bucketOf(id)));
    tx.put("confirmed", bucketOf(id), change([...bucket.values()]));
  });
}

async function stored({ phone }: Setting): Promise<Held[]> {
  const texts = await phone.store.read((tx) => tx.all<string>("confirmed"));
  return texts.flatMap((text) => [...parseBucket(text).values()]);
}

function agrees(shop: Shop, held: Held[]): void {
  const rows = [...shop.rows.values()].filter((row) => !row.gone);
  assert.deepEqual(byCollection(held.map(rowOf)), byCollection(rows.map(rowOf)));
}

test("D5 a phone checks itself after its first download, and not again the same day", async () => {
  const { shop, outside, replica } = await filled();
  const checked = { at: outside.clock.now(), records: 300, mended: 0, ok: true };
  assert.deepEqual(replica.overall().checked, checked);
  assert.equal(replica.overall().checking, null);
  shop.requests = [];
  await synced(replica);
  assert.deepEqual([...new Set(shop.requests.map((request) => request.verify))], [false]);
});

test("D5 a phone checks itself once a day, also when its clock was set back", async () => {
  for (const skew of [DAY_MS, -3 * DAY_MS]) {
    const { shop, outside, replica } = await filled(5);
    outside.clock.skew = skew;
    shop.requests = [];
    await replica.syncNow();
    await replica.syncNow();
    const verified = shop.requests.map((request) => request.verify);
    assert.deepEqual(verified, [true, false]);
  }
});

test("D2 D3 D5 what the storage lost, changed or made up is found on demand, fetched and reported", async () => {
  const here = await filled();
  const { shop, replica, outside, ids } = here;
  const [lost = "", changed = "", ghost = ""] = [ids[0], ids[1], `${ids[2]?.slice(0, -4)}ffff`];
  await damage(here, lost, (bucket) => JSON.stringify(bucket.filter((held) => held.id !== lost)));
  const rotten = (held: Held) => (held.id === changed ? { ...held, data: { text: "bit rot" } } : held);
  await damage(here, changed, (bucket) => JSON.stringify(bucket.map(rotten)));
  const more = { collection: "note", id: ghost, vv: { "@": 4 }, data: { text: "of nobody" } };
  await damage(here, ghost, (bucket) => JSON.stringify([...bucket, more]));
  const checked = { at: outside.clock.now(), records: 300, mended: 3, ok: true };
  shop.requests = [];
  assert.deepEqual(await replica.verify(), checked);
  assert.ok(
    shop.requests.every((request) => request.cursor !== null),
    "what differs is fetched, and no more",
  );
  agrees(shop, await stored(here));
  const fetched = shop.requests.find((request) => request.fetch)?.fetch as string[];
  assert.deepEqual([...fetched].sort(), [lost, changed, ghost].sort());
  const found = {
    work_order: { missing: 1, extra: 0, changed: 0 },
    note: { missing: 0, extra: 1, changed: 1 },
  };
  const [report, ...others] = shop.questions.filter((question) => question.found);
  assert.deepEqual([report?.found, report?.mended, report?.replica], [found, true, replica.identity.replica]);
  assert.match(String(report?.id), /^[0-9a-f-]{36}$/);
  assert.equal(others.length, 0);
});

test("D2 D3 storage that cannot be read opens all the same, and mends itself at the next sync", async () => {
  const here = await filled();
  const junk = ["[{", '{"a":1}', "[null,5]", 7];
  for (const [i, text] of junk.entries()) await damage(here, here.ids[i] ?? "", () => text);
  here.shop.requests = [];
  const again = await reopened(here);
  await synced(again.replica);
  agrees(here.shop, await stored(again));
  assert.ok(here.shop.requests.every((request) => request.cursor !== null));
  const shown = again.replica.all("note").length + again.replica.all("work_order").length;
  const { checked } = again.replica.overall();
  assert.deepEqual([shown, checked?.ok], [300, true]);
  assert.ok((checked?.mended ?? 0) >= 4);
});

test("D3 a phone whose storage lost nearly everything is fetched anew, its outbox kept", async () => {
  const here = await filled(1500);
  const { shop, replica, phone } = here;
  const id = newId();
  shop.faults = ["drop request"];
  await replica.act([{ op: "create", collection: "note", id, set: { text: "mine" } }]);
  await phone.store.write(async (tx) => tx.clear("confirmed"));
  const again = await reopened(here);
  assert.equal(again.replica.get("note", id)?.data.text, "mine");
  shop.requests = [];
  assert.equal((await again.replica.verify())?.ok, true);
  agrees(shop, await stored(again));
  assert.equal(shop.rows.get(id)?.data.text, "mine");
  assert.ok(shop.requests.some((request) => request.cursor === null));
  assert.ok(shop.requests.every((request) => request.fetch === undefined));
});

test("D3 news that arrives while it is looked at closer is not taken for damage", async () => {
  const here = await filled(50);
  const { shop, replica, ids } = here;
  await damage(here, ids[9] ?? "", () => "[]");
  const lost = beside(ids, 9);
  const other = ids.find((id) => !lost.includes(id)) ?? "";
  shop.onQuestion = () => shop.commit("note", other, { text: "news" });
  const checked = await replica.verify();
  assert.deepEqual([checked?.ok, checked?.mended], [true, lost.length]);
  agrees(shop, await stored(here));
});

test("D4 sums of the shop that are wrong make a phone ask, and change nothing that it holds", async () => {
  const here = await filled(20);
  const before = await stored(here);
  here.shop.lies = { note: { count: 999, sum: "1" } };
  assert.equal(await here.replica.verify(), null);
  assert.deepEqual(await stored(here), before);
  here.shop.lies = {};
  assert.equal((await here.replica.verify())?.ok, true);
});

test("D3 a check that the network breaks off says nothing, and begins again by itself", async () => {
  const here = await filled(30);
  const { shop, replica, outside, ids } = here;
  await damage(here, ids[4] ?? "", () => "[]");
  shop.faults = ["busy"];
  assert.equal(await replica.verify(), null);
  shop.faultsOfQuestions = ["portal"];
  assert.equal(await replica.verify(), null);
  await outside.clock.pass(120_000);
  await rest();
  agrees(shop, await stored(here));
  assert.equal(replica.overall().checked?.mended, beside(here.ids, 4).length);
});

test("D3 a report that did not get through is sent with a later sync, once", async () => {
  const here = await filled(30);
  const { shop, replica, ids } = here;
  await damage(here, ids[4] ?? "", () => "[]");
  shop.faultsOfQuestions = ["none", "none", "busy"];
  assert.equal((await replica.verify())?.mended, beside(ids, 4).length);
  const reports = () => shop.questions.filter((question) => question.found);
  assert.equal(reports().length, 0);
  await synced(replica);
  await synced(replica);
  assert.equal(reports().length, 1);
});
