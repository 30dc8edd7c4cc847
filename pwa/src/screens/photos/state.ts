/** How far a photo is: its record and its file told as one thing, in the four words of sync. Pure. */
import type { FileState, Pause } from "../../media/types";
import type { Data, SyncState } from "../../sync/types";
import { first, num, text } from "../../ui/data";

export interface PhotoState {
  /** null: the record is at the shop, and its picture still on the phone of somebody else. */
  sync: SyncState | null;
  /** What else there is to say, if anything: why it waits, what is wrong and what to do. */
  more: string;
}

export const PAUSES: Record<Pause, string> = {
  paused: "Sending photos is paused.",
  wifi: "Waits for Wi-Fi.",
  offline: "Waits for a network.",
  portal: "This network asks for a sign-in page first.",
  signed_out: "Waits until you sign in again.",
  changes_first: "Your changes go first.",
  shop_full: "The shop has no room for photos. Ask a manager to make some.",
  busy: "The shop is busy. It is tried again by itself.",
};

const needs = (reason: string): PhotoState => ({
  sync: { is: "needs_you", reason, code: "" },
  more: reason,
});

/** The record first, since without it the shop does not want the file; then the file; then what the shop made of it. */
export function stateOfPhoto(data: Data, record: SyncState, file: FileState | null): PhotoState {
  if (record.is === "needs_you") return { sync: record, more: record.reason };
  if (file?.is === "needs_you") return needs(file.reason);
  if (file?.is === "sending") return { sync: { is: "sending", progress: file.progress }, more: "" };
  if (file?.is === "phone") return { sync: { is: "phone" }, more: file.why ? PAUSES[file.why] : "" };
  if (data.media === "refused") return needs(refusal(data));
  if (record.is !== "shop") return { sync: record, more: "" };
  return atTheShop(data, record, file);
}

function atTheShop(data: Data, record: SyncState, file: FileState | null): PhotoState {
  if (data.media === "waiting" && file === null)
    return { sync: null, more: "The picture is still on the phone that took it. It comes by itself." };
  const known = record.is === "shop" ? record.at : null;
  const at = file?.is === "shop" ? file.at : (known ?? num(data.created_at));
  const more = data.media === "processing" ? "The shop is making it ready to look at." : "";
  return { sync: { is: "shop", at }, more };
}

/** Why the shop refused the file, and the way on. */
function refusal(data: Data): string {
  const reason = first(data.media_reason, "The shop could not take this picture.");
  return `${/[.!?]$/.test(reason) ? reason : `${reason}.`} Take it again, or delete it.`;
}

/** Whether somebody has to wait for the picture: it is neither here nor at the shop. */
export const isElsewhere = (state: PhotoState): boolean => state.sync === null;

export const kindOf = (data: Data): string => text(data.kind) || "during";
