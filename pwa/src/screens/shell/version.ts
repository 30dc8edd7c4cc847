/** A new version waits until the person says so; then it takes over and the page is loaded once. */
import { signal } from "@preact/signals";
import { type Entry, registerWorker } from "../../sync/browser/worker";

/** Makes the waiting version take over, while there is one. */
export const newVersion = signal<(() => void) | null>(null);

export function watchVersions(entry: Entry): void {
  const offered = (takeOver: () => void) => {
    newVersion.value = takeOver;
  };
  // Without a worker the app still works while there is a network; there is nothing the person could do about it.
  registerWorker(entry, offered).catch(() => undefined);
}

export function takeNewVersion(): void {
  newVersion.value?.();
}
