/** What moving parts writes. Whoever uses a part takes it from the shelf and puts it on the work order in one changeset. */
import type { Data, Draft, Shown } from "../../sync/types";
import { newId } from "../../sync/types";
import { num, text } from "../../ui/data";
import { create, patch } from "../act";
import { me, must, records } from "../live";
import { may } from "../rights";
import { newLine } from "../work/linedrafts";
import { takenFor } from "./stock";

export type MovementKind = "issue" | "return" | "receive" | "count" | "adjust";

/** As the server judges it (server/parts/rules.py): who is not named here moves parts in every way. */
const KINDS_OF: Record<string, MovementKind[]> = {
  service_writer: ["issue", "return"],
  tech: ["issue", "return", "count"],
};

export function mayMove(kind: MovementKind): boolean {
  const kinds = KINDS_OF[me.value.role];
  return may("c", "part_movement") && (!kinds || kinds.includes(kind));
}

export function movement(kind: MovementKind, part: string, milli: number, more: Data = {}): Draft {
  return create("part_movement", newId(), {
    part,
    kind,
    quantity_milli: milli,
    at: Date.now(),
    ...more,
  });
}

/** A part used on a work order: its line, and the movement that takes it from the shelf. */
export function issue(order: Shown, part: Shown, milli: number, last: Shown | undefined): Draft[] {
  const typed = { kind: "part", part: part.id, description: "", minutes: "", price: "" };
  return newLine(order, { ...typed, quantity: String(milli / 1000) }, last);
}

/** The way back once the shop has them: the same movement the other way round, and the line goes or says zero. */
export function undoIssue(drafts: readonly Draft[]): Draft[] | null {
  const made = (collection: string) =>
    drafts.find((one) => one.collection === collection && one.op === "create");
  const [line, moved] = [made("line_item"), made("part_movement")];
  const shown = line && must().get("line_item", line.id);
  if (line?.op !== "create" || moved?.op !== "create" || !shown) return null;
  if (num(shown.data.quantity_milli) !== num(line.set.quantity_milli)) return null;
  const { part, quantity_milli, work_order } = moved.set;
  const more = { work_order, line_item: line.id, undoes: moved.id };
  return [movement("issue", text(part), -(num(quantity_milli) ?? 0), more), without(shown)];
}

const without = (line: Shown): Draft =>
  may("d", "line_item", line)
    ? { op: "delete", collection: "line_item", id: line.id, form: must().form(line.id) }
    : patch("line_item", line.id, { quantity_milli: 0 });

/** What a line's new quantity moves: more is taken from the shelf, fewer go back. Nothing for what was never taken from it. */
export function moveBy(line: Shown, milli: number): Draft[] {
  const taken = takenFor(line, records("part_movement"));
  const more = milli - (num(line.data.quantity_milli) ?? 0);
  if (taken <= 0 || more === 0) return [];
  return [more > 0 ? moveFor(line, "issue", -more) : moveFor(line, "return", Math.min(-more, taken))];
}

/** All that a line took goes back: one that goes itself may leave nothing taken. */
export function putBack(line: Shown): Draft[] {
  const taken = takenFor(line, records("part_movement"));
  return taken > 0 ? [moveFor(line, "return", taken)] : [];
}

const moveFor = (line: Shown, kind: "issue" | "return", milli: number): Draft =>
  movement(kind, text(line.data.part), milli, { work_order: line.data.work_order, line_item: line.id });
