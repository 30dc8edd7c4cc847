/** The service worker from the page's side: registering it, hearing of a new version, letting it take over. */

export type Entry = "staff" | "customer";

/**
 * Registers the worker of this entry; `offered` is called when a new version is ready and waits.
 *
 * The function it is given makes the new version take over and loads the page anew: call it only when the person
 * says so, never by itself.
 */
export async function registerWorker(entry: Entry, offered: (takeOver: () => void) => void): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const [url, scope] =
    entry === "staff" ? ["/service-worker.js", "/"] : ["/service-worker.js?for=customer", "/customer/"];
  const registration = await navigator.serviceWorker.register(url, { scope });
  const offer = () => {
    const { waiting } = registration;
    if (waiting && navigator.serviceWorker.controller) offered(() => takeOver(waiting));
  };
  offer();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void registration.update().catch(() => undefined);
  });
}

function takeOver(waiting: ServiceWorker): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("take over");
}

/** Asks for a wake-up when the network is back, where the browser has Background Sync. */
export async function wakeWhenOnline(): Promise<void> {
  const registration = await navigator.serviceWorker?.ready;
  const sync = (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync;
  await sync?.register("sync").catch(() => undefined);
}
