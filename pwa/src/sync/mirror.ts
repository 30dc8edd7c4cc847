/**
 * The store's content in memory, and the one way it is kept equal to the store: `follow` a change.
 *
 * Every tab has its mirror. The tab that wrote follows its own change just as the others do, so that there is one
 * path from the store to the screen. A tab that missed a change, because it slept, reads everything again.
 */

import { idsOf, type Waiting } from "./changeset";
import { BUCKETS, Confirmed, readBuckets } from "./confirmed";
import {
  type Answered,
  type Change,
  type Meta,
  readAnswered,
  readMeta,
  type StoredNotice,
  type StoredParked,
} from "./meta";
import type { Layer } from "./overlay";
import type { Collections } from "./schema";
import { StorageEmptied, type Store, type Tx } from "./store";
import type { Held } from "./types";
import { View } from "./view";

const ALL = Array.from({ length: BUCKETS }, (_, index) => index);

export class Mirror {
  readonly confirmed = new Confirmed();
  readonly view: View;
  meta: Meta;
  outbox: Waiting[] = [];
  parked: StoredParked[] = [];
  notices: StoredNotice[] = [];
  answered: Answered = {};
  /** How many answered changesets are in the store `kept` (R9); what they say is read by nobody here. */
  kept = 0;
  /** Some of what was stored could not be read, so this phone is to be checked soon. */
  damaged = false;
  private readonly layers = new Map<string, Layer[]>();
  private loaded = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: Store,
    readonly collections: Collections,
    meta: Meta,
  ) {
    this.meta = meta;
    this.view = new View(
      collections,
      (id) => this.confirmed.get(id),
      (id) => this.layersOf(id),
    );
  }

  layersOf(id: string): readonly Layer[] {
    return this.layers.get(id) ?? [];
  }

  /** Makes memory equal to the store, whatever was missed; gives the ids that may have changed. */
  readAll(): Promise<Set<string>> {
    return this.queue(() => this.load());
  }

  /** Makes memory equal to the store after a change; gives the ids that may have changed. */
  follow(change: Change): Promise<Set<string>> {
    return this.queue(() => this.step(change));
  }

  /** Forgets everything, when the device was wiped. */
  empty(): void {
    const touched = new Set([...[...this.confirmed.all()].map((held) => held.id), ...this.layers.keys()]);
    for (const index of ALL) this.confirmed.replace(index, new Map());
    this.takeOutbox([]);
    this.parked = [];
    this.notices = [];
    this.kept = 0;
    this.refresh(touched);
  }

  /** One reading at a time: two that overlap could put an older state over a newer one. */
  private queue<T>(work: () => Promise<T>): Promise<T> {
    const run = this.last.then(work);
    this.last = run.catch(() => undefined);
    return run;
  }

  private notice(): void {
    this.damaged = true;
  }

  /** Reads everything that may have changed; confirmed only when it flipped since it was last read. */
  private async load(): Promise<Set<string>> {
    const read = await this.store.read(async (tx) => {
      const small = await this.readSmall(tx);
      if (this.loaded && small.meta.version === this.meta.version) return null;
      const outbox = await tx.all<Waiting>("outbox");
      const same = this.loaded && small.meta.flips === this.meta.flips;
      return { ...small, outbox, buckets: same ? null : await readBuckets(tx, ALL, () => this.notice()) };
    });
    if (read === null) return new Set();
    const touched = new Set(this.layers.keys());
    if (read.buckets) for (const id of this.takeBuckets(read.buckets, "*")) touched.add(id);
    this.loaded = true;
    this.takeSmall(read);
    this.takeOutbox(read.outbox);
    for (const id of this.layers.keys()) touched.add(id);
    return this.refresh(touched);
  }

  private async step(change: Change): Promise<Set<string>> {
    if (this.meta.version >= change.to) return new Set();
    if (this.meta.version !== change.from) return this.load();
    const read = await this.store.read(async (tx) => ({
      ...(await this.readSmall(tx, change.parked)),
      outbox: await Promise.all(change.outbox.map((order) => tx.get<Waiting>("outbox", order))),
      buckets: await readBuckets(tx, change.buckets),
    }));
    if (read.meta.version !== change.to) return this.load();
    const touched = this.takeBuckets(read.buckets, change.records);
    this.takeSmall(read);
    for (const id of this.exchange(change.outbox, read.outbox)) touched.add(id);
    return this.refresh(touched);
  }

  private async readSmall(tx: Tx, withParked = true) {
    const meta = await readMeta(tx);
    if (meta === undefined) throw new StorageEmptied();
    const parked = withParked ? await tx.all<StoredParked | StoredNotice>("parked") : null;
    return { meta, parked, answered: await readAnswered(tx), kept: await tx.count("kept") };
  }

  private takeSmall(read: {
    meta: Meta;
    parked: (StoredParked | StoredNotice)[] | null;
    answered: Answered;
    kept: number;
  }): void {
    this.meta = read.meta;
    this.answered = read.answered;
    this.kept = read.kept;
    if (read.parked === null) return;
    this.parked = read.parked.filter((entry) => entry.kind === "parked");
    this.notices = read.parked.filter((entry) => entry.kind === "notice");
  }

  /** Only what changed is replaced, so that all else stays the same object. */
  private takeBuckets(buckets: Map<number, Map<string, Held>>, records: string[] | "*"): Set<string> {
    const named = records === "*" ? null : new Set(records);
    const touched = new Set<string>();
    for (const [index, bucket] of buckets) {
      const old = this.confirmed.bucket(index);
      for (const id of new Set([...old.keys(), ...bucket.keys()])) {
        if (named === null || named.has(id)) touched.add(id);
        else bucket.set(id, old.get(id) ?? (bucket.get(id) as Held));
      }
      this.confirmed.replace(index, bucket);
    }
    return touched;
  }

  /** Puts these places of the outbox as they were read; what is only new is added, for that happens most. */
  private exchange(orders: number[], read: (Waiting | undefined)[]): string[] {
    const found = read.filter((entry) => entry !== undefined);
    const last = this.outbox.at(-1)?.order ?? 0;
    if (orders.every((order) => order > last)) {
      for (const entry of found) this.addLast(entry);
      return found.flatMap((entry) => idsOf(entry.ops));
    }
    const places = new Set(orders);
    const old = this.outbox.filter((entry) => places.has(entry.order));
    const others = this.outbox.filter((entry) => !places.has(entry.order));
    this.takeOutbox([...others, ...found].sort((a, b) => a.order - b.order));
    return [...old, ...found].flatMap((entry) => idsOf(entry.ops));
  }

  private takeOutbox(outbox: Waiting[]): void {
    this.outbox = [];
    this.layers.clear();
    for (const entry of outbox) this.addLast(entry);
  }

  private addLast(by: Waiting): void {
    this.outbox.push(by);
    for (const op of by.ops) {
      const layers = this.layers.get(op.id) ?? [];
      layers.push({ by, op });
      this.layers.set(op.id, layers);
    }
  }

  private refresh(touched: Iterable<string>): Set<string> {
    const changed = new Set<string>();
    for (const id of touched) this.view.refresh(id, changed);
    return changed;
  }
}
