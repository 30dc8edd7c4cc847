/**
 * Puts an answer into the store: outcomes, and the page of records. One transaction, run inside `Store.write`.
 *
 * Pages are staged until the last one has come; then confirmed, outbox and cursor flip together (P9). An answer
 * counts only if replica, epoch and cursor are still those it was asked with (P10).
 */

import { type Accepted, idsOf, type Kept, placeOf, type Result, type Waiting, waits } from "./changeset";
import { bucketOf, bucketsWith, type Confirmed, putBuckets, type WireRecord } from "./confirmed";
import {
  type Change,
  type Meta,
  noteAnswered,
  readMeta,
  type StoredNotice,
  type StoredParked,
  writeMeta,
} from "./meta";
import { bringBack } from "./returning";
import type { Collections } from "./schema";
import type { Tx } from "./store";
import type { Answer } from "./wire";

/** With what a request was asked; `tail`: in a former name, to hand over what it was answered before. */
export interface Asked {
  replica: string;
  tail?: boolean;
  epoch: string;
  cursor: string | null;
  /** Older work that was asked for: once answered, it is in the view or never will be. */
  want?: string[];
}

/** What settling reads of memory, which is as the store was when the request was asked. */
export interface Known {
  confirmed: Confirmed;
  outbox: readonly Waiting[];
  collections: Collections;
}

const DAY_MS = 24 * 3600_000;
const KEPT_MS = 30 * DAY_MS;

export function askedCursor(meta: Meta): string | null {
  return meta.staged?.cursor ?? meta.cursor;
}

/** The state as stored, if the answer to what was asked may still count. */
export async function stillAsked(tx: Tx, asked: Asked): Promise<Meta | null> {
  const meta = await readMeta(tx);
  const named = asked.tail ? meta?.names?.includes(asked.replica) : meta?.identity.replica === asked.replica;
  const same =
    meta !== undefined && named && meta.identity.epoch === asked.epoch && askedCursor(meta) === asked.cursor;
  return same ? meta : null;
}

/** Stores all that an answer says; null when it no longer counts. */
export async function settle(
  tx: Tx,
  known: Known,
  asked: Asked,
  answer: Answer,
  now: number,
): Promise<Change | null> {
  const meta = await stillAsked(tx, asked);
  if (meta === null) return null;
  const first = meta.staged === null;
  delete meta.seen;
  if (first) meta.pull += 1;
  if (asked.want) meta.wants = meta.wants?.filter((id) => !asked.want?.includes(id));
  const reset = answer.reset || (meta.staged?.reset ?? false);
  // A row of a bootstrap may have gone out before this outcome, so only its first page is sure to contain it.
  const until = reset && !(first || answer.reset) ? meta.pull + 1 : meta.pull;
  const outcomes = await takeResults(tx, meta, known.outbox, answer.results, {
    until,
    now,
    shopNow: answer.now,
  });
  const page = await takePage(tx, meta, known, answer, outcomes.answered);
  // An answer to a mere pull need not say what is durable; it only ever grows within an epoch.
  const backedUp =
    (answer.durable ?? 0) > meta.durable || Object.values(answer.former ?? {}).some((n) => n > 0);
  meta.durable = Math.max(meta.durable, answer.durable ?? 0);
  meta.lastContact = now;
  const day = Math.abs(answer.now - meta.trimmedAt) > DAY_MS;
  if (backedUp || day) await trimKept(tx, meta, answer.now, answer.former ?? {});
  return writeMeta(tx, meta, {
    outbox: [...new Set([...outcomes.outbox, ...page.outbox])],
    parked: outcomes.parked || page.parked,
    buckets: page.buckets,
    records: page.records,
  });
}

