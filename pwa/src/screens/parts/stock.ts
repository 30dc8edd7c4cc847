/** What lies on the shelf as this phone knows it: the shop's sum, and over it what was moved here and has not arrived. Pure. */
import type { Shown } from "../../sync/types";
import { list, num, text } from "../../ui/data";
import { fold, matches } from "../work/search";

/** `below_zero`: more was used than the books knew of. `low`: at the level at which the shop orders, or under it. */
export type Level = "below_zero" | "none" | "low" | "enough";

/** Movements that were made here and have not arrived: the shop's sum knows nothing of them yet. */
export function unsentByPart(movements: readonly Shown[]): Map<string, Shown[]> {
  const found = new Map<string, Shown[]>();
  for (const one of movements) {
    const part = text(one.data.part);
    if (one.fresh) found.set(part, [...(found.get(part) ?? []), one]);
  }
  return found;
}

/** The stock of a part in thousandths; `unsent` are its own. A count says what lay there, whatever was moved before it. */
export function onHand(part: Shown, unsent: readonly Shown[]): number {
  return [...unsent]
    .sort((a, b) => at(a) - at(b))
    .reduce(
      (sum, { data }) => (data.kind === "count" ? 0 : sum) + (num(data.quantity_milli) ?? 0),
      num(part.data.on_hand_milli) ?? 0,
    );
}

export function levelOf(part: Shown, stock: number): Level {
  if (stock < 0) return "below_zero";
  const reorder = num(part.data.reorder_level_milli);
  if (reorder !== null && stock <= reorder) return stock === 0 ? "none" : "low";
  return stock === 0 ? "none" : "enough";
}

/** Whether somebody should order it or look at its shelf. Of what the shop names no level for, zero is no news. */
export function isShort(part: Shown, stock: number): boolean {
  const level = levelOf(part, stock);
  return level === "below_zero" || (num(part.data.reorder_level_milli) !== null && level !== "enough");
}

export const at = (movement: Shown): number => num(movement.data.at) ?? 0;

/** What of a line item was taken from the shelf and not put back, in thousandths. */
export function takenFor(line: Shown, movements: readonly Shown[]): number {
  const own = movements.filter((one) => one.data.line_item === line.id);
  return -own.reduce((sum, one) => sum + (num(one.data.quantity_milli) ?? 0), 0);
}

/** The parts that `me` took last, newest first. What was not sent yet has no author written down, and is one's own. */
export function recentParts(movements: readonly Shown[], me: string, most: number): string[] {
  const own = movements.filter(
    (one) => one.data.kind === "issue" && (one.fresh || one.data.created_by === me),
  );
  const ids = own.sort((a, b) => at(b) - at(a)).map((one) => text(one.data.part));
  return [...new Set(ids)].slice(0, most);
}

/** The parts with all these words, those whose name or number begins with them first; others by name. */
export function searchParts(parts: readonly Shown[], words: string): Shown[] {
  const wanted = fold(words);
  const hay = ({ data }: Shown) =>
    ` ${fold([data.number, data.name, data.bin, ...list(data.barcodes)].map(text).join(" "))} `;
  const rank = ({ data }: Shown) =>
    Number(!fold(text(data.name)).startsWith(wanted) && !fold(text(data.number)).startsWith(wanted));
  const found = wanted ? parts.filter((one) => matches(hay(one), words)) : [...parts];
  return found.sort((a, b) => rank(a) - rank(b) || text(a.data.name).localeCompare(text(b.data.name)));
}

/** The part with this barcode, or with this number; null when there is none, or more than one. */
export function partOfCode(parts: readonly Shown[], code: string): Shown | null {
  const wanted = sameCode(code);
  if (!wanted) return null;
  const by = (has: (one: Shown) => boolean) => {
    const found = parts.filter(has);
    return found.length === 1 ? (found[0] as Shown) : null;
  };
  return (
    by((one) => list(one.data.barcodes).some((each) => sameCode(each) === wanted)) ??
    by((one) => sameCode(text(one.data.number)) === wanted)
  );
}

/** A UPC-A code is an EAN-13 one without its leading zero, and readers give either. */
function sameCode(code: string): string {
  const plain = code.trim().toLowerCase();
  return /^0\d{12}$/.test(plain) ? plain.slice(1) : plain;
}
