/** What the replica knows of itself: one value in the store's `meta`, read and written inside every transaction. */

import type { Waiting } from "./changeset";
import type { Tx } from "./store";
import type { Checked, Identity, Parked } from "./types";
import type { Rename } from "./vector";
import type { Found } from "./verify";

export interface Meta {
  identity: Identity;
  /** The last number given to a changeset, and the last place in the outbox. */
  n: number;
  order: number;
  /** Every outcome up to here is stored (W5), and what a verified backup holds (R8). */
  confirmed: number;
  durable: number;
  /** The largest number that was ever in a request: what is above it was seen by nobody. */
  sentUpTo: number;
  cursor: string | null;
  staged: Staged | null;
  /** Counts pulls that were begun; see `Accepted.until`. */
  pull: number;
  /** Counts writes of any tab, and flips of confirmed, so that a tab notices when it missed one. */
  version: number;
  flips: number;
  trimmedAt: number;
  lastContact: number | null;
  renames: Rename[];
  /** Names that this phone had before, oldest first, and those of them under which something is kept. */
  names?: string[];
  former?: string[];
  /** What came of comparing this store with the shop; stores of before have none. */
  check?: Check;
  /** What the server said it had, while no cursor says so; by it a restore is found (R11). */
  seen?: string | undefined;
  /** Older work that the next sync asks for (P18). */
  wants?: string[];
}

/** Checks that were asked for and done are counted, so that whoever asked knows when theirs was. */
export interface Check {
  wanted: number;
  done: number;
  last: Checked | null;
  /** What was found and is not reported to the shop yet. */
  report: { id: string; found: Found; mended: boolean } | null;
}

const UNCHECKED: Check = { wanted: 0, done: 0, last: null, report: null };

export function checkOf(meta: Meta): Check {
  return meta.check ?? UNCHECKED;
}

/** A pull that is under way: its pages lie in `staging` until the last one has come. */
export interface Staged {
  cursor: string;
  pages: number;
  records: number;
  reset: boolean;
  /** How many records the server says are still to come. */
  left?: number;
}

/** An entry of the store `parked`: a refused changeset, or an own edit that gave way. */
export interface StoredParked extends Parked {
  kind: "parked";
  schema?: number;
  /** It was made in a lineage that was lost; and what it needs was not here when last looked (R14). */
  restored?: boolean;
  lacking?: boolean;
  /** Its name and its place among all that was ever saved here; and that the phone has written over it since. */
  replica?: string;
  order?: number;
  goneOn?: boolean;
}

export interface StoredNotice {
  kind: "notice";
  key: string;
  at: number;
  changeset: string;
  overtaken: unknown[];
  merged?: unknown[];
}

/** What a transaction changed, told to this tab's memory and to the other tabs. */
export interface Change {
  /** The version the transaction found and the one it left. */
  from: number;
  to: number;
  /** Places in the outbox that were written or removed. */
  outbox: number[];
  parked: boolean;
  buckets: number[];
  /** Records of those buckets that changed, or all of them. */
  records: string[] | "*";
}

const KEY = "state";

export function fresh(identity: Identity): Meta {
  return {
    identity,
    n: 0,
    order: 0,
    confirmed: 0,
    durable: 0,
    sentUpTo: 0,
    cursor: null,
    staged: null,
    pull: 0,
    version: 0,
    flips: 0,
    trimmedAt: 0,
    lastContact: null,
    renames: [],
  };
}

export function readMeta(tx: Tx): Promise<Meta | undefined> {
  return tx.get<Meta>("meta", KEY);
}

/** Writes the next state and says by which step of versions it differs. */
export function writeMeta(tx: Tx, meta: Meta, change: Partial<Change> = {}): Change {
  const to = meta.version + 1;
  tx.put("meta", KEY, { ...meta, version: to });
  return { from: meta.version, to, outbox: [], parked: false, buckets: [], records: [], ...change };
}

/** Notes, before a request goes out, up to where it was sent; nothing that is shown changes by it. */
export function noteSent(tx: Tx, meta: Meta, n: number): void {
  if (n > meta.sentUpTo) tx.put("meta", KEY, { ...meta, sentUpTo: n });
}

/** Puts changesets into the outbox and says where. */
export function putWaiting(tx: Tx, changesets: Waiting[]): number[] {
  for (const changeset of changesets) tx.put("outbox", changeset.order, changeset);
  return changesets.map((changeset) => changeset.order);
}

/** When each record of ours was last taken by the shop, for "at the shop 14:32"; the newest few hundred. */
export type Answered = Record<string, number>;
const ANSWERED_MAX = 500;

export async function noteAnswered(tx: Tx, ids: string[], now: number): Promise<void> {
  if (ids.length === 0) return;
  const known = (await tx.get<Answered>("meta", "answered")) ?? {};
  for (const id of ids) {
    delete known[id];
    known[id] = now;
  }
  tx.put("meta", "answered", Object.fromEntries(Object.entries(known).slice(-ANSWERED_MAX)));
}

export async function readAnswered(tx: Tx): Promise<Answered> {
  return (await tx.get<Answered>("meta", "answered")) ?? {};
}
