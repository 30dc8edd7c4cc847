/**
 * A replica at work: what was stored reaches memory, screens, the other tabs and the shop, and back.
 *
 * `replica.ts` is what screens see of it. Here live the tab's part among the others, its waking and its end.
 */

import { waits } from "./changeset";
import { Leadership } from "./leadership";
import { LeaseWatch } from "./lease";
import { Loop, WRITE_MS } from "./loop";
import { type Change, checkOf } from "./meta";
import type { Mirror } from "./mirror";
import { Progress, RESTING, type Status } from "./progress";
import { Round } from "./round";
import { StorageEmptied, StorageFull } from "./store";
import type { Checked, Identity, Trouble } from "./types";
import type { Signal, World } from "./world";
import { Writer } from "./writer";

type Listener = (changed: ReadonlySet<string>) => void;
type Said =
  | { say: "changed"; change: Change }
  | { say: "status"; status: Status }
  | { say: "wiped"; trouble: Trouble; handed?: number };

const EVERYTHING: ReadonlySet<string> = new Set(["*"]);
/** A tab that asked the leader waits no longer than this: no spinner turns for ever. */
const ANSWER_MS = 30_000;
const ROOM_EVERY_MS = 60_000;

export class Running {
  readonly writer: Writer;
  readonly progress: Progress;
  private readonly round: Round;
  private readonly lease: LeaseWatch;
  private readonly loop: Loop;
  private leadership: Leadership | null = null;
  private readonly listeners = new Set<Listener>();
  private readonly stops: (() => void)[] = [];
  private resting: (() => void)[] = [];
  private name: string;
  private roomAt = Number.NEGATIVE_INFINITY;
  /** What other tabs said while this one was still reading; null once it has read. */
  private early: Said[] | null = [];

  constructor(
    private readonly world: World,
    private readonly mirror: Mirror,
    schema: number,
    private readonly told: { renamed: (identity: Identity) => void; revoked: (handed: number) => void },
  ) {
    this.name = mirror.meta.identity.replica;
    this.progress = new Progress(mirror);
    const announce = (change: Change) => this.announce(change);
    this.writer = new Writer(world, mirror, schema, announce);
    this.lease = new LeaseWatch(world, () => this.tellStatus());
    this.round = new Round(world, mirror, schema, announce, () => this.tellStatus(), this.lease);
    this.loop = new Loop(
      world,
      this.round,
      () => this.rested(),
      (trouble) => this.wiped(trouble),
    );
  }

  /** Hears the other tabs from before the first reading on: what is saved between reading and listening would never be shown. */
  listen(): void {
    const hear = (said: Said) => (this.early ? void this.early.push(said) : this.hear(said));
    this.stops.push(this.world.channel.listen((message) => hear(message as Said)));
  }

