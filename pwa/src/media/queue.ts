/**
 * The queue of files: which goes when, and why none goes just now.
 *
 * Changesets before files, small before large, one at a time, by one tab. Progress only grows. Failures back off, with jitter;
 * what the replica knows of the network (off line, a portal, a session that is over) holds for files too. The world comes in
 * as an argument, as for the replica, so that a test or the service worker can be it.
 */

import type { FileEntry } from "../sync/files";
import { Leadership } from "../sync/leadership";
import type { Replica } from "../sync/types";
import type { World } from "../sync/world";
import { Shelf, type StoredWishes } from "./shelf";
import { type Known, needsPerson, type Plan, planOf, stateOf, waits } from "./states";
import { type Sent, type ToSend, type TusFetch, Upload } from "./tus";
import type { FileState, FilesOverall, Pause } from "./types";

export type FilesWorld = Pick<
  World,
  "store" | "clock" | "locks" | "channel" | "random" | "online" | "monotone" | "room"
> & {
  fetch: TusFetch;
  digest?: (bytes: ArrayBuffer) => Promise<ArrayBuffer>;
  /** What the network is, where the browser says: "wifi", "cellular", … */
  connection?: () => string | undefined;
};

export const BACKOFF_FIRST_MS = 1000;
export const BACKOFF_CAP_MS = 5 * 60_000;
const SOON_MS = 200;
/** How often it is looked whether copies may go. */
const TIDY_MS = 60_000;
const ROOM_SCARCE_SHARE = 0.6;
const ROOM_SCARCE_BYTES = 200_000_000;

interface Status {
  sending: { id: string; progress: number } | null;
  why: Pause | null;
  progress: number;
}

type Said = { say: "files" } | { say: "sending"; status: Status };

const RESTING: Status = { sending: null, why: null, progress: 1 };

