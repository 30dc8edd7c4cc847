/**
 * The replica as screens hold it: reading from memory, acting, and hearing of changes.
 *
 * Opened once per tab and database by `openReplica`; everything outside comes in as a `World`.
 */

import type { HeldFile } from "./files";
import { fresh, readMeta, writeMeta } from "./meta";
import { Mirror } from "./mirror";
import { searchOlder } from "./older";
import { formOf } from "./prepare";
import { takeName } from "./recover";
import { Running } from "./running";
import type { Collections } from "./schema";
import type { Store } from "./store";
import type {
  Checked,
  Draft,
  Form,
  Identity,
  Notice,
  Older,
  Overall,
  Parked,
  Replica,
  Shown,
  SyncState,
} from "./types";
import type { World } from "./world";

export interface Options {
  world: World;
  identity: Identity;
  collections: Collections;
  /** The number of the schema these collections belong to. */
  schema?: number;
  /** Called when the replica goes on under another name, so that a sign-in can name it. */
  renamed?: (identity: Identity) => void;
  /** Called when this device was revoked and its database is gone; `handed` changes went to the shop before. */
  revoked?: (handed: number) => void;
}

/** Opens the database of this principal, reads it into memory, and begins to sync. */
export async function openCore(options: Options): Promise<Replica> {
  const meta = await enter(options.world.store, options.identity);
  const mirror = new Mirror(options.world.store, options.collections, meta);
  const { world, schema = 1, renamed = () => {}, revoked = () => {} } = options;
  const running = new Running(world, mirror, schema, { renamed, revoked });
  running.listen();
  await mirror.readAll();
  await running.begin();
  return new OpenReplica(world, mirror, running);
}

/** The stored state of this principal, made if this is the first time, under the name the server gave. */
async function enter(store: Store, identity: Identity) {
  return store.write(async (tx) => {
    const meta = (await readMeta(tx)) ?? fresh(identity);
    const { replica, epoch } = meta.identity;
    if (meta.identity.principal.id !== identity.principal.id)
      throw new Error("This database is somebody else's.");
    meta.identity = { ...identity, replica, epoch };
    const known = replica === identity.replica || meta.names?.includes(identity.replica);
    if (known) writeMeta(tx, meta);
    else await takeName(tx, meta, identity.replica);
    return meta;
  });
}

class OpenReplica implements Replica {
  constructor(
    private readonly world: World,
    private readonly mirror: Mirror,
    private readonly running: Running,
  ) {}

  get identity(): Identity {
    return this.mirror.meta.identity;
  }

  get(collection: string, id: string): Shown | undefined {
    return this.mirror.view.get(collection, id);
  }

  all(collection: string): Shown[] {
    return this.mirror.view.all(collection);
  }

  children(parentId: string, collection: string): Shown[] {
    return this.mirror.view.children(parentId, collection);
  }

  form(id: string): Form {
    const collection = this.mirror.view.collectionOf(id) ?? "";
    return formOf(collection, id, this.get(collection, id), this.running.writer.sight());
  }

  act(drafts: Draft[], files: HeldFile[] = []): Promise<string> {
    return this.running.saving(() => this.running.writer.act(drafts, null, files));
  }

  retry(key: string, drafts: Draft[]): Promise<string> {
    return this.running.saving(() => this.running.writer.act(drafts, key));
  }

  discard(key: string): Promise<void> {
    return this.running.writer.discard(key);
  }

  dismiss(key: string): Promise<void> {
    return this.running.writer.discard(key);
  }

  undo(changesetId: string): Promise<boolean> {
    return this.running.saving(() => this.running.writer.undo(changesetId));
  }

  parked(): Parked[] {
    return this.mirror.parked;
  }

  notices(): Notice[] {
    return this.mirror.notices;
  }

  exportParked(key: string): string {
    const entry = this.mirror.parked.find((parked) => parked.key === key);
    return JSON.stringify(entry ?? null, null, 2);
  }

  state(id: string): SyncState {
    return this.running.progress.state(id);
  }

  overall(): Overall {
    return this.running.progress.overall(this.world.online.now());
  }

  subscribe(listener: (changed: ReadonlySet<string>) => void): () => void {
    return this.running.subscribe(listener);
  }

  syncNow(): Promise<void> {
    return this.running.syncNow();
  }

  verify(): Promise<Checked | null> {
    return this.running.verify();
  }

  search(words: string): Promise<Older | null> {
    return searchOlder(this.world.fetch, words);
  }

  async want(id: string): Promise<boolean> {
    await this.running.want(id);
    return this.mirror.view.collectionOf(id) !== undefined;
  }

  close(): Promise<void> {
    return this.running.close();
  }
}
