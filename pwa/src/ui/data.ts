/** Reading loosely typed record fields: each gives a plain value whatever is there, so that no screen breaks on a missing field. */

export type Fields = Record<string, unknown>;

export const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
export const num = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
export const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
export const flag = (value: unknown): boolean => value === true;

/** The first non-empty of several texts. */
export const first = (...values: unknown[]): string => values.map(text).find((one) => one.trim()) ?? "";

/** What a text input gives back to a record: empty means none. */
export const orNull = (value: string): string | null => (value.trim() ? value.trim() : null);

/** Initials of a name, at most two. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/);
  const last = parts.length > 1 ? (parts.at(-1) ?? "") : "";
  return ((parts[0]?.[0] ?? "") + (last[0] ?? "")).toUpperCase();
}
