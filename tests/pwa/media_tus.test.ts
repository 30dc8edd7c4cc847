/** The client of tus (U2, U4, U6): goes on after every break, and believes nothing but an answer of the protocol. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  PIECE_MAX,
  PIECE_MIN,
  type Sent,
  type ToSend,
  type TusAnswer,
  Upload,
} from "../../pwa/src/media/tus";
import { Bits, Depot, type Fault, sha256 } from "./depot";
import { Seeded } from "./random";

const digest = async (bytes: ArrayBuffer) => {
  const hash = createHash("sha256").update(new Uint8Array(bytes)).digest();
  return new Uint8Array(hash).buffer as ArrayBuffer;
};

function fileOf(bytes: number): ToSend {
  const content = new Seeded(bytes).fill(new Uint8Array(bytes));
  return { id: "photo1", sha256: sha256(content), bytes, type: "image/jpeg", blob: new Bits(content) };
}

interface Try {
  depot: Depot;
  file: ToSend;
  told: number[];
  run(signal?: AbortSignal): Promise<Sent>;
}

/** A file to send, and a line on which each request takes so long. */
function trying(bytes = 3 * PIECE_MIN + 17, faults: Fault[] = [], takesMs = 2000): Try {
  const file = fileOf(bytes);
  const depot = new Depot(() => file);
  depot.faults = faults;
  const told: number[] = [];
  let now = 0;
  const world = {
    fetch: depot.fetch,
    digest,
    monotone: () => {
      now += takesMs;
      return now;
    },
  };
  const run = (signal?: AbortSignal) => new Upload(world, file, (share) => told.push(share), signal).run();
  return { depot, file, told, run };
}

const wait = (why: string, retryAfterMs: number | null = null) => ({ is: "wait", why, retryAfterMs });

test("U2 a file arrives in pieces, and each byte goes once", async () => {
  const { depot, file, told, run } = trying();
  assert.deepEqual(await run(), { is: "arrived" });
  assert.deepEqual(depot.arrived(), [file.id]);
  assert.equal(depot.bytes, file.bytes);
  assert.deepEqual(
    depot.asked.map(({ method, offset, bytes }) => [method, offset, bytes]),
    [
      ["POST", null, 0],
      ["PATCH", 0, PIECE_MIN],
      ["PATCH", PIECE_MIN, PIECE_MIN],
      ["PATCH", 2 * PIECE_MIN, PIECE_MIN],
      ["PATCH", 3 * PIECE_MIN, 17],
    ],
  );
  assert.equal(told.at(-1), 1);
});

test("U2 pieces grow while the line is quick, up to a limit, and shrink after a break", async () => {
  const faults: Fault[] = ["none", "none", "none", "none", "none", { cut: 10 }];
  const { depot, run } = trying(6 * PIECE_MAX, faults, 10);
  assert.deepEqual(await run(), { is: "arrived" });
  const sizes = depot.asked.filter(({ method }) => method === "PATCH").map(({ bytes }) => bytes);
  assert.deepEqual(sizes.slice(0, 4), [PIECE_MIN, 2 * PIECE_MIN, PIECE_MAX, PIECE_MAX]);
  assert.deepEqual(sizes.slice(5, 7), [PIECE_MIN, 2 * PIECE_MIN]);
});

test("U2 an empty line of bytes and one of a piece exactly arrive too", async () => {
  for (const bytes of [1, PIECE_MIN, PIECE_MIN + 1]) {
    const { depot, run } = trying(bytes);
    assert.deepEqual(await run(), { is: "arrived" });
    assert.equal(depot.bytes, bytes);
  }
});

const CUTS = [0, 1, PIECE_MIN - 1, PIECE_MIN, PIECE_MIN + 1, 2 * PIECE_MIN];
for (const killed of [false, true])
  for (const cut of CUTS)
    for (const at of [0, 1, 2, 3, 4])
      test(`U2 cut after ${cut} bytes of request ${at}${killed ? " by a killed server" : ""}: goes on where the shop stands`, async () => {
        const faults: Fault[] = [...Array(at).fill("none"), { cut, killed }];
        const { depot, file, run } = trying(undefined, faults, 10);
        assert.deepEqual(await run(), { is: "arrived" });
        assert.deepEqual(depot.arrived(), [file.id]);
        assert.ok(depot.bytes <= file.bytes + (killed ? PIECE_MIN : 0), `${depot.bytes} of ${file.bytes}`);
      });

