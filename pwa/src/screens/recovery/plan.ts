/** What a taking-over would write: of a refused change the parts that were chosen, with the words as edited. Pure. */
import { COLLECTIONS, type CollectionName } from "../../collections.gen";
import type { Data, Draft } from "../../sync/types";

/** An op of a refused change as the office is told it: without its id, where the record is gone or not theirs to read. */
export interface ToldOp {
  op: "create" | "patch" | "delete";
  collection: string;
  id?: string;
  set: Data;
}

export interface Chosen {
  /** "op.field" → the words as edited. */
  words: Record<string, string>;
  /** "op.field" of what is left out. */
  without: string[];
}

export const NOTHING_YET: Chosen = { words: {}, without: [] };

export const keyOf = (i: number, field: string): string => `${i}.${field}`;

/** Fields of one group go together, or stay out together. */
const unitOf = (op: ToldOp, field: string): string =>
  COLLECTIONS[op.collection as CollectionName]?.fields[field]?.group ?? field;

function draftOf(op: ToldOp, i: number, { words, without }: Chosen): Draft | null {
  if (!op.id) return null;
  const { collection, id } = op;
  if (op.op === "delete") return { op: "delete", collection, id };
  const names = Object.keys(op.set);
  const out = new Set(
    names.filter((name) => without.includes(keyOf(i, name))).map((name) => unitOf(op, name)),
  );
  const kept = names.filter((name) => op.op === "create" || !out.has(unitOf(op, name)));
  if (kept.length === 0) return null;
  const set = Object.fromEntries(kept.map((name) => [name, words[keyOf(i, name)] ?? op.set[name]]));
  return { op: op.op, collection, id, set };
}

/** The edits to make, on top of what stands now. */
export const planned = (ops: ToldOp[], chosen: Chosen): Draft[] =>
  ops.map((op, i) => draftOf(op, i, chosen)).filter((one) => one !== null);
