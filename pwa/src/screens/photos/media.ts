/**
 * The photos of this phone as signals: what is kept here, what is on its way, and why it waits.
 *
 * Opened after the replica whose database it shares, and closed with it. Progress is told often, so what a screen
 * reads of one photo is a signal of its own, and only the photo on its way is drawn again.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { FileState, FilesOverall, Media } from "../../media/types";
import type { Replica } from "../../sync/types";

export const media = signal<Media | null>(null);

const told = signal(0);
let release: (() => void) | null = null;
let states = new Map<string, ReadonlySignal<string>>();

/** Makes `next` what all screens read, or nothing after sign-out. */
export function attachMedia(next: Media | null): void {
  release?.();
  release = next?.subscribe(() => (told.value += 1)) ?? null;
  states = new Map();
  media.value = next;
}

let of: Replica | null = null;

/** Opens the photos of whoever's replica this is; opening the same again changes nothing. */
export async function openPhotos(replica: Replica): Promise<void> {
  if (of === replica) return;
  await closePhotos();
  of = replica;
  // Loaded apart: the first screen does not wait for it, and customers never need it.
  const { openMedia } = await import("../../media/open");
  if (of !== replica) return;
  const made = await openMedia(replica);
  if (of === replica) attachMedia(made);
  else await made.close();
}

/** Before the replica is closed: both write to one database. */
export async function closePhotos(): Promise<void> {
  const held = media.peek();
  of = null;
  attachMedia(null);
  await held?.close();
}

/** Compared as text, since the state is a new object each time. */
function stateSignal(id: string): ReadonlySignal<string> {
  let found = states.get(id);
  if (!found) {
    found = computed(() => {
      told.value;
      return JSON.stringify(media.value?.state(id) ?? null);
    });
    states.set(id, found);
  }
  return found;
}

/** How far the file of a photo is, or null where this phone has nothing to do with it. */
export function fileState(id: string): FileState | null {
  return JSON.parse(stateSignal(id).value) as FileState | null;
}

export const filesOverall: ReadonlySignal<FilesOverall | null> = computed(() => {
  told.value;
  return media.value?.overall() ?? null;
});

/** What the person wished for the sending of photos. */
export const wishes = computed(() => {
  told.value;
  return media.value?.wishes() ?? null;
});

/** How many photos would be left behind if somebody signed out now. */
export const photosUnsent = (): number => {
  const all = filesOverall.peek();
  return all ? all.waiting + all.needsYou : 0;
};
