/** Saying what became of a refused change: a small record that bears the id of what it settles (C25). */
import type { Draft, Parked, Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { act, create } from "../act";
import { me, must, record } from "../live";

export type How = "taken_over" | "dismissed" | "sent_again" | "discarded";

export const looksAfterTeam = (): boolean => me.value.role === "admin" || me.value.role === "manager";

/** The record that settles the change `key` of `staff`; goes in one changeset with what is done about it. */
export function settled(key: string, staff: string, how: How, reason: string | null = null): Draft {
  return create("recovery", key, { staff, how, ...(reason ? { reason } : {}) });
}

/** Lets the office know that the author has dealt with it; what is settled already stays as it is. */
export async function tellOffice(one: Parked, how: How): Promise<void> {
  if (!must().get("recovery", one.id)) await act([settled(one.id, me.value.id, how)]);
}

/** What the office did with a change that waits here, if it did something. */
export function settledBy(one: Parked): Shown | undefined {
  const found = record("recovery", one.id);
  return found && !found.fresh && found.data.created_by !== me.value.id ? found : undefined;
}

export const nameOfStaff = (id: unknown): string => text(record("staff", id)?.data.name) || "Somebody";
