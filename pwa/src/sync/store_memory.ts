/** The store in memory, for tests and simulations: same promises as IndexedDB, one transaction after another. */

import { type Key, STORES, type Store, type StoreName, type Tx } from "./store";

type Tables = Map<StoreName, Map<Key, unknown>>;

export class MemoryStore implements Store {
  private tables: Tables = emptyTables();
  private last: Promise<unknown> = Promise.resolve();

  read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.queue(() => work(new MemoryTx(copyOf(this.tables))));
  }

  write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.queue(async () => {
      const draft = copyOf(this.tables);
      const result = await work(new MemoryTx(draft));
      this.tables = draft;
      return result;
    });
  }

  close(): void {}

  async destroy(): Promise<void> {
    this.tables = emptyTables();
  }

  /** What a rolled-back or copied phone would hold: the state as it is now, in another store. */
  copy(): MemoryStore {
    const other = new MemoryStore();
    other.tables = structuredCopy(this.tables);
    return other;
  }

  private queue<T>(work: () => Promise<T>): Promise<T> {
    const run = this.last.then(work);
    this.last = run.catch(() => undefined);
    return run;
  }
}

class MemoryTx implements Tx {
  constructor(private readonly tables: Tables) {}

  async get<T>(store: StoreName, key: Key): Promise<T | undefined> {
    return clone(this.table(store).get(key)) as T | undefined;
  }

  async all<T>(store: StoreName, from?: Key): Promise<T[]> {
    const entries = [...this.table(store)].filter(
      ([key]) => from === undefined || compareKeys(key, from) >= 0,
    );
    return entries.sort(([a], [b]) => compareKeys(a, b)).map(([, value]) => clone(value) as T);
  }

  async count(store: StoreName): Promise<number> {
    return this.table(store).size;
  }

  put(store: StoreName, key: Key, value: unknown): void {
    this.table(store).set(key, clone(value));
  }

  delete(store: StoreName, key: Key): void {
    this.table(store).delete(key);
  }

  clear(store: StoreName): void {
    this.table(store).clear();
  }

  private table(store: StoreName): Map<Key, unknown> {
    return this.tables.get(store) as Map<Key, unknown>;
  }
}

/** As IndexedDB orders keys: numbers before text. */
function compareKeys(a: Key, b: Key): number {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function emptyTables(): Tables {
  return new Map(STORES.map((name) => [name, new Map()]));
}

function copyOf(tables: Tables): Tables {
  return new Map([...tables].map(([name, table]) => [name, new Map(table)]));
}

function structuredCopy(tables: Tables): Tables {
  return new Map(
    [...tables].map(([name, table]) => [name, new Map([...table].map(([k, v]) => [k, clone(v)]))]),
  );
}

/** Values are JSON, or a Blob, which nobody can change; a copy keeps the caller's objects and the store's apart, as IndexedDB does. */
function clone(value: unknown): unknown {
  if (typeof value !== "object" || value === null || "arrayBuffer" in value) return value;
  return JSON.parse(JSON.stringify(value));
}
