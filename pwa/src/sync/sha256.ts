/**
 * SHA-256: of a text the first 8 bytes, which is what a record's digest is (D1); of a file all of them.
 *
 * The browser has its own, but only on secure pages, and a promise for each of ten thousand short texts costs more
 * than the sums themselves; a check is cut into slices that must end when they say so.
 */

const PRIMES = primes(64);
const K = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const WORDS = new Int32Array(64);
/** How a character of 1 and so many more bytes begins. */
const LEADS = [0, 0xc0, 0xe0, 0xf0];

/** The whole hash of bytes, where a page has no other way to it. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  const state = Int32Array.from(START);
  const whole = bytes.length - (bytes.length % 64);
  for (let at = 0; at < whole; at += 64) block(state, bytes, at);
  const end = new Uint8Array(128);
  end.set(bytes.subarray(whole));
  const last = ended(end, bytes.length - whole, bytes.length);
  for (let at = 0; at < last.length; at += 64) block(state, last, at);
  const hash = new DataView(new ArrayBuffer(32));
  for (const [i, word] of state.entries()) hash.setInt32(4 * i, word);
  return new Uint8Array(hash.buffer);
}

/** The first 8 bytes of the hash of the text's UTF-8, big-endian. */
export function sha256Start(text: string): bigint {
  const state = Int32Array.from(START);
  const bytes = padded(text);
  for (let at = 0; at < bytes.length; at += 64) block(state, bytes, at);
  const [high = 0, low = 0] = state;
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function block(state: Int32Array, bytes: Uint8Array, at: number): void {
  const w = WORDS;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 64);
  for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(4 * i);
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15] as number;
    const y = w[i - 2] as number;
    const s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
    const s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
    w[i] = ((w[i - 16] as number) + s0 + (w[i - 7] as number) + s1) | 0;
  }
  rounds(state, w);
}

function rounds(state: Int32Array, w: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i += 1) {
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const one = (h + s1 + ((e & f) ^ (~e & g)) + (K[i] as number) + (w[i] as number)) | 0;
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  const turnedOut = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i += 1) state[i] = ((state[i] as number) + (turnedOut[i] as number)) | 0;
}

/** UTF-8, the bit 1, zeros, and the length in bits in the last 8 bytes; the text has no lone halves (W12). */
function padded(text: string): Uint8Array {
  const bytes = new Uint8Array((Math.floor((3 * text.length + 8) / 64) + 1) * 64);
  const length = encode(text, bytes);
  return ended(bytes, length, length);
}

/** What follows `used` bytes, for a message of `length`. */
function ended(bytes: Uint8Array, used: number, length: number): Uint8Array {
  const whole = (Math.floor((used + 8) / 64) + 1) * 64;
  bytes[used] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(whole - 8, Math.floor(length / 2 ** 29));
  view.setUint32(whole - 4, (length * 8) >>> 0);
  return bytes.subarray(0, whole);
}

/** Writes the text as UTF-8 and says how many bytes it took. */
function encode(text: string, into: Uint8Array): number {
  let at = 0;
  for (let i = 0; i < text.length; i += 1) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      into[at++] = code;
      continue;
    }
    if (code >= 0xd800 && code < 0xdc00) {
      i += 1;
      code = 0x10000 + ((code - 0xd800) << 10) + (text.charCodeAt(i) - 0xdc00);
    }
    const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    into[at++] = (LEADS[more] as number) | (code >> (6 * more));
    for (let left = more - 1; left >= 0; left -= 1) into[at++] = 0x80 | ((code >> (6 * left)) & 0x3f);
  }
  return at;
}

function turned(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by));
}

/** The first 32 bits of what stands behind the point. */
function fraction(value: number): number {
  return ((value - Math.floor(value)) * 2 ** 32) | 0;
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n += 1) if (found.every((prime) => n % prime)) found.push(n);
  return found;
}
