/**
 * Pictures that another app shares with this one (Android).
 *
 * The phone posts them as a form to `/share-target`; the service worker puts them into a database of their own and
 * sends the page to `/share`, where the person says which work order they are for. Here is what the page reads.
 */
export interface Shared {
  files: File[];
  /** What was said with them. */
  text: string;
}

const NAME = "workbay.shared";
const STORE = "shared";
const KEY = "latest";

/** What was shared last and not dealt with yet. */
export async function sharedFiles(): Promise<Shared | null> {
  return ((await inStore("readonly", (store) => store.get(KEY))) as Shared | undefined) ?? null;
}

export async function forgetShared(): Promise<void> {
  await inStore("readwrite", (store) => store.delete(KEY));
}

async function inStore(
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const database = await answer(opened());
  try {
    return await answer(run(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function opened(): IDBOpenDBRequest {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
  return asked;
}

function answer<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
}
