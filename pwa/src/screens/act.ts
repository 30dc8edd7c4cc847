/** Doing: one action of a person is one changeset, said to be saved only once it is, and taken back while it can be. */
import type { Draft } from "../sync/types";
import { toast } from "../ui/toast";
import { must } from "./live";

/**
 * Saves and says `saved` with Undo. `back` gives the way back where the replica knows none, as for a status.
 *
 * False when it could not be kept; then what was typed must stay where it is.
 */
export async function act(drafts: Draft[], saved?: string, back?: () => Draft[] | null): Promise<boolean> {
  try {
    const id = await must().act(drafts);
    if (saved) toast(saved, { action: { label: "Undo", run: () => void undo(id, back) } });
    return true;
  } catch (cause) {
    toast(plain(cause), { bad: true });
    return false;
  }
}

async function undo(id: string, back?: () => Draft[] | null): Promise<void> {
  try {
    if (await must().undo(id)) return;
    const drafts = back?.() ?? null;
    if (drafts) await must().act(drafts);
    else toast("This could not be taken back, because it was changed again since.");
  } catch (cause) {
    toast(plain(cause), { bad: true });
  }
}

/** What went wrong, for people: the browser's own words are of no use to them. */
export function plain(cause: unknown): string {
  const name = cause instanceof Error ? cause.name : "";
  if (name === "QuotaExceededError")
    return "This phone's storage is full, so this was not saved. Free some space and try again.";
  return "This was not saved. What you typed is still here, please try again.";
}

export const patch = (collection: string, id: string, set: Record<string, unknown>): Draft => ({
  op: "patch",
  collection,
  id,
  set,
});
export const create = (collection: string, id: string, set: Record<string, unknown>): Draft => ({
  op: "create",
  collection,
  id,
  set,
});
