/**
 * When server and phone disagree about what was sent: a gap, a fork, another epoch. Each is one transaction.
 *
 * A gap is filled from the tail that is kept for it. A fork, or a gap that cannot be filled, gives the phone
 * another name: what has no answer is numbered from 1 under it, ids kept (F4). Another epoch is a server restored
 * from a backup: what it may have missed is sent again with the outcome it had, and everything is read anew (R12).
 */

import { type Kept, type Waiting, waits } from "./changeset";
import { uuid7 } from "./ids";
import { type Change, type Meta, putWaiting, writeMeta } from "./meta";
import { translated } from "./prepare";
import { type Known, takeResults } from "./settle";
import type { Tx } from "./store";
import type { Rename } from "./vector";
import type { Refused } from "./wire";
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
  const again = await sendAgain(tx, meta, known, expected);
  const first = Math.min(...again.numbers, meta.n + 1);
  if (first <= expected) return writeMeta(tx, meta, { outbox: again.outbox });
  if (refused.replica) return rename(tx, meta, await allWaiting(tx, meta), refused.replica, expected);
  return writeMeta(tx, meta, { outbox: [...again.outbox, ...fillEmpty(tx, meta, expected, first, world)] });
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
  const change = rename(tx, meta, await allWaiting(tx, meta), refused.replica ?? "", refused.n ?? 1);
  return { ...change, outbox: [...new Set([...outcomes.outbox, ...change.outbox])], parked: outcomes.parked };
}

/** 409 `epoch`, or an answer from another one: the old state stays on the screen until the new one is complete. */
export async function enterEpoch(
  tx: Tx,
  meta: Meta,
  known: Known,
  epoch: string,
  expected: number,
): Promise<Change> {
  const again = await sendAgain(tx, meta, known, expected);
  meta.identity = { ...meta.identity, epoch };
  meta.cursor = null;
  meta.staged = null;
  meta.durable = Math.min(meta.durable, expected - 1);
  tx.clear("staging");
  return writeMeta(tx, meta, { outbox: again.outbox });
}

/** Takes another name without having been asked to: what waits is numbered from 1 under it. */
export async function takeName(tx: Tx, meta: Meta, replica: string): Promise<Change> {
  return rename(tx, meta, await allWaiting(tx, meta), replica, meta.confirmed + 1);
}

/** Everything from `expected` on that has an answer gets ready to be sent again with the outcome it had. */
async function sendAgain(tx: Tx, meta: Meta, known: Known, expected: number) {
  const mine = (entry: { replica: string; n: number }) =>
    entry.replica === meta.identity.replica && entry.n >= expected;
  const again: Waiting[] = known.outbox
    .filter((entry) => mine(entry) && !waits(entry))
    .map(({ accepted: _, ...entry }) => ({ ...entry, was: "accepted" }));
  for (const { outcome, answeredAt: _, ...entry } of (await tx.all<Kept>("kept")).filter(mine)) {
    tx.delete("kept", entry.order);
    again.push({ ...entry, was: outcome });
  }
  meta.confirmed = Math.min(meta.confirmed, expected - 1);
  const numbers = (await allWaiting(tx, meta)).map((entry) => entry.n);
  return { outbox: putWaiting(tx, again), numbers: [...numbers, ...again.map((entry) => entry.n)] };
}

async function allWaiting(tx: Tx, meta: Meta): Promise<Waiting[]> {
  const stored = await tx.all<Waiting>("outbox");
  return stored.filter((entry) => waits(entry) && entry.replica === meta.identity.replica);
}

/** Numbers what waits from 1 under the new name; bases that named it by the old one are translated. */
function rename(tx: Tx, meta: Meta, waiting: Waiting[], replica: string, fork: number): Change {
  const inOrder = [...waiting].sort((a, b) => a.n - b.n);
  const numbers = Object.fromEntries(inOrder.map((entry, i) => [entry.n, i + 1]));
  const change: Rename = { from: meta.identity.replica, to: replica, fork, numbers };
  meta.renames = [...meta.renames, change];
  const renamed = inOrder.map((entry, i) => ({
    ...entry,
    replica,
    n: i + 1,
    ops: translated(entry.ops, [change]),
  }));
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
