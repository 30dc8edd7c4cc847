/// <reference lib="webworker" />
/**
 * What lets the app open without a network. The build puts in the version and, for each page, the files it needs.
 *
 * It is registered twice: for the whole site (staff) and, with `?for=customer`, for /customer/. Each keeps its own
 * cache. A new version waits until a page says "take over", so that nobody loses a form to an update. Answers of the
 * API are never kept: what the app knows of the shop is in the replica's database, and nowhere else.
 */
const worker = /** @type {ServiceWorkerGlobalScope & typeof globalThis} */ (/** @type {unknown} */ (self));
const VERSION = "__VERSION__";
/** @type {Record<string, string[]>} */
const FILES = /** @type {any} */ ("__FILES__");
const ENTRY = new URL(worker.location.href).searchParams.get("for") ?? "staff";
const PAGE = ENTRY === "customer" ? "/customer/" : "/";
const CACHE = `workbay-${ENTRY}-${VERSION}`;
// Sends what waits, and takes in what is shared (src/media/beside.ts). Customers have neither.
if (ENTRY === "staff") worker.importScripts("__BESIDE__");
/** @type {{ drain?: () => Promise<void>, receiveShare?: (request: Request) => Promise<Response> }} */
const beside = /** @type {any} */ (worker);

worker.addEventListener("install", (event) => event.waitUntil(fill()));
worker.addEventListener("activate", (event) => event.waitUntil(tidy()));
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "POST" && url.pathname === "/share-target" && beside.receiveShare)
    return event.respondWith(beside.receiveShare(event.request));
  const ours = event.request.method === "GET" && url.origin === worker.location.origin;
  if (!ours || url.pathname.startsWith("/api/")) return;
  const forCustomers = url.pathname.startsWith("/customer");
  if (event.request.mode === "navigate") {
    if (forCustomers === (ENTRY === "customer")) event.respondWith(fromCache(PAGE, event.request));
  } else if (url.pathname.startsWith("/static/")) event.respondWith(fromCache(url.pathname, event.request));
});
worker.addEventListener("message", (event) => {
  if (event.data === "take over") worker.skipWaiting();
});
worker.addEventListener("sync", (/** @type {any} */ event) => event.waitUntil(sendWhatWaits()));
worker.addEventListener("push", (event) => event.waitUntil(announce(event.data)));
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data?.url ?? PAGE));
});

/** The page is fetched past the browser's cache: an old page would name files that no longer exist. */
async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll([new Request(PAGE, { cache: "reload" }), ...(FILES[ENTRY] ?? [])]);
}

/** Old caches of this entry go; the first worker of all takes the open page, which has nothing to lose by it. */
async function tidy() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(`workbay-${ENTRY}-`) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** @param {string} key @param {Request} request */
async function fromCache(key, request) {
  const held = await caches.match(key, { cacheName: CACHE });
  return held ?? fetch(request);
}

/** @param {string} word */
async function tellPages(word) {
  const pages = await worker.clients.matchAll({ includeUncontrolled: true });
  for (const page of pages) page.postMessage(word);
}

/** An open page sends by itself; without one it is done here, and an error makes the browser wake us again. */
async function sendWhatWaits() {
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (pages.length > 0 || !beside.drain) return tellPages("sync");
  await beside.drain();
}

/** A push carries no data of the shop: it wakes the pages and shows the words it was sent with. @param {PushMessageData | null} data */
async function announce(data) {
  await tellPages("sync");
  const said = data ? data.json() : {};
  await worker.registration.showNotification(said.title ?? "Workbay", {
    body: said.body ?? "",
    data: { url: said.url },
  });
}

/** @param {string} url */
async function show(url) {
  const pages = await worker.clients.matchAll({ type: "window" });
  const open = pages.find((page) => new URL(page.url).pathname.startsWith(PAGE));
  if (open) await open.focus();
  else await worker.clients.openWindow(url);
}