const PASSING: Fault[] = ["no network", "answer lost", "doubled", "spoilt"];
for (const fault of PASSING)
  for (const at of [0, 1, 2, 3, 4])
    test(`U2 ${fault} at request ${at}: the file arrives all the same`, async () => {
      const { depot, file, run } = trying(undefined, [...Array(at).fill("none"), fault]);
      assert.deepEqual(await run(), { is: "arrived" });
      assert.deepEqual(depot.arrived(), [file.id]);
      const twice = fault === "spoilt" || fault === "doubled" ? PIECE_MIN : 0;
      assert.ok(depot.bytes <= file.bytes + twice, `${depot.bytes} of ${file.bytes}`);
    });

test("U2 every request with a fault of its own is too much for one go, and the next goes on from there", async () => {
  const { depot, file, run } = trying();
  const random = new Seeded(4);
  let end: Sent = { is: "unknown" };
  for (let i = 0; i < 60 && end.is !== "arrived"; i += 1) {
    depot.faults = Array.from({ length: 9 }, () => random.pick(PASSING));
    end = await run();
  }
  assert.deepEqual(end, { is: "arrived" });
  assert.deepEqual(depot.arrived(), [file.id]);
});

test("U2 while the line is dead it asks a few times, and then leaves it to whoever called", async () => {
  const { depot, run } = trying(undefined, Array(100).fill("no network"));
  assert.deepEqual(await run(), wait("offline"));
  assert.ok(depot.faults.length > 94, `${100 - depot.faults.length} requests`);
});

test("U2 another writer: it goes on where the shop says that the upload stands", async () => {
  const { depot, file, run } = trying();
  const all = new Uint8Array(await file.blob.arrayBuffer());
  depot.onRequest = ({ offset }) => {
    const upload = depot.uploads.get(file.id);
    if (offset === PIECE_MIN && upload) upload.received = all.slice(0, 3 * PIECE_MIN);
  };
  assert.deepEqual(await run(), { is: "arrived" });
  assert.deepEqual(depot.arrived(), [file.id]);
  assert.ok(depot.bytes < file.bytes);
});

test("U2 the shop gave up the upload in between: it begins again", async () => {
  const { depot, file, run } = trying();
  depot.onRequest = ({ offset }) => {
    if (offset === 2 * PIECE_MIN) depot.uploads.delete(file.id);
    depot.onRequest = offset === 2 * PIECE_MIN ? () => {} : depot.onRequest;
  };
  assert.deepEqual(await run(), { is: "arrived" });
  assert.deepEqual(depot.arrived(), [file.id]);
});

test("U4 what has arrived already gives its receipt and no byte goes", async () => {
  const { depot, run } = trying();
  await run();
  const { bytes } = depot;
  assert.deepEqual(await run(), { is: "arrived" });
  assert.equal(depot.bytes, bytes);
});

test("U4 a receipt that was lost is asked for", async () => {
  const faults: Fault[] = ["none", "none", "none", "none", "answer lost"];
  const { depot, file, run } = trying(undefined, faults);
  assert.deepEqual(await run(), { is: "arrived" });
  assert.equal(depot.bytes, file.bytes);
});

const STRANGE: [Fault, Sent][] = [
  ["portal", wait("portal") as Sent],
  ["portal json", wait("portal") as Sent],
  ["portal that says 204", wait("portal") as Sent],
  ["portal that says 401", wait("portal") as Sent],
  ["gateway", wait("busy", 9000) as Sent],
  ["signed out", wait("signed_out") as Sent],
  ["busy", wait("busy", 7000) as Sent],
  ["internal", wait("busy") as Sent],
  ["full", wait("shop_full", 600_000) as Sent],
  ["forbidden", { is: "refused", code: "forbidden", reason: "The shop says forbidden." }],
  ["large", { is: "refused", code: "too_large", reason: "The shop says too_large." }],
  ["kind", { is: "refused", code: "type", reason: "The shop says type." }],
];
for (const [fault, end] of STRANGE)
  for (const at of [0, 1, 4])
    test(`U2 ${JSON.stringify(fault)} at request ${at} ends with ${end.is}, and nothing is believed sent`, async () => {
      const { depot, file, run } = trying(undefined, [...Array(at).fill("none"), fault]);
      assert.deepEqual(await run(), end);
      assert.deepEqual(depot.arrived(), []);
      assert.deepEqual(await run(), { is: "arrived" });
      assert.equal(depot.bytes, file.bytes);
    });

test("U6 a photo that was deleted, and one that the shop does not know", async () => {
  const file = fileOf(9);
  const ends = [];
  for (const photo of ["gone", undefined] as const) {
    const { fetch } = new Depot(() => photo);
    ends.push(await new Upload({ fetch, digest, monotone: () => 0 }, file).run());
  }
  assert.deepEqual(ends, [{ is: "deleted" }, { is: "unknown" }]);
});

