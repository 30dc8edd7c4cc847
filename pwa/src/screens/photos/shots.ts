/**
 * Pictures between the shutter and this phone's storage. Keeping runs behind, so that the next shot need not wait.
 *
 * A picture stays here, and in sight, until it is kept or the person threw it away: one that could not be kept is
 * tried again or saved elsewhere, never dropped.
 */
import { signal } from "@preact/signals";
import { type About, type Position, type Taken, Unreadable } from "../../media/types";
import { newId } from "../../sync/types";
import { toast } from "../../ui/toast";
import { agreed } from "./camera/position";
import { media } from "./media";

export interface Shot {
  key: string;
  /** To look at it while it is not in the record yet. */
  url: string;
  taken: Taken;
  about: About;
  is: "keeping" | "kept" | "failed";
  /** Of the photo, once it is kept. */
  id: string | null;
  reason: string;
  /** Trying again would be in vain: it is no picture. */
  hopeless: boolean;
}

export const shots = signal<Shot[]>([]);
/** False when the phone's storage is nearly full: known before the next shot, not after it. */
export const hasRoom = signal(true);

export const NO_ROOM =
  "This phone has no room for more photos. Free some space, or let those that wait be sent first. Your other work is still saved.";

const NOT_SAVED = "The phone did not take it. Nothing is lost yet: try again, or save it to the phone.";

export async function lookForRoom(): Promise<void> {
  hasRoom.value = (await media.value?.hasRoom().catch(() => true)) ?? true;
}

export const unkept = (order?: string): Shot[] =>
  shots.value.filter((one) => one.is !== "kept" && (!order || one.about.work_order === order));

/** Takes a picture in; it is on its way into the storage when this returns. */
export function takeIn(
  blob: Blob,
  about: About,
  at: number,
  where: Position | "its own" | null = null,
): Shot {
  const place = where === "its own" ? { position: null, ownPosition: true } : { position: where };
  const shot: Shot = {
    key: newId(),
    url: URL.createObjectURL(blob),
    taken: { blob, takenAt: at, ...place },
    about,
    is: "keeping",
    id: null,
    reason: "",
    hopeless: false,
  };
  shots.value = [...shots.value, shot];
  void keep(shot);
  return shot;
}

function change(key: string, to: Partial<Shot>): void {
  shots.value = shots.value.map((one) => (one.key === key ? { ...one, ...to } : one));
}

/** One after the other: two pictures shrunk at once take a small phone's memory. */
let last: Promise<unknown> = Promise.resolve();

function keep(shot: Shot): Promise<void> {
  const run = last.then(() => keepNow(shot));
  last = run;
  return run;
}

async function keepNow(shot: Shot): Promise<void> {
  try {
    if (!media.value) throw new Error("No photos can be kept before somebody has signed in.");
    change(shot.key, { is: "kept", id: await media.value.keep(shot.taken, shot.about) });
  } catch (cause) {
    change(shot.key, { is: "failed", reason: words(cause), hopeless: cause instanceof Unreadable });
  }
  await lookForRoom();
}

/** The media room's own errors are sentences for people; the browser's are not. */
function words(cause: unknown): string {
  const known = cause instanceof Error && "code" in cause && typeof cause.code === "string";
  if (known) return cause.message;
  return cause instanceof Error && cause.name === "QuotaExceededError" ? NO_ROOM : NOT_SAVED;
}

export function tryAgain(shot: Shot): void {
  change(shot.key, { is: "keeping", reason: "" });
  void keep({ ...shot, is: "keeping" });
}

/** Forgets the picture here. What was kept stays kept. */
export function letGo(shot: Shot): void {
  URL.revokeObjectURL(shot.url);
  shots.value = shots.value.filter((one) => one.key !== shot.key);
}

export const letGoOfKept = (): void => {
  for (const shot of shots.value) if (shot.is === "kept") letGo(shot);
};

/** Gives the picture to the phone's own files: what is left when it cannot be kept here. */
export function saveToPhone(blob: Blob, at: number): void {
  const end = blob.type === "application/pdf" ? "pdf" : (/image\/(\w+)/.exec(blob.type)?.[1] ?? "jpg");
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = `photo-${new Date(at).toISOString().slice(0, 19).replace(/[:T]/g, "-")}.${end}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Picked, pasted, dropped or shared files. Their bytes are copied at once: the browser's hold on a file goes stale. */
export async function bring(files: Iterable<File>, about: About): Promise<number> {
  const wanted = [...files].filter((one) => /^image\/|^application\/pdf$/.test(one.type) || !one.type);
  for (const file of wanted) {
    try {
      const blob = new Blob([await file.arrayBuffer()], { type: file.type });
      const at = Math.min(file.lastModified || Date.now(), Date.now());
      takeIn(blob, about, at, agreed.value === "yes" ? "its own" : null);
    } catch {
      toast(`${file.name || "A picture"} could not be read. Choose it once more.`, { bad: true });
    }
  }
  return wanted.length;
}
