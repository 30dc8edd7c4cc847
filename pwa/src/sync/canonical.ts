/**
 * Values as they travel: the RFC 8785 form, and what is done to them before they are saved.
 *
 * The wire knows whole numbers within ±(2^53 − 1), well-formed text without NUL, and no `undefined` (W2, W12).
 * What a person typed must never be refused for a broken half of an emoji, so text is mended on the phone.
 */

/** The one text of a JSON value: keys sorted by UTF-16 units, no white space (RFC 8785). */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value).filter(([, held]) => held !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, held]) => `${JSON.stringify(key)}:${canonical(held)}`).join(",")}}`;
}

/** Text without NUL and with lone surrogates replaced by U+FFFD. */
export function wellFormed(text: string): string {
  const mended = text.replace(
    /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    "\uFFFD",
  );
  return mended.includes("\0") ? mended.replaceAll("\0", "") : mended;
}

/** A copy of the value that may be saved and sent: text mended, `undefined` dropped, other numbers refused. */
export function sendable(value: unknown): unknown {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value === "number" && !Number.isSafeInteger(value))
    throw new TypeError(`${value} is not a whole number.`);
  if (value === null || typeof value !== "object") return value ?? null;
  if (Array.isArray(value)) return value.map(sendable);
  const entries = Object.entries(value).filter(([, held]) => held !== undefined);
  return Object.fromEntries(entries.map(([key, held]) => [wellFormed(key), sendable(held)]));
}
