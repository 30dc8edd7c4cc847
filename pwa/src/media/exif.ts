/**
 * When and where a picture was taken, by the EXIF block of its JPEG: a canvas drops it, and the file's own time is that of a
 * copy.
 *
 * Nothing in the bytes is trusted: what points outside of them, or says no time, is passed over.
 */

import type { Position } from "./types";

const EXIF_IFD = 0x8769;
const TAKEN = 0x9003;
const OFFSET = 0x9011;
const GPS_IFD = 0x8825;
const GPS = { latRef: 1, lat: 2, lngRef: 3, lng: 4, error: 0x1f };
const [ASCII, RATIONAL] = [2, 5];
const E7 = 10_000_000;
/** How much of a file is looked at; the block lies at its beginning and has at most 64 KiB. */
export const HEAD_BYTES = 128 * 1024;

/** What a picture says of itself. */
export interface Said {
  /** Milliseconds since 1970 UTC. Without a zone of its own the time is that of this device's zone. */
  takenAt: number | null;
  position: Position | null;
}

export function said(head: ArrayBuffer): Said {
  const tiff = tiffOf(new DataView(head));
  return { takenAt: tiff && tried(() => timeIn(tiff)), position: tiff && tried(() => positionIn(tiff)) };
}

function tried<T>(read: () => T | null): T | null {
  try {
    return read();
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
  const little = isLittle(tiff);
  const found = within(tiff, EXIF_IFD, little);
  const taken = textAt(tiff, found?.get(TAKEN), little);
  const zone = textAt(tiff, found?.get(OFFSET), little);
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(taken);
  if (!parts) return null;
  const offset = /^[+-]\d\d:\d\d/.exec(zone)?.[0] ?? "";
  const time = Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}${offset}`);
  return Number.isNaN(time) ? null : time;
}

function positionIn(tiff: DataView): Position | null {
  const little = isLittle(tiff);
  const found = within(tiff, GPS_IFD, little);
  const lat =
    degreesAt(tiff, found?.get(GPS.lat), little) * sign(textAt(tiff, found?.get(GPS.latRef), little), "NS");
  const lng =
    degreesAt(tiff, found?.get(GPS.lng), little) * sign(textAt(tiff, found?.get(GPS.lngRef), little), "EW");
  // Cameras without a fix write zeros; nobody repairs anything there.
  if (!(Math.abs(lat) <= 90 && Math.abs(lng) <= 180) || (lat === 0 && lng === 0)) return null;
  const position: Position = { lat_e7: Math.round(lat * E7), lng_e7: Math.round(lng * E7) };
  const error = tried(() => rationalsAt(tiff, found?.get(GPS.error), 1, little))?.[0] ?? Number.NaN;
  return error >= 0 && error < 1e6 ? { ...position, accuracy_m: Math.round(error) } : position;
}

function sign(said: string, words: string): number {
  const at = said === "" ? -1 : words.indexOf(said.charAt(0));
  return at < 0 ? Number.NaN : 1 - 2 * at;
}

/** Degrees, minutes and seconds as one number; NaN where they are none. */
function degreesAt(tiff: DataView, entry: number | undefined, little: boolean): number {
  const [degrees = Number.NaN, minutes = 0, seconds = 0] = rationalsAt(tiff, entry, 3, little);
  return degrees + minutes / 60 + seconds / 3600;
}

function rationalsAt(tiff: DataView, entry: number | undefined, count: number, little: boolean): number[] {
  if (entry === undefined || tiff.getUint16(entry + 2, little) !== RATIONAL) return [];
  if (tiff.getUint32(entry + 4, little) !== count) return [];
  const at = tiff.getUint32(entry + 8, little);
  const one = (i: number) => tiff.getUint32(at + 8 * i, little) / tiff.getUint32(at + 8 * i + 4, little);
  return Array.from({ length: count }, (_, i) => one(i));
}

/** The byte order; one that is none is as if it pointed outside. */
function isLittle(tiff: DataView): boolean {
  const order = tiff.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) throw new RangeError("no byte order");
  return order === 0x4949;
}

/** The entries of a directory that the first one points to. */
function within(tiff: DataView, tag: number, little: boolean): Map<number, number> | null {
  const entry = entries(tiff, tiff.getUint32(4, little), little).get(tag);
  return entry === undefined ? null : entries(tiff, tiff.getUint32(entry + 8, little), little);
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
  if (entry === undefined || tiff.getUint16(entry + 2, little) !== ASCII) return "";
  const length = Math.min(32, tiff.getUint32(entry + 4, little));
  const at = length <= 4 ? entry + 8 : tiff.getUint32(entry + 8, little);
  let text = "";
  for (let i = 0; i < length; i += 1) text += String.fromCharCode(tiff.getUint8(at + i));
  return text;
}
