/**
 * Who was signed in last on this device, so that the app opens without the network, and under which name each
 * person's replica writes, so that a sign-in can name it (S2).
 */

import type { Identity } from "../types";

const LAST = "workbay.identity";
const REPLICAS = "workbay.replicas";

export function remember(identity: Identity): void {
  localStorage.setItem(LAST, JSON.stringify(identity));
}

export function lastIdentity(): Identity | null {
  return read<Identity | null>(LAST, null);
}

export function forget(): void {
  localStorage.removeItem(LAST);
}

/** The replica under which this person wrote here before; `who` is what they sign in with. */
export function replicaOf(who: string): string | undefined {
  const known = read<Record<string, string>>(REPLICAS, {});
  const person = known[who.trim().toLowerCase()];
  return person && (known[`=${person}`] ?? undefined);
}

/** Ties a sign-in name to the person, and the person to their replica, whose name may change. */
export function rememberReplica(identity: Identity, who?: string): void {
  const known = read<Record<string, string>>(REPLICAS, {});
  known[`=${identity.principal.id}`] = identity.replica;
  if (who) known[who.trim().toLowerCase()] = identity.principal.id;
  localStorage.setItem(REPLICAS, JSON.stringify(known));
}

/** Forgets that this person was ever here, the address they signed in with too. */
export function forgetPerson(id: string): void {
  const known = read<Record<string, string>>(REPLICAS, {});
  const others = Object.entries(known).filter(([key, value]) => key !== `=${id}` && value !== id);
  localStorage.setItem(REPLICAS, JSON.stringify(Object.fromEntries(others)));
}

function read<T>(key: string, otherwise: T): T {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? "null") as T) ?? otherwise;
  } catch {
    return otherwise;
  }
}
