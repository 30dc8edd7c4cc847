/** The history in words, what differs in a text, and refused changes as files and as plans to take over. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  becameWords,
  byDay,
  type Entry,
  fieldsOf,
  goesWith,
  headline,
  takenBack,
  toWords,
  whereWords,
} from "../../pwa/src/screens/history/words";
import { fromFile, toFile } from "../../pwa/src/screens/recovery/file";
import { keyOf, NOTHING_YET, planned, type ToldOp } from "../../pwa/src/screens/recovery/plan";
import type { Parked } from "../../pwa/src/sync/types";
import { differences } from "../../pwa/src/ui/diff";
import { setFormats } from "../../pwa/src/ui/format";
import { idOf } from "./things";

const NOON = Date.UTC(2026, 10, 25, 12, 0);
const ME = idOf(1);

function entry(more: Partial<Entry> = {}): Entry {
  const author = { person: idOf(2), name: "Tech One", device: "Bench phone" };
  const when = { edited_at: NOON, received_at: NOON, offline: false };
  const what = {
    op: "patch" as const,
    unit: "diagnosis",
    values: { diagnosis: "pump worn" },
    became: "stands" as const,
  };
  return { seq: 9, changeset: idOf(3), ...author, ...when, ...what, ...more };
}

test("C22 an entry says who did what, where and when, and that it was written off line", () => {
  setFormats({ locale: "en-GB", zone: "UTC", currency: "EUR" });
  assert.equal(headline(entry(), ME), "Tech One changed diagnosis");
  assert.equal(headline(entry({ person: ME }), ME), "You changed diagnosis");
  assert.equal(headline(entry({ values: { diagnosis: null } }), ME), "Tech One emptied diagnosis");
  assert.equal(headline(entry({ person: null, name: "" }), ME), "The shop's server set diagnosis");
  assert.equal(headline(entry({ op: "create" }), ME), "Tech One made this with diagnosis");
  assert.equal(headline(entry({ op: "delete", values: {} }), ME), "Tech One deleted this");
  assert.equal(whereWords(entry()), "12:00 · Bench phone");
  const late = entry({ offline: true, received_at: NOON + 2 * 3_600_000 });
  assert.equal(whereWords(late), "12:00 · Bench phone · written off line, reached the shop 14:00");
});

test("C22 what a record was made with is told as one creation", () => {
  const made = entry({ op: "create", changeset: "c1" });
  assert.equal(goesWith(made, undefined), false);
  assert.equal(goesWith(made, entry({ op: "create", changeset: "c1", unit: "complaint" })), true);
  assert.equal(goesWith(made, entry({ op: "create", changeset: "c2" })), false);
  assert.equal(goesWith(entry({ changeset: "c1" }), entry({ changeset: "c1" })), false);
});

test("C22 what became of an entry is said with whom", () => {
  const through = { seq: 10, person: ME, name: "Me", device: "" };
  const words = (became: Entry["became"]) => becameWords(entry({ became, through }), ME).text;
  assert.deepEqual(
    (["stands", "replaced", "overtaken", "merged", "side", "settled", "refused"] as const).map(words),
    [
      "stands now",
      "replaced by you",
      "gave way to you",
      "put together with others",
      "waits for a choice",
      "settled by you",
      "not taken",
    ],
  );
});

test("C22 entries are told by day, newest first", () => {
  const days = byDay(
    [entry(), entry({ edited_at: NOON - 60_000 }), entry({ edited_at: NOON - 86_400_000 })],
    NOON,
  );
  assert.deepEqual(
    days.map((day) => [day.title, day.entries.length]),
    [
      ["Today", 2],
      ["Yesterday", 1],
    ],
  );
});

test("values are told in words: people by name, elements by what came and went, groups without their times", () => {
  const nameOf = (collection: string, id: string) => `${collection} ${id}`;
  assert.equal(toWords("work_order", "assignee", "x", nameOf), "staff x");
  assert.equal(toWords("work_order", "priority", "high", nameOf), "High");
  assert.equal(
    toWords("work_order", "tags", { add: ["a", "b"], remove: ["c"] }, nameOf),
    "Added a, b; removed c",
  );
  assert.equal(toWords("line_item", "declined", true, nameOf), "yes");
  const step = entry({ unit: "status", values: { status: "ready", status_reason: null, status_at: 1 } });
  assert.deepEqual(fieldsOf(step), ["status"]);
});

test("an older value comes back as a new edit, whole groups too; steps, elements and what stands already do not", () => {
  const now = { diagnosis: "hose", status: "ready", tags: ["a"], goodwill_cents: 5, goodwill_reason: "late" };
  assert.deepEqual(takenBack("work_order", entry(), now), { diagnosis: "pump worn" });
  assert.equal(takenBack("work_order", entry({ values: { diagnosis: "hose" } }), now), null);
  assert.equal(takenBack("work_order", entry({ unit: "status", values: { status: "new" } }), now), null);
  assert.equal(takenBack("work_order", entry({ unit: "tags", values: { tags: { add: ["b"] } } }), now), null);
  assert.deepEqual(takenBack("work_order", entry({ unit: "goodwill", values: { goodwill_cents: 9 } }), now), {
    goodwill_cents: 9,
    goodwill_reason: null,
  });
  assert.equal(takenBack("work_order", entry(), undefined), null);
});

test("two texts are told apart word by word; what has little in common is shown whole", () => {
  const told = (before: string, after: string) =>
    differences(before, after)?.map(({ is, text }) => `${is}:${text}`) ?? null;
  assert.deepEqual(told("the seal of the pump leaks", "the seal of the hose leaks"), [
    "same:the seal of the ",
    "gone:pump",
    "new:hose",
    "same: leaks",
  ]);
  assert.deepEqual(told("a b", "a b c"), ["same:a b", "new: c"]);
  assert.equal(told("", "new words"), null);
  assert.equal(told("quite another sentence", "nothing alike here"), null);
  const long = "word ".repeat(800);
  assert.equal(differences(long, `${long}x`), null);
});

test("the pieces of a comparison give both texts back, whatever they are", () => {
  let seed = 7;
  const next = (n: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % n;
  };
  const text = () => Array.from({ length: next(12) }, () => ["a", "bb", "c\n", "é"][next(4)]).join(" ");
  for (let turn = 0; turn < 500; turn++) {
    const [before, after] = [text(), text()];
    const pieces = differences(before, after);
    if (!pieces) continue;
    const join = (skip: string) =>
      pieces
        .filter(({ is }) => is !== skip)
        .map((one) => one.text)
        .join("");
    assert.equal(join("new"), before);
    assert.equal(join("gone"), after);
  }
});

const OPS: ToldOp[] = [
  {
    op: "patch",
    collection: "work_order",
    id: idOf(5),
    set: { diagnosis: "pump", goodwill_cents: 5, goodwill_reason: "x" },
  },
  { op: "create", collection: "note", id: idOf(6), set: { work_order: idOf(5), text: "call" } },
  { op: "patch", collection: "task", set: { title: "gone" } },
];

test("C25 a taking-over writes what was chosen, with the words as edited, and nothing of what is gone", () => {
  assert.deepEqual(
    planned(OPS, NOTHING_YET).map(({ op, id }) => [op, id]),
    [
      ["patch", idOf(5)],
      ["create", idOf(6)],
    ],
  );
  const chosen = { words: { [keyOf(0, "diagnosis")]: "pump worn" }, without: [keyOf(0, "goodwill_cents")] };
  const [patch] = planned(OPS, chosen);
  assert.deepEqual(patch && "set" in patch && patch.set, { diagnosis: "pump worn" });
  assert.deepEqual(
    planned([OPS[0] as ToldOp], { words: {}, without: ["0.diagnosis", "0.goodwill_reason"] }),
    [],
  );
});

test("a refused change goes into a file that people can read, and comes out of it whole", () => {
  const parked = {
    key: "k",
    n: 1,
    id: idOf(7),
    at: NOON,
    ops: OPS.slice(0, 2),
    code: "closed",
    message: "It is closed.",
  };
  const author = { id: ME, name: "Tech One" };
  const told = { made: "today", why: "It was closed.", what: ["Change diagnosis"] };
  const text = toFile(parked as unknown as Parked, author, told);
  assert.ok(text.indexOf("Change diagnosis") < text.indexOf('"change"'));
  const back = fromFile(text);
  assert.deepEqual(back?.change.ops, OPS.slice(0, 2));
  assert.equal(back?.author.name, "Tech One");
  for (const wrong of [
    "",
    "{}",
    "[]",
    "null",
    text.replace(idOf(7), "../x"),
    text.replace('"patch"', '"drop"'),
  ])
    assert.equal(fromFile(wrong), null, wrong);
});
