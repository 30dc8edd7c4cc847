/**
 * A phone's storage with crash points: one memory store for all tabs, and for each tab a gate that death shuts.
 *
 * Whoever is dead hears nothing any more: what it asked of the store never comes back, as in a killed browser.
 */

import type { Store, Tx } from "../../../pwa/src/sync/store";
import { MemoryStore } from "../../../pwa/src/sync/store_memory";

/** Where a write kills the phone: `mid` before its transaction commits, `committed` right after. */
export type Crash = "mid" | "committed";

export class Disk {
  store = new MemoryStore();
  private armed: { how: Crash; after: number } | null = null;
  private gates = new Set<Gate>();
  /** The crash that happened since it was last asked for. */
  hit: Crash | null = null;

  /** The write after so many others kills everything that runs on this phone. */
  arm(how: Crash, after: number): void {
    this.armed = { how, after };
  }

  disarm(): void {
    this.armed = null;
  }

  gate(): Gate {
    const gate = new Gate(this);
    this.gates.add(gate);
    return gate;
  }

  /** Ends every tab; the store stays as its last transaction left it. */
  kill(): void {
    for (const gate of this.gates) gate.dead = true;
    this.gates.clear();
    this.armed = null;
  }

  /** Counts a write that begins; says how it is to end. */
  begins(): Crash | null {
    if (this.armed === null) return null;
    this.armed.after -= 1;
    return this.armed.after < 0 ? this.armed.how : null;
  }

  dies(how: Crash): void {
    this.hit = how;
    this.kill();
  }
}

const never = <T>() => new Promise<T>(() => undefined);

class Killed extends Error {}

export class Gate implements Store {
  dead = false;

  constructor(private readonly disk: Disk) {}

  async read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.dead) return never();
    return this.alive(this.disk.store.read(work));
  }

  async write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.dead) return never();
    const run = this.disk.store.write(async (tx) => {
      if (this.dead) throw new Killed();
      const result = await work(tx);
      const crash = this.disk.begins();
      if (crash === "mid") {
        this.disk.dies("mid");
        throw new Killed();
      }
      return { result, crash };
    });
    const { result, crash } = await this.alive(run);
    if (crash === "committed") {
      this.disk.dies("committed");
      return never();
    }
    return result;
  }

  close(): void {}

  async destroy(): Promise<void> {
    if (!this.dead) await this.disk.store.destroy();
  }

  private async alive<T>(run: Promise<T>): Promise<T> {
    try {
      const value = await run;
      return this.dead ? await never() : value;
    } catch (error) {
      if (this.dead) return never();
      throw error;
    }
  }
}
