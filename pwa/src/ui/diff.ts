/** What differs between two texts, word by word, for people to read. */

export interface Piece {
  is: "same" | "gone" | "new";
  text: string;
}

/** Longer texts are shown whole: a comparison word by word would take longer than reading. */
const WORDS_MAX = 700;

const wordsOf = (text: string): string[] => text.match(/\s+|[^\s]+/g) ?? [];

/** The pieces of `before` and `after` in reading order; null when they are too long, or have next to nothing in common. */
export function differences(before: string, after: string): Piece[] | null {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  if (!before || !after || a.length > WORDS_MAX || b.length > WORDS_MAX) return null;
  const pieces = pieced(a, b, lengths(a, b));
  const same = pieces
    .filter((one) => one.is === "same")
    .reduce((sum, one) => sum + one.text.trim().length, 0);
  return same * 4 < Math.max(before.length, after.length) ? null : pieces;
}

/** For each pair of places, how long the longest common row of words behind them is. */
function lengths(a: string[], b: string[]): Uint16Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const [row, below] = [table[i] as Uint16Array, table[i + 1] as Uint16Array];
    for (let j = b.length - 1; j >= 0; j--)
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
  }
  return table;
}

function pieced(a: string[], b: string[], table: Uint16Array[]): Piece[] {
  const found: Piece[] = [];
  const add = (is: Piece["is"], text = "") => {
    const last = found.at(-1);
    if (last?.is === is) last.text += text;
    else found.push({ is, text });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add("same", a[i++]);
      j++;
    } else if (j >= b.length || (i < a.length && (table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0)))
      add("gone", a[i++]);
    else add("new", b[j++]);
  }
  return found;
}
