/** Which history is open. Kept apart from the sheet, which is loaded when it is first wanted. */
import { signal } from "@preact/signals";
import type { Shown } from "../../sync/types";

export interface About {
  collection: string;
  id: string;
  /** None: of the whole record. */
  field?: string;
}

export const historyOpen = signal<About | null>(null);

/** What a tap on a field of a shown record does; nothing while the record is on this device alone. */
export function historyOf(of: Shown, field: string): (() => void) | undefined {
  return of.fresh ? undefined : () => openHistory(of.collection, of.id, field);
}

export function openHistory(collection: string, id: string, field?: string): void {
  historyOpen.value = { collection, id, field };
}
