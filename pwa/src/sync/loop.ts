/**
 * When to sync: soon after a write, on a poke, on line again, visible again, and by a timer; never in a rush.
 *
 * Failures back off up to a cap, with jitter, so that a thousand phones do not come back in the same second after
 * an outage. Pokes come over a live stream; when it is silent for two heartbeats it counts as dead and the timer
 * asks instead (L2, L4).
 */

import type { End } from "./round";
import type { Trouble } from "./types";
import type { World } from "./world";

export const WRITE_MS = 150;
export const BACKOFF_FIRST_MS = 1000;
export const BACKOFF_CAP_MS = 60_000;
export const POLL_LIVE_MS = 5 * 60_000;
export const POLL_MS = 30_000;
export const SILENCE_MS = 45_000;
/** So many rounds in a row that settle nothing are a quarrel with the server, and wait like any failure. */
const IDLE_ROUNDS_MAX = 25;
const LIVE_PATH = "/api/sync/live";

const BUSY: End = { is: "trouble", trouble: "busy", retryAfterMs: null };

export class Loop {
  trouble: Trouble | null = null;
  running = false;
  private active = false;
  private wanted = false;
  private failures = 0;
  private callOff: (() => void) | null = null;
  private due = Number.POSITIVE_INFINITY;
  private idle: (() => void)[] = [];
  private closeLive: (() => void) | null = null;
  private callOffWatch: (() => void) | null = null;
  private liveFailures = 0;

  constructor(
    private readonly world: World,
    private readonly round: { go(): Promise<End> },
    private readonly changed: () => void,
    private readonly wiped: (trouble: Trouble) => void,
  ) {}

  start(): void {
    if (this.active) return;
    this.active = true;
    this.openLive();
    this.soon(0);
  }

  stop(): void {
    this.active = false;
    this.callOff?.();
    this.callOff = null;
    this.due = Number.POSITIVE_INFINITY;
    this.shutLive();
    this.rest();
  }

  /** Syncs within the time given, if it is not to happen sooner anyway; waiting out a failure is respected. */
  soon(ms: number): void {
    if (!this.active) return;
    if (this.running) this.wanted = true;
    else if (this.failures === 0) this.schedule(ms);
  }

  /** Something changed outside, so waiting makes no sense any more: syncs at once. */
  now(): Promise<void> {
    if (!this.active) return Promise.resolve();
    this.failures = 0;
    this.liveFailures = 0;
    if (this.closeLive === null) this.openLive();
    const rested = new Promise<void>((resolve) => this.idle.push(resolve));
    // A clock that jumped ahead makes what is due look as if it were sooner than now.
    this.due = Number.POSITIVE_INFINITY;
    if (this.running) this.wanted = true;
    else this.schedule(0);
    return rested;
  }

  private schedule(ms: number): void {
    const now = this.world.clock.now();
    // What should have happened already has not: the clock was set forward, and the timer would still take its time.
    const overdue = now >= this.due;
    const wait = overdue ? 0 : ms;
    if (now + wait >= this.due && !overdue) return;
    this.callOff?.();
    this.due = now + wait;
    this.callOff = this.world.clock.after(wait, () => {
      this.due = Number.POSITIVE_INFINITY;
      this.callOff = null;
      void this.run();
    });
  }

  private async run(): Promise<void> {
    if (this.running || !this.active) return;
    this.running = true;
    let again = true;
    let idle = 0;
    while (again && this.active) {
      this.wanted = false;
      let end = await this.round.go().catch((): End => BUSY);
      idle = end.is === "done" && !end.moved ? idle + 1 : 0;
      if (end.is === "done" && end.again && idle > IDLE_ROUNDS_MAX) end = BUSY;
      again = this.take(end) || (this.wanted && end.is === "done");
    }
    this.running = false;
    this.rest();
    this.changed();
  }

  /** Says whether to go on at once; otherwise the next time is set. */
  private take(end: End): boolean {
    if (end.is === "wiped") {
      this.trouble = end.trouble;
      this.stop();
      this.wiped(end.trouble);
      return false;
    }
    if (end.is === "done") {
      // The shop answers again, so the stream that was lost with the network need not wait out its back-off.
      if (this.failures > 0) this.liveFailures = 0;
      this.trouble = null;
      this.failures = 0;
      if (this.closeLive === null && this.liveFailures === 0) this.openLive();
      if (!end.again) this.schedule(this.jittered(this.closeLive ? POLL_LIVE_MS : POLL_MS));
      return end.again;
    }
    this.trouble = end.trouble;
    const backOff = Math.min(BACKOFF_CAP_MS, BACKOFF_FIRST_MS * 2 ** this.failures);
    this.failures += 1;
    this.schedule((end.retryAfterMs ?? 0) + this.jittered(backOff));
    return false;
  }

  private rest(): void {
    const waiting = this.idle;
    this.idle = [];
    for (const resolve of waiting) resolve();
  }

  /** Between half of the time and all of it. */
  private jittered(ms: number): number {
    const [byte = 0] = this.world.random(new Uint8Array(1));
    return Math.round(ms * (0.5 + byte / 510));
  }

  private openLive(): void {
    if (!this.active || this.closeLive) return;
    this.closeLive = this.world.live(LIVE_PATH, {
      poke: () => this.soon(0),
      beat: () => this.heard(),
      lost: () => this.lostLive(),
    });
    this.watch();
  }

  private heard(): void {
    this.liveFailures = 0;
    if (this.closeLive) this.watch();
  }

  private watch(): void {
    this.callOffWatch?.();
    this.callOffWatch = this.world.clock.after(SILENCE_MS, () => this.lostLive());
  }

  /** Falls back to asking, and tries the stream again later. */
  private lostLive(): void {
    if (this.closeLive === null) return;
    this.shutLive();
    const backOff = Math.min(BACKOFF_CAP_MS, BACKOFF_FIRST_MS * 2 ** this.liveFailures);
    this.liveFailures += 1;
    this.callOffWatch = this.world.clock.after(this.jittered(backOff), () => this.openLive());
    this.soon(this.jittered(POLL_MS));
  }

  private shutLive(): void {
    this.callOffWatch?.();
    this.callOffWatch = null;
    this.closeLive?.();
    this.closeLive = null;
  }
}