export class Queue {
  readonly shelf: Shelf;
  private status: Status = RESTING;
  private leadership: Leadership | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private closed = false;
  private failures = 0;
  private failedAt = 0;
  private callOff: (() => void) | null = null;
  private abort: AbortController | null = null;
  /** Bytes that waited at most since nothing waited last: what progress is a share of. */
  private most = 0;
  private said = "";
  private counts = "";
  private mayGo = new Set<string>();
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
  }

  async start(): Promise<void> {
    this.stops.push(this.world.channel.listen((message) => void this.hear(message as Said)));
    await this.shelf.read();
    this.stops.push(this.replica.subscribe(() => this.followReplica()));
    this.stops.push(this.world.online.listen((signal) => signal !== "offline" && void this.wake()));
    const { shop, principal } = this.replica.identity;
    this.leadership = new Leadership(
      `workbay.files.${shop}.${principal.id}`,
      this.world,
      () => this.soon(),
      () => this.soon(),
    );
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
    const entry = this.shelf.entries.get(id);
    if (!entry) return null;
    const { sending, why } = this.status;
    const known = this.known(id);
    return stateOf(entry, known, this.plan(entry, known), sending?.id === id ? sending.progress : null, why);
  }

  overall(): FilesOverall {
    const all = this.looked();
    const waiting = all.filter(({ entry, plan, known }) => waits(plan, entry, known));
    return {
      waiting: waiting.length,
      bytesLeft: this.bytesOf(waiting.map(({ entry }) => entry)),
      progress: this.status.progress,
      sending: this.status.sending?.id ?? null,
      why: waiting.length > 0 ? this.status.why : null,
      needsYou: all.filter(({ entry, known }) => needsPerson(entry, known) !== null).length,
      kept: all.filter(({ entry, plan }) => entry.receipt !== null && plan !== "send").length,
    };
  }

  async wish(wishes: Partial<StoredWishes>): Promise<void> {
    await this.shelf.wish(wishes);
    if (this.blocked() !== null) this.abort?.abort();
    this.sendNow();
  }

  /** Waits out no failure any more. */
  sendNow(): void {
    this.failures = 0;
    if (this.leadership?.leads) this.soon(0);
    else this.leadership?.ask(true);
  }

  /** A file was just kept: it is in the store, and memory follows. */
  async kept(): Promise<void> {
    await this.shelf.read();
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
    if (said.say === "sending" && !this.leadership?.leads) this.status = said.status;
    if (said.say === "files") {
      await this.shelf.read().catch(() => undefined);
      // A wish of another tab counts at once, also for what is on its way.
      if (this.blocked() !== null) this.abort?.abort();
      this.soon();
    }
    this.changed();
  }

  private async wake(): Promise<void> {
    await this.shelf.read().catch(() => undefined);
    this.changed();
    this.sendNow();
  }

  /** When changes get through again, so do files: what failed before that need not wait any longer. */
  private followReplica(): void {
    const { lastContact, trouble } = this.replica.overall();
    if (this.failures > 0 && trouble === null && (lastContact ?? 0) > this.failedAt) this.failures = 0;
    this.tellCounts();
    this.soon();
  }

  /** A record says something else of its file, as that the shop refused it: screens count anew, also in tabs that send nothing. */
  private tellCounts(): void {
    const { waiting, needsYou, kept } = this.overall();
    const counts = `${waiting} ${needsYou} ${kept}`;
    if (counts === this.counts) return;
    this.counts = counts;
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
      for (;;) {
        const why = this.blocked();
        const next = why === null && !this.closed ? this.next() : null;
        if (next === null) {
          this.tell({ ...this.status, sending: null, why });
          return;
        }
        if (!(await this.send(next))) return;
      }
    } catch {
      // The store does not answer just now. Nothing is lost by trying later.
      this.backOff("busy", null);
    }
  }

  /** Why nothing may go now, whatever waits. */
  private blocked(): Pause | null {
    const { paused, wifiOnly } = this.shelf.wishes;
    if (paused) return "paused";
    const all = this.replica.overall();
    if (all.trouble === "offline" || all.trouble === "portal" || all.trouble === "signed_out")
      return all.trouble;
    if (all.trouble === "busy") return "busy";
    if (all.locked || all.wiped) return "signed_out";
    const connection = this.world.connection?.();
    if (wifiOnly && connection !== undefined && connection !== "wifi" && connection !== "ethernet")
      return "wifi";
    return all.waiting > 0 ? "changes_first" : null;
  }

  private known(id: string): Known {
    const shown = this.replica.get("photo", id);
    const parked = this.replica
      .parked()
      .some(({ ops }) => ops.some((op) => op.op === "create" && op.id === id));
    return {
      media:
        typeof shown?.data.media === "string" ? shown.data.media : shown && !shown.fresh ? "waiting" : null,
      reason: typeof shown?.data.media_reason === "string" ? shown.data.media_reason : "",
      fresh: shown?.fresh ?? false,
      parked,
    };
  }

  private plan(entry: FileEntry, known = this.known(entry.id)): Plan {
    return planOf(entry, known, this.world.clock.now(), this.mayGo.has(entry.id));
  }

  private looked(): { entry: FileEntry; known: Known; plan: Plan }[] {
    return [...this.shelf.entries.values()].map((entry) => {
      const known = this.known(entry.id);
      return { entry, known, plan: this.plan(entry, known) };
    });
  }

  private next(): FileEntry | null {
    const ready = [...this.shelf.entries.values()].filter((entry) => this.plan(entry) === "send");
    return ready.sort((a, b) => a.bytes - b.bytes || a.at - b.at || (a.id < b.id ? -1 : 1))[0] ?? null;
  }

  /** Whether to go on with the next. */
  private async send(entry: FileEntry): Promise<boolean> {
    const blob = (await this.shelf.blob(entry.id)) as ToSend["blob"] | undefined;
    if (blob === undefined) {
      await this.shelf.note(entry.id, { trouble: LOST });
      return true;
    }
    const { abort } = this.begun(entry);
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

  private readonly monotone = () => this.world.monotone?.() ?? this.world.clock.now();

  private begun(entry: FileEntry): { abort: AbortController } {
    this.abort = new AbortController();
    this.moved(entry.id, 0);
    return { abort: this.abort };
  }

  private async take(entry: FileEntry, sent: Sent, aborted: boolean): Promise<boolean> {
    if (sent.is === "wait") {
      if (aborted) {
        this.tell({ ...this.status, sending: null, why: this.blocked() });
        return !this.closed && this.blocked() === null;
      }
      this.backOff(sent.why, sent.retryAfterMs);
      return false;
    }
    if (sent.is === "unknown" && this.known(entry.id).media === "waiting") {
      // What is held here of the record is older than what the shop says: the next pull tells.
      this.backOff("busy", null);
      return false;
    }
    this.failures = 0;
    if (sent.is === "deleted") await this.shelf.drop(entry.id);
    else if (sent.is === "arrived") await this.shelf.note(entry.id, { receipt: this.world.clock.now() });
    else if (sent.is === "unknown") await this.shelf.note(entry.id, { trouble: UNKNOWN });
    else await this.shelf.note(entry.id, { trouble: { code: sent.code, reason: sent.reason } });
    this.moved(null, 0);
    return true;
  }

  private backOff(why: Pause, retryAfterMs: number | null): void {
    const wait = Math.min(BACKOFF_CAP_MS, BACKOFF_FIRST_MS * 2 ** this.failures);
    this.failures += 1;
    this.failedAt = this.world.clock.now();
    this.tell({ ...this.status, sending: null, why });
    if (!this.closed) this.schedule((retryAfterMs ?? 0) + this.jittered(wait));
  }

  private jittered(ms: number): number {
    const [byte = 0] = this.world.random(new Uint8Array(1));
    return Math.round(ms * (0.5 + byte / 510));
  }

  private moved(id: string | null, share: number): void {
    const before = this.status.sending;
    const progress = before?.id === id ? Math.max(before.progress, share) : share;
    this.tell({ ...this.status, sending: id === null ? null : { id, progress }, why: null });
  }

  private bytesOf(entries: FileEntry[]): number {
    const { sending } = this.status;
    return entries.reduce(
      (sum, { id, bytes }) => sum + bytes * (1 - (sending?.id === id ? sending.progress : 0)),
      0,
    );
  }

  private tell(status: Status): void {
    this.status = status;
    const waiting = this.looked().filter(({ entry, plan, known }) => waits(plan, entry, known));
    const left = this.bytesOf(waiting.map(({ entry }) => entry));
    const before = this.most === 0 ? 0 : status.progress;
    this.most = left === 0 ? 0 : Math.max(this.most, left);
    this.status = { ...status, progress: left === 0 ? 1 : Math.max(before, 1 - left / this.most) };
    const said = JSON.stringify(this.status);
    if (said === this.said) return;
    this.said = said;
    this.world.channel.post({ say: "sending", status: this.status } satisfies Said);
    this.changed();
  }

  /** Lets go of what may go: a receipt, a shop that made something of it, and a backup or a lack of room. */
  private async tidy(): Promise<void> {
    const arrived = [...this.shelf.entries.values()].filter((entry) => entry.receipt !== null);
    const now = this.monotone();
    if (arrived.length === 0 || now - this.tidyAt < TIDY_MS) return;
    this.tidyAt = now;
    const [waiting, scarce] = await Promise.all([this.shelf.notDurable(), this.isScarce()]);
    this.mayGo = new Set(arrived.filter(({ id }) => scarce || !waiting.has(id)).map(({ id }) => id));
    for (const entry of arrived) if (this.plan(entry) === "let_go") await this.shelf.drop(entry.id);
  }

  private async isScarce(): Promise<boolean> {
    const room = await this.world.room?.().catch(() => null);
    if (!room || room.quota === 0) return false;
    return room.used > room.quota * ROOM_SCARCE_SHARE || room.quota - room.used < ROOM_SCARCE_BYTES;
  }
}

const LOST = {
  code: "lost",
  reason: "This phone's storage lost the picture. Take it again, or delete the photo.",
};
const UNKNOWN = {
  code: "unknown",
  reason: "The shop does not know this photo. Save the picture to the phone, or drop it.",
};
