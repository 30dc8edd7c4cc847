/**
 * When server and phone disagree about what was sent: a gap, a fork, another epoch. Each is one transaction.
 *
 * A gap is filled from the tail that is kept for it. A fork, or a gap that cannot be filled, gives the phone
 * another name: what has no answer is numbered from 1 under it, ids kept (F4). Another epoch is a server restored
 * from a backup: what was answered is sent again under the name and with the outcome it had, what has no answer takes
 * a new name, and everything is read anew (R12). sync/recover.py follows the same rules.
 */

import { isTail, type Kept, type Waiting, waits } from "./changeset";
import { uuid7 } from "./ids";
import { type Change, type Meta, putWaiting, writeMeta } from "./meta";
import { type Known, takeResults } from "./settle";
import type { Tx } from "./store";
import type { Op } from "./types";
import { type Rename, translate } from "./vector";
import type { Answer, Refused } from "./wire";
import type { World } from "./world";

/** 409 `gap`: send again from `expected`, or go on under the name that was offered. */
export async function fillGap(
  tx: Tx,
  meta: Meta,
  known: Known,
  refused: Refused,
  world: World,
): Promise<Change> {
  const expected = refused.expected ?? 1;
  const own = await waitingOwn(tx, meta);
  const kept = (await tx.all<Kept>("kept")).filter(({ replica }) => replica === meta.identity.replica);
  const lost = [...accepted(known), ...kept.map(asItWas)].filter(
    ({ replica, n }) => replica === meta.identity.replica && n >= expected,
  );
  const first = Math.min(...own.map(({ n }) => n), ...lost.map(({ n }) => n), meta.n + 1);
  if (first > expected && refused.replica) return rename(tx, meta, own, refused.replica);
  for (const { order } of lost) tx.delete("kept", order);
  meta.confirmed = Math.min(meta.confirmed, expected - 1);
  const empty = first > expected ? fillEmpty(tx, meta, expected, first, world) : [];
  return writeMeta(tx, meta, { outbox: [...putWaiting(tx, lost), ...empty] });
}

/** 409 `forked`: outcomes of what came before, then the rest under the new name. */
export async function leaveFork(
  tx: Tx,
  meta: Meta,
  known: Known,
  refused: Refused,
  now: number,
): Promise<Change> {
  const outcomes = await takeResults(tx, meta, known.outbox, refused.results, { until: meta.pull + 1, now });
  const change = rename(tx, meta, await waitingOwn(tx, meta), refused.replica ?? "");
  return { ...change, outbox: [...new Set([...outcomes.outbox, ...change.outbox])], parked: outcomes.parked };
}

/** The tail of a former name forked: the rest of it goes on under the present one, before what waits there (F6). */
export async function leaveForkOf(
  tx: Tx,
  meta: Meta,
  known: Known,
  name: string,
  refused: Refused,
  now: number,
): Promise<Change> {
  const when = { until: meta.pull + 1, now };
  const outcomes = await takeResults(tx, meta, known.outbox, refused.results, when, name);
  const fork = refused.n ?? 1;
  const tail = (await tx.all<Waiting>("outbox")).filter((entry) => isTail(entry) && entry.replica === name);
  const rest = tail.filter(({ n }) => n >= fork);
  for (const { order } of rest) tx.delete("outbox", order);
  const moved = rest.filter(({ was }) => was === "accepted");
  const own = await waitingOwn(tx, meta);
  const first = own[0]?.n ?? meta.n + 1;
  const all = [...moved, ...own];
  const to = meta.identity.replica;
  const numbers = all.map((entry, i): Rename["numbers"][0] => [entry.replica, entry.n, to, first + i]);
  const orders = all.map(({ order }) => order).sort((a, b) => a - b);
  const changed = moved.length > 0 ? { numbers, upto: { [name]: fork - 1 } } : null;
  const renamed = all.map((entry, i) => numbered(entry, to, first + i, orders[i] ?? entry.order, changed));
  if (changed) meta.renames = [...meta.renames, changed];
  meta.n += moved.length;
  const outbox = [...outcomes.outbox, ...rest.map(({ order }) => order), ...putWaiting(tx, renamed)];
  return writeMeta(tx, meta, { outbox: [...new Set(outbox)], parked: outcomes.parked });
}

