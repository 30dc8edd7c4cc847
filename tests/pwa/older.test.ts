/** Older work: searched at the shop, asked for by a sync, and on the phone afterwards (P18). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../../pwa/src/sync/ids";
import { setting } from "./phone";

const OLD = newId();

async function withOlderWork() {
  return setting((shop) => {
    shop.older.set(OLD, { number: "1001", complaint: "Rattles when cold" });
  });
}

test("P18 older work is searched at the shop and is not on the phone by that", async () => {
  const { shop, replica } = await withOlderWork();
  const answer = await replica.search("Rattles");
  assert.deepEqual(answer?.found, [{ id: OLD, number: "1001", complaint: "Rattles when cold" }]);
  assert.deepEqual((await replica.search("fuel & oil"))?.found, []);
  assert.equal(replica.get("work_order", OLD), undefined);
  assert.equal((await replica.search("x"))?.problem, "The shop says invalid.");
  shop.faultsOfQuestions = ["portal", "drop request", "signed out", "busy"];
  for (let i = 0; i < 4; i += 1) assert.equal(await replica.search("Rattles"), null);
});

test("P18 what is wanted comes with the next sync, and is asked for once", async () => {
  const { shop, replica } = await withOlderWork();
  shop.requests = [];
  assert.equal(await replica.want(OLD), true);
  assert.equal(replica.get("work_order", OLD)?.data.number, "1001");
  await replica.syncNow();
  assert.deepEqual(
    shop.requests.flatMap((request) => request.want ?? []),
    [OLD],
  );
});

test("P18 a wish that did not get through is kept, and goes with a later sync", async () => {
  const { shop, replica } = await withOlderWork();
  shop.faults = ["drop answer"];
  assert.equal(await replica.want(OLD), false);
  await replica.syncNow();
  assert.equal(replica.get("work_order", OLD)?.data.number, "1001");
  assert.equal(await replica.want(newId()), false);
});
