/** Opens the media room beside the replica of a person, in a page or in the service worker. */

import { databaseOf } from "../sync/browser/open";
import { wakeWhenOnline } from "../sync/browser/worker";
import { browserWorld, channelOf } from "../sync/browser/world";
import { sha256Of } from "../sync/sha256";
import type { Replica } from "../sync/types";
import { Keeper } from "./keep";
import { type Connection, type FilesWorld, Queue } from "./queue";
import { prepare, shrinkAside } from "./shrink";
import type { TusFetch } from "./tus";
import type { About, Media, Taken } from "./types";

/** A piece of an upload that takes longer is taken for lost; a phone on a slow line gets 256 KiB through in this time. */
const ANSWER_MS = 60_000;

/** The world of the queue in this browser, over the database of the replica's person. */
export function filesWorld(replica: Replica): FilesWorld {
  const name = databaseOf(replica.identity);
  return {
    ...browserWorld(name),
    channel: channelOf(`${name}.files`),
    fetch: request,
    digest: crypto.subtle ? (bytes) => crypto.subtle.digest("SHA-256", bytes) : undefined,
    connection,
  };
}

/** What Chromium says of the network on phones; elsewhere nothing. */
const network = () => (navigator as { connection?: EventTarget & { type?: string } }).connection;
const connection: Connection = {
  type: () => {
    const type = network()?.type;
    return type === "unknown" ? undefined : type;
  },
  listen: (hear) => {
    network()?.addEventListener("change", hear);
    return () => network()?.removeEventListener("change", hear);
  },
};

const request: TusFetch = async (path, { method, headers, body, signal }) => {
  const late = AbortSignal.timeout(ANSWER_MS);
  const answer = await fetch(path, {
    method,
    headers,
    body: body as Blob | undefined,
    credentials: "same-origin",
    cache: "no-store",
    signal: signal ? either(signal, late) : late,
  });
  return { status: answer.status, header: (name) => answer.headers.get(name), json: () => answer.json() };
};

/** `AbortSignal.any` is younger than the browsers we serve. */
function either(...signals: AbortSignal[]): AbortSignal {
  const both = new AbortController();
  for (const one of signals) {
    if (one.aborted) both.abort(one.reason);
    one.addEventListener("abort", () => both.abort(one.reason), { once: true });
  }
  return both.signal;
}

export async function openMedia(replica: Replica): Promise<Media> {
  const listeners = new Set<() => void>();
  const world = filesWorld(replica);
  const queue = new Queue(world, replica, () => {
    for (const listener of [...listeners]) listener();
  });
  await queue.start();
  const keeper = new Keeper(
    {
      shrink: shrinkAside,
      digest: sha256,
      room: world.room,
      now: () => world.clock.now(),
      stored: (id) => queue.shelf.blob(id),
      drop: (id) => queue.shelf.drop(id),
    },
    replica,
  );
  return {
    keep: async (taken: Taken, about: About) => {
      const id = await keeper.keep(taken, about);
      await queue.kept();
      void wakeWhenOnline();
      return id;
    },
    prepare,
    hasRoom: () => keeper.hasRoom(),
    blob: async (id) => ((await queue.shelf.blob(id)) as Blob | undefined) ?? null,
    state: (id) => queue.state(id),
    overall: () => queue.overall(),
    wishes: () => ({ ...queue.shelf.wishes, canTell: connection.type() !== undefined }),
    wish: (wishes) => queue.wish(wishes),
    sendNow: () => queue.sendNow(),
    drop: (id) => queue.shelf.drop(id),
    takeBack: async (id) => {
      const done = await keeper.takeBack(id);
      await queue.kept();
      return done;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      await queue.stop();
      world.store.close();
    },
  };
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  // Pages without HTTPS have no WebCrypto.
  const hash = crypto.subtle
    ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
    : sha256Of(new Uint8Array(bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
