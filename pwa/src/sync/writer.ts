/**
 * What a person does: saving an action, sending a refused one anew, letting it go, taking one back.
 *
 * An action is one transaction that gives the changeset its number and stores it (T2), so two tabs never share a
 * number. Actions of one tab go one after another, for the second may build on what the first just made.
 */

import { idsOf, type Waiting, waits, wireOf } from "./changeset";
import { dropFilesOf, type HeldFile, putFile } from "./files";
import { uuid7 } from "./ids";
import { type Change, checkOf, readMeta, writeMeta } from "./meta";
import type { Mirror } from "./mirror";
import { ActError, type Prepared, prepare, type Sight, translated } from "./prepare";
import { StorageEmptied, type Tx } from "./store";
import type { Draft } from "./types";
import { opposite } from "./undo";
import type { World } from "./world";

/** A changeset of the wire may not be larger (W11). */
export const CHANGESET_BYTES_MAX = 256 * 1024;

export class Writer {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly world: World,
    private readonly mirror: Mirror,
    private readonly schema: number,
    /** Brings the change into memory and tells the other tabs. */
    private readonly announce: (change: Change) => Promise<void>,
  ) {}

  /** Saves one action and gives its id, once it is durable and shown. Nothing to save gives an empty id. Files are stored
   * in the same transaction as the records they belong to (U1). */
  act(drafts: Draft[], replacing: string | null = null, files: HeldFile[] = []): Promise<string> {
    const run = this.last.then(() => this.save(drafts, replacing, files));
    this.last = run.catch(() => undefined);
    return run;
  }

  async discard(key: string): Promise<void> {
    await this.commit(async (tx) => {
      tx.delete("parked", key);
      return { parked: true };
    });
  }

  /** Notes that a check is wanted, so that whichever tab syncs does it; gives its number. */
  async wantCheck(): Promise<number> {
    let wanted = 0;
    await this.commit(async (_tx, meta) => {
      const check = checkOf(meta);
      wanted = check.wanted + 1;
      meta.check = { ...check, wanted };
      return {};
    });
    return wanted;
  }

  /** Notes that older work is wanted, so that the next sync of whichever tab asks for it. */
  async want(id: string): Promise<void> {
    await this.commit(async (_tx, meta) => {
      meta.wants = [...new Set([...(meta.wants ?? []), id])];
      return {};
    });
  }

  async undo(id: string): Promise<boolean> {
    await this.last;
    const entry = this.mirror.outbox.find((waiting) => waiting.id === id);
    if (entry && waits(entry) && (await this.takeBack(entry))) return true;
    const known = entry ?? (await this.findKept(id));
    const { view, collections, meta } = this.mirror;
    const drafts = known && opposite(known, { view, collections, role: meta.identity.principal.role });
    if (!drafts) return false;
    await this.act(drafts);
    return true;
  }

  sight(): Sight {
    const { collections, confirmed, view, meta } = this.mirror;
    return {
      collections,
      replica: meta.identity.replica,
      renames: meta.renames.length,
      held: (id) => confirmed.get(id),
      layers: (id) => this.mirror.layersOf(id),
      shown: (collection, id) => view.get(collection, id),
    };
  }

  private async save(drafts: Draft[], replacing: string | null, files: HeldFile[]): Promise<string> {
    const prepared = prepare(drafts, this.sight());
    if (prepared.ops.length === 0 && replacing === null) return "";
    const now = this.world.clock.now();
    const id = uuid7(now, this.world.random);
    if (JSON.stringify(prepared.ops).length > CHANGESET_BYTES_MAX - 1024) {
      throw new ActError("too_large", "This is too much for one save. Save it in smaller parts.");
    }
    await this.commit(async (tx, meta) => {
      if (replacing !== null) tx.delete("parked", replacing);
      const stored = await tx.get<Waiting>("outbox", meta.order);
      if (prepared.ops.length === 0 || stored?.id === id) return { parked: true };
      const waiting = this.numbered(prepared, id, now, ++meta.n, ++meta.order, meta.identity.replica);
      waiting.ops = translated(waiting.ops, meta.renames.slice(prepared.renames));
      tx.put("outbox", waiting.order, waiting);
      for (const file of files) putFile(tx, file, now);
      return { outbox: [waiting.order], parked: replacing !== null };
    });
    return id;
  }

  private numbered(
    made: Prepared,
    id: string,
    at: number,
    n: number,
    order: number,
    replica: string,
  ): Waiting {
    return { order, replica, n, id, schema: this.schema, at, ops: made.ops, before: made.before };
  }

  /** Undoes what nobody has seen: the newest simply goes, an older one becomes empty, for numbers have no holes. */
  private async takeBack(entry: Waiting): Promise<boolean> {
    const touched = new Set(idsOf(entry.ops));
    const later = this.mirror.outbox.filter((other) => other.order > entry.order);
    if (later.some((other) => mentions(other, touched))) return false;
    let done = false;
    await this.commit(async (tx, meta) => {
      const stored = await tx.get<Waiting>("outbox", entry.order);
      done = stored !== undefined && stored.replica === meta.identity.replica && stored.n > meta.sentUpTo;
      if (!done) return {};
      dropFilesOf(tx, entry.ops);
      if (stored?.n === meta.n) {
        tx.delete("outbox", entry.order);
        meta.n -= 1;
      } else tx.put("outbox", entry.order, { ...stored, ops: [], before: [] });
      return { outbox: [entry.order] };
    });
    return done;
  }

  private async findKept(id: string) {
    const kept = await this.world.store.read((tx) => tx.all<Waiting>("kept"));
    return kept.find((entry) => entry.id === id);
  }

  private async commit(work: (tx: Tx, meta: Mirror["meta"]) => Promise<Partial<Change>>): Promise<void> {
    const change = await this.world.store.write(async (tx) => {
      const meta = await readMeta(tx);
      if (meta === undefined) throw new StorageEmptied();
      const changed = await work(tx, meta);
      return writeMeta(tx, meta, changed);
    });
    await this.announce(change);
  }
}

/** A later changeset that edits one of these records or names it must keep finding it. */
function mentions(other: Waiting, ids: Set<string>): boolean {
  const text = JSON.stringify(wireOf(other));
  return [...ids].some((id) => text.includes(id));
}
