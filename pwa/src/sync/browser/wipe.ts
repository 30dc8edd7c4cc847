/**
 * What a revoked device removes beside the database of its person, and the one line that stays: that it was wiped (R7).
 *
 * Other people of this phone keep theirs: their unsent work is theirs (T12), and their devices are revoked by themselves.
 */

import type { Identity } from "../types";
import { forget, forgetPerson } from "./remembered";
import { request } from "./world";

const NOTE = "workbay.wiped";

/** That this device was wiped, to be told until somebody has read it. No name and nothing of the shop's work is in it. */
export interface Wiped {
  at: number;
  handed: number;
}

export async function wipe(identity: Identity, handed: number): Promise<void> {
  localStorage.setItem(NOTE, JSON.stringify({ at: Date.now(), handed } satisfies Wiped));
  forget();
  forgetPerson(identity.principal.id);
  // The cookie is out of a page's reach; the server takes it back, also from a device that it has revoked.
  await request("/api/session", { method: "DELETE" }).catch(() => null);
  // Pages without HTTPS have neither caches nor workers.
  const names = "caches" in globalThis ? await caches.keys() : [];
  await Promise.all(names.map((name) => caches.delete(name)));
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
}

export function wasWiped(): Wiped | null {
  try {
    return JSON.parse(localStorage.getItem(NOTE) ?? "null") as Wiped | null;
  } catch {
    return null;
  }
}

export function wipeRead(): void {
  localStorage.removeItem(NOTE);
}
