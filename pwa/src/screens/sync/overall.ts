/** Changes and photos as one: how far everything on this phone is. Pure. */
import type { FilesOverall } from "../../media/types";
import type { Overall, SyncState } from "../../sync/types";

/** What waits and what needs the person; a photo whose record waits too is one thing, not two. */
export interface Counts {
  waiting: number;
  needsYou: number;
}

export function countsOf(all: Overall, files: FilesOverall | null, photosOnlyHere: number): Counts {
  const photos = Math.max(0, (files?.waiting ?? 0) - photosOnlyHere);
  return { waiting: all.waiting + photos, needsYou: all.needsYou + (files?.needsYou ?? 0) };
}

/** How far all is beside what needs the person. `peak` is the most changes that waited since all was last sent. */
export function stateOfRest(all: Overall, files: FilesOverall | null, peak: number): SyncState {
  const photos = files?.waiting ?? 0;
  if (all.waiting > 0 && all.sending && all.online)
    return { is: "sending", progress: 1 - all.waiting / Math.max(peak, all.waiting) };
  if (all.waiting > 0) return { is: "phone" };
  if (photos > 0 && files?.sending) return { is: "sending", progress: files.progress };
  return photos > 0 ? { is: "phone" } : { is: "shop", at: all.lastContact };
}
