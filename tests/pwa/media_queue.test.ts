/** The queue of files (U2, U4, U6): what goes when, why nothing goes, and that one file never holds up the others. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { BACKOFF_CAP_MS, TIDY_MS } from "../../pwa/src/media/queue";
import { PIECE_MIN } from "../../pwa/src/media/tus";
import { Network, Room } from "./darkroom";
import { Bits, type Fault } from "./depot";
import { rest } from "./outside";
import { create, synced } from "./phone";
import { idOf } from "./things";

/** The order in which files were begun. */
const begun = (room: Room) =>
  room.premises.depot.asked.filter(({ method }) => method === "POST").map(({ id }) => id);
const sent = (room: Room) => room.premises.depot.asked.length;

test("U2 small ones go before large ones, one at a time", async () => {
  const room = await Room.open();
  await room.queue.wish({ paused: true });
  for (const [n, bytes] of [
    [1, 3 * PIECE_MIN],
    [2, 100],
    [3, PIECE_MIN + 1],
    [4, 100],
  ] as const)
    await room.keep(n, bytes);
  await synced(room.replica);
  assert.equal(sent(room), 0);
  await room.queue.wish({ paused: false });
  await room.drained();
  assert.deepEqual(begun(room), [2, 4, 3, 1].map(idOf));
  assert.deepEqual(room.premises.depot.arrived(), [1, 2, 3, 4].map(idOf));
  const order = room.premises.depot.asked.map(({ id }) => id);
  assert.equal(order.filter((id, i) => id !== order[i - 1]).length, 4);
});

test("U2 a file waits until no change does", async () => {
  const room = await Room.open();
  await synced(room.replica);
  const { shop, depot } = room.premises;
  shop.faults = ["busy"];
  await room.keep(1);
  for (let n = 2; n < 9; n += 1) await room.replica.act([create(idOf(n), {})]);
  depot.onRequest = () => assert.equal(shop.log.length, 8);
  assert.deepEqual(room.queue.state(idOf(1)), { is: "phone", why: "changes_first" });
  await room.drained();
  assert.deepEqual(depot.arrived(), [idOf(1)]);
});

test("U2 a change made while a file is on its way goes before the next file", async () => {
  const room = await Room.open();
  const { shop, depot } = room.premises;
  depot.onRequest = ({ method, id }) => {
    if (method === "POST" && id === idOf(1)) void room.replica.act([create(idOf(50), {})]);
    if (id === idOf(2)) assert.ok(shop.rows.has(idOf(50)));
  };
  await room.keep(1);
  await room.keep(2, 2000);
  await room.drained();
  assert.deepEqual(begun(room), [idOf(1), idOf(2)]);
});

test("U2 five hundred photos go in their order, each byte once, and progress only grows", async () => {
  const room = await Room.open();
  await room.queue.wish({ paused: true });
  const sizes = Array.from({ length: 500 }, (_, n) => 40 + ((n * 7919) % 500));
  for (const [n, bytes] of sizes.entries()) await room.keep(n, bytes);
  await synced(room.replica);
  room.progress.length = 0;
  await room.queue.wish({ paused: false });
  await room.drained();
  assert.equal(room.premises.depot.arrived().length, 500);
  const all = sizes.reduce((sum, bytes) => sum + bytes, 0);
  assert.equal(room.premises.depot.bytes, all);
  const order = begun(room).map((id) => sizes[Number.parseInt(id.slice(-12), 16)] ?? 0);
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  const { progress } = room;
  assert.deepEqual(
    progress,
    [...progress].sort((a, b) => a - b),
  );
  assert.deepEqual([progress[0], progress.at(-1)], [0, 1]);
});

test("U2 progress does not go back when more is kept meanwhile, nor when a line breaks", async () => {
  const room = await Room.open();
  const { depot } = room.premises;
  depot.faults = ["none", "none", { cut: 9 }, "no network", "no network", "no network", "no network"];
  depot.onRequest = ({ offset }) => offset === PIECE_MIN && void room.keep(2, 9 * PIECE_MIN);
  await room.keep(1, 3 * PIECE_MIN);
  await room.drained();
  const { progress } = room;
  assert.deepEqual(
    progress,
    [...progress].sort((a, b) => a - b),
  );
});

