/** Signing in and out, and who is signed in: `/api/session`. */

import { unsentFiles } from "../files";
import type { Identity } from "../types";
import type { NetAnswer } from "../world";
import { IndexedDbStore } from "./indexeddb";
import { databaseOf } from "./open";
import { forget, lastIdentity, remember, rememberReplica, replicaOf } from "./remembered";
import { request } from "./world";

const PATH = "/api/session";

/** Why a sign-in did not come about, with a sentence for the person. */
export class SignInError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export type Credentials =
  | { email: string; password: string; device: string }
  | { link: string; password: string; device: string }
  | { link: string; device: string };

/** Signs in, remembers who it was, and gives the identity to open the replica with. */
export async function signIn(credentials: Credentials): Promise<Identity> {
  const who = "email" in credentials ? credentials.email : undefined;
  const replica = who ? replicaOf(who) : lastIdentity()?.replica;
  const device = { name: credentials.device, ...(replica ? { replica } : {}) };
  const body =
    "email" in credentials
      ? { email: credentials.email, password: credentials.password, device }
      : "password" in credentials
        ? { link: credentials.link, password: credentials.password, device }
        : { kind: "customer", link: credentials.link, device };
  const answer = await request(PATH, { method: "POST", body: JSON.stringify(body) }).catch(() => null);
  if (answer === null) throw new SignInError("offline", "There is no connection to the shop just now.");
  const identity = identityOf(answer);
  if (identity === null) throw refusal(answer);
  remember(identity);
  rememberReplica(identity, who);
  return identity;
}

/**
 * Who is signed in: what the server says, or without the network who was last signed in here.
 *
 * `online` is null when the server could not be asked. A session that is over still gives the identity: the
 * person goes on working, and signs in again when they want to send.
 */
export async function whoAmI(): Promise<{ identity: Identity | null; online: boolean | null }> {
  const answer = await request(PATH, { method: "GET" }).catch(() => null);
  const identity = answer && identityOf(answer);
  if (identity) {
    remember(identity);
    rememberReplica(identity);
    return { identity, online: true };
  }
  const over = answer?.status === 401 && answer.type === "application/json";
  return { identity: lastIdentity(), online: over ? false : null };
}

/** Who the shop says is signed in now, null when nobody is; rejects when it cannot be asked. Remembers nothing. */
export async function identityNow(): Promise<Identity | null> {
  const answer = await request(PATH, { method: "GET" });
  const identity = identityOf(answer);
  if (identity === null && answer.status !== 401) throw new Error("The shop does not say who is signed in.");
  return identity;
}

/** Who was signed in last, at once and without the network: what the app opens with. */
export function remembered(): Identity | null {
  return lastIdentity();
}

/** How a sign-out ended; with unsent work the database stays, and only the same person opens it again. */
export interface SignedOut {
  unsent: number;
  kept: boolean;
}

/**
 * Ends the session. `waiting` is what still waits, which the caller has asked the person about; with such work the
 * database is kept whole, else it is removed. The replica must be closed before.
 */
export async function signOut(identity: Identity, waiting: number): Promise<SignedOut> {
  const store = new IndexedDbStore(databaseOf(identity));
  // Pictures are counted where they lie, for whoever sends them may not run just now. What cannot be counted stays.
  const unsent = Math.max(waiting, await unsentFiles(store).catch(() => 1));
  store.close();
  forget();
  await request(PATH, { method: "DELETE" }).catch(() => null);
  const kept = unsent > 0;
  const channel = new BroadcastChannel(databaseOf(identity));
  channel.postMessage({ say: "wiped", trouble: "signed_out" });
  channel.close();
  if (!kept) await store.destroy();
  return { unsent, kept };
}

function identityOf(answer: NetAnswer): Identity | null {
  if (answer.type !== "application/json" || answer.status >= 300) return null;
  try {
    const { replica, epoch, principal, shop } = JSON.parse(answer.body);
    const { kind, id, role, name } = principal;
    return { shop: shop.id, shopName: shop.name, replica, epoch, principal: { kind, id, role, name } };
  } catch {
    return null;
  }
}

function refusal(answer: NetAnswer): SignInError {
  try {
    const { code, message } = JSON.parse(answer.body);
    if (typeof code === "string") return new SignInError(code, message);
  } catch {
    // Not an answer of ours, which is what is said below.
  }
  return new SignInError(
    "portal",
    "This network asks for something first. Open its page, then sign in here.",
  );
}
