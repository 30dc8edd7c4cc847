/**
 * From a picture to a photo that is kept (U1, U2): room is asked for, the bytes are hashed, record and file are stored in one
 * transaction, the file is read back and hashed again. Only then it is said to be on this phone.
 */

import type { Bytes, HeldFile } from "../sync/files";
import { StorageFull } from "../sync/store";
import { type Draft, newId, type Replica } from "../sync/types";
import type { World } from "../sync/world";
import { HEAD_BYTES, said } from "./exif";
import { type About, NoRoom, NotKept, type Taken, Unreadable } from "./types";

/** A picture as it will be sent, and the small one that travels in its record. */
export interface Shrunk {
  blob: Blob;
  preview: string | null;
}

export interface KeepWorld {
  /** Makes a picture smaller; rejects with Unreadable what is none. `whole` keeps it as it was taken. */
  shrink(blob: Blob, whole: boolean): Promise<Shrunk>;
  digest(bytes: ArrayBuffer): Promise<string>;
  room: World["room"];
  now(): number;
  /** What this phone's storage gives back as the file of a photo. */
  stored(id: string): Promise<Bytes | undefined>;
  /** Lets go of the file of a photo. */
  drop(id: string): Promise<void>;
}

/** What stays free for edits whatever happens. */
const RESERVE_BYTES = 20_000_000;
const RESERVE_SHARE = 0.05;
const RESERVE_BYTES_MAX = 200_000_000;
export const FILE_BYTES_MAX = 10_000_000;
/** What a photo takes before anybody knows. */
const USUAL_BYTES = 2_000_000;

type Room = { used: number; quota: number };

export class Keeper {
  /** Photo → the changeset that made it, to be taken back. */
  private readonly made = new Map<string, string>();
  private last: Promise<unknown> = Promise.resolve();
  /** What was used when a photo found no room: browsers say that there is plenty, so that nobody can be told apart by it. */
  private fullAt: number | null = null;

  constructor(
    private readonly world: KeepWorld,
    private readonly replica: Replica,
  ) {}

  /** One at a time: two pictures unpacked at once are more than a small phone has. */
  keep(taken: Taken, about: About): Promise<string> {
    const run = this.last.then(() => this.keepNow(taken, about));
    this.last = run.catch(() => undefined);
    return run;
  }

  /** Known before the next shot. One that found no room says so for those after it, until one is kept or something was let go of. */
  async hasRoom(bytes = USUAL_BYTES): Promise<boolean> {
    const used = (await this.room())?.used ?? 0;
    return (this.fullAt === null || used < this.fullAt) && this.leaves(bytes);
  }

  private async room(): Promise<Room | null> {
    return (await this.world.room?.().catch(() => null)) ?? null;
  }

  /** Whether the reserve is left when so many bytes are kept. */
  private async leaves(bytes: number): Promise<boolean> {
    const room = await this.room();
    if (!room || room.quota === 0) return true;
    const reserve = Math.min(RESERVE_BYTES_MAX, Math.max(RESERVE_BYTES, room.quota * RESERVE_SHARE));
    return room.quota - room.used - bytes >= reserve;
  }

  async takeBack(id: string): Promise<boolean> {
    const changeset = this.made.get(id);
    return changeset !== undefined && this.replica.undo(changeset);
  }

  private async keepNow(taken: Taken, about: About): Promise<string> {
    const { photos_original, photos_visible, photos_position } = this.replica.all("shop")[0]?.data ?? {};
    const shrunk = await this.world.shrink(taken.blob, photos_original === true);
    const { blob } = shrunk;
    if (blob.size > FILE_BYTES_MAX) throw new Unreadable("This file has more than 10 MB.");
    if (!(await this.leaves(blob.size))) throw new NoRoom();
    const id = newId();
    const sha256 = await this.world.digest(await blob.arrayBuffer());
    const itself = said(await taken.blob.slice(0, HEAD_BYTES).arrayBuffer());
    const place = taken.ownPosition && photos_position === true ? itself.position : null;
    const set = {
      ...given({ ...about, position: taken.position ?? place, preview: shrunk.preview }),
      visible_to_customer: about.visible_to_customer ?? photos_visible !== false,
      taken_at: this.timeOf(taken, itself.takenAt),
      sha256,
      bytes: blob.size,
      type: blob.type,
    };
    const draft: Draft = { op: "create", collection: "photo", id, set };
    const file = { id, blob, sha256, bytes: blob.size, type: blob.type };
    const changeset = await this.store(draft, file);
    this.made.set(id, changeset);
    if (!(await this.isStored(id, sha256))) {
      await this.replica.undo(changeset).catch(() => false);
      // Where the record was sent already, only its deletion follows; what was not kept is of no use to anybody.
      await this.world.drop(id).catch(() => undefined);
      throw new NotKept();
    }
    return id;
  }

  private async store(draft: Draft, file: HeldFile): Promise<string> {
    try {
      const changeset = await this.replica.act([draft], [file]);
      this.fullAt = null;
      return changeset;
    } catch (cause) {
      if (!(cause instanceof StorageFull)) throw cause;
      this.fullAt = (await this.room())?.used ?? 0;
      throw new NoRoom();
    }
  }

  private async isStored(id: string, sha256: string): Promise<boolean> {
    try {
      const stored = await this.world.stored(id);
      return stored !== undefined && (await this.world.digest(await stored.arrayBuffer())) === sha256;
    } catch {
      return false;
    }
  }

  /** A picture from the picker knows better when it was taken than its file does; never later than now. */
  private timeOf(taken: Taken, itself: number | null): number {
    return Math.min(itself !== null && itself > 0 ? itself : taken.takenAt, this.world.now());
  }
}

/** What was given: a field that is empty is left out. */
function given(values: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return Object.fromEntries(kept);
}