test("U2 a picture says how far it is", async () => {
  const room = await Room.open();
  const seen: unknown[] = [];
  room.premises.depot.onRequest = ({ offset }) => offset !== null && seen.push(room.queue.state(idOf(1)));
  await room.keep(1, 2 * PIECE_MIN);
  await room.drained();
  assert.deepEqual(
    seen,
    [0, 0.5].map((progress) => ({ is: "sending", progress })),
  );
  assert.equal(room.queue.state(idOf(1))?.is, "shop");
  assert.equal(room.queue.state(idOf(2)), null);
});

const WHY: [Fault, string][] = [
  ["portal", "portal"],
  ["portal that says 401", "portal"],
  ["signed out", "signed_out"],
  ["full", "shop_full"],
  ["busy", "busy"],
  ["internal", "busy"],
  ["gateway", "busy"],
];
for (const [fault, why] of WHY)
  test(`U2 ${JSON.stringify(fault)}: it says why, keeps the copy, and goes on by itself`, async () => {
    const room = await Room.open();
    room.premises.depot.faults = [fault];
    await room.keep(1);
    await room.until(() => sent(room) === 1, "it asks");
    assert.deepEqual(room.queue.state(idOf(1)), { is: "phone", why });
    const { waiting, bytesLeft, needsYou } = room.queue.overall();
    assert.deepEqual([waiting, bytesLeft, needsYou], [1, 1000, 0]);
    assert.deepEqual(await room.held(), [idOf(1)]);
    await room.drained();
    assert.deepEqual(room.premises.depot.arrived(), [idOf(1)]);
  });

test("U2 without a network nothing is tried, and on line again it goes at once", async () => {
  const room = await Room.open();
  await synced(room.replica);
  room.outside.online = false;
  room.premises.shop.faults = Array(1000).fill("drop request");
  await room.keep(1);
  await room.outside.clock.pass(3600_000);
  assert.equal(sent(room), 0);
  assert.equal(room.queue.overall().why, "offline");
  room.premises.shop.faults = [];
  room.outside.online = true;
  room.outside.signal("online");
  await room.outside.clock.pass(1000);
  assert.deepEqual(room.premises.depot.arrived(), [idOf(1)]);
});

test("U2 failures back off with chance in it, up to a cap", async () => {
  const room = await Room.open();
  await room.keep(1);
  await synced(room.replica);
  room.premises.depot.wrong.set(idOf(1), "internal");
  const at: number[] = [];
  room.premises.depot.onRequest = () => void at.push(room.outside.clock.time);
  await room.outside.clock.pass(3 * 3600_000);
  const waits = at.map((time, i) => time - (at[i - 1] ?? time)).slice(1);
  assert.ok(waits.length > 20 && waits.length < 400, `${waits.length} tries in three hours`);
  assert.ok(Math.max(...waits) <= BACKOFF_CAP_MS + 1, `${Math.max(...waits)}`);
});

test("U2 Retry-After is waited out, and a person may still ask at once", async () => {
  const room = await Room.open();
  room.premises.depot.faults = ["busy", "busy"];
  await room.keep(1);
  await room.until(() => sent(room) === 1, "it asks");
  await room.outside.clock.pass(5000);
  assert.equal(sent(room), 1);
  room.queue.sendNow();
  await room.outside.clock.pass(1);
  assert.equal(sent(room), 2);
  await room.drained();
});

for (const wrong of ["internal", "busy", "full"] as const)
  test(`U2 one file at which the shop says ${wrong} does not hold up the others`, async () => {
    const room = await Room.open();
    room.premises.depot.wrong.set(idOf(1), wrong);
    for (let n = 1; n <= 5; n += 1) await room.keep(n, 100 * n);
    await room.until(() => room.premises.depot.arrived().length === 4, "the others are there");
    assert.equal(room.queue.state(idOf(1))?.is, "phone");
    room.premises.depot.wrong.clear();
    await room.drained();
    assert.equal(room.premises.depot.arrived().length, 5);
  });

test("U2 a copy that this phone's storage spoilt is never sent, needs the person, and holds up nothing", async () => {
  const room = await Room.open();
  await room.queue.wish({ paused: true });
  for (let n = 1; n <= 3; n += 1) await room.keep(n, 100 * n);
  await room.store.write(async (tx) => tx.put("blobs", idOf(1), new Bits(new Uint8Array(100))));
  await room.store.write(async (tx) => tx.delete("blobs", idOf(2)));
  await room.queue.wish({ paused: false });
  await room.drained();
  assert.deepEqual(room.premises.depot.arrived(), [idOf(3)]);
  assert.deepEqual(begun(room), [idOf(3)]);
  for (const n of [1, 2]) assert.equal(room.queue.state(idOf(n))?.is, "needs_you");
  assert.equal(room.queue.overall().needsYou, 2);
});

