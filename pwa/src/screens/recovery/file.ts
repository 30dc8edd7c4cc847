/** A refused change as a file: readable for people, and whole enough for a manager to take it over from. Pure. */
import type { Op, Parked } from "../../sync/types";

export const KIND = "workbay refused change";

/** What such a file holds; the first lines are for people. */
export interface ChangeFile {
  kind: typeof KIND;
  author: { id: string; name: string };
  made: string;
  why: string;
  what: string[];
  change: { id: string; at: number; code: string; message: string; ops: Op[] };
}

type Told = Pick<ChangeFile, "made" | "why" | "what">;

export function toFile(one: Parked, author: ChangeFile["author"], told: Told): string {
  const { id, at, code, message, ops } = one;
  const file: ChangeFile = { kind: KIND, author, ...told, change: { id, at, code, message, ops } };
  return JSON.stringify(file, null, 2);
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NAME = /^[a-z][a-z0-9_]*$/;

function isOp(op: unknown): op is Op {
  if (!op || typeof op !== "object") return false;
  const said = op as Record<string, unknown>;
  const named = NAME.test(String(said.collection)) && ID.test(String(said.id));
  if (said.op === "delete") return named;
  const sets = typeof said.set === "object" && said.set !== null;
  return named && sets && (said.op === "create" || said.op === "patch");
}

/** The change in a file, or null when it is something else. */
export function fromFile(text: string): ChangeFile | null {
  try {
    const file = JSON.parse(text) as ChangeFile;
    const { author, change } = file;
    const named = file.kind === KIND && ID.test(author.id) && ID.test(change.id);
    const whole = Number.isFinite(change.at) && change.ops.length > 0 && change.ops.every(isOp);
    return named && whole ? file : null;
  } catch {
    return null;
  }
}
