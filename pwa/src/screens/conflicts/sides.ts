/**
 * A conflict as people see it: each side with its words, who said it, when, and on which device.
 *
 * The record holds the side that does not stand; what stands is read from the record it is about. Values come by
 * unit: a field, or several that change together.
 */
import type { Data, Shown } from "../../sync/types";
import { num, text } from "../../ui/data";
import { dayAndTime } from "../../ui/format";
import { capital, word } from "../../ui/words";
import { children, me, must, record, records } from "../live";
import { together } from "../photos/drawing/shapes";

export interface Side {
  value: Data;
  who: string;
  at: number | null;
  device: string;
  stands: boolean;
}

/** Open conflicts about a work order or what hangs on it. */
export function conflictsOf(id: string): Shown[] {
  const found = children(id, "conflict");
  const own = found.length
    ? found
    : records("conflict").filter((one) => one.data.record === id || one.data.root === id);
  return own.filter((one) => one.data.open === true);
}

export const openConflicts = (): Shown[] => records("conflict").filter((one) => one.data.open === true);

function asUnit(field: string, value: unknown): Data {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Data)
    : { [field]: value };
}

function deviceWords(device: unknown): string {
  if (!text(device)) return "";
  return device === must().identity.replica ? "this device" : "another device";
}

function read(field: string, side: Data, stands: boolean): Side {
  const who = text(side.person_name) || text(record("staff", side.person)?.data.name) || "Somebody";
  return {
    value: asUnit(field, side.value),
    who: side.person === me.value.id ? "You" : who,
    at: num(side.time),
    device: deviceWords(side.device),
    stands,
  };
}

/** All sides, what stands now first. */
export function sidesOf(conflict: Shown): Side[] {
  const field = text(conflict.data.field);
  const given = (Array.isArray(conflict.data.sides) ? conflict.data.sides : []) as Data[];
  const others = given.filter((one) => one.stands !== true).map((one) => read(field, one, false));
  const about = record(text(conflict.data.collection), conflict.data.record);
  const names = Object.keys(others[0]?.value ?? { [field]: null });
  const value = Object.fromEntries(names.map((name) => [name, about?.data[name] ?? null]));
  const said = given.find((one) => one.stands === true);
  const standing = said
    ? read(field, said, true)
    : { who: "In the work order", at: num(about?.data.updated_at), device: "", stands: true, value };
  return [{ ...standing, value }, ...others];
}

/** One value as words. */
function words(name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "empty";
  if (name.endsWith("_at") && typeof value === "number") return dayAndTime(value);
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function valueWords(value: Data): string {
  const names = Object.keys(value);
  if (names.length === 1 && names[0]) return words(names[0], value[names[0]]);
  return names.map((name) => `${capital(word(name))}: ${words(name, value[name])}`).join("\n");
}

/** Both texts one under the other, or null where joining makes no sense. */
export function joined(sides: Side[]): Data | null {
  const names = Object.keys(sides[0]?.value ?? {});
  const name = names[0];
  if (names.length !== 1 || !name) return null;
  const values = sides.map((one) => one.value[name]);
  if (name === "drawing") return { [name]: values.reduce(together, null) };
  if (values.every(Array.isArray)) return { [name]: [...new Set(values.flat())] };
  if (!values.every((one) => typeof one === "string")) return null;
  return { [name]: [...new Set(values as string[])].join("\n\n") };
}
