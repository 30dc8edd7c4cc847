/** A phone with photos: a replica, its queue of files, and a shop with a place for files, in a world that the test holds. */

import { createHash } from "node:crypto";
import { type Connection, Queue } from "../../pwa/src/media/queue";
import type { FileEntry, HeldFile } from "../../pwa/src/sync/files";
import { openCore } from "../../pwa/src/sync/replica";
import type { Collections } from "../../pwa/src/sync/schema";
import type { Store } from "../../pwa/src/sync/store";
import { MemoryStore } from "../../pwa/src/sync/store_memory";
import type { Data, Replica } from "../../pwa/src/sync/types";
import type { World } from "../../pwa/src/sync/world";
import { Bits, Depot, sha256 } from "./depot";
import { Outside, rest } from "./outside";
import { Seeded } from "./random";
import { Shop } from "./shop";
import { COLLECTIONS, identity, idOf } from "./things";

export const WITH_PHOTOS: Collections = {
  ...COLLECTIONS,
  photo: {
    parents: ["work_order"],
    appendOnly: false,
    fields: {
      work_order: { type: "ref", policy: "first", ref: "work_order" },
      note: { type: "text", policy: "text" },
      sha256: { type: "text", policy: "first" },
      bytes: { type: "integer", policy: "first" },
      type: { type: "text", policy: "first" },
      media: { type: "choice", policy: "server" },
      media_reason: { type: "text", policy: "server" },
    },
  },
};

/** The shop and its place for files, as one server: what has arrived is looked at at once. */
export class Premises {
  readonly shop = new Shop();
  readonly depot = new Depot((id) => {
    const row = this.shop.rows.get(id);
    if (row === undefined) return undefined;
    return row.gone ? "gone" : { sha256: String(row.data.sha256), bytes: Number(row.data.bytes) };
  });
  /** What becomes of what has arrived. */
  after: Data = { media: "ready" };

  constructor() {
    this.depot.onArrived = (id) => void this.shop.commit("photo", id, this.after);
  }

  /** Ids of photos whose record says that the file is there, though it is not. */
  dangling(): string[] {
    const arrived = new Set(this.depot.arrived());
    const rows = [...this.shop.rows.values()].filter(({ data, gone }) => data.media === "ready" && !gone);
    return rows.map(({ id }) => id).filter((id) => !arrived.has(id));
  }
}

/** What the browser says of the network. */
export class Network implements Connection {
  private hearing: (() => void)[] = [];

  constructor(private now: string | undefined) {}

  type(): string | undefined {
    return this.now;
  }

  listen(hear: () => void): () => void {
    this.hearing.push(hear);
    return () => this.hearing.splice(this.hearing.indexOf(hear), 1);
  }

  become(type: string): void {
    this.now = type;
    for (const hear of [...this.hearing]) hear();
  }
}

/** How many more steps a phone lives: each turn of its storage and each request is two. */
export class Life {
  constructor(private left: number) {}

  get over(): boolean {
    return this.left <= 0;
  }

  of<A extends unknown[], T>(step: (...said: A) => Promise<T>): (...said: A) => Promise<T> {
    return async (...said) => {
      await this.spend();
      const came = await step(...said);
      await this.spend();
      return came;
    };
  }

  store(inner: Store): Store {
    return {
      read: (work) => this.of(() => inner.read(work))(),
      write: (work) => this.of(() => inner.write(work))(),
      close: () => {},
      destroy: () => inner.destroy(),
    };
  }

  private spend(): Promise<void> {
    this.left -= 1;
    return this.over ? new Promise(() => {}) : Promise.resolve();
  }
}

export interface More {
  network?: Network;
  room?: World["room"];
  life?: Life;
}

/** One tab. */
export class Room {
  /** What was told, in order. */
  readonly progress: number[] = [];

  private constructor(
    readonly outside: Outside,
    readonly premises: Premises,
    readonly store: Store,
    readonly replica: Replica,
    readonly queue: Queue,
    /** Where it hears the other tabs speak of files. */
    readonly channel: { asleep: boolean },
  ) {}

  static async open(
    outside = new Outside(),
    premises = new Premises(),
    store: Store = new MemoryStore(),
    more: More = {},
  ): Promise<Room> {
    const { network, room: told, life = new Life(Number.POSITIVE_INFINITY) } = more;
    const world = outside.world(life.store(store), life.of(premises.shop.fetch));
    const replica = await openCore({ world, identity: identity(), collections: WITH_PHOTOS, schema: 7 });
    const channel = outside.files.join();
    const files = {
      ...world,
      channel,
      fetch: life.of(premises.depot.fetch),
      digest: async (bytes: ArrayBuffer) =>
        new Uint8Array(createHash("sha256").update(new Uint8Array(bytes)).digest()).buffer as ArrayBuffer,
      monotone: () => outside.clock.time,
      room: told,
      connection: network,
    };
    let room: Room | null = null;
    const queue = new Queue(files, replica, () => room?.progress.push(room.queue.overall().progress));
    room = new Room(outside, premises, store, replica, queue, channel);
    await queue.start();
    return room;
  }

  /** Keeps a photo as the app does: record and file in one transaction. */
  async keep(n: number, bytes = 1000, set: Data = {}): Promise<string> {
    const file = fileOf(n, bytes);
    const { id, sha256, type } = file;
    await this.replica.act(
      [{ op: "create", collection: "photo", id, set: { sha256, bytes, type, ...set } }],
      [file],
    );
    await this.queue.kept();
    return id;
  }

  /** Lets time pass until it is so; twenty minutes of it are too much. */
  async until(is: () => boolean, what: string): Promise<void> {
    for (let i = 0; i < 12_000 && !is(); i += 1) await this.outside.clock.pass(100);
    if (!is()) throw new Error(`Time passed and it never came to: ${what}.`);
    await rest();
  }

  drained(): Promise<void> {
    const done = () => this.replica.overall().waiting === 0 && this.queue.overall().waiting === 0;
    return this.until(done, "nothing waits");
  }

  held(): Promise<string[]> {
    return heldIn(this.store);
  }

  async close(): Promise<void> {
    await this.queue.stop();
    await this.replica.close();
  }
}

export function fileOf(n: number, bytes: number): HeldFile {
  const content = new Seeded(n).fill(new Uint8Array(bytes));
  const type = "image/jpeg";
  return { id: idOf(n), blob: new Bits(content), sha256: sha256(content), bytes, type };
}

/** Ids of the files whose entry and bytes a store holds. */
export async function heldIn(store: Store): Promise<string[]> {
  return store.read(async (tx) => {
    const entries = await tx.all<FileEntry>("files");
    const blobs = await Promise.all(entries.map(({ id }) => tx.get<Bits>("blobs", id)));
    return entries.map(({ id }) => id).filter((_, i) => blobs[i] !== undefined);
  });
}
