/**
 * Where the rows of a long grid lie, by reckoning: what is out of sight is not drawn at all, and what comes into sight is
 * found without asking the page. All lengths are CSS pixels. Pure.
 */
import type { Shown } from "../../sync/types";

/** The widths of a grid. */
export interface Grid {
  columns: number;
  /** Of a tile, which is square. */
  side: number;
  /** Between tiles. */
  gap: number;
  /** Of the line that names a day, with what is around it. */
  title: number;
}

/** Rows by their places: the first, and the one after the last. */
export type Span = [from: number, to: number];

/** A row of one day. */
export interface Row {
  /** Of the day, above its first row; else empty. */
  title: string;
  photos: Shown[];
  /** From the top of the grid. */
  top: number;
  height: number;
}

/** As many tiles beside each other as there is room for, none narrower than `least`. */
export function gridOf(width: number, least: number, gap: number, title: number): Grid {
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  return { columns, side: Math.max(0, (width - gap * (columns - 1)) / columns), gap, title };
}

/** The photos in their order, cut at each day; `dayOf` names the day of one. */
export function rowsOf(photos: readonly Shown[], grid: Grid, dayOf: (photo: Shown) => string): Row[] {
  const rows: Row[] = [];
  let day: string | null = null;
  let top = 0;
  for (const photo of photos) {
    const its = dayOf(photo);
    const last = rows.at(-1);
    if (last && its === day && last.photos.length < grid.columns) last.photos.push(photo);
    else {
      const title = its === day ? "" : its;
      const height = (title ? grid.title : 0) + grid.side + grid.gap;
      rows.push({ title, photos: [photo], top, height });
      top += height;
    }
    day = its;
  }
  return rows;
}

export const heightOf = (rows: readonly Row[]): number => {
  const last = rows.at(-1);
  return last ? last.top + last.height : 0;
};

/** The first row that reaches below `top`, and the one after the last that begins above `bottom`. */
export function between(rows: readonly Row[], top: number, bottom: number): Span {
  const from = firstWhere(rows, (one) => one.top + one.height > top);
  const to = firstWhere(rows, (one) => one.top >= bottom);
  return [from, Math.max(from, to)];
}

/** From those that are drawn one row nearer to those that are wanted; what is no longer wanted goes at once. */
export function towards(drawn: Span, wanted: Span, inView: Span): Span {
  const from = Math.max(drawn[0], wanted[0]);
  const to = Math.min(drawn[1], wanted[1]);
  if (from >= to) return wanted[0] < wanted[1] ? oneOf(wanted, inView) : wanted;
  const below = to < wanted[1] && (to < inView[1] || from <= inView[0] || from === wanted[0]);
  if (below) return [from, to + 1];
  return [from > wanted[0] ? from - 1 : from, to];
}

function oneOf(wanted: Span, inView: Span): Span {
  const first = Math.min(Math.max(inView[0], wanted[0]), wanted[1] - 1);
  return [first, first + 1];
}

/** Of a list in which what holds once holds for all that follow. */
function firstWhere(rows: readonly Row[], holds: (one: Row) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(rows[middle] as Row)) high = middle;
    else low = middle + 1;
  }
  return low;
}
