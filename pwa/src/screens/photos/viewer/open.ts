/** Which photo is shown large, and among which. Kept apart from the viewer, which is loaded when it is first wanted. */
import { signal } from "@preact/signals";

export interface Viewed {
  /** All that can be gone through, in the order in which they are shown. */
  ids: string[];
  at: string;
}

export const viewed = signal<Viewed | null>(null);

export function view(ids: string[], at: string): void {
  viewed.value = { ids, at };
}

/** The photos between which the slider goes; null: it is closed. */
export const compared = signal<{ ids: string[] } | null>(null);

/** The photo that is drawn on. */
export const drawn = signal<string | null>(null);
