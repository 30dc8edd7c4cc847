/** The history of a field in plain words: who did what, when, from where, and what became of it. Pure. */
import { COLLECTIONS, type CollectionName } from "../../collections.gen";
import type { Data } from "../../sync/types";
import { list } from "../../ui/data";
import { bytes, clock, DAY_MS, day, dayAndTime, longDay, money, nearDay } from "../../ui/format";
import { capital, inner, word } from "../../ui/words";
import { drawingWords } from "../photos/drawing/shapes";

export type Became = "stands" | "replaced" | "overtaken" | "merged" | "side" | "settled" | "refused";

interface Author {
  person: string | null;
  name: string;
  device: string;
}

/** One entry as the server tells it (C22). */
export interface Entry extends Author {
  seq: number;
  changeset: string;
  op: "create" | "patch" | "delete";
  unit: string;
  values: Data;
  was?: Data;
  edited_at: number;
  received_at: number;
  offline: boolean;
  became: Became;
  through?: Author & { seq: number };
  code?: string;
  message?: string;
}

/** How a reference is called; the screen looks it up in what it holds. */
export type NameOf = (collection: string, id: string) => string;

export interface Day {
  title: string;
  entries: Entry[];
}

/** Entries by the day on which they were written, in the order in which they come. */
export function byDay(entries: Entry[], now: number): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const near = nearDay(entry.edited_at, now);
    const old = now - entry.edited_at > 300 * DAY_MS ? ` ${new Date(entry.edited_at).getUTCFullYear()}` : "";
    const title = near === 0 ? "Today" : near === -1 ? "Yesterday" : longDay(entry.edited_at) + old;
    const last = days.at(-1);
    if (last?.title === title) last.entries.push(entry);
    else days.push({ title, entries: [entry] });
  }
  return days;
}

/** Whether both are of one creation, so that a record made with six fields does not say six times who made it. */
export function goesWith(entry: Entry, above: Entry | undefined): boolean {
  return entry.op === "create" && above?.op === "create" && entry.changeset === above.changeset;
}

/** "Tech One changed diagnosis", "You made this", "The shop's server set status". */
export function headline(entry: Entry, me: string): string {
  const who = whoOf(entry, me);
  if (entry.op === "delete") return `${who} deleted this`;
  if (entry.op === "create")
    return isEmpty(entry) ? `${who} made this` : `${who} made this with ${inner(entry.unit)}`;
  if (isEmpty(entry)) return `${who} emptied ${inner(entry.unit)}`;
  return `${who} ${entry.person ? "changed" : "set"} ${inner(entry.unit)}`;
}

export function whoOf(author: Author, me: string): string {
  if (!author.person) return "The shop's server";
  return author.person === me ? "You" : author.name || "Somebody";
}

const isEmpty = (entry: Entry) =>
  Object.values(entry.values).every((value) => value === null || value === undefined || value === "");

/** "14:02 · Bench phone · written off line, reached the shop 16:40". */
export function whereWords(entry: Entry): string {
  const reached =
    day(entry.edited_at) === day(entry.received_at)
      ? clock(entry.received_at)
      : dayAndTime(entry.received_at);
  return [
    clock(entry.edited_at),
    entry.device,
    entry.offline && `written off line, reached the shop ${reached}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What became of it, in a few words; and in which tone they are said. */
export function becameWords(
  entry: Entry,
  me: string,
): { text: string; tone: "green" | "grey" | "amber" | "red" } {
  const by = entry.through && whoOf(entry.through, me);
  const through = by === "You" ? "you" : by;
  if (entry.became === "stands")
    return { text: entry.op === "delete" ? "deleted" : "stands now", tone: "green" };
  if (entry.became === "refused") return { text: "not taken", tone: "red" };
  if (entry.became === "side") return { text: "waits for a choice", tone: "amber" };
  if (entry.became === "merged") return { text: "put together with others", tone: "grey" };
  if (entry.became === "settled")
    return { text: through ? `settled by ${through}` : "settled", tone: "grey" };
  if (entry.became === "overtaken")
    return { text: through ? `gave way to ${through}` : "gave way to a later change", tone: "amber" };
  return { text: through ? `replaced by ${through}` : "replaced", tone: "grey" };
}

/** One value as people read it. */
export function toWords(collection: string, field: string, value: unknown, nameOf: NameOf): string {
  if (value === null || value === undefined || value === "") return "";
  const spec = COLLECTIONS[collection as CollectionName]?.fields[field];
  if (spec?.policy === "elements") return elementsWords(value);
  if (spec?.type === "ref" && typeof value === "string")
    return nameOf(spec.ref ?? "", value) || "something not held here";
  if (spec?.type === "choice") return word(`${field}.${value}`);
  if (spec?.type === "instant" && typeof value === "number") return dayAndTime(value);
  if (field.endsWith("_cents") && typeof value === "number") return money(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (field === "drawing") return drawingWords(value);
  if (field === "preview") return "a small picture";
  if (field === "sha256") return `${String(value).slice(0, 12)}…`;
  if (field === "bytes" && typeof value === "number") return bytes(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function elementsWords(value: unknown): string {
  if (Array.isArray(value)) return list(value).join(", ");
  const { add, remove } = value as { add?: unknown; remove?: unknown };
  const told = [
    list(add).length && `added ${list(add).join(", ")}`,
    list(remove).length && `removed ${list(remove).join(", ")}`,
  ];
  return capital(told.filter(Boolean).join("; "));
}

/** The fields of an entry that are worth telling: the one asked for, and of its group what is not only its time. */
export function fieldsOf(entry: Entry): string[] {
  const names = Object.keys(entry.values);
  const kept = names.filter((name) => names.length === 1 || (!/_at$/.test(name) && !isNothing(entry, name)));
  return kept.length ? kept : names.slice(0, 1);
}

const isNothing = (entry: Entry, name: string) => !entry.values[name] && !entry.was?.[name];

/** What may be taken back by writing an older value anew: not a step, not what only the server writes, not elements. */
const RESTORABLE = new Set(["latest", "keep_both", "text", "greatest"]);

/** The values of an older entry as a new edit, or null where that is none or would change nothing. */
export function takenBack(collection: string, entry: Entry, now: Data | undefined): Data | null {
  const fields = COLLECTIONS[collection as CollectionName]?.fields ?? {};
  const names = Object.keys(entry.values);
  if (!now || entry.op === "delete" || names.length === 0) return null;
  if (!names.every((name) => RESTORABLE.has(fields[name]?.policy ?? ""))) return null;
  const whole = Object.keys(fields).filter((name) => (fields[name]?.group ?? name) === entry.unit);
  const values = Object.fromEntries(whole.map((name) => [name, entry.values[name] ?? null]));
  const differs = whole.some((name) => JSON.stringify(values[name]) !== JSON.stringify(now[name] ?? null));
  return differs ? values : null;
}
