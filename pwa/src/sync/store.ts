/**
 * The port to what keeps the replica's data: named stores and transactions that are whole or absent.
 *
 * Two implementations, IndexedDB and memory, pass one contract suite. Work inside a transaction may await
 * nothing but the transaction itself: IndexedDB commits as soon as it is given time.
 */

export const STORES = ["meta", "confirmed", "outbox", "parked", "kept", "staging", "files", "blobs"] as const;
export type StoreName = (typeof STORES)[number];
export type Key = string | number;

export interface Tx {
  get<T>(store: StoreName, key: Key): Promise<T | undefined>;
  /** All values in the order of their keys, optionally from one key on. */
  all<T>(store: StoreName, from?: Key): Promise<T[]>;
  /** How many values there are, without reading them. */
  count(store: StoreName): Promise<number>;
  put(store: StoreName, key: Key, value: unknown): void;
  delete(store: StoreName, key: Key): void;
  clear(store: StoreName): void;
}

export interface Store {
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Durable when it resolves: what was written survives a killed browser and a lost power. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): void;
  /** Removes everything, the database itself included. Who asks afterwards finds nothing, or is told so (StorageEmptied). */
  destroy(): Promise<void>;
}

/** The phone has no room left for this. */
export class StorageFull extends Error {
  readonly code = "storage_full";
  constructor(cause?: unknown) {
    super("This device has no room left. Free some space and save again.", { cause });
  }
}

/** The connection to the phone's database is lost and could not be made again; a reload helps. */
export class StorageLost extends Error {
  readonly code = "storage_lost";
  constructor(cause?: unknown) {
    super("This device's storage does not answer. Close the app and open it again.", { cause });
  }
}

/** Somebody removed this device's data: another tab signed out, or the browser cleared it. */
export class StorageEmptied extends Error {
  readonly code = "storage_emptied";
  constructor() {
    super("What this device had stored was removed. Sign in again.");
  }
}
