/** A phone and a shop when all goes well: W3–W10, P3–P9, T2–T5, V11–V14. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Draft } from "../../pwa/src/sync/types";
import { rest } from "./outside";
import { create, lastPush, openPhone, patch, setting, synced } from "./phone";
import { idOf, REPLICA } from "./things";

const W1 = idOf(1);
const N1 = idOf(2);

test("P6 the first sync brings everything, in pages, and says how far it is", async () => {
  const { replica, shop } = await setting((shop) => {
    shop.pageMax = 30;
    for (let i = 1; i <= 100; i += 1) shop.commit("work_order", idOf(i), { priority: "low" });
  });
  assert.equal(replica.all("work_order").length, 100);
  assert.equal(replica.overall().bootstrapping, null);
  assert.deepEqual(
    shop.requests.slice(0, 4).map((request) => String(request.cursor).split("|")[2] ?? null),
    [null, "30", "60", "90"],
  );
});

test("T2 an action is shown at once, waits, and goes to the shop by itself", async () => {
  const { replica, shop, outside } = await setting();
  const id = await replica.act([create(W1, { priority: "high" })]);
  assert.equal(replica.get("work_order", W1)?.fresh, true);
  assert.deepEqual(replica.state(W1), { is: "phone" });
  assert.equal(replica.overall().waiting, 1);
  await outside.clock.pass(1000);
  assert.equal(shop.log.at(-1)?.id, id);
  assert.equal(replica.get("work_order", W1)?.fresh, false);
  assert.equal(replica.state(W1).is, "shop");
  assert.equal(replica.overall().waiting, 0);
});

test("W3 the request has the form of the protocol", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { priority: "low" }));
  const seq = shop.seq;
  await replica.act([
    patch(W1, { priority: "high" }),
    create(N1, { work_order: W1, text: "Pump leaks" }, "note"),
  ]);
  await synced(replica);
  const { sent: _, cursor: __, changesets, ...request } = shop.requests.at(-1) as Record<string, unknown>;
  assert.deepEqual(request, {
    protocol: 1,
    schema: 7,
    epoch: "e1",
    replica: REPLICA,
    confirmed: 0,
    limit: 1000,
    verify: false,
  });
  const [changeset] = changesets as [Record<string, unknown>];
  assert.deepEqual(Object.keys(changeset), ["n", "id", "schema", "at", "ops"]);
  assert.deepEqual(changeset.ops, [
    { op: "create", collection: "note", id: N1, set: { work_order: W1, text: "Pump leaks" } },
    { op: "patch", collection: "work_order", id: W1, base: { "@": seq }, set: { priority: "high" } },
  ]);
});

test("V11 the base is that of the form's opening, whatever arrived since", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { complaint: "old" }));
  const seq = shop.seq;
  const form = replica.form(W1);
  shop.commit("work_order", W1, { complaint: "newer" });
  await synced(replica);
  await replica.act([patch(W1, { complaint: "mine" }, { form })]);
  await synced(replica);
  assert.deepEqual(lastPush(shop)[0].ops[0].base, { "@": seq });
});

test("V12 V13 fields with different bases go as separate ops of one changeset", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { priority: "low" }));
  const seq = shop.seq;
  await replica.act([patch(W1, { priority: "high" })]);
  await replica.act([patch(W1, { priority: "urgent", complaint: "noise" })]);
  await synced(replica);
  const [first, second] = lastPush(shop);
  assert.deepEqual(first.ops[0].base, { "@": seq });
  assert.deepEqual(second.ops, [
    {
      op: "patch",
      collection: "work_order",
      id: W1,
      base: { "@": seq, [REPLICA]: 1 },
      set: { priority: "urgent" },
    },
    { op: "patch", collection: "work_order", id: W1, base: { "@": seq }, set: { complaint: "noise" } },
  ]);
});

test("V2 a group is written whole, under one base", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { status: "new" }));
  await replica.act([patch(W1, { status: "in_progress" })]);
  await synced(replica);
  assert.deepEqual(lastPush(shop)[0].ops[0].set, { status: "in_progress", status_reason: null });
});

test("V14 a delete has the smallest base of what it removes", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { priority: "low" }));
  const seq = shop.seq;
  const form = replica.form(W1);
  shop.commit("work_order", W1, { priority: "high" });
  await synced(replica);
  await replica.act([patch(W1, { complaint: "mine" }, { form })]);
  await replica.act([{ op: "delete", collection: "work_order", id: W1 }]);
  assert.equal(replica.get("work_order", W1), undefined);
  await synced(replica);
  assert.deepEqual(lastPush(shop)[1].ops[0], {
    op: "delete",
    collection: "work_order",
    id: W1,
    base: { "@": seq, [REPLICA]: 1 },
  });
});

test("M10 a whole list of elements becomes what was added and removed", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { tags: ["a", "b"] }));
  await replica.act([patch(W1, { tags: ["b", "c"] })]);
  assert.deepEqual(replica.get("work_order", W1)?.data.tags, ["b", "c"]);
  await synced(replica);
  assert.deepEqual(lastPush(shop)[0].ops[0].set, { tags: { add: ["c"], remove: ["a"] } });
});

test("W12 broken text is mended before it is saved, a float is refused", async () => {
  const { replica } = await setting();
  await replica.act([create(W1, { complaint: "a\uD800b\0c" })]);
  assert.equal(replica.get("work_order", W1)?.data.complaint, "a\uFFFDbc");
  await assert.rejects(replica.act([create(N1, { complaint: 1.5 })]), TypeError);
});

test("P3 records that change and leave follow by the feed", async () => {
  const { replica, shop } = await setting((shop) => {
    shop.commit("work_order", W1, { priority: "low" });
    shop.commit("work_order", N1, { priority: "low" });
  });
  const heard: string[] = [];
  replica.subscribe((changed) => heard.push(...changed));
  shop.commit("work_order", W1, { priority: "high" });
  shop.remove(N1);
  await synced(replica);
  assert.equal(replica.get("work_order", W1)?.data.priority, "high");
  assert.equal(replica.get("work_order", N1), undefined);
  assert.ok(heard.includes(W1) && heard.includes(N1));
});

test("P9 what was not sent again after a reset is dropped, what waits stays", async () => {
  const { replica, shop } = await setting((shop) => {
    shop.commit("work_order", W1, { priority: "low" });
    shop.commit("work_order", N1, { priority: "low" });
  });
  shop.rows.delete(N1);
  await replica.act([patch(W1, { priority: "high" })]);
  shop.epoch = "e2";
  await synced(replica);
  assert.equal(replica.get("work_order", N1), undefined);
  assert.equal(replica.get("work_order", W1)?.data.priority, "high");
  assert.equal(shop.log.length, 1);
});

test("children are found by their declared parent, and move with it", async () => {
  const { replica } = await setting();
  await replica.act([create(W1, {}), create(N1, { work_order: W1, text: "a" }, "note")]);
  assert.deepEqual(
    replica.children(W1, "note").map((note) => note.id),
    [N1],
  );
  assert.equal(replica.children(W1, "note"), replica.children(W1, "note"));
  await synced(replica);
  assert.equal(replica.children(W1, "note").length, 1);
});

test("T5 a refused changeset is parked with its draft; sent anew it has another id", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { complaint: "old" }));
  const id = await replica.act([patch(W1, { complaint: "REFUSED" })]);
  await synced(replica);
  const [parked] = replica.parked();
  assert.equal(parked?.id, id);
  assert.equal(parked?.code, "rule:refused");
  assert.deepEqual(replica.state(W1), {
    is: "needs_you",
    reason: "The shop does not take this.",
    code: "rule:refused",
  });
  assert.equal(replica.get("work_order", W1)?.data.complaint, "old");
  assert.equal(replica.overall().needsYou, 1);
  assert.match(replica.exportParked(id), /REFUSED/);
  const again = await replica.retry(id, [patch(W1, { complaint: "better" })]);
  assert.notEqual(again, id);
  assert.equal(replica.parked().length, 0);
  await synced(replica);
  assert.equal(shop.rows.get(W1)?.data.complaint, "better");
});

test("T5 two refusals in one answer are both parked", async () => {
  const { replica } = await setting((shop) => shop.commit("work_order", W1, {}));
  await replica.act([patch(W1, { complaint: "REFUSED once" })]);
  await replica.act([patch(W1, { complaint: "REFUSED twice" })]);
  await synced(replica);
  assert.equal(replica.parked().length, 2);
});

test("T6 an own edit that gave way is told until it is dismissed", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, {}));
  shop.overtakes = true;
  const id = await replica.act([patch(W1, { priority: "low" })]);
  await synced(replica);
  assert.deepEqual(
    replica.notices().map((notice) => notice.changeset),
    [id],
  );
  await replica.dismiss(replica.notices()[0]?.key ?? "");
  assert.equal(replica.notices().length, 0);
});

test("M9 W9 a text that became one with somebody else's is told until it is dismissed", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, {}));
  shop.merges = true;
  await replica.act([patch(W1, { text: "mine" })]);
  await synced(replica);
  const [notice] = replica.notices();
  assert.deepEqual(notice?.overtaken, []);
  assert.deepEqual(notice?.merged, [{ collection: "work_order", id: W1, field: "text" }]);
  await replica.dismiss(notice?.key ?? "");
  assert.equal(replica.notices().length, 0);
});

test("T13 what the app does not know stays in what it holds and is never sent back", async () => {
  const unknown = { gate_code: "4711", gates: [{ side: "left" }] };
  const { replica, shop, outside, phone } = await setting((shop) => {
    shop.commit("work_order", W1, { priority: "low", ...unknown });
    shop.commit("gate_of_tomorrow", N1, { code: 1 });
  });
  await replica.act([patch(W1, { priority: "high" })]);
  await synced(replica);
  assert.deepEqual(lastPush(shop)[0].ops[0].set, { priority: "high" });
  assert.deepEqual(replica.get("work_order", W1)?.data, { priority: "high", ...unknown });
  await replica.close();
  const again = (await openPhone(outside, shop, phone.store)).replica;
  assert.deepEqual(again.get("work_order", W1)?.data, { priority: "high", ...unknown });
  assert.deepEqual(again.get("gate_of_tomorrow", N1)?.data, { code: 1 });
});

test("C21 what waits when the app is updated goes out under the schema it was made under", async () => {
  const { replica, shop, outside, phone } = await setting((shop) => shop.commit("work_order", W1, {}));
  shop.faults = Array(9).fill("drop request");
  await replica.act([patch(W1, { priority: "high" })]);
  await replica.close();
  shop.faults = [];
  const updated = (await openPhone(outside, shop, phone.store, undefined, 8)).replica;
  await updated.act([patch(W1, { priority: "low" })]);
  await synced(updated);
  const request = shop.requests.find((asked) => (asked.changesets as unknown[]).length === 2);
  assert.equal(request?.schema, 8);
  assert.deepEqual(
    lastPush(shop).map((changeset: { schema: number }) => changeset.schema),
    [7, 8],
  );
});

test("T10 an open conflict of a record needs a person", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, {}));
  shop.commit("conflict", N1, { record: W1, open: true });
  await synced(replica);
  assert.equal(replica.state(W1).is, "needs_you");
  shop.commit("conflict", N1, { open: false });
  await synced(replica);
  assert.equal(replica.state(W1).is, "shop");
});

test("T9 closed and opened again off line, everything is there", async () => {
  const { replica, shop, outside, phone } = await setting((shop) =>
    shop.commit("work_order", W1, { priority: "low" }),
  );
  shop.faults = Array(9).fill("drop request");
  await replica.act([patch(W1, { priority: "high" })]);
  await replica.act([create(N1, { work_order: W1, text: "off line" }, "note")]);
  await replica.close();
  const again = await openPhone(outside, shop, phone.store);
  assert.equal(again.replica.get("work_order", W1)?.data.priority, "high");
  assert.equal(again.replica.children(W1, "note").length, 1);
  assert.equal(again.replica.overall().waiting, 2);
});

test("undo takes back what nobody has seen, and makes the opposite edit of what was sent", async () => {
  const { replica, shop } = await setting((shop) =>
    shop.commit("work_order", W1, { priority: "low", tags: ["a"] }),
  );
  const unseen = await replica.act([patch(W1, { priority: "high" })]);
  assert.equal(await replica.undo(unseen), true);
  assert.equal(replica.get("work_order", W1)?.data.priority, "low");
  assert.equal(replica.overall().waiting, 0);
  const sent = await replica.act([patch(W1, { priority: "urgent", tags: ["a", "b"] })]);
  await synced(replica);
  assert.equal(await replica.undo(sent), true);
  await synced(replica);
  assert.equal(shop.rows.get(W1)?.data.priority, "low");
  assert.deepEqual(shop.rows.get(W1)?.data.tags, ["a"]);
});

test("undo of what is in the middle leaves no hole in the numbers, and nothing where others went on", async () => {
  const { replica, shop } = await setting((shop) => shop.commit("work_order", W1, { priority: "low" }));
  const first = await replica.act([create(N1, { text: "a" }, "note")]);
  const second = await replica.act([patch(W1, { priority: "high" })]);
  const third = await replica.act([patch(W1, { priority: "urgent" })]);
  assert.equal(await replica.undo(second), false);
  assert.equal(await replica.undo(first), true);
  assert.equal(replica.get("note", N1), undefined);
  await synced(replica);
  assert.deepEqual(
    shop.log.map((changeset) => changeset.n),
    [1, 2, 3],
  );
  shop.commit("work_order", W1, { priority: "low" });
  await synced(replica);
  assert.equal(await replica.undo(third), false);
});

test("an action on what is no longer here is refused with a reason, nothing is stored", async () => {
  const { replica } = await setting();
  await assert.rejects(replica.act([patch(W1, { priority: "high" })]), { code: "gone" });
  assert.equal(await replica.act([]), "");
  const large: Draft = create(W1, { complaint: "x".repeat(300_000) });
  await assert.rejects(replica.act([large]), { code: "too_large" });
  await rest();
  assert.equal(replica.overall().waiting, 0);
});

test("T9 a clock that is set forward holds up no sync", async () => {
  const { replica, shop, outside } = await setting();
  outside.clock.skew = 10 * 365 * 24 * 3600_000;
  await replica.act([create(W1, { priority: "high" })]);
  await outside.clock.pass(1000);
  assert.equal(shop.log.length, 1);
  outside.clock.skew = 0;
  await replica.act([create(N1, { priority: "high" })]);
  await outside.clock.pass(1000);
  assert.equal(shop.log.length, 2);
});
