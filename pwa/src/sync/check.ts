/**
 * Comparing this phone with the shop, from the page that carries sums to the report of what was mended (D1 to D5).
 *
 * What is stored is read back and summed in slices, so that the screen stays quick. What differs is looked at closer and
 * fetched with the next sync; a phone that still differs is fetched anew, once. A check that was broken off begins again.
 */

import { BUCKETS, parseBucket, type WireRecord } from "./confirmed";
import { uuid7 } from "./ids";
import { type Change, checkOf, type Meta, readMeta, type Check as Stored, writeMeta } from "./meta";
import type { Mirror } from "./mirror";
import { StorageEmptied, type Tx } from "./store";
import type { Checked } from "./types";
import {
  byCollection,
  counted,
  type Differing,
  differing,
  differingIds,
  differingParts,
  FETCH_MAX,
  type Ids,
  type Parts,
  type Row,
  rowOf,
} from "./verify";
import { type Answer, PROTOCOL } from "./wire";
import type { World } from "./world";

export const DAY_MS = 24 * 3600_000;
const PATH = "/api/sync/verify";
/** A busy shop may change between two questions; so often a check looks again before it leaves it for another time. */
const LOOKS_MAX = 3;

interface Mending {
  stage: "fetch" | "anew";
  found: Differing;
}

/** What a round does next: go again, or nothing. */
export type Next = "again" | "rest";

export class Check {
  /** 0..1 while a check runs. */
  progress: number | null = null;
  private mending: Mending | null = null;
  private looks = 0;
  private serves = 0;

  constructor(
    private readonly world: World,
    private readonly mirror: Mirror,
    private readonly announce: (change: Change) => Promise<void>,
    private readonly shown: () => void,
  ) {}

  /** What the next request of a pull carries; its last page is then compared. */
  asks(meta: Meta): { verify: boolean; fetch?: string[] } {
    if (!this.isDue(meta)) return { verify: false };
    this.serves = checkOf(meta).wanted;
    return this.mending?.stage === "fetch"
      ? { verify: true, fetch: [...this.mending.found.keys()] }
      : { verify: true };
  }

  /** What the feed brought anyway had not differed: it was news. */
  note(records: readonly WireRecord[]): void {
    if (this.mending?.stage === "fetch") for (const { id } of records) this.mending.found.delete(id);
  }

  /** Compares after a flip that came with sums. */
  async compare(answer: Answer): Promise<Next> {
    this.show(0);
    try {
      return await this.compared(answer);
    } finally {
      this.show(null);
    }
  }

  /** Tells the shop what an earlier check found; a report that is refused is not sent again. */
  async report(): Promise<void> {
    const { report } = checkOf(this.mirror.meta);
    if (report === null) return;
    const answer = await this.post({ ...report });
    if (answer === null || answer.status >= 500 || answer.status === 429) return;
    await this.store((check) => ({ ...check, report: null }));
  }

  private isDue(meta: Meta): boolean {
    const { wanted, done, last } = checkOf(meta);
    if (this.mending || this.mirror.damaged || wanted > done) return true;
    if (meta.cursor === null || meta.staged?.reset) return true;
    // A clock that was set back must not put off the check for as long.
    return last === null || Math.abs(this.world.clock.now() - last.at) >= DAY_MS;
  }

  private async compared(answer: Answer): Promise<Next> {
    const rows = await this.stored(answer.cursor);
    if (rows === null) return "rest";
    const names = differing(byCollection(rows), answer.digests ?? {});
    if (names.length === 0) return this.end(rows.length, true);
    if (this.mending?.stage === "anew") return this.end(rows.length, false);
    if (this.mending) return this.anew(this.mending.found);
    return this.look(rows, names);
  }

  /** Asks which records differ, and has them fetched. */
  private async look(rows: Row[], collections: string[]): Promise<Next> {
    const { parts } = (await this.ask<{ parts: Parts }>({ collections })) ?? {};
    if (!parts) return "rest";
    const wanted = differingParts(rows, parts);
    const { ids } = (Object.keys(wanted).length && (await this.ask<{ ids: Ids }>({ parts: wanted }))) || {};
    const found = ids ? differingIds(rows, wanted, ids) : new Map();
    if (found.size > FETCH_MAX) return this.anew(found);
    if (found.size > 0) this.mending = { stage: "fetch", found };
    this.looks += 1;
    return found.size > 0 || this.looks < LOOKS_MAX ? "again" : "rest";
  }

  /** Fetches everything from the beginning; what was stored stays on the screen until all of it is here. */
  private async anew(found: Differing): Promise<Next> {
    this.mending = { stage: "anew", found };
    await this.change(async (tx, meta) => {
      tx.clear("staging");
      return writeMeta(tx, { ...meta, cursor: null, staged: null });
    });
    return "again";
  }

  private async end(records: number, ok: boolean): Promise<Next> {
    const found = this.mending?.found ?? new Map();
    const now = this.world.clock.now();
    const last: Checked = { at: now, records, mended: ok ? found.size : 0, ok };
    const report = { id: uuid7(now, this.world.random), found: counted(found), mended: ok };
    this.mending = null;
    this.looks = 0;
    this.mirror.damaged = false;
    await this.store((check) => ({
      ...check,
      last,
      done: Math.max(check.done, this.serves),
      report: found.size > 0 ? report : check.report,
    }));
    return "rest";
  }

  /** The rows as they are stored, read back and summed; null when another tab has gone on meanwhile. */
  private async stored(cursor: string): Promise<Row[] | null> {
    const read = await this.world.store.read(async (tx) => {
      const meta = await readMeta(tx);
      if (meta?.cursor !== cursor) return null;
      return Promise.all(Array.from({ length: BUCKETS }, (_, index) => tx.get("confirmed", index)));
    });
    if (read === null) return null;
    const rows: Row[] = [];
    // A bucket is a slice: with ten thousand records some 40 of them.
    for (let index = 0; index < BUCKETS; index += 1) {
      for (const held of parseBucket(read[index], index).values()) rows.push(rowOf(held));
      await this.pause();
      if (index % 64 === 0) this.show(index / BUCKETS);
    }
    return rows;
  }

  /** Lets the screen have its turn. */
  private pause(): Promise<void> {
    if (this.world.pause) return this.world.pause();
    return new Promise((resolve) => this.world.clock.after(0, resolve));
  }

  private show(progress: number | null): void {
    this.progress = progress;
    this.shown();
  }

  private async ask<T>(question: object): Promise<T | null> {
    const answer = await this.post(question);
    return answer?.status === 200 ? (answer.body as T) : null;
  }

  private async post(said: object): Promise<{ status: number; body: unknown } | null> {
    const { replica, epoch } = this.mirror.meta.identity;
    const body = JSON.stringify({ protocol: PROTOCOL, epoch, replica, ...said });
    try {
      const answer = await this.world.fetch(PATH, { method: "POST", body });
      return answer.type === "application/json"
        ? { status: answer.status, body: JSON.parse(answer.body) }
        : null;
    } catch {
      return null;
    }
  }

  private store(next: (check: Stored) => Stored): Promise<void> {
    return this.change(async (tx, meta) => writeMeta(tx, { ...meta, check: next(checkOf(meta)) }));
  }

  private async change(work: (tx: Tx, meta: Meta) => Promise<Change>): Promise<void> {
    const change = await this.world.store.write(async (tx) => {
      const meta = await readMeta(tx);
      if (meta === undefined) throw new StorageEmptied();
      return work(tx, meta);
    });
    await this.announce(change);
  }
}