test("U2 paused: nothing goes, what is on its way stops, and it goes on where it was", async () => {
  const room = await Room.open();
  const { depot } = room.premises;
  await room.keep(1, 4 * PIECE_MIN);
  let wished: Promise<void> | null = null;
  depot.onRequest = ({ offset }) => {
    if (offset === PIECE_MIN) wished = room.queue.wish({ paused: true });
  };
  await room.until(() => wished !== null, "it is half through");
  await room.outside.clock.pass(3600_000);
  const asked = sent(room);
  assert.deepEqual(room.queue.state(idOf(1)), { is: "phone", why: "paused" });
  depot.onRequest = () => {};
  await room.outside.clock.pass(3600_000);
  assert.equal(sent(room), asked);
  await room.queue.wish({ paused: false });
  await room.drained();
  assert.ok(depot.bytes <= 5 * PIECE_MIN, `${depot.bytes / PIECE_MIN} pieces`);
});

test("U2 only on Wi-Fi: nothing goes by mobile data, and it goes on by itself when the network is another", async () => {
  const network = new Network("cellular");
  const room = await Room.open(undefined, undefined, undefined, { network });
  await room.queue.wish({ wifiOnly: true });
  await room.keep(1, 4 * PIECE_MIN);
  await synced(room.replica);
  await room.outside.clock.pass(3600_000);
  assert.equal(sent(room), 0);
  assert.equal(room.queue.overall().why, "wifi");
  room.premises.depot.onRequest = ({ offset }) => offset === PIECE_MIN && network.become("cellular");
  network.become("wifi");
  await room.outside.clock.pass(20_000);
  const { depot } = room.premises;
  assert.deepEqual([depot.arrived(), depot.asked.length, room.queue.overall().why], [[], 3, "wifi"]);
  depot.onRequest = () => {};
  network.become("ethernet");
  await room.outside.clock.pass(2000);
  assert.deepEqual(depot.arrived(), [idOf(1)]);
});

test("U2 where the browser does not say what the network is, it goes", async () => {
  const room = await Room.open();
  await room.queue.wish({ wifiOnly: true });
  await room.keep(1);
  await room.drained();
  assert.deepEqual(room.premises.depot.arrived(), [idOf(1)]);
});

test("U2 the wishes are kept over a restart", async () => {
  const room = await Room.open();
  await room.queue.wish({ paused: true });
  await room.keep(1);
  await room.close();
  const again = await Room.open(room.outside, room.premises, room.store);
  await again.outside.clock.pass(60_000);
  assert.deepEqual([again.queue.shelf.wishes, sent(again)], [{ paused: true, wifiOnly: false }, 0]);
});

test("U2 changes that wait for a new version of the app keep no file back", async () => {
  const room = await Room.open();
  await room.queue.wish({ paused: true });
  await room.keep(1);
  await synced(room.replica);
  const { overall } = room.replica;
  room.replica.overall = () => ({ ...overall.call(room.replica), waiting: 1, trouble: "update_needed" });
  await room.queue.wish({ paused: false });
  await room.until(() => room.premises.depot.arrived().length === 1, "it arrives");
});

test("U4 with room to spare a copy stays until a backup of the shop has its record", async () => {
  const room = await Room.open();
  await room.keep(1);
  await room.drained();
  await room.outside.clock.pass(10 * TIDY_MS);
  assert.deepEqual([await room.held(), room.queue.overall().kept], [[idOf(1)], 1]);
  room.premises.shop.durable = 1;
  await synced(room.replica);
  await room.outside.clock.pass(2 * TIDY_MS);
  assert.deepEqual([await room.held(), room.queue.overall().kept], [[], 0]);
  assert.deepEqual(room.premises.depot.arrived(), [idOf(1)]);
});

const SCARCE = async () => ({ used: 700, quota: 1000, persistent: false });

