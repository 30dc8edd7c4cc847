/** Which photos show before and after, and which two of them say most. Pure. */
import type { Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { byTime } from "./source";

export interface Pair {
  before: Shown[];
  after: Shown[];
}

const is = (photos: Shown[], ...kinds: string[]) =>
  photos.filter((one) => kinds.includes(text(one.data.kind)));

/** Candidates for either side, the best first: the earliest before, and the latest after. Null where a side has none. */
export function pairOf(photos: Shown[]): Pair | null {
  const sorted = photos.filter((one) => text(one.data.type) !== "application/pdf").sort(byTime);
  const before = [...is(sorted, "before"), ...is(sorted, "damage")];
  const after = [...is(sorted, "after").reverse(), ...is(sorted, "repair").reverse()];
  return before.length && after.length ? { before, after } : null;
}
