/**
 * Pictures that another app shares with this one (Android).
 *
 * The browser posts them as a form to `/share-target`; the service worker puts them into a database of their own and
 * sends the page to `/share`, where the person says which work order they are for. The worker has no bundle of
 * modules, so `receiveShare` uses nothing from outside of itself.
 */
export interface Shared {
  files: File[];
  /** What was said with them. */
  text: string;
}

const NAME = "workbay.shared";
const STORE = "shared";
const KEY = "latest";

/** In the service worker: keeps what was shared, and answers with the way to the page that asks what it is for. */
export async function receiveShare(request: Request): Promise<Response> {
  try {
    const form = await request.formData();
    const files = form.getAll("photos").filter((one): one is File => typeof one !== "string");
    const text = [form.get("title"), form.get("text")]
      .filter((one) => typeof one === "string" && one)
      .join("\n");
    await inStore("readwrite", (store) => store.put({ files, text } satisfies Shared, KEY));
    return Response.redirect("/share", 303);
  } catch {
    return Response.redirect("/share?missed", 303);
  }
}

/** In the page: what was shared last and not dealt with yet. */
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
