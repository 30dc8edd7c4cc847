/** The words of sync for one record and for everything (T10), from what memory knows. */

import { type Waiting, waits } from "./changeset";
import { checkOf } from "./meta";
import type { Mirror } from "./mirror";
import type { Overall, Shown, SyncState, Trouble } from "./types";

/** What the syncing tab says of itself, also to the other tabs. */
export interface Status {
  trouble: Trouble | null;
  running: boolean;
  /** Ids of records that are on their way just now. */
  sending: string[];
  /** 0..1 while this phone is compared with the shop. */
  checking: number | null;
  locked: boolean;
}

export const RESTING: Status = { trouble: null, running: false, sending: [], checking: null, locked: false };

export class Progress {
  status: Status = RESTING;
  /** This tab could not save for lack of room. */
  full = false;
  storage: Overall["storage"] = null;
  wiped: Overall["wiped"] = null;
  private most = 0;
  private conflictList: Shown[] = [];
  private conflicts = new Map<string, Shown>();

  constructor(private readonly mirror: Mirror) {}

  state(id: string): SyncState {
    const parked = this.unsettled().find((entry) => entry.ops.some((op) => op.id === id));
    if (parked) return { is: "needs_you", reason: parked.message, code: parked.code };
    const conflict = this.openConflicts().get(id);
    if (conflict)
      return { is: "needs_you", reason: "Two people changed this. Choose what stands.", code: "conflict" };
    if (!this.mirror.layersOf(id).some(({ by }) => waits(by))) return this.settled(id);
    return this.status.sending.includes(id) ? { is: "sending", progress: this.progress() } : { is: "phone" };
  }

  overall(online: boolean): Overall {
    const { meta } = this.mirror;
    const trouble = this.full ? "storage_full" : this.status.trouble;
    return {
      waiting: this.waiting().length,
      needsYou: this.unsettled().length + this.openConflicts().size,
      kept: this.mirror.kept + this.mirror.outbox.filter((entry) => !waits(entry)).length,
      sending: this.status.running && this.status.sending.length > 0,
      online: online && trouble !== "offline" && trouble !== "portal",
      lastContact: meta.lastContact,
      trouble: trouble ?? (online ? null : "offline"),
      bootstrapping: this.bootstrapping(),
      storage: this.storage,
      locked: this.status.locked,
      wiped: this.wiped,
      checking: this.status.checking,
      checked: checkOf(meta).last,
    };
  }

  /** What was refused and nobody has dealt with: a recovery bears the id of the changeset that it settles (C25). */
  private unsettled() {
    return this.mirror.parked.filter((entry) => !this.mirror.view.get("recovery", entry.id));
  }

  private settled(id: string): SyncState {
    return { is: "shop", at: this.mirror.answered[id] ?? null };
  }

  private waiting(): Waiting[] {
    return this.mirror.outbox.filter(waits);
  }

  /** How much of what waited when sending began is through; what is on its way counts half. */
  private progress(): number {
    const waiting = this.waiting().length;
    this.most = waiting === 0 ? 0 : Math.max(this.most, waiting);
    return this.most === 0 ? 1 : (this.most - waiting + 0.5) / this.most;
  }

  /** Of the first download nobody knows the length beforehand, unless the server tells; it nears 1. */
  private bootstrapping(): number | null {
    const { staged, cursor } = this.mirror.meta;
    if (cursor !== null && !staged?.reset) return null;
    if (staged === null) return 0;
    const all = staged.left === undefined ? staged.records + 3000 : staged.records + staged.left;
    return Math.min(0.99, staged.records / Math.max(1, all));
  }

  /** Record → its open conflict; computed again only when the list of conflicts is another one. */
  private openConflicts(): Map<string, Shown> {
    const list = this.mirror.view.all("conflict");
    if (list !== this.conflictList) {
      this.conflictList = list;
      const open = list.filter((conflict) => conflict.data.open === true);
      this.conflicts = new Map(open.map((conflict) => [String(conflict.data.record), conflict]));
    }
    return this.conflicts;
  }
}
