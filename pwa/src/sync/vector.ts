/** Version vectors as a phone needs them: to say what was on the screen when somebody edited it (V10–V14). */

import { canonical } from "./canonical";
import type { Vector } from "./types";

/** How own dots changed their names when a phone got another replica id (F4). */
export interface Rename {
  from: string;
  to: string;
  /** The first number of `from` that the server never judged for this phone. */
  fork: number;
  /** Old number → new number. */
  numbers: Record<number, number>;
}

/** The vector that contains also the own write `(replica, n)`. */
export function advance(base: Vector, replica: string, n: number): Vector {
  return { ...base, [replica]: Math.max(base[replica] ?? 0, n) };
}

/** The most entries of a base that may travel (W11). */
const ENTRIES_MAX = 1000;

/**
 * A base as it may travel: of one with too many entries the shop's count, the own one, and the first others by name.
 *
 * What is left out counts as not seen. That only matters after a restore, where it makes a conflict, and loses nothing.
 */
export function fitting(base: Vector, replica: string): Vector {
  const names = Object.keys(base);
  if (names.length <= ENTRIES_MAX) return base;
  const first = ["@", replica].filter((name) => name in base);
  const others = names.filter((name) => !first.includes(name)).sort();
  return Object.fromEntries(
    [...first, ...others].slice(0, ENTRIES_MAX).map((name) => [name, base[name] ?? 0]),
  );
}

export function sameVector(a: Vector, b: Vector): boolean {
  return canonical(a) === canonical(b);
}

/**
 * The base of a delete: of what its fields were shown from, the smallest entries (V14).
 *
 * An own entry is the largest instead: a phone has always seen its own writes, and they never conflict (V8).
 */
export function meet(bases: Vector[], replica: string): Vector {
  const [first, ...rest] = bases;
  if (first === undefined) return {};
  const met: Vector = {};
  for (const [name, n] of Object.entries(first)) {
    const all = rest.map((base) => base[name]);
    if (name !== replica && all.every((other) => other !== undefined))
      met[name] = Math.min(n, ...(all as number[]));
  }
  const own = Math.max(...bases.map((base) => base[replica] ?? 0));
  return own > 0 ? { ...met, [replica]: own } : met;
}

/** A base in the new names: own numbers from the fork on are translated, older ones stand up to the fork (F4). */
export function translate(base: Vector, rename: Rename): Vector {
  const old = base[rename.from];
  if (old === undefined || old < rename.fork) return base;
  const { [rename.from]: _, ...rest } = base;
  const kept = rename.fork > 1 ? { ...rest, [rename.from]: rename.fork - 1 } : rest;
  const n = rename.numbers[old];
  return n === undefined ? kept : advance(kept, rename.to, n);
}