/** 409 `epoch`, or an answer from another one: the old state stays on the screen until the new one is complete. */
export async function enterEpoch(
  tx: Tx,
  meta: Meta,
  known: Known,
  epoch: string,
  replica?: string,
): Promise<Change> {
  const kept = await tx.all<Kept>("kept");
  for (const { order } of kept) tx.delete("kept", order);
  const filling = known.outbox.filter((entry) => waits(entry) && entry.was !== undefined);
  const tails = [...accepted(known), ...kept.map(asItWas), ...filling];
  const unanswered = (await waitingOwn(tx, meta)).filter(({ was }) => was === undefined);
  const outbox = putWaiting(
    tx,
    [...tails, ...unanswered].map((entry) => ({ ...entry, restored: true })),
  );
  meta.identity = { ...meta.identity, epoch };
  meta.cursor = null;
  meta.staged = null;
  tx.clear("staging");
  if (!replica) return writeMeta(tx, meta, { outbox });
  const change = rename(tx, meta, await waitingOwn(tx, meta), replica);
  return { ...change, outbox: [...new Set([...outbox, ...change.outbox])] };
}

/** An answer says that more was sent under this name than ever was from here: another half has it (F5). */
export async function leaveName(
  tx: Tx,
  meta: Meta,
  known: Known,
  answer: Answer,
  now: number,
): Promise<Change> {
  const { results, replica = "" } = answer;
  meta.seen = answer.seen ?? meta.seen;
  return leaveFork(
    tx,
    meta,
    known,
    { status: 200, code: "", message: "", results, replica, retryAfterMs: null },
    now,
  );
}

/** Takes another name without having been asked to: what waits is numbered from 1 under it. */
export async function takeName(tx: Tx, meta: Meta, replica: string): Promise<Change> {
  return rename(tx, meta, await waitingOwn(tx, meta), replica);
}

/** What was accepted and is not flipped yet, to be sent again; it stays laid over. */
function accepted(known: Known): Waiting[] {
  return known.outbox
    .filter((entry) => !waits(entry))
    .map(({ accepted: _, ...entry }) => ({ ...entry, was: "accepted" as const }));
}

/** What is kept, to be sent again with the outcome it had; it is in what is held. */
function asItWas({ outcome, since: _, ...entry }: Kept): Waiting {
  return { ...entry, was: outcome, again: true };
}

/** What waits to be judged for the first time, in order of n. */
async function waitingOwn(tx: Tx, meta: Meta): Promise<Waiting[]> {
  const stored = await tx.all<Waiting>("outbox");
  const own = stored.filter((e) => waits(e) && e.replica === meta.identity.replica && !isTail(e));
  return own.sort((a, b) => a.n - b.n);
}

/** Numbers what waits from 1 under the new name; bases that named it by the old one are translated. */
function rename(tx: Tx, meta: Meta, own: Waiting[], replica: string): Change {
  const from = meta.identity.replica;
  const change: Rename = {
    numbers: own.map((entry, i) => [from, entry.n, replica, i + 1]),
    upto: { [from]: (own[0]?.n ?? meta.n + 1) - 1 },
  };
  meta.renames = [...meta.renames, change];
  meta.names = [...(meta.names ?? []).filter((name) => name !== from), from];
  meta.former = [...new Set([...(meta.former ?? []), from])];
  const renamed = own.map((entry, i) => numbered(entry, replica, i + 1, entry.order, change));
  meta.identity = { ...meta.identity, replica };
  meta.n = renamed.length;
  meta.confirmed = 0;
  meta.durable = 0;
  meta.sentUpTo = 0;
  // A cursor is sealed for the name it was given to, so the new name reads everything anew.
  meta.cursor = null;
  meta.staged = null;
  tx.clear("staging");
  return writeMeta(tx, meta, { outbox: putWaiting(tx, renamed) });
}

/** The changeset under its new dot. What was answered in a lost lineage is now judged as if for the first time. */
function numbered(entry: Waiting, replica: string, n: number, order: number, change: Rename | null): Waiting {
  const { was, ...rest } = entry;
  const base = (op: Op): Op =>
    op.op === "create" || change === null ? op : { ...op, base: translate(op.base, change) };
  const renamed: Waiting = { ...rest, order, replica, n, ops: entry.ops.map(base) };
  return was && !entry.restored ? { ...renamed, was } : renamed;
}

/** Uses up numbers whose content this phone no longer has, so that those behind them can go on (W17). */
function fillEmpty(tx: Tx, meta: Meta, from: number, to: number, world: World): number[] {
  const now = world.clock.now();
  const empty = Array.from({ length: to - from }, (_, i): Waiting => {
    const id = uuid7(now, world.random);
    meta.order += 1;
    const { order, identity } = meta;
    return { order, replica: identity.replica, n: from + i, id, schema: 1, at: now, ops: [], before: [] };
  });
  return putWaiting(tx, empty);
}
