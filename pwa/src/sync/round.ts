/**
 * One round trip: what waits goes out, what is new comes in, and the answer is stored.
 *
 * A round never decides when to go again; it says how it ended, and the loop decides.
 */

import { idsOf, isTail, type Waiting, waits, wireOf } from "./changeset";
import { Check } from "./check";
import type { LeaseWatch } from "./lease";
import { type Change, type Meta, noteSent, readMeta, writeMeta } from "./meta";
import type { Mirror } from "./mirror";
import { enterEpoch, fillGap, leaveFork, leaveForkOf, leaveName } from "./recover";
import { type Asked, askedCursor, park, settle, settleTail, stillAsked, takeResults } from "./settle";
import { StorageEmptied, StorageFull, type Tx } from "./store";
import type { Trouble } from "./types";
import {
  type Answer,
  CHANGESETS_MAX,
  FORMER_MAX,
  type Heard,
  hear,
  PROTOCOL,
  PUSH_BYTES_MAX,
  RECORDS_A_PAGE,
  type Refused,
  type Request,
  WANT_MAX,
} from "./wire";
import type { World } from "./world";

/** How a round ended. `moved` says that something was settled, so that going on at once cannot go on for ever. */
export type End =
  | { is: "done"; again: boolean; moved: boolean }
  | { is: "trouble"; trouble: Trouble; retryAfterMs: number | null }
  | { is: "wiped"; trouble: "revoked" | "signed_out" };

const AGAIN: End = { is: "done", again: true, moved: false };

interface Plan {
  asked: Asked;
  batch: Waiting[];
  request: Request;
}

export class Round {
  /** Records whose changesets are in the request that is under way. */
  sending = new Set<string>();
  readonly check: Check;
  /** How many changes a revoked device handed over. */
  handed = 0;
  private most = CHANGESETS_MAX;
  /** After a refusal that may be the cursor's fault or the changeset's: asks without changesets first. */
  private doubt: "none" | "asking" | "changeset" = "none";

  constructor(
    private readonly world: World,
    private readonly mirror: Mirror,
    private readonly schema: number,
    private readonly announce: (change: Change) => Promise<void>,
    private readonly shown: () => void,
    private readonly lease: LeaseWatch,
  ) {
    this.check = new Check(world, mirror, announce, shown);
  }

  async go(): Promise<End> {
    try {
      const plan = await this.plan();
      this.sending = new Set(plan.batch.flatMap((entry) => idsOf(entry.ops)));
      this.shown();
      return await this.take(plan, await this.ask(plan.request));
    } catch (error) {
      if (error instanceof StorageFull) return trouble("storage_full");
      if (error instanceof StorageEmptied) return { is: "wiped", trouble: "signed_out" };
      throw error;
    } finally {
      this.sending = new Set();
    }
  }

  /** What to send, decided on the state as it is stored, and noted as sent before it is. */
  private async plan(): Promise<Plan> {
    for (;;) {
      const { version } = this.mirror.meta;
      const batch = this.doubt === "asking" ? [] : batchOf(this.mirror.outbox, this.mirror.meta, this.most);
      const own = batch[0]?.replica === this.mirror.meta.identity.replica;
      const last = own ? (batch.at(-1)?.n ?? 0) : 0;
      const work = async (tx: Tx) => {
        const meta = await readMeta(tx);
        if (meta?.version === version) noteSent(tx, meta, last);
        return meta;
      };
      const news = last > this.mirror.meta.sentUpTo;
      const meta = await (news ? this.world.store.write(work) : this.world.store.read(work));
      if (meta?.version !== version) await this.mirror.readAll();
      else if (meta) return this.planned(meta, batch);
    }
  }

  private planned(meta: Meta, batch: Waiting[]): Plan {
    const { epoch } = meta.identity;
    const replica = batch[0]?.replica ?? meta.identity.replica;
    const tail = replica !== meta.identity.replica;
    const want = !tail && meta.wants?.length ? { want: meta.wants.slice(0, WANT_MAX) } : {};
    const asked = { replica, tail, epoch, cursor: askedCursor(meta), ...want };
    const former = tail ? [] : (meta.former ?? []).slice(-FORMER_MAX);
    const request: Request = {
      protocol: PROTOCOL,
      schema: this.schema,
      epoch,
      replica,
      confirmed: tail ? (batch[0]?.n ?? 1) - 1 : meta.confirmed,
      sent: this.world.clock.now(),
      cursor: asked.cursor,
      limit: tail ? 0 : RECORDS_A_PAGE,
      ...(tail ? { verify: false } : this.check.asks(meta)),
      ...want,
      ...(meta.seen ? { seen: meta.seen } : {}),
      ...(former.length > 0 ? { former } : {}),
      changesets: batch.map(wireOf),
    };
    return { asked, batch, request };
  }

