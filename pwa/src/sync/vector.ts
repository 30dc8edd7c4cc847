/** Version vectors as a phone needs them: to say what was on the screen when somebody edited it (V10–V14). */

import { canonical } from "./canonical";
import type { Vector } from "./types";

/** Own dots that changed when a phone got another name, or a tail forked (F4, F6). */
export interface Rename {
  /** Old name, old number, new name, new number. */
  numbers: [string, number, string, number][];
  /** Old name → the newest number that stays under it. */
  upto: Record<string, number>;
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

/**
 * A base in the new names, of what waits or of a form that is open: a phone has seen all its own writes up to there,
 * which went without saying (V8), and now says so (F4).
 */
export function translate(base: Vector, rename: Rename): Vector {
  const dots = new Map(rename.numbers.map(([from, old, to, n]) => [`${from}:${old}`, { to, n }]));
  const entries = Object.entries(base);
  const after: Vector = Object.fromEntries(entries.filter(([name, n]) => !dots.has(`${name}:${n}`)));
  for (const [name, old] of entries) {
    const now = dots.get(`${name}:${old}`);
    if (now === undefined) continue;
    after[now.to] = Math.max(now.n, after[now.to] ?? 0);
  }
  for (const [name, n] of Object.entries(rename.upto)) if (n > 0) after[name] = Math.max(n, after[name] ?? 0);
  return after;
}
