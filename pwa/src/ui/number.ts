/** Numbers as people type them, and as records hold them: whole, in thousandths or hundredths. */
import { num } from "./data";

/** "1,5" and "1.5" both mean one and a half; null when it is no number. `times`: how many of what is stored make one. */
export function decimal(value: string, times: number): number | null {
  const n = Number(value.trim().replace(",", "."));
  return value.trim() && Number.isFinite(n) ? Math.round(n * times) : null;
}

export const shownDecimal = (value: unknown, times: number) =>
  num(value) === null ? "" : String((num(value) ?? 0) / times);