  private async ask(request: Request): Promise<Heard | { is: "offline" }> {
    try {
      const answer = await this.world.fetch("/api/sync", { method: "POST", body: JSON.stringify(request) });
      return hear(answer, this.world.clock.now());
    } catch {
      return { is: "offline" };
    }
  }

  private async take(plan: Plan, heard: Heard | { is: "offline" }): Promise<End> {
    if (heard.is === "offline" || heard.is === "portal") return trouble(heard.is);
    if (heard.is === "unavailable") return trouble("busy", heard.retryAfterMs);
    return heard.is === "answer" ? this.accept(plan, heard.answer) : this.refused(plan, heard.refused);
  }

  private async accept(plan: Plan, answer: Answer): Promise<End> {
    this.most = Math.min(CHANGESETS_MAX, this.most * 2);
    if (this.doubt !== "none") this.doubt = this.doubt === "asking" ? "changeset" : "none";
    if (answer.epoch !== plan.asked.epoch) return this.otherEpoch(plan, answer);
    const now = this.world.clock.now();
    if (plan.asked.tail) return this.handedOver(plan, answer, now);
    if (answer.replica && answer.applied > this.mirror.meta.sentUpTo) {
      await this.change(plan.asked, (tx, meta) => leaveName(tx, meta, this.mirror, answer, now));
      return AGAIN;
    }
    const change = await this.world.store.write((tx) => settle(tx, this.mirror, plan.asked, answer, now));
    if (change === null) return AGAIN;
    await this.announce(change);
    this.check.note(answer.records);
    await this.lease.grant(answer.lease, answer.now);
    if (answer.digests && !answer.more && (await this.check.compare(answer)) === "again")
      return { is: "done", again: true, moved: true };
    await this.check.report();
    const { outbox, meta } = this.mirror;
    const unseen = outbox.some((entry) => !waits(entry));
    const moved = answer.more || answer.results.length > 0 || answer.records.length > 0;
    return { is: "done", again: answer.more || meta.staged !== null || unseen || outbox.some(waits), moved };
  }

  /** Part of a tail is at the shop again; the rest, or what waits under the present name, goes next. */
  private async handedOver(plan: Plan, answer: Answer, now: number): Promise<End> {
    const change = await this.world.store.write((tx) => settleTail(tx, this.mirror, plan.asked, answer, now));
    if (change) await this.announce(change);
    return { is: "done", again: true, moved: answer.results.length > 0 };
  }

  /** The server was restored and did not say so: all that is kept is sent again. */
  private async otherEpoch(plan: Plan, { epoch }: Answer): Promise<End> {
    await this.change(plan.asked, (tx, meta) => enterEpoch(tx, meta, this.mirror, epoch));
    return AGAIN;
  }

  private async refused(plan: Plan, refused: Refused): Promise<End> {
    const { status, retryAfterMs } = refused;
    if (status === 400 || status === 413) return this.halve(plan, refused);
    if (status === 401) return trouble("signed_out");
    if (status === 403 && !refused.wipe && plan.asked.tail) return this.takeOver(plan, refused);
    if (status === 403) return refused.wipe ? this.handOver(plan, refused) : trouble("signed_out");
    if (status === 409) return this.recover(plan, refused);
    if (status === 426) return this.tooOld(plan, refused);
    return trouble("busy", retryAfterMs);
  }

  /** Halves what was too much or unreadable; a changeset that fails alone is parked, its number used up (W14). */
  private async halve(plan: Plan, refused: Refused): Promise<End> {
    const { batch, asked } = plan;
    if (batch.length > 1) {
      this.most = Math.floor(batch.length / 2);
      return AGAIN;
    }
    const [entry] = batch;
    const cursorMayBe = refused.status === 400 && asked.cursor !== null;
    if (entry && cursorMayBe && this.doubt === "none") {
      this.doubt = "asking";
      return AGAIN;
    }
    this.doubt = "none";
    if (entry && entry.ops.length > 0) return this.giveUp(asked, entry, refused);
    if (asked.cursor === null) return trouble("update_needed");
    await this.change(asked, async (tx, meta) => {
      tx.clear("staging");
      return writeMeta(tx, { ...meta, cursor: null, staged: null });
    });
    return AGAIN;
  }

