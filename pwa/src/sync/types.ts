/**
 * What the replica promises to the screens, and nothing about how it keeps it.
 *
 * Screens read synchronously from memory (`get`, `all`, `children`), write by `act`, and hear of changes by
 * `subscribe`. The words are those of docs/protocol.md.
 */

import type { HeldFile } from "./files";

/** Field → value, as the reader may see it; `elements` fields are sorted arrays of strings. */
export type Data = Record<string, unknown>;

/** A version vector: `@` is the shop's own count, every other key a replica. */
export type Vector = Record<string, number>;

/** A record as the server last said it. */
export interface Held {
  collection: string;
  id: string;
  vv: Vector;
  data: Data;
}

/** A record as a screen shows it: confirmed with the outbox laid over it. */
export interface Shown {
  collection: string;
  id: string;
  data: Data;
  /** True while the record is only in the outbox. */
  fresh: boolean;
  /** Fields laid over by changesets that have no answer yet. */
  pending: string[];
}

/** What was on the screen when editing began: field → base, fixed when the form was opened. */
export interface Form {
  id: string;
  bases: Record<string, Vector>;
  /** How often own changesets had changed their names by then. */
  renames?: number;
}

/**
 * What a screen asks for; bases are filled in by the replica.
 *
 * The value of an `elements` field is `{ add, remove }`, or a whole array, which is turned into the
 * difference from what is shown.
 */
export type Draft =
  | { op: "create"; collection: string; id: string; set: Data }
  | { op: "patch"; collection: string; id: string; set: Data; form?: Form }
  | { op: "delete"; collection: string; id: string; form?: Form };

/** An operation as it travels. */
export type Op =
  | { op: "create"; collection: string; id: string; set: Data }
  | { op: "patch"; collection: string; id: string; base: Vector; set: Data }
  | { op: "delete"; collection: string; id: string; base: Vector };

/** How far one record is: the words of sync, always these four. */
export type SyncState =
  | { is: "phone" }
  | { is: "sending"; progress: number }
  | { is: "shop"; at: number | null }
  | { is: "needs_you"; reason: string; code: string };

/** Why nothing moves just now. */
export type Trouble =
  | "offline"
  | "portal"
  | "signed_out"
  | "revoked"
  | "busy"
  | "update_needed"
  | "storage_full";

/** How far everything is. `needsYou` counts parked changesets and open conflicts. */
export interface Overall {
  waiting: number;
  needsYou: number;
  /** Changes that the shop answered and no verified backup of it has yet: this phone alone could give them back (R9, R16). */
  kept: number;
  sending: boolean;
  online: boolean;
  lastContact: number | null;
  trouble: Trouble | null;
  /** 0..1 while the first download runs, else null. */
  bootstrapping: number | null;
  storage: { used: number; quota: number; persistent: boolean } | null;
  /** The lease is over: nothing of the shop is to be shown until the shop has been heard, the outbox stays (R2). */
  locked: boolean;
  /** This device was revoked and has forgotten everything (R7); how many changes it handed over. */
  wiped: { handed: number } | null;
  /** 0..1 while this phone is compared with the shop, else null. */
  checking: number | null;
  /** What came of the last comparison. */
  checked: Checked | null;
}

/** Older work as the shop found it: enough for a list. `problem` is why nothing was looked for, in words. */
export interface Older {
  found: {
    id: string;
    number?: string;
    status?: string;
    closed_at?: number;
    complaint?: string;
    customer?: string;
    equipment?: string;
  }[];
  more: boolean;
  problem?: string;
}

/** This phone was compared with the shop (D5): how many records, how many of them were mended, whether all agree now. */
export interface Checked {
  at: number;
  records: number;
  mended: number;
  ok: boolean;
}

/** Where in a changeset a refusal points. */
export interface At {
  changeset?: string | number;
  op?: number;
  field?: string;
}

/** A changeset the server refused; its draft stays until somebody decides. */
export interface Parked {
  key: string;
  n: number;
  id: string;
  at: number;
  ops: Op[];
  code: string;
  message: string;
  at_field?: At;
}

/** An own edit that gave way to a later one, or a text that was merged; told once to its author. */
export interface Notice {
  key: string;
  at: number;
  changeset: string;
  overtaken: unknown[];
  merged?: unknown[];
}

/** Who holds this store, and under which name it writes. */
export interface Identity {
  shop: string;
  shopName: string;
  replica: string;
  epoch: string;
  principal: { kind: "staff" | "customer"; id: string; role: string; name: string };
}

export interface Replica {
  readonly identity: Identity;
  /** Confirmed with the outbox laid over it; synchronous, from memory. */
  get(collection: string, id: string): Shown | undefined;
  /** The living records of a collection, in no promised order. */
  all(collection: string): Shown[];
  /** Living records of `collection` that name `parentId` in one of the collection's declared parents. */
  children(parentId: string, collection: string): Shown[];
  form(id: string): Form;
  /** One action is one changeset; resolves with its id once it is durable, and with it the files of the records it makes. */
  act(drafts: Draft[], files?: HeldFile[]): Promise<string>;
  state(id: string): SyncState;
  overall(): Overall;
  parked(): Parked[];
  /** Sends the edited draft anew and lets go of the parked one, in one step. */
  retry(key: string, drafts: Draft[]): Promise<string>;
  discard(key: string): Promise<void>;
  exportParked(key: string): string;
  notices(): Notice[];
  dismiss(key: string): Promise<void>;
  /** Takes back a changeset that was never sent, else makes the opposite edit where it can. */
  undo(changesetId: string): Promise<boolean>;
  /** Hears the ids that changed; `"*"` stands for everything, the overall state included. */
  subscribe(listener: (changed: ReadonlySet<string>) => void): () => void;
  syncNow(): Promise<void>;
  /** Compares what is stored here with the shop and mends what differs; null when that could not be done now. */
  verify(): Promise<Checked | null>;
  /** Searches the shop for work that is no longer on this phone; null when the shop cannot be asked now. */
  search(words: string): Promise<Older | null>;
  /** Fetches older work, to stay here for a week; whether it is here now. */
  want(id: string): Promise<boolean>;
  close(): Promise<void>;
}

export { newId } from "./ids";
