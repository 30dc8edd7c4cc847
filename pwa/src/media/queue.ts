/**
 * The queue of files: which goes when, and why none goes just now.
 *
 * Changesets before files, small before large, one at a time, by one tab. Progress only grows. Failures back off, with jitter;
 * a file at which it fails lets the others go first. What the replica knows of the network (off line, a portal, a session that
 * is over) holds for files too. The world comes in as an argument, as for the replica, so that a test or the service worker
 * can be it.
 */

import type { FileEntry } from "../sync/files";
import { Leadership } from "../sync/leadership";
import type { Identity, Replica } from "../sync/types";
import type { World } from "../sync/world";
import { Shelf, type StoredWishes } from "./shelf";
import { bytesLeft, RESTING, type Status, Survey } from "./survey";
import { type Sent, type ToSend, type TusFetch, Upload } from "./tus";
import type { FileState, FilesOverall, Pause } from "./types";

export type FilesWorld = Pick<
  World,
  "store" | "clock" | "locks" | "channel" | "random" | "online" | "monotone" | "room"
> & {
  fetch: TusFetch;
  digest?: (bytes: ArrayBuffer) => Promise<ArrayBuffer>;
  connection?: Connection;
};

/** The network, where the browser says anything of it. */
export interface Connection {
  /** "wifi", "cellular", …; undefined where nothing is told. */
  type(): string | undefined;
  /** Calls when it became another one. */
  listen(hear: () => void): () => void;
}

export const BACKOFF_FIRST_MS = 1000;
export const BACKOFF_CAP_MS = 5 * 60_000;
/** A line that broke is often back before the browser says so. */
const BACKOFF_OFFLINE_CAP_MS = 60_000;
const SOON_MS = 200;
/** How often it is looked whether copies may go. */
export const TIDY_MS = 60_000;
const ROOM_SCARCE_SHARE = 0.6;
const ROOM_SCARCE_BYTES = 200_000_000;
/** A copy that could not be read so often is lost. */
const READ_TRIES = 3;

type Said = { say: "files" } | { say: "sending?" } | { say: "sending"; status: Status };

/** The lock of whoever sends the files of this person. */
export function filesLock({ shop, principal }: Identity): string {
  return `workbay.files.${shop}.${principal.id}`;
}

