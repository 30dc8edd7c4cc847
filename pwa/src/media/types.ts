/**
 * What the media room promises to the screens: a photo is kept, sent, and let go of only when the shop has it.
 *
 * `pwa/src/media/open.ts` opens it beside the replica of a person; screens reach it through `screens/photos/media.ts`.
 */

export type PhotoKind = "before" | "during" | "after" | "damage" | "repair" | "screenshot";

/** Where a picture was taken, in whole numbers: degrees × 10^7 and metres, where these are known. */
export interface Position {
  lat_e7: number;
  lng_e7: number;
  accuracy_m?: number;
}

/** A picture as it left the camera or the picker, before anything was done with it. */
export interface Taken {
  blob: Blob;
  /** Milliseconds since 1970 UTC, as this phone believes. */
  takenAt: number;
  position: Position | null;
  /** Whether the place that the picture itself names may be kept: the shop wants it, and the person agreed. */
  ownPosition?: boolean;
}

/** What a photo is of. Exactly what becomes the fields of its record. */
export interface About {
  work_order?: string;
  equipment?: string;
  kind: PhotoKind;
  note?: string;
  visible_to_customer?: boolean;
}

/** How far the file of one photo is. The record itself has the words of sync as any other (`Replica.state`). */
export type FileState =
  /** Read back from this phone's storage and found whole; `why` it does not move just now, if it does not. */
  | { is: "phone"; why: Pause | null }
  | { is: "sending"; progress: number }
  /** The shop said that it has the very same bytes. */
  | { is: "shop"; at: number }
  | { is: "needs_you"; reason: string };

/** Why no file moves: the person's own wish, a metered network, or what keeps the changes back too. */
export type Pause =
  | "paused"
  | "wifi"
  | "offline"
  | "portal"
  | "signed_out"
  | "changes_first"
  | "shop_full"
  | "busy";

export interface FilesOverall {
  /** Photos that the shop does not have yet, those that need the person not counted. */
  waiting: number;
  bytesLeft: number;
  /** 0..1 of all that waited since the queue was last empty; grows only. */
  progress: number;
  /** The photo on its way just now. */
  sending: string | null;
  why: Pause | null;
  needsYou: number;
  /** Held here although the shop has it, because no verified backup of the shop has it yet. */
  kept: number;
}

export interface Wishes {
  paused: boolean;
  /** Send only on Wi-Fi; `canTell` is false where the browser does not say what the network is. */
  wifiOnly: boolean;
  canTell: boolean;
}

export interface Media {
  /**
   * Shrinks, hashes, saves record and file in one transaction, reads the file back, and only then resolves with the
   * photo's id. Rejects with `NoRoom` before anything is written when the phone's storage is nearly full, and with
   * `Unreadable` when this is no picture; the caller still has what it gave.
   */
  keep(taken: Taken, about: About): Promise<string>;
  /** Makes ready for the first picture, which is then taken as fast as the next. */
  prepare(): void;
  /** Whether there is room for another photo; edits have a reserve of their own that photos never touch. */
  hasRoom(): Promise<boolean>;
  /** The picture itself where this phone holds it, else null. */
  blob(id: string): Promise<Blob | null>;
  /** null where this phone has nothing to do with the file: it is at the shop, or on another phone. */
  state(id: string): FileState | null;
  overall(): FilesOverall;
  wishes(): Wishes;
  wish(wishes: Partial<Pick<Wishes, "paused" | "wifiOnly">>): Promise<void>;
  /** Tries again at once what waits out a failure. */
  sendNow(): void;
  /** Lets go of a picture whose photo the shop does not want; the only way but a receipt in which one is dropped. */
  drop(id: string): Promise<void>;
  /** Takes back a photo just taken, file and all, where it has not been sent. */
  takeBack(id: string): Promise<boolean>;
  subscribe(listener: () => void): () => void;
  close(): Promise<void>;
}

/** There is no room left for photos on this phone. */
export class NoRoom extends Error {
  readonly code = "no_room";
  constructor() {
    super(
      "This phone has no room for photos. Free some space, then take it again. Your changes are still saved.",
    );
  }
}

/** The bytes are no picture that this browser or the shop can read. */
export class Unreadable extends Error {
  readonly code = "unreadable";
  constructor(reason = "This is no picture that can be read.") {
    super(reason);
  }
}

/** What was written and what was read back are not the same. */
export class NotKept extends Error {
  readonly code = "not_kept";
  constructor() {
    super("This phone did not keep the photo. Take it again.");
  }
}
