/** The running timer: one per person. Starting another ends the first in the same changeset. */
import { computed, signal } from "@preact/signals";
import type { Draft, Shown } from "../../sync/types";
import { newId } from "../../sync/types";
import { num, text } from "../../ui/data";
import { act } from "../act";
import { me, records, replica } from "../live";

/** The time by this phone, told once a second while somebody looks at a running time. */
export const now = signal(Date.now());
setInterval(() => {
  if (document.visibilityState === "visible") now.value = Date.now();
}, 1000);

const mine = (kind: string) =>
  replica.value
    ? records("time_entry").filter(
        (one) => one.data.staff === me.value.id && one.data.kind === kind && num(one.data.ended_at) === null,
      )
    : [];

const latest = (entries: Shown[]) =>
  entries.sort((a, b) => (num(b.data.started_at) ?? 0) - (num(a.data.started_at) ?? 0))[0] ?? null;

export const runningWork = computed<Shown | null>(() => latest(mine("work")));
export const runningShift = computed<Shown | null>(() => latest(mine("shift")));

/** Ends `entry`: the whole interval is written, since its fields change together. */
export function ending(entry: Shown, at: number): Draft {
  const set = {
    started_at: entry.data.started_at ?? at,
    ended_at: at,
    correction_reason: entry.data.correction_reason ?? null,
  };
  return { op: "patch", collection: "time_entry", id: entry.id, set };
}

function starting(kind: "work" | "shift", at: number, order?: string, task?: string): Draft {
  const set: Record<string, unknown> = {
    staff: me.value.id,
    kind,
    started_at: at,
    ended_at: null,
    correction_reason: null,
  };
  if (order) set.work_order = order;
  if (task) set.task = task;
  return { op: "create", collection: "time_entry", id: newId(), set };
}

export async function startTimer(order: string, task?: string): Promise<void> {
  const at = Date.now();
  const ends = mine("work").map((one) => ending(one, at));
  await act([...ends, starting("work", at, order, task)], ends.length ? "Timer moved here" : "Timer started");
}

export async function stopTimer(): Promise<void> {
  const at = Date.now();
  const ends = mine("work").map((one) => ending(one, at));
  if (ends.length) await act(ends, "Timer stopped");
}

export async function clockIn(): Promise<void> {
  await act([starting("shift", Date.now())], "Clocked in");
}

/** Clocking out ends the shift and whatever timer still runs. */
export async function clockOut(): Promise<void> {
  const at = Date.now();
  await act(
    [...mine("work"), ...mine("shift")].map((one) => ending(one, at)),
    "Clocked out",
  );
}

export function elapsed(entry: Shown, at: number): number {
  return (num(entry.data.ended_at) ?? at) - (num(entry.data.started_at) ?? at);
}

export const orderOf = (entry: Shown): string => text(entry.data.work_order);
