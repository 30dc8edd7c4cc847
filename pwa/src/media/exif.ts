/**
 * When a picture was taken, by the EXIF block of its JPEG: a canvas drops it, and the file's own time is that of a copy.
 *
 * Nothing in the bytes is trusted: what points outside of them, or says no time, is passed over.
 */

const EXIF_IFD = 0x8769;
const TAKEN = 0x9003;
const OFFSET = 0x9011;
/** How much of a file is looked at; the block lies at its beginning and has at most 64 KiB. */
export const HEAD_BYTES = 128 * 1024;

/** Milliseconds since 1970 UTC, or null. Without a zone of its own the time is that of this device's zone. */
export function takenAt(head: ArrayBuffer): number | null {
  const tiff = tiffOf(new DataView(head));
  if (tiff === null) return null;
  try {
    return timeIn(tiff);
  } catch {
    return null; // A RangeError: something pointed outside.
  }
}

/** The TIFF block within the segments before the picture. */
function tiffOf(bytes: DataView): DataView | null {
  if (bytes.byteLength < 4 || bytes.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 <= bytes.byteLength) {
    const [marker, length] = [bytes.getUint16(at), bytes.getUint16(at + 2)];
    if (marker < 0xff00 || marker === 0xffda || length < 2) return null;
    const isExif =
      marker === 0xffe1 && bytes.getUint32(at + 4) === 0x45786966 && bytes.getUint16(at + 8) === 0;
    const start = at + 10;
    const end = Math.min(bytes.byteLength, at + 2 + length);
    if (isExif && end > start) return new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
    at += 2 + length;
  }
  return null;
}

function timeIn(tiff: DataView): number | null {
  const order = tiff.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const little = order === 0x4949;
  const first = entries(tiff, tiff.getUint32(4, little), little);
  const exif = first.get(EXIF_IFD);
  if (exif === undefined) return null;
  const found = entries(tiff, tiff.getUint32(exif + 8, little), little);
  const taken = textAt(tiff, found.get(TAKEN), little);
  const zone = textAt(tiff, found.get(OFFSET), little);
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(taken);
  if (!parts) return null;
  const offset = /^[+-]\d\d:\d\d/.exec(zone)?.[0] ?? "";
  const time = Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}${offset}`);
  return Number.isNaN(time) ? null : time;
}

/** Tag → where its entry begins. */
function entries(tiff: DataView, at: number, little: boolean): Map<number, number> {
  const count = tiff.getUint16(at, little);
  const found = new Map<number, number>();
  for (let i = 0; i < count; i += 1) {
    const entry = at + 2 + i * 12;
    found.set(tiff.getUint16(entry, little), entry);
  }
  return found;
}

function textAt(tiff: DataView, entry: number | undefined, little: boolean): string {
  if (entry === undefined || tiff.getUint16(entry + 2, little) !== 2) return "";
  const length = Math.min(32, tiff.getUint32(entry + 4, little));
  const at = length <= 4 ? entry + 8 : tiff.getUint32(entry + 8, little);
  let text = "";
  for (let i = 0; i < length; i += 1) text += String.fromCharCode(tiff.getUint8(at + i));
  return text;
}
