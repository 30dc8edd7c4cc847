/**
 * The replica as signals: a screen that reads here is drawn again when what it read has changed.
 *
 * One signal per record and one for everything, since a list depends on all of its collection. Changes that come
 * close together are told once.
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Data, Overall, Parked, Replica, Shown, SyncState } from "../sync/types";

export const replica = signal<Replica | null>(null);

const everything = signal(0);
const single = new Map<string, Signal<number>>();
let waiting = new Set<string>();
let release: (() => void) | null = null;

/** Makes `next` the replica that all screens show, or none after sign-out. */
export function attach(next: Replica | null): void {
  release?.();
  release = next?.subscribe(hear) ?? null;
  replica.value = next;
  everything.value += 1;
}

function hear(changed: ReadonlySet<string>): void {
  if (waiting.size === 0) queueMicrotask(tell);
  for (const id of changed) waiting.add(id);
}

function tell(): void {
  const ids = waiting;
  waiting = new Set();
  everything.value += 1;
  if (ids.has("*")) for (const one of single.values()) one.value += 1;
  else for (const id of ids) bump(id);
}

function bump(id: string): void {
  const one = single.get(id);
  if (one) one.value += 1;
}

function watch(id: string): void {
  let one = single.get(id);
  if (!one) {
    one = signal(0);
    single.set(id, one);
  }
  one.value;
}

/** The replica; screens behind sign-in are drawn only while there is one. */
export function must(): Replica {
  const held = replica.value;
  if (!held) throw new Error("No replica is open.");
  return held;
}

export function record(collection: string, id: unknown): Shown | undefined {
  if (typeof id !== "string" || !id) return undefined;
  watch(id);
  return must().get(collection, id);
}

export function records(collection: string): Shown[] {
  everything.value;
  return must().all(collection);
}

export function children(parent: string, collection: string): Shown[] {
  everything.value;
  return must().children(parent, collection);
}

export function stateOf(id: string): SyncState {
  everything.value;
  return must().state(id);
}

export const overall: ReadonlySignal<Overall | null> = computed(() => {
  everything.value;
  return replica.value?.overall() ?? null;
});

/** Whether the shop could be asked for something just now. */
export const canReach = computed(() => overall.value?.online !== false && !overall.value?.trouble);

export const parked: ReadonlySignal<Parked[]> = computed(() => {
  everything.value;
  return replica.value?.parked() ?? [];
});

export const shop: ReadonlySignal<Data> = computed(() => {
  everything.value;
  return replica.value?.all("shop")[0]?.data ?? {};
});

export const me = computed(
  () => replica.value?.identity.principal ?? { kind: "staff" as const, id: "", role: "", name: "" },
);
