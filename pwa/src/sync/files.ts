/**
 * Files that this device holds: what is known of each, and its bytes, under the id of the record they belong to (U1).
 *
 * A file is stored in the transaction of the changeset that makes its record. Sending it, and letting go of it, is the
 * business of the media room.
 */

import type { Store, Tx } from "./store";
import type { Op } from "./types";

/** Bytes as a browser holds them, a Blob. The core only hands them on. */
export interface Bytes {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A file as it is given to `Replica.act`. */
export interface HeldFile {
  id: string;
  blob: Bytes;
  sha256: string;
  bytes: number;
  type: string;
}

/** What is known of a file that this device holds; its bytes lie in `blobs` under the same id. */
export interface FileEntry {
  id: string;
  sha256: string;
  bytes: number;
  type: string;
  /** When it was kept, ms. */
  at: number;
  /** When the shop said that it has these bytes, ms; asked again when its record says `waiting` later. */
  receipt: number | null;
  /** What only a person can settle: the shop does not want it, or does not know its photo. */
  trouble: { code: string; reason: string } | null;
}

export function putFile(tx: Tx, file: HeldFile, at: number): void {
  const { id, sha256, bytes, type, blob } = file;
  tx.put("files", id, { id, sha256, bytes, type, at, receipt: null, trouble: null } satisfies FileEntry);
  tx.put("blobs", id, blob);
}

export function dropFile(tx: Tx, id: string): void {
  tx.delete("files", id);
  tx.delete("blobs", id);
}

/** How many files the shop has not said that it has. */
export async function unsentFiles(store: Store): Promise<number> {
  const entries = await store.read((tx) => tx.all<FileEntry>("files"));
  return entries.filter((entry) => entry.receipt === null).length;
}

/** Files of records that were never made go with what would have made them. */
export function dropFilesOf(tx: Tx, ops: Op[]): void {
  for (const op of ops) if (op.op === "create") dropFile(tx, op.id);
}
