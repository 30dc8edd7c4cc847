/** A world for the replica that a test holds in its hands: clock, locks, tabs, stream and signals. */

import type { Store } from "../../pwa/src/sync/store";
import type { Channel, Clock, Fetch, LiveEvents, Locks, Signal, World } from "../../pwa/src/sync/world";
import { Seeded } from "./random";

/** Lets everything that is already under way come to rest: promises, and the database's own turns. */
export async function rest(turns = 60): Promise<void> {
  for (let i = 0; i < turns; i += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

export class TestClock implements Clock {
  time = 1_793_228_000_000;
  /** What is wrong with the phone's clock. */
  skew = 0;
  private timers: { at: number; call: () => void }[] = [];

  now(): number {
    return this.time + this.skew;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.time + ms, call };
    this.timers.push(timer);
    if (ms === 0) setImmediate(() => this.fire(timer));
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      await rest();
      const next = this.timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.time = Math.max(this.time, next.at);
      this.fire(next);
    }
    this.time = until;
  }

  private fire(timer: { at: number; call: () => void }): void {
    if (!this.timers.includes(timer)) return;
    this.timers = this.timers.filter((other) => other !== timer);
    timer.call();
  }
}

/** Locks for all tabs, first come first served, that may be taken away. */
export class TestLocks implements Locks {
  private readonly locks = new Map<string, TestLock>();

  hold(name: string, steal: boolean, held: () => Promise<void>): Promise<void> {
    const lock = this.locks.get(name) ?? new TestLock();
    this.locks.set(name, lock);
    return lock.hold(steal, held);
  }
}

class TestLock {
  private holder: { lose: () => void } | null = null;
  private queue: (() => void)[] = [];

  async hold(steal: boolean, held: () => Promise<void>): Promise<void> {
    if (steal) this.holder?.lose();
    else if (this.holder) await new Promise<void>((resolve) => this.queue.push(resolve));
    const lost = new Promise<never>((_, reject) => {
      this.holder = { lose: () => reject(new Error("stolen")) };
    });
    lost.catch(() => undefined);
    const mine = this.holder;
    try {
      await Promise.race([held(), lost]);
    } finally {
      if (this.holder === mine) {
        this.holder = null;
        this.queue.shift()?.();
      }
    }
  }
}

/** The tabs of one browser: what one posts, the others hear, unless they sleep. */
export class TestTabs {
  private tabs: { hear: ((message: unknown) => void)[]; asleep: boolean }[] = [];

  join(): Channel & { asleep: boolean } {
    const tab = { hear: [] as ((message: unknown) => void)[], asleep: false };
    this.tabs.push(tab);
    const others = () => this.tabs.filter((other) => other !== tab && !other.asleep);
    return {
      post: (message) => {
        const copy = JSON.parse(JSON.stringify(message));
        if (!tab.asleep)
          for (const other of others()) for (const hear of other.hear) setImmediate(() => hear(copy));
      },
      listen: (hear) => {
        tab.hear.push(hear);
        return () => tab.hear.splice(tab.hear.indexOf(hear), 1);
      },
      get asleep() {
        return tab.asleep;
      },
      set asleep(value: boolean) {
        tab.asleep = value;
      },
    };
  }
}

export class Outside {
  readonly clock = new TestClock();
  readonly locks = new TestLocks();
  readonly tabs = new TestTabs();
  /** The same tabs, where they speak of files. */
  readonly files = new TestTabs();
  readonly random: Seeded;
  readonly streams: { path: string; events: LiveEvents; open: boolean }[] = [];
  online = true;
  private hearing: ((signal: Signal) => void)[] = [];

  constructor(seed = 1) {
    this.random = new Seeded(seed);
  }

  signal(signal: Signal): void {
    for (const hear of [...this.hearing]) hear(signal);
  }

  /** The world of one tab over this store and network. */
  world(store: Store, fetch: Fetch): World & { channel: Channel & { asleep: boolean } } {
    return {
      store,
      fetch,
      clock: this.clock,
      locks: this.locks,
      channel: this.tabs.join(),
      random: this.random.fill,
      live: (path, events) => {
        const stream = { path, events, open: true };
        this.streams.push(stream);
        return () => {
          stream.open = false;
        };
      },
      online: {
        now: () => this.online,
        listen: (hear) => {
          this.hearing.push(hear);
          return () => {
            this.hearing = this.hearing.filter((other) => other !== hear);
          };
        },
      },
    };
  }
}
