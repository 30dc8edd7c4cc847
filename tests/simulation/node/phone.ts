/**
 * One phone: its disk, its clock, one or two tabs with the app's own replica core, and the requests that are out.
 *
 * What a tab fetches waits here until the simulation says what comes of it.
 */

import { COLLECTIONS, SCHEMA } from "../../../pwa/src/collections.gen";
import { openCore } from "../../../pwa/src/sync/replica";
import type { Collections } from "../../../pwa/src/sync/schema";
import type { Identity, Replica } from "../../../pwa/src/sync/types";
import type { NetAnswer } from "../../../pwa/src/sync/world";
import { Outside } from "../../pwa/outside";
import { Disk, type Gate } from "./storage";

interface Flight {
  id: number;
  tab: number;
  path: string;
  method: string;
  body: string;
  land: (answer: NetAnswer) => void;
  fail: () => void;
}

interface Tab {
  replica: Replica;
  gate: Gate;
  channel: { asleep: boolean };
  streams: { lost(): void; poke(): void }[];
}

export class Phone {
  readonly disk = new Disk();
  outside: Outside;
  tabs: Tab[] = [];
  flights: Flight[] = [];
  identity: Identity;
  wiped = false;
  private starts = 0;

  constructor(
    readonly name: string,
    private readonly seed: number,
    identity: Identity,
    private readonly nextFlight: () => number,
  ) {
    this.identity = identity;
    this.outside = new Outside(seed);
  }

  /** Starts a tab; it begins to sync by itself as the app does. */
  async open(time: number, skew: number): Promise<void> {
    if (this.tabs.length === 0) this.restarted(time, skew);
    const gate = this.disk.gate();
    const number = this.tabs.length;
    const outside = this.outside.world(gate, (path, request) => this.fetch(number, gate, path, request));
    // No screen waits for its turn here, and a command is to be through when it says so.
    const world = { ...outside, pause: () => Promise.resolve() };
    const replica = await openCore({
      world,
      identity: this.identity,
      collections: COLLECTIONS as unknown as Collections,
      schema: SCHEMA,
      renamed: (identity) => {
        this.identity = identity;
      },
      revoked: () => {
        this.wiped = true;
      },
    });
    this.tabs.push({ replica, gate, channel: world.channel, streams: [] });
    this.identity = replica.identity;
  }

  /** Every tab ends at once, and what is out is never heard of. */
  kill(): void {
    this.disk.kill();
    this.tabs = [];
    this.flights = [];
  }

  /** A process that starts has a clock without timers, locks that nobody holds, and other randomness. */
  private restarted(time: number, skew: number): void {
    this.starts += 1;
    this.outside = new Outside(this.seed * 1000 + this.starts);
    this.outside.clock.time = time;
    this.outside.clock.skew = skew;
  }

  private fetch(
    tab: number,
    gate: Gate,
    path: string,
    request: { method: string; body?: string },
  ): Promise<NetAnswer> {
    return new Promise((land, reject) => {
      if (gate.dead) return;
      const { method, body = "" } = request;
      const fail = () => reject(new Error("no network"));
      this.flights.push({ id: this.nextFlight(), tab, path, method, body, land, fail });
    });
  }

  take(id: number): Flight | undefined {
    const flight = this.flights.find((one) => one.id === id);
    this.flights = this.flights.filter((one) => one.id !== id);
    return flight;
  }
}
