/** Which history is open. Kept apart from the sheet, which is loaded when it is first wanted. */
import { signal } from "@preact/signals";

export interface About {
  collection: string;
  id: string;
  /** None: of the whole record. */
  field?: string;
}

export const historyOpen = signal<About | null>(null);

export function openHistory(collection: string, id: string, field?: string): void {
  historyOpen.value = { collection, id, field };
}
