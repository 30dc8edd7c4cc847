/**
 * The replica: where store, memory, writer, loop and leadership meet. Screens hold one of these.
 *
 * Opened once per tab and database by `openReplica`; everything outside comes in as a `World`.
 */

import { waits } from "./changeset";
import { Leadership } from "./leadership";
import { Loop, WRITE_MS } from "./loop";
import { type Change, fresh, readMeta, writeMeta } from "./meta";
import { Mirror } from "./mirror";
import { formOf } from "./prepare";
import { Progress, RESTING, type Status } from "./progress";
import { takeName } from "./recover";
import { Round } from "./round";
import type { Collections } from "./schema";
import { StorageEmptied, StorageFull, type Store } from "./store";
import type {
  Draft,
  Form,
  Identity,
  Notice,
  Overall,
  Parked,
  Replica,
  Shown,
  SyncState,
  Trouble,
} from "./types";
import type { Signal, World } from "./world";
import { Writer } from "./writer";

export interface Options {
  world: World;
  identity: Identity;
  collections: Collections;
  /** The number of the schema these collections belong to. */
  schema?: number;
  /** Called when the replica goes on under another name, so that a sign-in can name it. */
  renamed?: (identity: Identity) => void;
}

type Listener = (changed: ReadonlySet<string>) => void;
type Said =
  | { say: "changed"; change: Change }
  | { say: "status"; status: Status }
  | { say: "wiped"; trouble: Trouble };

const EVERYTHING: ReadonlySet<string> = new Set(["*"]);
/** A tab that asked the leader waits no longer than this: no spinner turns for ever. */
const ANSWER_MS = 30_000;
const ROOM_EVERY_MS = 60_000;

/** Opens the database of this principal, reads it into memory, and begins to sync. */
export async function openCore(options: Options): Promise<Replica> {
  const meta = await enter(options.world.store, options.identity);
  const mirror = new Mirror(options.world.store, options.collections, meta);
  await mirror.readAll();
  const replica = new OpenReplica(options, mirror);
  replica.begin();
  return replica;
}

/** The stored state of this principal, made if this is the first time, under the name the server gave. */
async function enter(store: Store, identity: Identity) {
  return store.write(async (tx) => {
    const meta = (await readMeta(tx)) ?? fresh(identity);
    const { replica, epoch } = meta.identity;
    if (meta.identity.principal.id !== identity.principal.id)
      throw new Error("This database is somebody else's.");
    meta.identity = { ...identity, replica, epoch };
    const known = replica === identity.replica || meta.renames.some(({ from }) => from === identity.replica);
    if (known) writeMeta(tx, meta);
    else await takeName(tx, meta, identity.replica);
    return meta;
  });
}

