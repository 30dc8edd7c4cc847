/** Pure reading of a work order: who, what, how urgent, how late. Used by lists, search and the screen itself. */
import type { Data, Shown } from "../../sync/types";
import { first, num, text } from "../../ui/data";
import { nearDay } from "../../ui/format";

export const CLOSED = new Set(["closed", "canceled"]);
export const WAITING = new Set(["waiting_approval", "waiting_parts", "on_hold"]);
export const PRIORITIES = ["urgent", "high", "normal", "low"];

export const statusOf = (order: Shown) => text(order.data.status) || "new";
export const isOpen = (order: Shown) => !CLOSED.has(statusOf(order));

/** The number, or null while the shop has not given one. */
export const numberOf = (order: Shown): string | null => text(order.data.number) || null;

export function customerName(customer: Data | undefined): string {
  return first(customer?.name, customer?.company);
}

export function equipmentName(equipment: Data | undefined): string {
  if (!equipment) return "";
  const made = [equipment.make, equipment.model].map(text).filter(Boolean).join(" ");
  return made || text(equipment.kind);
}

export type Due = { ms: number; late: boolean; today: boolean };

export function dueOf(order: Shown, now: number): Due | null {
  const ms = num(order.data.promised_at);
  if (ms === null) return null;
  return {
    ms,
    late: ms < now && isOpen(order) && statusOf(order) !== "ready",
    today: nearDay(ms, now) === 0,
  };
}

/** What should be done first: urgent before high before the rest, then by promise, then the older. */
export function byUrgency(one: Shown, other: Shown): number {
  const rank = (order: Shown) => {
    const found = PRIORITIES.indexOf(text(order.data.priority) || "normal");
    return found < 0 ? 2 : found;
  };
  const due = (order: Shown) => num(order.data.promised_at) ?? Number.MAX_SAFE_INTEGER;
  return rank(one) - rank(other) || due(one) - due(other) || one.id.localeCompare(other.id);
}

/** Newest change first: ids carry the time they were made. */
export const byNewest = (one: Shown, other: Shown) => other.id.localeCompare(one.id);

/** Tasks done and total: counted from the tasks where they are held, else as the server counted. */
export function progress(order: Shown, tasks: Shown[]): { done: number; total: number } {
  if (tasks.length)
    return { done: tasks.filter((one) => one.data.done === true).length, total: tasks.length };
  return { done: num(order.data.tasks_done) ?? 0, total: num(order.data.tasks_total) ?? 0 };
}