/** Stores the outcomes of a tail that was sent again; nothing was asked for beside them. */
export async function settleTail(
  tx: Tx,
  known: Known,
  asked: Asked,
  answer: Answer,
  now: number,
): Promise<Change | null> {
  const meta = await stillAsked(tx, asked);
  if (meta === null) return null;
  meta.lastContact = now;
  meta.seen = answer.seen ?? meta.seen;
  const when = { until: meta.pull + 1, now, shopNow: answer.now };
  const { outbox, parked } = await takeResults(tx, meta, known.outbox, answer.results, when, asked.replica);
  return writeMeta(tx, meta, { outbox, parked });
}

/** The pull that will show what was accepted; when it is by the phone's clock, and by the shop's if the answer says so. */
export interface When {
  until: number;
  now: number;
  shopNow?: number;
}

export interface Outcomes {
  outbox: number[];
  parked: boolean;
  /** The accepted ones as they now stand in the outbox, by their place. */
  answered: Map<number, Waiting>;
}

/** Stores outcomes: what was accepted stays laid over, what was refused is parked under "needs you" (T5). */
export async function takeResults(
  tx: Tx,
  meta: Meta,
  outbox: readonly Waiting[],
  results: readonly Result[],
  when: When,
  name = meta.identity.replica,
): Promise<Outcomes> {
  const outcomes: Outcomes = { outbox: [], parked: false, answered: new Map() };
  const waiting = new Map(outbox.filter((w) => waits(w) && w.replica === name).map((w) => [w.n, w]));
  const own = name === meta.identity.replica;
  const taken: string[] = [];
  for (const result of results) {
    const entry = waiting.get(result.n);
    if (own && result.n === meta.confirmed + 1) meta.confirmed = result.n;
    if (entry === undefined) continue;
    outcomes.outbox.push(entry.order);
    if (result.outcome === "accepted") {
      const accepted: Accepted = { seq: result.seq ?? null, until: when.until };
      const stored = { ...entry, accepted };
      outcomes.answered.set(entry.order, stored);
      tx.put("outbox", entry.order, stored);
      if (entry.was === "rejected") {
        // A copy of this phone brought it before, and it was accepted: it needs nobody any more (R12).
        tx.delete("parked", entry.id);
        outcomes.parked = true;
      }
      taken.push(...idsOf(entry.ops));
    } else refuse(tx, entry, when.shopNow);
    const told = tell(tx, entry, result, when.now);
    outcomes.parked ||= told;
  }
  await noteAnswered(tx, taken, when.now);
  return outcomes;
}

function refuse(tx: Tx, entry: Waiting, since?: number): void {
  tx.delete("outbox", entry.order);
  keep(tx, entry, "rejected", since);
}

/** Parks a refusal, or notes that an own edit gave way or was merged; says whether there was anything to tell. */
function tell(tx: Tx, entry: Waiting, result: Result, now: number): boolean {
  if (result.outcome === "rejected") return entry.was !== "rejected" && park(tx, entry, result);
  const { overtaken = [], merged = [] } = result;
  if (overtaken.length + merged.length === 0) return false;
  const notice: StoredNotice = {
    kind: "notice",
    key: `notice:${entry.id}`,
    at: now,
    changeset: entry.id,
    overtaken,
    merged,
  };
  tx.put("parked", notice.key, notice);
  return true;
}

/** Puts a changeset under "needs you"; an empty one has nothing that anybody would miss. */
export function park(
  tx: Tx,
  entry: Waiting,
  why: { code?: string; message?: string; at?: Result["at"] },
): boolean {
  if (entry.ops.length === 0) return false;
  const { n, id, at, ops, schema, restored, replica } = entry;
  const code = why.code ?? "invalid";
  const message = why.message ?? "The shop could not take this.";
  const told: StoredParked = { kind: "parked", key: id, n, id, at, ops, code, message };
  const parked = restored
    ? { ...told, schema, restored, replica, order: placeOf(entry), lacking: !entry.anew }
    : told;
  tx.put("parked", id, why.at ? { ...parked, at_field: why.at } : parked);
  return true;
}