  async begin(): Promise<void> {
    await this.lease.open();
    this.progress.status = { ...RESTING, locked: this.lease.locked };
    this.lease.keepLooking(() => this.leadership?.leads ?? false);
    const { online } = this.world;
    const early = this.early ?? [];
    this.early = null;
    for (const said of early) this.hear(said);
    this.stops.push(online.listen((signal) => void this.wake(signal)));
    const { shop, principal } = this.mirror.meta.identity;
    this.leadership = new Leadership(
      `workbay.sync.${shop}.${principal.id}`,
      this.world,
      (leads) => this.lead(leads),
      (now) => (now ? void this.loop.now() : this.loop.soon(WRITE_MS)),
    );
    void this.measureRoom();
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  syncNow(): Promise<void> {
    if (this.leadership?.leads) return this.loop.now();
    const rested = new Promise<void>((resolve) => {
      this.resting.push(resolve);
      this.stops.push(this.world.clock.after(ANSWER_MS, resolve));
    });
    this.leadership?.ask(true);
    return rested;
  }

  /** Asks for a check, and waits until it is through or cannot be done now. */
  async verify(): Promise<Checked | null> {
    const wanted = await this.writer.wantCheck();
    await this.syncNow();
    await this.mirror.readAll();
    const check = checkOf(this.mirror.meta);
    return check.done >= wanted ? check.last : null;
  }

  async want(id: string): Promise<void> {
    await this.writer.want(id);
    await this.syncNow();
    await this.mirror.readAll();
  }

  async close(): Promise<void> {
    for (const stop of this.stops.splice(0)) stop();
    this.lease.close();
    this.leadership?.close();
    this.loop.stop();
    this.rested();
    this.listeners.clear();
    this.world.store.close();
  }

  /** A lack of room is shown until something could be saved again. */
  async saving<T>(work: () => Promise<T>): Promise<T> {
    try {
      const done = await work();
      this.progress.full = false;
      return done;
    } catch (error) {
      this.progress.full = error instanceof StorageFull;
      if (this.progress.full) this.tell(EVERYTHING);
      throw error;
    }
  }

  /** What this tab wrote: into memory, to the screens, to the other tabs, and soon to the shop. */
  private async announce(change: Change): Promise<void> {
    this.world.channel.post({ say: "changed", change } satisfies Said);
    // What was stored is saved, also when it cannot be read back just now; the next change reads it.
    this.tell(await this.followed(change).catch(() => EVERYTHING));
    this.sendSoon();
  }

  /** What is parked concerns no record by itself: without a word, a discarded edit would stay on the screen. */
  private async followed(change: Change): Promise<ReadonlySet<string>> {
    const ids = await this.mirror.follow(change);
    return change.parked ? EVERYTHING : ids;
  }

  private sendSoon(): void {
    if (!this.mirror.outbox.some(waits)) return;
    if (this.leadership?.leads) this.loop.soon(WRITE_MS);
    else this.leadership?.ask(false);
  }

  private hear(said: Said): void {
    if (said.say === "changed") void this.followOther(said.change);
    if (said.say === "wiped") this.wiped(said.trouble, said.handed);
    if (said.say !== "status" || this.leadership?.leads) return;
    this.progress.status = said.status;
    if (!said.status.running) this.wakeResting();
    this.tell(EVERYTHING);
  }

  private async followOther(change: Change): Promise<void> {
    this.tell(await this.followed(change).catch((error) => this.unread(error)));
    if (this.leadership?.leads) this.sendSoon();
  }

  /** A tab that slept may have missed what others said, so it looks; then whoever leads syncs. */
  private async wake(signal: Signal): Promise<void> {
    this.tell(EVERYTHING);
    if (signal === "offline") return;
    if (signal === "visible" && this.leadership?.leads) await this.lease.look(false).catch(() => undefined);
    if (signal === "visible") this.tell(await this.mirror.readAll().catch((error) => this.unread(error)));
    if (this.leadership?.leads) void this.loop.now();
    else this.leadership?.ask(true);
  }

  private unread(error: unknown): ReadonlySet<string> {
    if (error instanceof StorageEmptied) this.wiped("signed_out");
    return EVERYTHING;
  }

  private lead(leads: boolean): void {
    if (leads) this.loop.start();
    else this.loop.stop();
  }

  private rested(): void {
    this.tellStatus();
    this.wakeResting();
    void this.measureRoom();
  }

  private wakeResting(): void {
    for (const resolve of this.resting.splice(0)) resolve();
  }

  private tellStatus(): void {
    const { trouble, running } = this.loop;
    const checking = this.round.check.progress;
    const { locked } = this.lease;
    this.progress.status = { trouble, running, sending: [...this.round.sending], checking, locked };
    this.world.channel.post({ say: "status", status: this.progress.status } satisfies Said);
    this.tell(EVERYTHING);
  }

  /** Everything is gone from this device; no screen may go on showing it. */
  private wiped(trouble: Trouble, handed = this.round.handed): void {
    this.loop.stop();
    this.mirror.empty();
    this.progress.status = { ...RESTING, trouble };
    if (this.leadership?.leads) this.world.channel.post({ say: "wiped", trouble, handed } satisfies Said);
    this.leadership?.close();
    this.lease.close();
    if (trouble === "revoked") {
      this.progress.wiped = { handed };
      this.told.revoked(handed);
    }
    this.tell(EVERYTHING);
  }

  private tell(changed: ReadonlySet<string>): void {
    const { identity } = this.mirror.meta;
    if (identity.replica !== this.name) this.told.renamed(identity);
    this.name = identity.replica;
    if (changed.size > 0) for (const listener of [...this.listeners]) hearSafely(listener, changed);
  }

  private async measureRoom(): Promise<void> {
    const now = this.world.clock.now();
    if (!this.world.room || now - this.roomAt < ROOM_EVERY_MS) return;
    this.roomAt = now;
    this.progress.storage = await this.world.room().catch(() => null);
    this.tell(EVERYTHING);
  }
}

/** A screen that fails must not make a saved action look unsaved; its error is still seen by whoever watches. */
function hearSafely(listener: Listener, changed: ReadonlySet<string>): void {
  try {
    listener(changed);
  } catch (error) {
    void Promise.reject(error);
  }
}
