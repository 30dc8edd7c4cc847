/** The opposite edit of a changeset that was already sent, where there is one. */

import { canonical } from "./canonical";
import type { Waiting } from "./changeset";
import type { CollectionSpec, Collections } from "./schema";
import type { Data, Draft, Op, Shown } from "./types";
import type { View } from "./view";

const REVERSIBLE = new Set(["latest", "keep_both", "text", "greatest", "elements"]);

/** Drafts that bring back what was shown before, or null when somebody went on from it or nothing can. */
export function opposite(
  entry: Pick<Waiting, "ops" | "before">,
  view: View,
  collections: Collections,
): Draft[] | null {
  const drafts: Draft[] = [];
  for (const [i, op] of entry.ops.entries()) {
    const shown = view.get(op.collection, op.id);
    const draft = shown && oppositeOf(op, entry.before[i] ?? {}, shown, view, collections);
    if (!draft) return null;
    drafts.push(draft);
  }
  return drafts.length > 0 ? drafts.reverse() : null;
}

function oppositeOf(op: Op, before: Data, shown: Shown, view: View, collections: Collections): Draft | null {
  const spec = collections[op.collection];
  if (spec === undefined || op.op === "delete") return null;
  if (op.op === "create")
    return stillAlone(op, shown, spec, view, collections) ? { ...bare(op), op: "delete" } : null;
  const fields = Object.keys(op.set);
  if (!fields.every((field) => REVERSIBLE.has(spec.fields[field]?.policy ?? ""))) return null;
  const set: Data = {};
  for (const field of fields) {
    const isSet = spec.fields[field]?.policy === "elements";
    if (!isSet && canonical(shown.data[field] ?? null) !== canonical(op.set[field])) return null;
    set[field] = isSet ? swapped(op.set[field], before[field]) : before[field];
  }
  return { ...bare(op), op: "patch", set };
}

/** A record that was only made, not yet written in by others nor hung upon, may go again. */
function stillAlone(
  op: Op & { op: "create" },
  shown: Shown,
  spec: CollectionSpec,
  view: View,
  all: Collections,
): boolean {
  if (spec.appendOnly) return false;
  const plain = Object.entries(op.set).filter(([field]) => spec.fields[field]?.policy !== "elements");
  const untouched = plain.every(
    ([field, value]) => canonical(shown.data[field] ?? null) === canonical(value),
  );
  return untouched && Object.keys(all).every((collection) => view.children(op.id, collection).length === 0);
}

/** Only what this edit really added goes, and only what it really removed comes back. */
function swapped(change: unknown, before: unknown): { add: string[]; remove: string[] } {
  const { add = [], remove = [] } = change as { add?: string[]; remove?: string[] };
  const held = Array.isArray(before) ? (before as string[]) : [];
  return { add: remove.filter((e) => held.includes(e)), remove: add.filter((e) => !held.includes(e)) };
}

function bare(op: Op): { collection: string; id: string } {
  return { collection: op.collection, id: op.id };
}
