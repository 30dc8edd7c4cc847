/** Changesets as the phone keeps them, from the act that made them until the server's backup has them. */

import type { At, Data, Op } from "./types";
import { fitting } from "./vector";

/** A changeset in the outbox: without an answer it waits, with one it stays laid over until a flip shows it. */
export interface Waiting {
  /** Where it stands among all that was ever saved here; the key in the store, never given anew. */
  order: number;
  replica: string;
  n: number;
  id: string;
  schema: number;
  at: number;
  ops: Op[];
  /** For each op what its fields showed before, so that it can be undone. */
  before: Data[];
  /** The outcome it had in a lineage that was lost to a restore (R12). */
  was?: "accepted" | "rejected";
  accepted?: Accepted;
  /** It was made in a lineage that was lost to a restore. */
  restored?: boolean;
  /** The phone itself sent it once more (R14); and the place it had when it was made. */
  anew?: boolean;
  made?: number;
  /** It is sent again, and is in what is held already. */
  again?: boolean;
}

/** That the server took it: at which seq, and the pull whose end will show it. */
export interface Accepted {
  seq: number | null;
  until: number;
}

/** An answered changeset that no verified backup has yet (R9). */
export interface Kept extends Omit<Waiting, "accepted"> {
  outcome: "accepted" | "rejected";
  /** Since when, by the shop's clock; not where the answer did not say. */
  since?: number;
}

/** A result of the wire (W9). */
export interface Result {
  n: number;
  outcome: "accepted" | "rejected";
  seq?: number;
  conflicts?: unknown[];
  overtaken?: unknown[];
  /** Texts that became one with somebody else's (M9). */
  merged?: unknown[];
  code?: string;
  message?: string;
  at?: At;
}

/** What travels of a changeset (W3). */
export function wireOf(waiting: Waiting): object {
  const { n, id, schema, at, was } = waiting;
  const ops = waiting.ops.map((op) =>
    op.op === "create" ? op : { ...op, base: fitting(op.base, waiting.replica) },
  );
  return was ? { n, id, schema, at, ops, was } : { n, id, schema, at, ops };
}

export function waits(changeset: Waiting): boolean {
  return changeset.accepted === undefined;
}

/** Whether it goes to the server once more under the name and with the outcome it had (R12). */
export function isTail(changeset: Waiting): boolean {
  return waits(changeset) && changeset.restored === true && changeset.was !== undefined;
}

/** What is held already, or what the server lost and would refuse again, changes nothing here (R12). */
export function isLaidOver(changeset: Waiting): boolean {
  return changeset.was !== "rejected" && !changeset.again;
}

/** Where it stood when it was made, among all that was ever saved here. */
export function placeOf({ made, order }: { made?: number; order?: number }): number {
  return made ?? order ?? 0;
}

export function idsOf(ops: Op[]): string[] {
  return ops.map((op) => op.id);
}