test("U4 without room to spare it goes once the shop has made something of it", async () => {
  const room = await Room.open(undefined, undefined, undefined, { room: SCARCE });
  room.premises.after = { media: "processing" };
  await room.keep(1);
  await room.drained();
  await room.outside.clock.pass(10 * TIDY_MS);
  assert.deepEqual(await room.held(), [idOf(1)]);
  room.premises.shop.commit("photo", idOf(1), { media: "ready" });
  await synced(room.replica);
  await room.outside.clock.pass(2 * TIDY_MS);
  assert.deepEqual(await room.held(), []);
});

test("U6 a photo that was deleted: the copy goes", async () => {
  const room = await Room.open();
  await room.queue.wish({ paused: true });
  await room.keep(1);
  await synced(room.replica);
  room.premises.shop.remove(idOf(1));
  await room.queue.wish({ paused: false });
  await room.until(() => room.queue.state(idOf(1)) === null, "it is let go of");
  assert.deepEqual(await room.held(), []);
});

test("U6 a photo that the shop does not know: the copy stays, and a person decides", async () => {
  const room = await Room.open();
  await room.queue.wish({ paused: true });
  await room.keep(1);
  await synced(room.replica);
  room.premises.shop.remove(idOf(1));
  await synced(room.replica);
  room.premises.shop.rows.delete(idOf(1));
  await room.queue.wish({ paused: false });
  await room.until(() => room.queue.overall().needsYou === 1, "it needs the person");
  const asked = sent(room);
  await room.outside.clock.pass(3600_000);
  assert.deepEqual([await room.held(), sent(room)], [[idOf(1)], asked]);
  await room.queue.shelf.drop(idOf(1));
  assert.deepEqual([await room.held(), room.queue.overall().needsYou], [[], 0]);
});

test("U6 what the shop refused stays here with the reason until it is dropped", async () => {
  const room = await Room.open();
  room.premises.after = { media: "refused", media_reason: "A virus was found." };
  await room.keep(1);
  await room.until(() => room.queue.overall().needsYou === 1, "it needs the person");
  room.premises.shop.durable = 9;
  await synced(room.replica);
  await room.outside.clock.pass(10 * TIDY_MS);
  assert.deepEqual(room.queue.state(idOf(1)), { is: "needs_you", reason: "A virus was found." });
  assert.deepEqual([await room.held(), room.queue.overall().waiting], [[idOf(1)], 0]);
  await room.queue.shelf.drop(idOf(1));
  assert.deepEqual(await room.held(), []);
});

for (const fault of ["forbidden", "large", "kind"] as const)
  test(`U6 an upload that is refused with ${fault}: the reason is told, and the others go`, async () => {
    const room = await Room.open();
    room.premises.depot.wrong.set(idOf(1), fault);
    await room.keep(1, 100);
    await room.keep(2, 200);
    await room.drained();
    assert.deepEqual(room.premises.depot.arrived(), [idOf(2)]);
    const state = room.queue.state(idOf(1));
    assert.equal(state?.is === "needs_you" && state.reason.startsWith("The shop says"), true);
  });

test("U6 a photo whose making was refused keeps its copy, and goes once it is sent anew", async () => {
  const room = await Room.open();
  const id = await room.keep(1, 1000, { note: "REFUSED" });
  await synced(room.replica);
  await room.outside.clock.pass(3600_000);
  assert.deepEqual([await room.held(), sent(room), room.queue.overall().waiting], [[id], 0, 0]);
  const [parked] = room.replica.parked();
  const set = parked?.ops[0]?.op === "create" ? parked.ops[0].set : {};
  await room.replica.retry(parked?.key ?? "", [
    { op: "create", collection: "photo", id, set: { ...set, note: "fine" } },
  ]);
  await room.drained();
  assert.deepEqual(room.premises.depot.arrived(), [id]);
});

test("U1 a photo taken back before it was sent leaves no file, in the same transaction", async () => {
  const room = await Room.open();
  room.premises.shop.faults = ["drop request"];
  const file = await room.keep(1);
  const [waiting] = await room.store.read((tx) => tx.all<{ id: string }>("outbox"));
  assert.equal(await room.replica.undo(waiting?.id ?? ""), true);
  await room.queue.kept();
  assert.deepEqual([await room.held(), room.queue.state(file)], [[], null]);
  await room.outside.clock.pass(60_000);
  assert.equal(sent(room), 0);
  await rest();
});