  private async giveUp(asked: Asked, entry: Waiting, refused: Refused): Promise<End> {
    const code = refused.status === 413 ? "too_large" : "invalid";
    await this.change(asked, async (tx, meta) => {
      park(tx, entry, { code, message: refused.message || undefined });
      tx.put("outbox", entry.order, { ...entry, ops: [], before: [] });
      return writeMeta(tx, meta, { outbox: [entry.order], parked: true });
    });
    return { is: "done", again: true, moved: true };
  }

  private async recover(plan: Plan, refused: Refused): Promise<End> {
    const { code, replica } = refused;
    const now = this.world.clock.now();
    if (code === "forked" && !replica && !plan.asked.tail) return trouble("signed_out");
    if (!["gap", "forked", "epoch"].includes(code)) return trouble("busy", refused.retryAfterMs);
    await this.change(plan.asked, (tx, meta) => {
      meta.seen = refused.seen ?? meta.seen;
      if (code === "gap") return fillGap(tx, meta, this.mirror, refused, this.world);
      const { tail, replica: name } = plan.asked;
      if (code === "forked" && tail) return leaveForkOf(tx, meta, this.mirror, name, refused, now);
      if (code === "forked") return leaveFork(tx, meta, this.mirror, refused, now);
      return enterEpoch(tx, meta, this.mirror, refused.epoch ?? meta.identity.epoch, replica);
    });
    return AGAIN;
  }

  /** The shop does not know a former name as this person's: its tail goes on under the present one (F7). */
  private async takeOver(plan: Plan, refused: Refused): Promise<End> {
    const forked = { ...refused, n: plan.batch[0]?.n ?? 1 };
    const now = this.world.clock.now();
    await this.change(plan.asked, (tx, meta) =>
      leaveForkOf(tx, meta, this.mirror, plan.asked.replica, forked, now),
    );
    return AGAIN;
  }

  /** An update may hold back the pull, never the push: outcomes count, and what waits goes on (W14). */
  private async tooOld(plan: Plan, refused: Refused): Promise<End> {
    const left = await this.takeOutcomes(plan, refused);
    const moved = refused.results.length > 0;
    return moved && left ? { is: "done", again: true, moved } : trouble("update_needed");
  }

  /** This device was revoked: it hands over what it has, and then forgets everything (R6, R7). */
  private async handOver(plan: Plan, refused: Refused): Promise<End> {
    const left = await this.takeOutcomes(plan, refused);
    this.handed += refused.results.length;
    if (left && refused.results.length > 0) return { is: "done", again: true, moved: true };
    if (left) return trouble("revoked");
    await this.world.store.destroy();
    return { is: "wiped", trouble: "revoked" };
  }

  /** Stores the outcomes of a refusal; says whether anything still waits. */
  private async takeOutcomes(plan: Plan, refused: Refused): Promise<boolean> {
    const now = this.world.clock.now();
    await this.change(plan.asked, async (tx, meta) => {
      const when = { until: meta.pull + 1, now };
      const { outbox, parked } = await takeResults(
        tx,
        meta,
        this.mirror.outbox,
        refused.results,
        when,
        plan.asked.replica,
      );
      return writeMeta(tx, meta, { outbox, parked });
    });
    return this.mirror.outbox.some(waits);
  }

  /** Changes the store if the state is still the one that was asked with, and lets everybody know. */
  private async change(asked: Asked, work: (tx: Tx, meta: Meta) => Promise<Change>): Promise<void> {
    const change = await this.world.store.write(async (tx) => {
      const meta = await stillAsked(tx, asked);
      return meta && work(tx, meta);
    });
    if (change) await this.announce(change);
    else await this.mirror.readAll();
  }
}

/** The next changesets without an answer, in the order of their numbers, within the limits of a request: the tails of
 * former names first, oldest first (R12). */
export function batchOf(outbox: readonly Waiting[], meta: Meta, most: number): Waiting[] {
  const waiting = outbox.filter(waits);
  const name = waiting.find((entry) => isTail(entry))?.replica ?? meta.identity.replica;
  const inOrder = waiting.filter((entry) => entry.replica === name).sort((a, b) => a.n - b.n);
  const batch: Waiting[] = [];
  let bytes = 0;
  for (const entry of inOrder.slice(0, most)) {
    if (batch.length > 0 && entry.n !== (batch.at(-1)?.n ?? 0) + 1) break;
    batch.push(entry);
    bytes += JSON.stringify(entry.ops).length;
    if (bytes >= PUSH_BYTES_MAX) break;
  }
  return batch;
}

function trouble(what: Trouble, retryAfterMs: number | null = null): End {
  return { is: "trouble", trouble: what, retryAfterMs };
}
