/**
 * Where drafts lie: in IndexedDB, because localStorage reaches the disk seconds late, and a browser that is killed
 * meanwhile would lose what was typed.
 *
 * All of them are read into memory once, before the first screen, so that forms read without waiting; every change is
 * written behind. Where the browser allows no database, drafts live as long as the page.
 */

const NAME = "workbay.drafts";
const STORE = "drafts";

const kept = new Map<string, string>();
let opening: Promise<IDBDatabase | null> | null = null;

/** Reads what was left behind; to be awaited before anything is drawn. */
export async function loadDrafts(): Promise<void> {
  const database = await open();
  if (!database) return;
  const store = database.transaction(STORE).objectStore(STORE);
  const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())]);
  for (const [i, key] of (keys ?? []).entries()) kept.set(String(key), String(values?.[i]));
}

export const readKept = (key: string): string | null => kept.get(key) ?? null;

export const keptKeys = (prefix: string): string[] =>
  [...kept.keys()].filter((key) => key.startsWith(prefix));

/** Keeps `value` under `key`, or forgets it when it is null. */
export function keep(key: string, value: string | null): void {
  if (value === null) kept.delete(key);
  else kept.set(key, value);
  void write(key, value);
}

async function write(key: string, value: string | null): Promise<void> {
  const database = await open();
  try {
    const store = database?.transaction(STORE, "readwrite").objectStore(STORE);
    if (value === null) store?.delete(key);
    else store?.put(value, key);
  } catch {
    opening = null; // iOS closes connections of sleeping pages: the next keystroke opens another.
  }
}

function open(): Promise<IDBDatabase | null> {
  opening ??= connect().catch(() => null);
  return opening;
}

async function connect(): Promise<IDBDatabase | null> {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
  const database = await answer(asked);
  if (!database) return null;
  database.onclose = () => {
    opening = null;
  };
  database.onversionchange = () => database.close();
  return database;
}

/** The result of a request, or null when there is none to be had. */
function answer<T>(request: IDBRequest<T>): Promise<T | null> {
  return new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  });
}
