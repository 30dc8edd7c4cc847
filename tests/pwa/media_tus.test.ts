/** The tus client: it resumes where the shop stands, and takes nothing for an answer that is none (U2, U4, U6, T11). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PIECE_MIN, type Sent, Upload } from "../../pwa/src/media/tus";
import { idOf } from "./things";
import { digest, type Fault, fileOf, TusServer } from "./uploads";

const ID = idOf(1);
const SIZE = 3 * PIECE_MIN + 1000;

function upload(server: TusServer, size = SIZE) {
  const shares: number[] = [];
  const file = fileOf(ID, size);
  const world = { fetch: server.fetch, monotone: () => 0, digest };
  return { file, shares, run: () => new Upload(world, file, (share) => shares.push(share)).run() };
}

async function ends(fault: Fault, at = 0): Promise<{ sent: Sent; server: TusServer }> {
  const server = new TusServer();
  const { run } = upload(server);
  const none = Array.from({ length: at }, () => null as unknown as Fault);
  server.faults.push(...none, fault);
  return { sent: await run(), server };
}

test("U2 U4 all bytes arrive once, and the receipt is for them", async () => {
  const server = new TusServer();
  const { file, shares, run } = upload(server);
  assert.deepEqual(await run(), { is: "arrived" });
  assert.equal(server.files.get(ID)?.sha256, file.sha256);
  assert.equal(server.sentBytes, SIZE);
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => a - b),
  );
  assert.equal(shares.at(-1), 1);
});

for (const after of [0, 1, 1000, PIECE_MIN - 1, PIECE_MIN])
  test(`U2 a line that is gone after ${after} bytes of a piece is gone on with, and nothing is sent twice that arrived`, async () => {
    for (const at of [1, 2, 3]) {
      const { sent, server } = await ends({ is: "cut", after }, at);
      assert.deepEqual(sent, { is: "arrived" });
      assert.equal(server.sentBytes, SIZE);
    }
  });

test("U2 an answer that is lost is asked for again, wherever it was", async () => {
  for (const at of [0, 1, 2, 3]) {
    const { sent, server } = await ends({ is: "answer_lost" }, at);
    assert.deepEqual(sent, { is: "arrived" });
    assert.equal(server.sentBytes, SIZE);
  }
});

test("U2 a piece that a browser sends twice counts once", async () => {
  const { sent, server } = await ends({ is: "doubled" }, 1);
  assert.deepEqual(sent, { is: "arrived" });
  assert.ok(server.sentBytes <= SIZE + PIECE_MIN);
});

test("U2 a piece that was damaged on the way is sent again", async () => {
  const { sent } = await ends({ is: "corrupt" }, 2);
  assert.deepEqual(sent, { is: "arrived" });
});

test("U2 what the shop has already is not sent at all", async () => {
  const server = new TusServer();
  await upload(server).run();
  const before = server.sentBytes;
  assert.deepEqual(await upload(server).run(), { is: "arrived" });
  assert.equal(server.sentBytes, before);
});

test("U2 a shop that always says no ends in waiting, and not in a loop", async () => {
  for (const fault of [
    { is: "status", status: 460 },
    { is: "status", status: 409 },
    { is: "unsent" },
    { is: "answer_lost" },
  ] satisfies Fault[]) {
    const server = new TusServer();
    server.always = fault;
    const sent = await upload(server).run();
    assert.equal(sent.is, "wait");
    assert.ok(server.requests < 10);
  }
});

test("T11 the page of a portal is no answer", async () => {
  for (const at of [0, 1, 2]) {
    const { sent, server } = await ends({ is: "portal" }, at);
    assert.deepEqual(sent, { is: "wait", why: "portal", retryAfterMs: null });
    assert.equal(server.files.get(ID)?.arrived ?? false, false);
  }
});

test("U6 what the shop says of the photo is told as it is", async () => {
  const cases: [Fault, Sent][] = [
    [{ is: "status", status: 410 }, { is: "deleted" }],
    [{ is: "status", status: 404 }, { is: "unknown" }],
    [
      { is: "status", status: 401 },
      { is: "wait", why: "signed_out", retryAfterMs: null },
    ],
    [
      { is: "bare", status: 401 },
      { is: "wait", why: "signed_out", retryAfterMs: null },
    ],
    [
      { is: "bare", status: 502 },
      { is: "wait", why: "busy", retryAfterMs: null },
    ],
    [
      { is: "status", status: 503, retryAfter: 7 },
      { is: "wait", why: "busy", retryAfterMs: 7000 },
    ],
    [
      { is: "status", status: 507, retryAfter: 600 },
      { is: "wait", why: "shop_full", retryAfterMs: 600_000 },
    ],
    [
      { is: "status", status: 429 },
      { is: "wait", why: "busy", retryAfterMs: null },
    ],
    [
      { is: "status", status: 413, code: "too_large" },
      { is: "refused", code: "too_large", reason: "In words." },
    ],
  ];
  for (const [fault, wanted] of cases) assert.deepEqual((await ends(fault)).sent, wanted);
});

test("U4 a receipt for other bytes is none", async () => {
  const { sent } = await ends({ is: "receipt", says: `sha256=${"0".repeat(64)}; bytes=${SIZE}` });
  assert.equal(sent.is, "refused");
});

test("U2 an upload that is called off sends no more", async () => {
  const server = new TusServer();
  const abort = new AbortController();
  const file = fileOf(ID, SIZE);
  const world = { fetch: server.fetch, monotone: () => 0 };
  const run = new Upload(world, file, (share) => share > 0 && abort.abort(), abort.signal).run();
  assert.equal((await run).is, "wait");
  assert.ok(server.sentBytes < SIZE);
});
