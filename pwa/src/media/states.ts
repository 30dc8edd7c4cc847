/**
 * What is to be done with a file that this phone holds, and what a person reads of it. Pure.
 *
 * One rule decides what is sent (U5): whatever is held here and is not at the shop, by the word of its record. A copy goes
 * only after a receipt for the same bytes, once the shop has made something of them, and not before its record is in a
 * verified backup unless the phone runs out of room (U4).
 */

import type { FileEntry } from "../sync/files";
import type { FileState, Pause } from "./types";

/** What is known of the record that a file belongs to. */
export interface Known {
  /** Its `media`, as the shop last said; null where the record is not here. */
  media: string | null;
  reason: string;
  /** It waits in the outbox: the shop does not know it yet. */
  fresh: boolean;
  /** Its making was refused, and a person has to decide. */
  parked: boolean;
}

export type Plan =
  /** The record goes first, or a person has to decide: nothing is to be done. */
  | "rest"
  | "send"
  /** The shop has it; the copy stays for a while. */
  | "keep"
  | "let_go";

/** How long after a receipt the record may still say `waiting`, because nothing was pulled since. */
export const RECEIPT_MS = 60_000;

export function planOf(entry: FileEntry, known: Known, now: number, mayGo: boolean): Plan {
  if (known.parked || known.fresh || known.media === "refused") return "rest";
  if (entry.trouble !== null && !knownAgain(entry, known)) return "rest";
  if (entry.receipt === null) return "send";
  // The clock may have been set back since; then it is simply asked once more.
  const justNow = now >= entry.receipt && now - entry.receipt < RECEIPT_MS;
  if (known.media === "waiting") return justNow ? "keep" : "send";
  if (known.media === null) return mayGo ? "let_go" : "keep";
  return known.media === "ready" && mayGo ? "let_go" : "keep";
}

/** The shop knows the photo after all, as after a restore. */
function knownAgain(entry: FileEntry, known: Known): boolean {
  return entry.trouble?.code === "unknown" && known.media === "waiting";
}

/** Whether the shop lacks it still, and it will go by itself. */
export function waits(plan: Plan, entry: FileEntry, known: Known): boolean {
  return plan === "send" || (plan === "rest" && known.fresh && entry.trouble === null);
}

/** Whether a person has to do something about the file itself. */
export function needsPerson(entry: FileEntry, known: Known): string | null {
  if (known.media === "refused") return known.reason || "The shop could not take this picture.";
  return knownAgain(entry, known) ? null : (entry.trouble?.reason ?? null);
}

export function stateOf(
  entry: FileEntry,
  known: Known,
  plan: Plan,
  sending: number | null,
  why: Pause | null,
): FileState {
  const reason = needsPerson(entry, known);
  if (reason !== null) return { is: "needs_you", reason };
  if (sending !== null) return { is: "sending", progress: sending };
  if (entry.receipt !== null && plan !== "send") return { is: "shop", at: entry.receipt };
  return { is: "phone", why: known.fresh && why === null ? "changes_first" : why };
}
