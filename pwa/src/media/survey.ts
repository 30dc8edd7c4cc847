/**
 * The files of this phone beside what is known of their records: what is to be done with each, and what it all comes to.
 *
 * The queue asks it what to send, the screens what to say.
 */

import type { FileEntry } from "../sync/files";
import type { Replica } from "../sync/types";
import type { Shelf } from "./shelf";
import { type Known, needsPerson, type Plan, planOf, stateOf, waits } from "./states";
import type { FileState, FilesOverall, Pause } from "./types";

/** What the tab that sends says of itself, also to the other tabs. */
export interface Status {
  sending: { id: string; progress: number } | null;
  why: Pause | null;
  /** 0..1 of all that waited since nothing waited last. */
  progress: number;
}

export const RESTING: Status = { sending: null, why: null, progress: 1 };

export class Survey {
  /** Files that may go once the shop has made something of them. */
  mayGo: ReadonlySet<string> = new Set();

  constructor(
    private readonly shelf: Shelf,
    private readonly replica: Replica,
    private readonly now: () => number,
  ) {}

  known(id: string): Known {
    const shown = this.replica.get("photo", id);
    const parked = this.replica
      .parked()
      .some(({ ops }) => ops.some((op) => op.op === "create" && op.id === id));
    const { media, media_reason } = shown?.data ?? {};
    return {
      media: typeof media === "string" ? media : shown && !shown.fresh ? "waiting" : null,
      reason: typeof media_reason === "string" ? media_reason : "",
      fresh: shown?.fresh ?? false,
      parked,
    };
  }

  plan(entry: FileEntry, known = this.known(entry.id)): Plan {
    return planOf(entry, known, this.now(), this.mayGo.has(entry.id));
  }

  planned(plan: Plan): FileEntry[] {
    return [...this.shelf.entries.values()].filter((entry) => this.plan(entry) === plan);
  }

  waiting(): FileEntry[] {
    return this.looked()
      .filter(({ entry, plan, known }) => waits(plan, entry, known))
      .map(({ entry }) => entry);
  }

  state(id: string, { sending, why }: Status): FileState | null {
    const entry = this.shelf.entries.get(id);
    if (!entry) return null;
    const known = this.known(id);
    return stateOf(entry, known, this.plan(entry, known), sending?.id === id ? sending.progress : null, why);
  }

  overall(status: Status): FilesOverall {
    const waiting = this.waiting();
    const all = this.looked();
    return {
      waiting: waiting.length,
      bytesLeft: bytesLeft(waiting, status),
      // What was kept just now is not counted in it yet.
      progress: waiting.length > 0 && status.progress === 1 ? 0 : status.progress,
      sending: status.sending?.id ?? null,
      why: waiting.length > 0 ? status.why : null,
      needsYou: all.filter(({ entry, known }) => needsPerson(entry, known) !== null).length,
      kept: all.filter(({ entry, plan }) => entry.receipt !== null && plan !== "send").length,
    };
  }

  private looked(): { entry: FileEntry; known: Known; plan: Plan }[] {
    return [...this.shelf.entries.values()].map((entry) => {
      const known = this.known(entry.id);
      return { entry, known, plan: this.plan(entry, known) };
    });
  }
}

export function bytesLeft(waiting: FileEntry[], { sending }: Pick<Status, "sending">): number {
  const share = (id: string) => (sending?.id === id ? sending.progress : 0);
  return waiting.reduce((sum, { id, bytes }) => sum + bytes * (1 - share(id)), 0);
}
