/** Names for records and changesets: UUIDv7, made where the thing is made, also off line. */

/** Fills the array with random bytes and gives it back, as `crypto.getRandomValues` does. */
export type Random = (bytes: Uint8Array) => Uint8Array;

/** A UUIDv7: 48 bits of milliseconds, then randomness, so that ids sort by when they were made. */
export function uuid7(nowMs: number, random: Random): string {
  const bytes = random(new Uint8Array(16));
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(nowMs / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };

/** A new id by the machine's own clock and randomness, for screens; the core passes its world's instead. */
export function newId(): string {
  return uuid7(Date.now(), (bytes) => crypto.getRandomValues(bytes));
}
