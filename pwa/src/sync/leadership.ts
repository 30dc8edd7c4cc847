/**
 * Which tab syncs. The browser's lock says so; a lease breaks the hold of a tab that is frozen.
 *
 * Nothing is wrong when two tabs lead for a moment: every answer is checked against the store before it counts. One
 * leader only saves the network. A tab that wants something synced asks the leader; when nobody answers within the
 * lease, the leader sleeps, and the asking tab takes the lock from it.
 */

import type { Channel, Clock, Locks } from "./world";

export const LEASE_MS = 3000;

type Said = { say: "lead?"; now: boolean } | { say: "lead!" };

export class Leadership {
  leads = false;
  private release: (() => void) | null = null;
  private endLease: (() => void) | null = null;
  private closed = false;
  private readonly stopListening: () => void;

  constructor(
    private readonly name: string,
    private readonly world: { locks: Locks; clock: Clock; channel: Channel },
    private readonly changed: (leads: boolean) => void,
    /** Another tab asks the leader to sync, soon or now. */
    private readonly asked: (now: boolean) => void,
  ) {
    this.stopListening = world.channel.listen((message) => this.hear(message as Partial<Said>));
    this.hold(false);
  }

  /** Asks the leader to sync; takes its place when it does not answer. */
  ask(now: boolean): void {
    if (this.leads || this.closed) return;
    this.world.channel.post({ say: "lead?", now });
    this.endLease ??= this.world.clock.after(LEASE_MS, () => {
      this.endLease = null;
      if (!this.leads && !this.closed) this.hold(true);
    });
  }

  close(): void {
    this.closed = true;
    this.stopListening();
    this.endLease?.();
    this.release?.();
  }

  private hear(message: Partial<Said>): void {
    if (message.say === "lead!") {
      this.endLease?.();
      this.endLease = null;
    }
    if (message.say !== "lead?" || !this.leads) return;
    this.world.channel.post({ say: "lead!" });
    this.asked(message.now ?? false);
  }

  private hold(steal: boolean): void {
    const held = this.world.locks.hold(this.name, steal, () => this.lead());
    held.catch(() => undefined).then(() => this.lost());
  }

  private lead(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.leads = true;
    this.changed(true);
    return new Promise((release) => {
      this.release = release;
    });
  }

  /** The lock went to another tab, which thought this one asleep: it queues for it anew. */
  private lost(): void {
    if (this.closed) return;
    const led = this.leads;
    this.leads = false;
    this.release = null;
    if (led) this.changed(false);
    this.hold(false);
  }
}
