/** JPEGs made by hand, of nothing but an EXIF block. */

/** Tag, type, count, and its value: bytes that lie outside the entry when they are more than four. */
export interface Entry {
  tag: number;
  type: number;
  count: number;
  value: number[];
}

export const ascii = (tag: number, text: string): Entry => {
  const value = [...`${text}\0`].map((letter) => letter.charCodeAt(0));
  return { tag, type: 2, count: value.length, value };
};

export const rationals = (tag: number, little: boolean, pairs: [number, number][]): Entry => {
  const value = pairs.flat().flatMap((number) => bytesOf(number, 4, little));
  return { tag, type: 5, count: pairs.length, value };
};

export function bytesOf(number: number, size: number, little: boolean): number[] {
  const bytes = Array.from({ length: size }, (_, i) => Math.floor(number / 256 ** i) % 256);
  return little ? bytes : bytes.reverse();
}

/** A TIFF block whose first directory points to one of EXIF and one of GPS. */
export function tiffOf(little: boolean, exif: Entry[], gps: Entry[] = []): number[] {
  const exifAt = 8 + 2 + 2 * 12 + 4;
  const exifBytes = directory(exif, exifAt, little);
  const gpsAt = exifAt + exifBytes.length;
  const pointer = (tag: number, at: number): Entry => ({
    tag,
    type: 4,
    count: 1,
    value: bytesOf(at, 4, little),
  });
  const first = directory([pointer(0x8769, exifAt), pointer(0x8825, gpsAt)], 8, little);
  const order = little ? [0x49, 0x49] : [0x4d, 0x4d];
  const head = [...order, ...bytesOf(42, 2, little), ...bytesOf(8, 4, little)];
  return [...head, ...first, ...exifBytes, ...directory(gps, gpsAt, little)];
}

function directory(entries: Entry[], at: number, little: boolean): number[] {
  let free = at + 2 + entries.length * 12 + 4;
  const outside: number[] = [];
  const listed = entries.flatMap(({ tag, type, count, value }) => {
    const held = value.length <= 4 ? [...value, 0, 0, 0, 0].slice(0, 4) : bytesOf(free, 4, little);
    if (value.length > 4) {
      outside.push(...value);
      free += value.length;
    }
    return [...bytesOf(tag, 2, little), ...bytesOf(type, 2, little), ...bytesOf(count, 4, little), ...held];
  });
  return [...bytesOf(entries.length, 2, little), ...listed, 0, 0, 0, 0, ...outside];
}

/** The picture: a segment of JFIF as most have, the block, and the beginning of a scan. */
export function jpegOf(tiff: number[]): ArrayBuffer {
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  const app0 = [0xff, 0xe0, 0, 6, 0x4a, 0x46, 0x49, 0x46];
  const app1 = [0xff, 0xe1, ...bytesOf(exif.length + 2, 2, false), ...exif];
  return new Uint8Array([0xff, 0xd8, ...app0, ...app1, 0xff, 0xda, 0, 2]).buffer;
}
