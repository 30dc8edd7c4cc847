/**
 * The store in IndexedDB, with nothing between.
 *
 * Transactions are durable when they resolve. iOS closes connections of sleeping pages, so a lost one is opened
 * again once before it is an error; another version of the app that must change the database is let in.
 */

import {
  type Key,
  STORES,
  StorageEmptied,
  StorageFull,
  StorageLost,
  type Store,
  type StoreName,
  type Tx,
} from "../store";

/** 2 brought `files` and `blobs`. What an older version holds stays. */
const VERSION = 2;

export class IndexedDbStore implements Store {
  /** One for all who ask: a second one would be forgotten by the first and stand in the way of whoever removes the database. */
  private connection: Promise<IDBDatabase> | null = null;
  /** The database was removed; nothing of this store may make it anew. */
  private removed = false;

  constructor(
    private readonly name: string,
    private readonly factory: IDBFactory = indexedDB,
  ) {}

  read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.withConnection((database) => transact(database, "readonly", work));
  }

  write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.withConnection((database) => transact(database, "readwrite", work));
  }

  close(): void {
    if (this.connection) this.forget(this.connection);
  }

  async destroy(): Promise<void> {
    this.removed = true;
    this.close();
    await finished(this.factory.deleteDatabase(this.name));
  }

  private async withConnection<T>(run: (database: IDBDatabase) => Promise<T>): Promise<T> {
    const connection = this.connect();
    try {
      return await run(await connection);
    } catch (error) {
      if (!isLost(error)) throw isFull(error) ? new StorageFull(error) : error;
      this.forget(connection);
    }
    try {
      return await run(await this.connect());
    } catch (error) {
      throw isFull(error) ? new StorageFull(error) : isLost(error) ? new StorageLost(error) : error;
    }
  }

  private connect(): Promise<IDBDatabase> {
    if (this.removed) throw new StorageEmptied();
    if (this.connection) return this.connection;
    const connection = this.open();
    this.connection = connection;
    connection.then(
      (database) => {
        database.onclose = () => this.forget(connection);
        database.onversionchange = ({ newVersion }) => {
          this.removed ||= newVersion === null;
          this.forget(connection);
        };
      },
      () => this.forget(connection),
    );
    return connection;
  }

  private open(): Promise<IDBDatabase> {
    const request = this.factory.open(this.name, VERSION);
    request.onupgradeneeded = () => {
      const { result } = request;
      for (const store of STORES)
        if (!result.objectStoreNames.contains(store)) result.createObjectStore(store);
    };
    return finished(request);
  }

  /** Closed too, for one that is merely slow would keep others from the database. */
  private forget(connection: Promise<IDBDatabase>): void {
    if (this.connection === connection) this.connection = null;
    connection.then((database) => database.close()).catch(() => undefined);
  }
}

async function transact<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const transaction = database.transaction([...STORES], mode, { durability: "strict" });
  const ended = completion(transaction);
  try {
    const result = await work(new IndexedDbTx(transaction));
    await ended;
    return result;
  } catch (error) {
    ended.catch(() => undefined);
    abort(transaction);
    throw transaction.error ?? error;
  }
}

class IndexedDbTx implements Tx {
  constructor(private readonly transaction: IDBTransaction) {}

  get<T>(store: StoreName, key: Key): Promise<T | undefined> {
    return finished(this.transaction.objectStore(store).get(key));
  }

  all<T>(store: StoreName, from?: Key): Promise<T[]> {
    const range = from === undefined ? undefined : IDBKeyRange.lowerBound(from);
    return finished(this.transaction.objectStore(store).getAll(range));
  }

  count(store: StoreName): Promise<number> {
    return finished(this.transaction.objectStore(store).count());
  }

  put(store: StoreName, key: Key, value: unknown): void {
    this.transaction.objectStore(store).put(value, key);
  }

  delete(store: StoreName, key: Key): void {
    this.transaction.objectStore(store).delete(key);
  }

  clear(store: StoreName): void {
    this.transaction.objectStore(store).clear();
  }
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("Aborted", "AbortError"));
  });
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself, which is what was wanted.
  }
}

function isFull(error: unknown): boolean {
  return (error as { name?: string } | null)?.name === "QuotaExceededError";
}

/** What a connection says that the browser took away: it cannot begin, or what it began was broken off. */
function isLost(error: unknown): boolean {
  const name = (error as { name?: string } | null)?.name ?? "";
  return error instanceof Error || "name" in Object(error)
    ? ["InvalidStateError", "AbortError", "UnknownError", "TransactionInactiveError"].includes(name)
    : false;
}