export class Queue {
  readonly shelf: Shelf;
  private readonly survey: Survey;
  private status: Status = RESTING;
  private leadership: Leadership | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private closed = false;
  private failures = 0;
  /** The replica was in trouble when it was last heard. */
  private troubled = false;
  /** How often each file was tried in vain. */
  private readonly tried = new Map<string, number>();
  private callOff: (() => void) | null = null;
  private abort: AbortController | null = null;
  /** Bytes that waited at most since nothing waited last: what progress is a share of. */
  private most = 0;
  private said = "";
  private counts = "0 0 0";
  private tidyAt = Number.NEGATIVE_INFINITY;
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly world: FilesWorld,
    private readonly replica: Replica,
    private readonly changed: () => void,
  ) {
    this.shelf = new Shelf(world.store, () => {
      world.channel.post({ say: "files" } satisfies Said);
      changed();
    });
    this.survey = new Survey(this.shelf, replica, () => world.clock.now());
  }

  async start(): Promise<void> {
    const { channel, online, connection } = this.world;
    this.stops.push(channel.listen((message) => void this.hear(message as Said)));
    await this.shelf.read();
    this.stops.push(this.replica.subscribe(() => this.followReplica()));
    this.stops.push(online.listen((signal) => signal !== "offline" && void this.wake()));
    if (connection) this.stops.push(connection.listen(() => this.obey()));
    this.leadership = new Leadership(
      filesLock(this.replica.identity),
      this.world,
      (leads) => (leads ? this.soon() : this.abort?.abort()),
      (now) => (now ? this.sendNow() : this.soon()),
    );
    channel.post({ say: "sending?" } satisfies Said);
    this.soon();
  }

  async stop(): Promise<void> {
    this.closed = true;
    this.callOff?.();
    for (const stop of this.stops.splice(0)) stop();
    this.leadership?.close();
    this.abort?.abort();
    await this.running;
  }

  state(id: string): FileState | null {
    return this.survey.state(id, this.status);
  }

  overall(): FilesOverall {
    return this.survey.overall(this.status);
  }

  async wish(wishes: Partial<StoredWishes>): Promise<void> {
    await this.shelf.wish(wishes);
    this.obey();
    this.sendNow();
  }

  /** Waits out no failure any more. */
  sendNow(): void {
    this.failures = 0;
    if (this.leadership?.leads) this.soon(0);
    else this.leadership?.ask(true);
  }

  /** A file was just kept or taken back: the store has it so, and memory follows. */
  async kept(): Promise<void> {
    await this.shelf.read().catch(() => undefined);
    this.world.channel.post({ say: "files" } satisfies Said);
    this.changed();
    this.soon();
  }

  /** Resolves when nothing more can be done now; says whether something still waits. */
  async drained(): Promise<boolean> {
    await this.run();
    return this.overall().waiting > 0;
  }

  private async hear(said: Said): Promise<void> {
    const leads = this.leadership?.leads ?? false;
    if (said.say === "sending?" && leads) this.post();
    if (said.say === "sending" && !leads) this.status = said.status;
    if (said.say === "files") {
      await this.shelf.read().catch(() => undefined);
      this.obey();
    }
    this.changed();
  }

  /** A wish counts at once, also for what is on its way; so does another network. */
  private obey(): void {
    if (this.unwished() !== null) this.abort?.abort();
    this.soon();
  }

  private async wake(): Promise<void> {
    await this.shelf.read().catch(() => undefined);
    this.changed();
    this.sendNow();
  }

  /** When changes that did not get through do again, so may files: what failed before that need not wait any longer. */
  private followReplica(): void {
    const troubled = this.replica.overall().trouble !== null;
    if (this.troubled && !troubled) this.failures = 0;
    this.troubled = troubled;
    this.tellCounts();
    this.soon();
  }

  /** A record says something else of its file, as that the shop refused it: screens count anew, also in tabs that send nothing. */
  private tellCounts(): void {
    const { waiting, needsYou, kept } = this.overall();
    const counts = `${waiting} ${needsYou} ${kept}`;
    if (counts === this.counts) return;
    this.counts = counts;
    if (this.leadership?.leads) this.tell(this.status.sending, this.status.why);
    this.changed();
  }

  private soon(ms = SOON_MS): void {
    if (this.closed || !this.leadership?.leads) return;
    if (this.running) {
      this.again = true;
      return;
    }
    if (this.failures > 0 && ms > 0) return;
    this.schedule(ms);
  }

  private schedule(ms: number): void {
    this.callOff?.();
    this.callOff = this.world.clock.after(ms, () => void this.run());
  }

  private run(): Promise<void> {
    this.running ??= this.turn().finally(() => {
      this.running = null;
      if (this.again && this.failures === 0) this.soon();
      this.again = false;
    });
    return this.running;
  }

  private async turn(): Promise<void> {
    try {
      await this.shelf.read();
      await this.tidy();
      while (this.mine()) {
        const why = this.blocked();
        const next = why === null ? this.next() : null;
        if (next === null) return this.tell(null, why);
        if (!(await this.send(next))) return;
      }
    } catch {
      // The store does not answer just now. Nothing is lost by trying later.
      this.backOff("busy", null);
    }
  }

  /** The service worker asks for no leadership: it is asked only while it has the lock. */
  private mine(): boolean {
    return !this.closed && (this.leadership === null || this.leadership.leads);
  }

  /** Why nothing may go now, whatever waits. */
  private blocked(): Pause | null {
    const unwished = this.unwished();
    if (unwished !== null) return unwished;
    const { trouble, locked, wiped, waiting } = this.replica.overall();
    if (trouble === "offline" || trouble === "portal" || trouble === "signed_out") return trouble;
    if (trouble === "busy") return "busy";
    if (trouble === "revoked" || locked || wiped) return "signed_out";
    // Changes that wait for a new version of the app do not move, and files that do not need them shall not wait too.
    return waiting > 0 && trouble !== "update_needed" ? "changes_first" : null;
  }

  private unwished(): Pause | null {
    const { paused, wifiOnly } = this.shelf.wishes;
    if (paused) return "paused";
    const connection = this.world.connection?.type();
    const metered = connection !== undefined && connection !== "wifi" && connection !== "ethernet";
    return wifiOnly && metered ? "wifi" : null;
  }

  private next(): FileEntry | null {
    const ready = this.survey.planned("send");
    const tries = ({ id }: FileEntry) => this.tried.get(id) ?? 0;
    const order = (a: FileEntry, b: FileEntry) =>
      tries(a) - tries(b) || a.bytes - b.bytes || a.at - b.at || (a.id < b.id ? -1 : 1);
    return ready.sort(order)[0] ?? null;
  }

  /** Whether to go on with the next. */
  private async send(entry: FileEntry): Promise<boolean> {
    const tries = (this.tried.get(entry.id) ?? 0) + 1;
    this.tried.set(entry.id, tries);
    const blob = await this.whole(entry);
    if (blob === null) {
      if (tries < READ_TRIES) this.backOff("busy", null);
      else await this.shelf.note(entry.id, { trouble: LOST });
      return tries >= READ_TRIES;
    }
    const abort = new AbortController();
    this.abort = abort;
    this.moved(entry.id, 0);
    const upload = new Upload(
      { fetch: this.world.fetch, digest: this.world.digest, monotone: this.monotone },
      { ...entry, blob },
      (share) => this.moved(entry.id, share),
      abort.signal,
    );
    const sent = await upload.run();
    this.abort = null;
    return this.take(entry, sent, abort.signal.aborted);
  }

  /** The copy, if this phone's storage gives back what it was given. */
  private async whole({ id, sha256 }: FileEntry): Promise<ToSend["blob"] | null> {
    const blob = (await this.shelf.blob(id)) as ToSend["blob"] | undefined;
    if (blob === undefined) return null;
    try {
      const hash = await this.world.digest?.(await blob.arrayBuffer());
      return hash === undefined || hex(hash) === sha256 ? blob : null;
    } catch {
      return null;
    }
  }

  private readonly monotone = () => this.world.monotone?.() ?? this.world.clock.now();

  private async take(entry: FileEntry, sent: Sent, aborted: boolean): Promise<boolean> {
    if (sent.is === "wait" && aborted) {
      this.tried.delete(entry.id);
      this.tell(null, this.blocked());
      return true;
    }
    if (sent.is === "wait") return this.backOff(sent.why, sent.retryAfterMs);
    // What is held here of the record is older than what the shop says: the next pull tells.
    if (sent.is === "unknown" && this.survey.known(entry.id).media === "waiting")
      return this.backOff("busy", null);
    this.failures = 0;
    this.tried.delete(entry.id);
    if (sent.is === "deleted") await this.shelf.drop(entry.id);
    else await this.shelf.note(entry.id, outcomeOf(sent, this.world.clock.now()));
    this.tell(null, null);
    return true;
  }

  private backOff(why: Pause, retryAfterMs: number | null): false {
    const cap = why === "offline" ? BACKOFF_OFFLINE_CAP_MS : BACKOFF_CAP_MS;
    const wait = Math.min(cap, BACKOFF_FIRST_MS * 2 ** this.failures);
    this.failures += 1;
    this.tell(null, why);
    if (!this.closed) this.schedule((retryAfterMs ?? 0) + this.jittered(wait));
    return false;
  }

  private jittered(ms: number): number {
    const [byte = 0] = this.world.random(new Uint8Array(1));
    return Math.round(ms * (0.5 + byte / 510));
  }

  private moved(id: string, share: number): void {
    const before = this.status.sending;
    this.tell({ id, progress: before?.id === id ? Math.max(before.progress, share) : share }, null);
  }

  private tell(sending: Status["sending"], why: Pause | null): void {
    const waiting = this.survey.waiting();
    const left = bytesLeft(waiting, { sending });
    const before = this.most === 0 ? 0 : this.status.progress;
    this.most = waiting.length === 0 ? 0 : Math.max(this.most, left, 1);
    // All of it is through only when the receipt of the last is stored.
    const progress = this.most === 0 ? 1 : Math.min(0.99, Math.max(before, 1 - left / this.most));
    this.status = { sending, why, progress };
    const said = JSON.stringify(this.status);
    if (said === this.said) return;
    this.said = said;
    this.post();
    this.changed();
  }

  private post(): void {
    this.world.channel.post({ say: "sending", status: this.status } satisfies Said);
  }

  /** Lets go of what may go: a receipt, a shop that made something of it, and a backup or a lack of room. */
  private async tidy(): Promise<void> {
    const arrived = [...this.shelf.entries.values()].filter((entry) => entry.receipt !== null);
    const now = this.monotone();
    if (arrived.length === 0 || now - this.tidyAt < TIDY_MS) return;
    this.tidyAt = now;
    const scarce = await this.isScarce();
    const { waiting, trouble, bootstrapping } = this.replica.overall();
    // While memory shows what was before a restore, it does not say what the shop has.
    const calm = waiting === 0 && trouble === null && bootstrapping === null;
    const needed = await this.shelf.needed(scarce);
    const may = arrived.filter(({ id }) => (calm || scarce) && !needed.has(id));
    this.survey.mayGo = new Set(may.map(({ id }) => id));
    const ids = this.survey.planned("let_go").map(({ id }) => id);
    if (ids.length > 0) await this.shelf.letGo(ids, scarce);
  }

  private async isScarce(): Promise<boolean> {
    const room = await this.world.room?.().catch(() => null);
    if (!room || room.quota === 0) return false;
    return room.used > room.quota * ROOM_SCARCE_SHARE || room.quota - room.used < ROOM_SCARCE_BYTES;
  }
}

/** What is known of a file once the shop has said something final of it. */
function outcomeOf(sent: Exclude<Sent, { is: "wait" | "deleted" }>, now: number): Partial<FileEntry> {
  if (sent.is === "arrived") return { receipt: now, trouble: null };
  return { trouble: sent.is === "unknown" ? UNKNOWN : { code: sent.code, reason: sent.reason } };
}

const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const LOST = {
  code: "lost",
  reason: "This phone's storage lost the picture. Take it again, or delete the photo.",
};
const UNKNOWN = {
  code: "unknown",
  reason: "The shop does not know this photo. Save the picture to the phone, or drop it.",
};
