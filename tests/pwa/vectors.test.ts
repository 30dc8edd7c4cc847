/** The cases of tests/vectors, which Python and TypeScript read alike: canonical text, digests, overlay. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { canonical } from "../../pwa/src/sync/canonical";
import type { Waiting } from "../../pwa/src/sync/changeset";
import { baseOf, type Layer, show } from "../../pwa/src/sync/overlay";
import { idAnew, needs, surpasses } from "../../pwa/src/sync/returning";
import type { Held, Op, Vector } from "../../pwa/src/sync/types";
import { type Rename, translate } from "../../pwa/src/sync/vector";
import { COLLECTIONS } from "./things";

interface Case {
  name: string;
  rules: string[];
}

declare const WORKBAY_ROOT: string;

function cases<T>(file: string): (T & Case)[] {
  return JSON.parse(readFileSync(`${WORKBAY_ROOT}/tests/vectors/${file}.json`, "utf8")).cases;
}

for (const { name, rules, value, canonical: text } of cases<{ value: unknown; canonical: string }>(
  "canonical",
)) {
  test(`${rules.join(" ")} canonical: ${name}`, () => assert.equal(canonical(value), text));
}

interface Sent {
  ops: (Op & { base?: Vector })[];
  n: number;
  was?: string;
}

for (const { name, rules, changeset, sha256 } of cases<{ changeset: Sent; sha256: string }>(
  "changeset_digest",
)) {
  test(`${rules.join(" ")} digest: ${name}`, () => {
    const { n: _, was: __, ops, ...said } = changeset;
    const text = canonical({ ...said, ops: ops.map(({ base: _base, ...op }) => op) });
    assert.equal(createHash("sha256").update(text).digest("hex"), sha256);
  });
}

interface Overlaid {
  confirmed: Held | null;
  outbox: (Pick<Waiting, "replica" | "n" | "ops" | "was"> & { accepted: { seq: number | null } | null })[];
  shown: Record<string, unknown> | null;
  bases: Record<string, Vector>;
}

for (const { name, rules, confirmed, outbox, shown, bases } of cases<Overlaid>("overlay")) {
  test(`${rules.join(" ")} overlay: ${name}`, () => {
    const held = confirmed ?? undefined;
    const layers = outbox.flatMap(({ accepted, ...entry }): Layer[] => {
      const by: Waiting = { order: entry.n, id: "", schema: 1, at: 0, before: [], ...entry };
      if (accepted) by.accepted = { seq: accepted.seq, until: 0 };
      return entry.ops.map((op) => ({ by, op }));
    });
    assert.deepEqual(show(held, layers, COLLECTIONS.work_order)?.data ?? null, shown);
    for (const [field, base] of Object.entries(bases)) assert.deepEqual(baseOf(held, layers, field), base);
  });
}

interface Recover {
  bases: (Case & Rename & { base: Vector; waiting: Vector })[];
  needs: (Case & { ops: Op[]; needs: string[] })[];
  surpasses: (Case & { later: Op[]; earlier: Op[]; surpasses: boolean })[];
  anew: (Case & { id: string; next: string })[];
}

const RECOVER: Recover = JSON.parse(readFileSync(`${WORKBAY_ROOT}/tests/vectors/recover.json`, "utf8"));
const NOTE = {
  parents: ["work_order"],
  fields: {
    work_order: { type: "ref", policy: "first", ref: "work_order" },
    staff: { type: "ref", policy: "first", ref: "staff" },
    text: { type: "text", policy: "latest" },
  },
} as const;

for (const { name, rules, base, waiting, ...rename } of RECOVER.bases) {
  test(`${rules.join(" ")} names: ${name}`, () => {
    assert.deepEqual(translate(base, rename), waiting);
  });
}

for (const { name, rules, ops, needs: wanted } of RECOVER.needs) {
  test(`${rules.join(" ")} needs: ${name}`, () =>
    assert.deepEqual([...needs(ops, { note: NOTE })].sort(), wanted));
}

for (const { name, rules, later, earlier, surpasses: wanted } of RECOVER.surpasses) {
  test(`${rules.join(" ")} surpasses: ${name}`, () =>
    assert.equal(surpasses(later, earlier, { note: NOTE }), wanted));
}

for (const { name, rules, id, next } of RECOVER.anew) {
  test(`${rules.join(" ")} anew: ${name}`, () => assert.equal(idAnew(id), next));
}