test("U1 the record is of another file: a person has to look, and it is not asked for ever", async () => {
  const file = fileOf(9);
  const depot = new Depot(() => ({ sha256: "0".repeat(64), bytes: 9 }));
  const end = await new Upload({ fetch: depot.fetch, digest, monotone: () => 0 }, file).run();
  assert.deepEqual(end, { is: "refused", code: "conflict", reason: "The shop says conflict." });
  assert.equal(depot.asked.length, 1);
});

/** A shop that answers whatever the test says. */
function saying(answers: (n: number, method: string) => { status: number; headers: Record<string, string> }) {
  let asked = 0;
  const fetch = async (_path: string, { method }: { method: string }): Promise<TusAnswer> => {
    asked += 1;
    if (asked > 200) throw new Error("It asks for ever.");
    const { status, headers } = answers(asked, method);
    const all: Record<string, string> = { "Tus-Resumable": "1.0.0", ...headers };
    return { status, header: (name) => all[name] ?? null, json: async () => ({}) };
  };
  return { world: { fetch, digest, monotone: () => 0 }, asked: () => asked };
}

test("U4 a receipt for other bytes, or for more or fewer, is none", async () => {
  const file = fileOf(9);
  const receipts = [
    `sha256=${"0".repeat(64)}; bytes=9`,
    `sha256=${file.sha256}; bytes=8`,
    `sha256=${file.sha256}`,
    "",
    "true",
  ];
  for (const receipt of receipts) {
    const headers = { "Upload-Offset": "9", "Upload-Receipt": receipt };
    const end = await new Upload(saying(() => ({ status: 201, headers })).world, file).run();
    assert.notEqual(end.is, "arrived", receipt);
  }
});

test("U4 all bytes there and no receipt is no receipt", async () => {
  const { world, asked } = saying(() => ({ status: 201, headers: { "Upload-Offset": "9" } }));
  assert.equal((await new Upload(world, fileOf(9)).run()).is, "wait");
  assert.equal(asked(), 1);
});

for (const offset of ["-1", "10", "1.5", "x", "", "9007199254740993"])
  test(`U2 an offset of ${JSON.stringify(offset)} is no place to go on from`, async () => {
    const { world } = saying(() => ({ status: 201, headers: { "Upload-Offset": offset } }));
    assert.deepEqual(await new Upload(world, fileOf(9)).run(), wait("busy"));
  });

test("U2 a shop that takes pieces and stays where it is is left alone after a few", async () => {
  const { world, asked } = saying(() => ({ status: 204, headers: { "Upload-Offset": "0" } }));
  assert.deepEqual(await new Upload(world, fileOf(9)).run(), wait("busy"));
  assert.ok(asked() < 20, `${asked()} requests`);
});

test("U3 a whole that never has the right hash is not sent over and over", async () => {
  const { depot, file, run } = trying(2 * PIECE_MIN);
  const patches = () => depot.asked.filter(({ method }) => method === "PATCH").length;
  // What the record says and what this phone's storage gives back differ, which no line can be blamed for.
  const other = { ...file, sha256: "0".repeat(64) };
  const shop = new Depot(() => other);
  const end = await new Upload({ fetch: shop.fetch, digest, monotone: () => 0 }, other).run();
  assert.deepEqual(end, wait("busy"));
  assert.ok(shop.bytes <= 3 * file.bytes, `${shop.bytes} of ${file.bytes}`);
  assert.equal(patches(), 0);
  assert.deepEqual(await run(), { is: "arrived" });
});

test("U2 called off, it says so soon, and asks no more", async () => {
  const { depot, run } = trying();
  const off = new AbortController();
  depot.onRequest = ({ offset }) => offset === PIECE_MIN && off.abort();
  assert.equal((await run(off.signal)).is, "wait");
  assert.equal(depot.asked.length, 3);
});

test("U2 where the browser has no digest the pieces go without one", async () => {
  const file = fileOf(PIECE_MIN + 1);
  const depot = new Depot(() => file);
  depot.faults = ["none", "none", { cut: 0 }];
  assert.deepEqual(await new Upload({ fetch: depot.fetch, monotone: () => 0 }, file).run(), {
    is: "arrived",
  });
  assert.deepEqual(depot.arrived(), [file.id]);
});

test("U2 progress is that of the shop, and ends at one", async () => {
  const { file, told, run } = trying(undefined, ["none", "none", "answer lost"]);
  await run();
  assert.deepEqual(
    told,
    [0, 1, 2, 2, 3]
      .map((n) => (n * PIECE_MIN) / file.bytes)
      .concat(1)
      .filter((_, i) => i !== 2),
  );
});
