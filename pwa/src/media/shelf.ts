/**
 * The files that this phone holds, in memory without their bytes, and every way in which they change.
 *
 * All tabs of a browser share them: whoever changes one tells the others, and whoever woke up reads again.
 */

import { type Bytes, dropFile, type FileEntry } from "../sync/files";
import type { Store, Tx } from "../sync/store";
import type { Op } from "../sync/types";

const WISHES = "uploads";

/** What the person wished for sending. */
export interface StoredWishes {
  paused: boolean;
  wifiOnly: boolean;
}

export class Shelf {
  entries = new Map<string, FileEntry>();
  wishes: StoredWishes = { paused: false, wifiOnly: false };

  constructor(
    private readonly store: Store,
    /** Tells the screens and the other tabs. */
    private readonly changed: () => void,
  ) {}

  /** Makes memory equal to the store. */
  async read(): Promise<void> {
    const [entries, wishes] = await this.store.read((tx) =>
      Promise.all([tx.all<FileEntry>("files"), tx.get<StoredWishes>("meta", WISHES)]),
    );
    this.entries = new Map(entries.map((entry) => [entry.id, entry]));
    this.wishes = wishes ?? { paused: false, wifiOnly: false };
  }

  blob(id: string): Promise<Bytes | undefined> {
    return this.store.read((tx) => tx.get<Bytes>("blobs", id));
  }

  async wish(wishes: Partial<StoredWishes>): Promise<void> {
    await this.write(async (tx) => {
      const stored = await tx.get<StoredWishes>("meta", WISHES);
      tx.put("meta", WISHES, { ...(stored ?? this.wishes), ...wishes });
    });
  }

  /** Changes what is known of a file, if it is still held. */
  async note(id: string, change: Partial<FileEntry>): Promise<void> {
    await this.write(async (tx) => {
      const stored = await tx.get<FileEntry>("files", id);
      if (stored) tx.put("files", id, { ...stored, ...change });
    });
  }

  /** Lets go of a copy and of what is known of it. */
  async drop(id: string): Promise<void> {
    await this.write(async (tx) => dropFile(tx, id));
  }

  /** Files that the shop may have no record of any more if it is restored: this phone alone could give them back. With
   * `scarce` only those whose record is still to be sent, as after a restore. */
  needed(scarce: boolean): Promise<Set<string>> {
    return this.store.read((tx) => neededIn(tx, scarce));
  }

  /** Lets go of copies of which the shop said that it has them, but of none that is needed by now. */
  async letGo(ids: string[], scarce: boolean): Promise<void> {
    await this.write(async (tx) => {
      const needed = await neededIn(tx, scarce);
      for (const id of ids) {
        const stored = await tx.get<FileEntry>("files", id);
        if (stored && stored.receipt !== null && !needed.has(id)) dropFile(tx, id);
      }
    });
  }

  private async write(work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.store.write(work);
    await this.read();
    this.changed();
  }
}

async function neededIn(tx: Tx, scarce: boolean): Promise<Set<string>> {
  const stores = scarce ? (["outbox"] as const) : (["outbox", "kept"] as const);
  const all = (await Promise.all(stores.map((store) => tx.all<{ ops: Op[] }>(store)))).flat();
  const made = all.flatMap(({ ops }) => ops).filter((op) => op.op === "create");
  return new Set(made.map((op) => op.id));
}
