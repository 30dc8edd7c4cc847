/** From what a screen asks for to what travels: bases filled in field by field, text mended, groups made whole. */

import { sendable } from "./canonical";
import { baseOf, type Layer } from "./overlay";
import { type CollectionSpec, type Collections, isElements, unitOf } from "./schema";
import type { Data, Draft, Form, Held, Op, Shown, Vector } from "./types";
import { meet, type Rename, sameVector, translate } from "./vector";

/** What preparing must know of the replica. */
export interface Sight {
  collections: Collections;
  replica: string;
  held(id: string): Held | undefined;
  layers(id: string): readonly Layer[];
  shown(collection: string, id: string): Shown | undefined;
  /** How often own changesets have changed their names so far. */
  renames: number;
}

export interface Prepared {
  ops: Op[];
  /** For each op, what its fields showed before. */
  before: Data[];
  /** How often names had changed when the oldest base in it was taken. */
  renames: number;
}

/** The action cannot be saved as it is; the form stays open with all that was typed. */
export class ActError extends Error {
  constructor(
    readonly code: "gone" | "too_large",
    message: string,
  ) {
    super(message);
  }
}

export function prepare(drafts: Draft[], sight: Sight): Prepared {
  const opened = drafts.flatMap((draft) => (draft.op === "create" ? [] : (draft.form?.renames ?? [])));
  const prepared: Prepared = { ops: [], before: [], renames: Math.min(sight.renames, ...opened) };
  for (const draft of merged(drafts)) {
    const shown = sight.shown(draft.collection, draft.id);
    if (draft.op !== "create" && shown === undefined)
      throw new ActError("gone", "This is no longer on this device.");
    for (const op of opsOf(draft, shown, sight)) {
      prepared.ops.push(op);
      prepared.before.push(op.op === "patch" ? pick(shown?.data ?? {}, Object.keys(op.set)) : {});
    }
  }
  return prepared;
}

/** A record made and at once changed in one action is simply made so: its own number is no base yet. */
function merged(drafts: Draft[]): Draft[] {
  const created = new Map<string, Draft & { op: "create" }>();
  for (const draft of drafts) if (draft.op === "create") created.set(draft.id, { ...draft });
  const others: Draft[] = [];
  for (const draft of drafts) {
    const made = created.get(draft.id);
    if (made === undefined) others.push(draft);
    else if (draft.op === "patch") made.set = { ...made.set, ...draft.set };
    else if (draft.op === "delete") created.delete(draft.id);
  }
  return [...created.values(), ...others];
}

function opsOf(draft: Draft, shown: Shown | undefined, sight: Sight): Op[] {
  const spec = sight.collections[draft.collection];
  const { collection, id } = draft;
  if (draft.op === "delete")
    return [{ op: "delete", collection, id, base: deleteBase(draft.id, draft.form, shown, sight) }];
  const set = asSent(draft.set, shown?.data ?? {}, spec);
  if (draft.op === "create") return [{ op: "create", collection, id, set }];
  return byBase(
    whole(set, spec),
    spec,
    (field) => draft.form?.bases[field] ?? fieldBase(id, field, sight),
  ).map(([base, part]) => ({ op: "patch", collection, id, base, set: part }));
}

/** Values as they travel; a whole array of elements becomes the difference from what is shown. */
function asSent(set: Data, shown: Data, spec: CollectionSpec | undefined): Data {
  const entries = Object.entries(sendable(set) as Data).map(([field, value]): [string, unknown] => [
    field,
    isElements(spec, field) && Array.isArray(value) ? difference(shown[field], value as string[]) : value,
  ]);
  return Object.fromEntries(entries);
}

function difference(shown: unknown, wanted: string[]): { add: string[]; remove: string[] } {
  const held = Array.isArray(shown) ? (shown as string[]) : [];
  return {
    add: wanted.filter((element) => !held.includes(element)),
    remove: held.filter((element) => !wanted.includes(element)),
  };
}

/** Fields of a group are written together (V2): what the screen left out of one is cleared. */
function whole(set: Data, spec: CollectionSpec | undefined): Data {
  const groups = new Set(Object.keys(set).map((field) => spec?.fields[field]?.group));
  const missing = Object.entries(spec?.fields ?? {}).filter(
    ([field, { group }]) => group !== undefined && groups.has(group) && !(field in set),
  );
  return { ...set, ...Object.fromEntries(missing.map(([field]) => [field, null])) };
}

/** The fields sorted by their base, a group under one (V13). */
function byBase(
  set: Data,
  spec: CollectionSpec | undefined,
  find: (field: string) => Vector,
): [Vector, Data][] {
  const units = new Map<string, Vector>();
  const parts: [Vector, Data][] = [];
  for (const [field, value] of Object.entries(set)) {
    const unit = unitOf(spec, field);
    const base = units.get(unit) ?? find(field);
    units.set(unit, base);
    const part = parts.find(([other]) => sameVector(other, base));
    if (part) part[1][field] = value;
    else parts.push([base, { [field]: value }]);
  }
  return parts;
}

function fieldBase(id: string, field: string, sight: Sight): Vector {
  return baseOf(sight.held(id), sight.layers(id), field);
}

/** The bases of everything that is shown of a record now (V11, V12). */
export function formOf(collection: string, id: string, shown: Shown | undefined, sight: Sight): Form {
  const fields = new Set([
    ...Object.keys(sight.collections[collection]?.fields ?? {}),
    ...Object.keys(shown?.data ?? {}),
  ]);
  const bases = Object.fromEntries([...fields].map((field) => [field, fieldBase(id, field, sight)]));
  return { id, bases, renames: sight.renames };
}

function deleteBase(id: string, form: Form | undefined, shown: Shown | undefined, sight: Sight): Vector {
  const seen = form ?? formOf(shown?.collection ?? "", id, shown, sight);
  return meet(Object.values(seen.bases), sight.replica);
}

/** The ops of a form that was open while names changed, in the names that hold now. */
export function translated(ops: Op[], renames: Rename[]): Op[] {
  return ops.map((op) => (op.op === "create" ? op : { ...op, base: renames.reduce(translate, op.base) }));
}

function pick(data: Data, fields: string[]): Data {
  return Object.fromEntries(fields.map((field) => [field, data[field] ?? null]));
}
