/** The opposite edit of a changeset that was already sent, where there is one. */

import { canonical } from "./canonical";
import { idsOf, type Waiting } from "./changeset";
import { type CollectionSpec, type Collections, mayDelete } from "./schema";
import type { Data, Draft, Op, Shown } from "./types";
import type { View } from "./view";

const REVERSIBLE = new Set(["latest", "keep_both", "text", "greatest", "elements"]);

/** What the opposite depends on: what is shown now, and who asks. */
export interface Standing {
  view: View;
  collections: Collections;
  role: string;
}

/** Drafts that bring back what was shown before, or null when somebody went on from it or nothing can. */
export function opposite(entry: Pick<Waiting, "ops" | "before">, standing: Standing): Draft[] | null {
  const made = new Set(idsOf(entry.ops));
  const drafts: Draft[] = [];
  for (const [i, op] of entry.ops.entries()) {
    const shown = standing.view.get(op.collection, op.id);
    const spec = standing.collections[op.collection];
    if (shown === undefined || spec === undefined || op.op === "delete") return null;
    const back = op.op === "patch" ? fieldsBack(op.set, entry.before[i] ?? {}, shown, spec) : null;
    if (op.op === "create" ? !mayGo(op, shown, spec, made, standing) : back === null) return null;
    const { collection, id } = op;
    drafts.push(back ? { op: "patch", collection, id, set: back } : { op: "delete", collection, id });
  }
  return drafts.length > 0 ? drafts.reverse() : null;
}

/** The earlier values, unless somebody has changed them since or the policy knows no way back. */
function fieldsBack(set: Data, before: Data, shown: Shown, spec: CollectionSpec): Data | null {
  const back: Data = {};
  for (const [field, value] of Object.entries(set)) {
    const policy = spec.fields[field]?.policy ?? "";
    const measured = spec.fields[field]?.measured ?? false;
    // The server shifts what a phone's clock measured, so an instant that differs is no sign of another hand.
    const isStill =
      measured || policy === "elements" || canonical(shown.data[field] ?? null) === canonical(value);
    if (!isStill || !REVERSIBLE.has(policy)) return null;
    back[field] = policy === "elements" ? swapped(value, before[field]) : before[field];
  }
  return back;
}

/** A record that was only made, not written in since nor hung upon by others, may go again. */
function mayGo(
  op: Op & { op: "create" },
  shown: Shown,
  spec: CollectionSpec,
  made: Set<string>,
  { view, collections, role }: Standing,
): boolean {
  const plain = Object.entries(op.set).filter(([field]) => {
    const { policy, measured } = spec.fields[field] ?? { policy: "", measured: false };
    return policy !== "elements" && !measured;
  });
  const untouched = plain.every(
    ([field, value]) => canonical(shown.data[field] ?? null) === canonical(value),
  );
  const children = Object.keys(collections).flatMap((collection) => view.children(op.id, collection));
  return mayDelete(spec, role) && untouched && children.every((child) => made.has(child.id));
}

/** Only what this edit really added goes, and only what it really removed comes back. */
function swapped(change: unknown, before: unknown): { add: string[]; remove: string[] } {
  const { add = [], remove = [] } = change as { add?: string[]; remove?: string[] };
  const held = Array.isArray(before) ? (before as string[]) : [];
  return { add: remove.filter((e) => held.includes(e)), remove: add.filter((e) => !held.includes(e)) };
}
