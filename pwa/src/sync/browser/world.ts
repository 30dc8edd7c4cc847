/** The browser as the replica's world: its network, locks, tabs, stream and signals. */

import type { Channel, Clock, Fetch, Live, Locks, Online, Signal, World } from "../world";
import { IndexedDbStore } from "./indexeddb";

/** A request that takes longer is taken for lost; a phone on a slow line gets through 256 KiB in this time. */
const ANSWER_MS = 60_000;

export function browserWorld(name: string): World {
  return {
    store: new IndexedDbStore(name),
    fetch: request,
    clock,
    locks: navigator.locks ? locks : noLocks,
    channel: channelOf(name),
    random: (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
    live,
    online,
    monotone: () => performance.now(),
    inSight: () => inPage && document.visibilityState === "visible",
    pause,
    room,
  };
}

/** The service worker has neither a window nor a document. */
const inPage = typeof document !== "undefined";

export const request: Fetch = async (path, { method, body }) => {
  const answer = await fetch(path, {
    method,
    body,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const type = (answer.headers.get("Content-Type") ?? "").split(";")[0] ?? "";
  return {
    status: answer.status,
    type: type.trim().toLowerCase(),
    body: await answer.text(),
    retryAfter: answer.headers.get("Retry-After"),
  };
};

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

const locks: Locks = {
  hold: async (name, steal, held) => {
    await navigator.locks.request(name, { steal }, held);
  },
};

/** Where the page is not secure there are no locks: every tab leads, which costs requests and breaks nothing. */
const noLocks: Locks = { hold: (_name, _steal, held) => held() };

export function channelOf(name: string): Channel {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen: (hear) => {
      const listener = (event: MessageEvent) => hear(event.data);
      channel.addEventListener("message", listener);
      return () => channel.removeEventListener("message", listener);
    },
  };
}

/** A stream whose heartbeat is an event; comments of the protocol below are not seen by a page. */
const live: Live = (path, events) => {
  const source = new EventSource(path);
  source.onopen = () => events.beat();
  for (const name of ["beat", "heartbeat", "ping", "message"])
    source.addEventListener(name, () => events.beat());
  source.addEventListener("poke", () => {
    events.beat();
    events.poke();
  });
  source.onerror = () => events.lost();
  return () => source.close();
};

const online: Online = {
  now: () => navigator.onLine,
  listen: (hear) => {
    const on = (target: EventTarget, event: string, signal: Signal, when = () => true) => {
      const listener = () => when() && hear(signal);
      target.addEventListener(event, listener);
      return () => target.removeEventListener(event, listener);
    };
    const stops = [
      on(globalThis, "online", "online"),
      on(globalThis, "offline", "offline"),
      on(globalThis, "pageshow", "visible"),
    ];
    if (inPage)
      stops.push(on(document, "visibilitychange", "visible", () => document.visibilityState === "visible"));
    const worker = navigator.serviceWorker;
    const woken = (event: MessageEvent) => event.data === "sync" && hear("sync");
    worker?.addEventListener("message", woken);
    return () => {
      for (const stop of stops) stop();
      worker?.removeEventListener("message", woken);
    };
  },
};

/** By a message, because timers of a tab in the background wait a second and more each. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

async function room() {
  if (!navigator.storage?.estimate) return null;
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { used: usage, quota, persistent: (await navigator.storage.persisted?.()) ?? false };
}