class OpenReplica implements Replica {
  private readonly world: World;
  private readonly writer: Writer;
  private readonly round: Round;
  private readonly loop: Loop;
  private readonly progress: Progress;
  private leadership: Leadership | null = null;
  private readonly listeners = new Set<Listener>();
  private readonly stops: (() => void)[] = [];
  private resting: (() => void)[] = [];
  private name: string;
  private roomAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: Options,
    private readonly mirror: Mirror,
  ) {
    const { world, schema = 1 } = options;
    this.world = world;
    this.name = mirror.meta.identity.replica;
    this.progress = new Progress(mirror);
    const announce = (change: Change) => this.announce(change);
    this.writer = new Writer(world, mirror, schema, announce);
    this.round = new Round(world, mirror, schema, announce, () => this.tellStatus());
    this.loop = new Loop(
      world,
      this.round,
      () => this.rested(),
      (trouble) => this.wiped(trouble),
    );
  }

  begin(): void {
    const { channel, online } = this.world;
    this.stops.push(channel.listen((message) => this.hear(message as Said)));
    this.stops.push(online.listen((signal) => void this.wake(signal)));
    const { shop, principal } = this.identity;
    this.leadership = new Leadership(
      `workbay.sync.${shop}.${principal.id}`,
      this.world,
      (leads) => this.lead(leads),
      (now) => (now ? void this.loop.now() : this.loop.soon(WRITE_MS)),
    );
    void this.measureRoom();
  }

  get identity(): Identity {
    return this.mirror.meta.identity;
  }

  get(collection: string, id: string): Shown | undefined {
    return this.mirror.view.get(collection, id);
  }

  all(collection: string): Shown[] {
    return this.mirror.view.all(collection);
  }

  children(parentId: string, collection: string): Shown[] {
    return this.mirror.view.children(parentId, collection);
  }

  form(id: string): Form {
    const collection = this.mirror.view.collectionOf(id) ?? "";
    return formOf(collection, id, this.get(collection, id), this.writer.sight());
  }

  act(drafts: Draft[]): Promise<string> {
    return this.saving(() => this.writer.act(drafts));
  }

  retry(key: string, drafts: Draft[]): Promise<string> {
    return this.saving(() => this.writer.act(drafts, key));
  }

  discard(key: string): Promise<void> {
    return this.writer.discard(key);
  }

  dismiss(key: string): Promise<void> {
    return this.writer.discard(key);
  }

  undo(changesetId: string): Promise<boolean> {
    return this.saving(() => this.writer.undo(changesetId));
  }

  parked(): Parked[] {
    return this.mirror.parked;
  }

  notices(): Notice[] {
    return this.mirror.notices;
  }

  exportParked(key: string): string {
    const entry = this.mirror.parked.find((parked) => parked.key === key);
    return JSON.stringify(entry ?? null, null, 2);
  }

  state(id: string): SyncState {
    return this.progress.state(id);
  }

  overall(): Overall {
    return this.progress.overall(this.world.online.now());
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

  async close(): Promise<void> {
    for (const stop of this.stops.splice(0)) stop();
    this.leadership?.close();
    this.loop.stop();
    this.rested();
    this.listeners.clear();
    this.world.store.close();
  }

  /** A lack of room is shown until something could be saved again. */
  private async saving<T>(work: () => Promise<T>): Promise<T> {
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
    this.tell(await this.mirror.follow(change).catch(() => EVERYTHING));
    this.sendSoon();
  }

  private sendSoon(): void {
    if (!this.mirror.outbox.some(waits)) return;
    if (this.leadership?.leads) this.loop.soon(WRITE_MS);
    else this.leadership?.ask(false);
  }

  private hear(said: Said): void {
    if (said.say === "changed") void this.followOther(said.change);
    if (said.say === "wiped") this.wiped(said.trouble);
    if (said.say !== "status" || this.leadership?.leads) return;
    this.progress.status = said.status;
    if (!said.status.running) this.wakeResting();
    this.tell(EVERYTHING);
  }

  private async followOther(change: Change): Promise<void> {
    this.tell(await this.mirror.follow(change).catch((error) => this.unread(error)));
    if (this.leadership?.leads) this.sendSoon();
  }

  /** A tab that slept may have missed what others said, so it looks; then whoever leads syncs. */
  private async wake(signal: Signal): Promise<void> {
    this.tell(EVERYTHING);
    if (signal === "offline") return;
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
    this.progress.status = { trouble, running, sending: [...this.round.sending] };
    this.world.channel.post({ say: "status", status: this.progress.status } satisfies Said);
    this.tell(EVERYTHING);
  }

  /** Everything is gone from this device; no screen may go on showing it. */
  private wiped(trouble: Trouble): void {
    this.loop.stop();
    this.mirror.empty();
    this.progress.status = { ...RESTING, trouble };
    if (this.leadership?.leads) this.world.channel.post({ say: "wiped", trouble } satisfies Said);
    this.leadership?.close();
    this.tell(EVERYTHING);
  }

  private tell(changed: ReadonlySet<string>): void {
    const { identity } = this;
    if (identity.replica !== this.name) this.options.renamed?.(identity);
    this.name = identity.replica;
    if (changed.size > 0) for (const listener of [...this.listeners]) listener(changed);
  }

  private async measureRoom(): Promise<void> {
    const now = this.world.clock.now();
    if (!this.world.room || now - this.roomAt < ROOM_EVERY_MS) return;
    this.roomAt = now;
    this.progress.storage = await this.world.room().catch(() => null);
    this.tell(EVERYTHING);
  }
}
