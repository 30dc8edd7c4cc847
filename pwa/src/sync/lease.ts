/**
 * How long this device may show the shop's work without being in touch: the lease that each sync renews (R2).
 *
 * The server says how long it is good for from its own now; what has passed since is summed up here and only ever grows,
 * so no clock that is set back gives time back, and a lock opens by the shop's word alone. While the app was in sight the
 * monotone clock counts, whatever the phone's own did; while it was not, or was closed, the phone's clock does.
 */

import { readMeta } from "./meta";
import type { Store } from "./store";
import type { World } from "./world";

/** As stored: what is left (ms), the phone's clock at the last look, the server's now when it was granted. */
export interface Lease {
  left: number;
  wall: number;
  server: number;
  locked: boolean;
}

/** What a look sees. `monotone`: ms since the last look of this run; null when there was none, or it was out of sight. */
export interface Look {
  wall: number;
  monotone: number | null;
}

const KEY = "lease";
/** A lease is written down again only when that says something new. */
const GRAIN_MS = 3600_000;
export const LOOK_MS = 10 * 60_000;

export function passed(lease: Lease, look: Look): Lease {
  const spent = look.monotone ?? Math.max(0, look.wall - lease.wall);
  const left = Math.max(0, lease.left - spent);
  return { ...lease, left, wall: look.wall, locked: lease.locked || left === 0 };
}

export class LeaseWatch {
  locked = false;
  private lastMonotone: number | null = null;
  private stop: (() => void) | null = null;

  constructor(
    private readonly world: World,
    private readonly changed: () => void,
  ) {}

  /** The first look of a run: the phone's clock says how long the app was closed. */
  async open(): Promise<void> {
    // A phone without room must open all the same: what could not be written is counted again at the next look.
    await this.look(false).catch(() => undefined);
  }

  /** Looks now and then, as long as this tab is the one that syncs: two that counted would count twice. */
  keepLooking(leads: () => boolean): void {
    this.stop = this.world.clock.after(LOOK_MS, () => {
      if (leads()) void this.look(true).catch(() => undefined);
      this.keepLooking(leads);
    });
  }

  close(): void {
    this.stop?.();
  }

  /** Counts what has passed; `watched` says that nothing is known of the app having been out of sight since. */
  async look(watched: boolean): Promise<void> {
    const now = this.world.monotone?.() ?? null;
    const seen = watched && now !== null && this.lastMonotone !== null && (this.world.inSight?.() ?? false);
    const monotone = seen && now !== null && this.lastMonotone !== null ? now - this.lastMonotone : null;
    this.lastMonotone = now;
    const wall = this.world.clock.now();
    await this.change((lease) => lease && passed(lease, { wall, monotone }));
  }

  /** The shop answered a sync: `left` ms from its `server` now. */
  async grant(left: unknown, server: number): Promise<void> {
    if (typeof left !== "number") return;
    const wall = this.world.clock.now();
    this.lastMonotone = this.world.monotone?.() ?? null;
    await this.change((lease) => {
      const same = lease && !lease.locked && Math.abs(lease.left - left) < GRAIN_MS;
      return same && Math.abs(lease.wall - wall) < GRAIN_MS
        ? lease
        : { left, wall, server, locked: left <= 0 };
    });
  }

  private async change(next: (lease: Lease | undefined) => Lease | undefined): Promise<void> {
    const before = await this.world.store.read((tx) => tx.get<Lease>("meta", KEY));
    const after = next(before);
    const locked = after?.locked ?? false;
    const news = locked !== this.locked;
    this.locked = locked;
    if (news) this.changed();
    if (after !== undefined && after !== before) await write(this.world.store, after);
  }
}

/** Not into a store that was wiped meanwhile. */
function write(store: Store, lease: Lease): Promise<void> {
  return store.write(async (tx) => {
    if (await readMeta(tx)) tx.put("meta", KEY, lease);
  });
}
