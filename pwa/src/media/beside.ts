/**
 * What the service worker does while no page is open: it sends what waits when Background Sync wakes it, and takes in what
 * another app shares. It is a bundle of its own, which the worker loads when it starts.
 *
 * Only for whoever is signed in: the shop is asked who that is, and their database alone is opened.
 */

import { COLLECTIONS, SCHEMA } from "../collections.gen";
import { databaseOf } from "../sync/browser/open";
import { identityNow } from "../sync/browser/session";
import { browserWorld } from "../sync/browser/world";
import { openCore } from "../sync/replica";
import type { Identity } from "../sync/types";
import { filesWorld } from "./open";
import { Queue } from "./queue";
import { receiveShare } from "./share_target";

/** Resolves when nothing waits any more, or nobody is signed in; rejects when the browser is to wake us again later. */
async function drain(): Promise<void> {
  const identity = await identityNow();
  if (identity === null || !(await isHere(identity))) return;
  const replica = await openCore({
    world: { ...browserWorld(databaseOf(identity)), live: () => () => {} },
    identity,
    collections: COLLECTIONS,
    schema: SCHEMA,
  });
  const queue = new Queue(filesWorld(replica), replica, () => {});
  try {
    await replica.syncNow();
    await queue.shelf.read();
    const left = await queue.drained();
    if (replica.overall().waiting > 0 || (left && !queue.shelf.wishes.paused))
      throw new Error("Something still waits.");
  } finally {
    await queue.stop();
    await replica.close();
  }
}

/** A database is never made here: what is not on this device has nothing that waits. */
async function isHere(identity: Identity): Promise<boolean> {
  const known = await indexedDB.databases();
  return known.some(({ name }) => name === databaseOf(identity));
}

Object.assign(globalThis, { drain, receiveShare });
