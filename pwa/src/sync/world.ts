/** Everything the replica needs of the outside, so that a test or a simulation can be the outside. */

import type { Random } from "./ids";
import type { Store } from "./store";

export interface Clock {
  /** Milliseconds since 1970 UTC, as the phone believes. */
  now(): number;
  /** Calls once after the time given; the function returned calls it off. */
  after(ms: number, call: () => void): () => void;
}

/** An answer of the network, read to its end. A request that got none rejects. */
export interface NetAnswer {
  status: number;
  /** The media type, without parameters. */
  type: string;
  body: string;
  retryAfter: string | null;
  redirected?: boolean;
}

export type Fetch = (path: string, request: { method: string; body?: string }) => Promise<NetAnswer>;

export interface Locks {
  /**
   * Runs `held` while the named lock is held, waiting for it or, with `steal`, taking it from whoever has it.
   * Resolves after `held`, rejects when the lock was taken away.
   */
  hold(name: string, steal: boolean, held: () => Promise<void>): Promise<void>;
}

/** Reaches the other tabs of this database, not itself; a sleeping tab may miss what is said. */
export interface Channel {
  post(message: unknown): void;
  listen(hear: (message: unknown) => void): () => void;
}

export interface LiveEvents {
  poke(): void;
  /** Anything at all was heard, a heartbeat included. */
  beat(): void;
  lost(): void;
}

/** Opens the stream of pokes; the function returned closes it. */
export type Live = (path: string, events: LiveEvents) => () => void;

export type Signal = "online" | "offline" | "visible" | "sync";

/** What the browser says of the network and the page; `now` may be wrong, and is used only to show. */
export interface Online {
  now(): boolean;
  listen(hear: (signal: Signal) => void): () => void;
}

export interface World {
  store: Store;
  fetch: Fetch;
  clock: Clock;
  locks: Locks;
  channel: Channel;
  random: Random;
  live: Live;
  online: Online;
  /** Milliseconds that only ever grow while this page lives, whatever happens to the clock. */
  monotone?: () => number;
  /** Whether somebody can see the page. */
  inSight?: () => boolean;
  /** Lets the screen have its turn and comes back at once, also in a tab that is not looked at; else the clock does it. */
  pause?: () => Promise<void>;
  /** How much room there is, where the browser tells. */
  room?: () => Promise<{ used: number; quota: number; persistent: boolean } | null>;
}