function keep(tx: Tx, entry: Waiting, outcome: Kept["outcome"], since?: number): void {
  const { accepted: _, was: __, again: ___, restored: ____, anew: _____, ...rest } = entry;
  const kept: Kept = since === undefined ? { ...rest, outcome } : { ...rest, outcome, since };
  tx.put("kept", entry.order, kept);
}

interface Page {
  outbox: number[];
  parked: boolean;
  buckets: number[];
  records: string[] | "*";
}

/** Stages a page, or with the last one flips. */
async function takePage(
  tx: Tx,
  meta: Meta,
  known: Known,
  answer: Answer,
  answered: Map<number, Waiting>,
): Promise<Page> {
  if (answer.reset) tx.clear("staging");
  const before = answer.reset ? null : meta.staged;
  if (answer.more) {
    const pages = before?.pages ?? 0;
    tx.put("staging", pages, JSON.stringify(answer.records));
    meta.staged = {
      cursor: answer.cursor,
      pages: pages + 1,
      records: (before?.records ?? 0) + answer.records.length,
      reset: answer.reset || (before?.reset ?? false),
      left: answer.left,
    };
    return { outbox: [], parked: false, buckets: [], records: [] };
  }
  const earlier = before ? await tx.all<string>("staging") : [];
  const fed = [...earlier.flatMap((text) => JSON.parse(text) as WireRecord[]), ...answer.records];
  const records = [...fed, ...(answer.fetched ?? [])];
  const reset = answer.reset || (before?.reset ?? false);
  const buckets = bucketsWith(known.confirmed, records, reset, answer.fetched !== undefined);
  const through = flip(tx, meta, known, answer, answered);
  const held = (id: string) => {
    const bucket = buckets.get(bucketOf(id));
    return bucket ? bucket.has(id) : known.confirmed.get(id) !== undefined;
  };
  const back = await bringBack(tx, meta, known.collections, held);
  const outbox = [...through, ...back];
  const all = reset || answer.fetched !== undefined;
  return {
    outbox,
    parked: back.length > 0,
    buckets: putBuckets(tx, buckets),
    records: all ? "*" : records.map((record) => record.id),
  };
}

/** Outbox and cursor change in one step with confirmed; what was accepted and is now contained is no longer laid over. */
function flip(tx: Tx, meta: Meta, known: Known, answer: Answer, answered: Map<number, Waiting>): number[] {
  const outbox: number[] = [];
  for (const entry of known.outbox) {
    const current = answered.get(entry.order) ?? entry;
    if (current.accepted === undefined || current.accepted.until > meta.pull) continue;
    outbox.push(entry.order);
    tx.delete("outbox", entry.order);
    keep(tx, current, "accepted", answer.now);
  }
  tx.clear("staging");
  meta.staged = null;
  meta.cursor = answer.cursor;
  meta.flips += 1;
  return outbox;
}

/**
 * What a verified backup holds, or is older than 30 days, need not be kept (R9). Days are counted by the shop's clock, and
 * from now on where it was not told: a phone whose own clock jumps lets go of nothing.
 */
async function trimKept(
  tx: Tx,
  meta: Meta,
  shopNow: number,
  former: Readonly<Record<string, number>>,
): Promise<void> {
  meta.trimmedAt = shopNow;
  const durable = { ...former, [meta.identity.replica]: meta.durable };
  const names = new Set<string>();
  for (const kept of await tx.all<Kept>("kept")) {
    const backedUp = kept.n <= (durable[kept.replica] ?? 0);
    if (backedUp || (kept.since !== undefined && shopNow - kept.since > KEPT_MS)) {
      tx.delete("kept", kept.order);
      continue;
    }
    if (kept.since === undefined) tx.put("kept", kept.order, { ...kept, since: shopNow });
    names.add(kept.replica);
  }
  meta.former = meta.former?.filter((name) => names.has(name));
}
