/**
 * Makes a picture smaller: 2,048 px for the shop, and a preview of at most 8 KiB for the record. The same code runs in a worker
 * and, where there is none, in the page.
 *
 * What this browser cannot unpack, as HEIC in most, goes as it is; the shop can.
 */

import type { Shrunk } from "./keep";
import { Unreadable } from "./types";

const SIDE = 2048;
const QUALITY = 0.85;
const PREVIEW_SIDE = 200;
const PREVIEW_BYTES = 8 * 1024;
const PREVIEW_QUALITIES = [0.7, 0.55, 0.4, 0.25, 0.1];
/**
 * Screens are flat, small as PNG, and their letters suffer as JPEG. Some browsers give camera frames as PNG too, and those
 * get many times as large: a PNG stays one where it is small in itself or beside its JPEG.
 */
const PNG_BYTES_MAX = 1_500_000;
const PNG_BYTES_SMALL = 200_000;
const PNG_TIMES = 2;
/** Pictures that the shop can read although this browser may not, by their first bytes. */
const HEIC = /^....ftyp(heic|heix|hevc|heim|heis|hevx|mif1|msf1)/s;

export async function shrink(blob: Blob, whole: boolean): Promise<Shrunk> {
  const head = await headOf(blob);
  if (head.startsWith("%PDF-")) return { blob: typed(blob, "application/pdf"), preview: null };
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch {
    if (HEIC.test(head)) return { blob: typed(blob, "image/heic"), preview: null };
    throw new Unreadable();
  }
  try {
    const preview = await previewOf(bitmap);
    const asTaken = whole && blob.size <= 10_000_000 && /^image\/(jpeg|png|hei[cf])$/.test(blob.type);
    return { blob: asTaken ? blob : await smaller(bitmap, blob.type === "image/png"), preview };
  } finally {
    bitmap.close();
  }
}

async function smaller(bitmap: ImageBitmap, png: boolean): Promise<Blob> {
  const canvas = drawn(bitmap, SIDE);
  const jpeg = await encoded(canvas, "image/jpeg", QUALITY);
  if (!png) return jpeg;
  const flat = await encoded(canvas, "image/png");
  const most = Math.max(PNG_BYTES_SMALL, Math.min(PNG_BYTES_MAX, PNG_TIMES * jpeg.size));
  return flat.size <= most ? flat : jpeg;
}

async function previewOf(bitmap: ImageBitmap): Promise<string | null> {
  const canvas = drawn(bitmap, PREVIEW_SIDE);
  for (const quality of PREVIEW_QUALITIES) {
    const made = await encoded(canvas, "image/jpeg", quality);
    if (made.size <= PREVIEW_BYTES) return dataUrl(made);
  }
  return null;
}

type Canvas = OffscreenCanvas | HTMLCanvasElement;

/** The picture on white, since JPEG knows no transparency, at most so large; it is never enlarged. */
function drawn(bitmap: ImageBitmap, side: number): Canvas {
  const share = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * share));
  const height = Math.max(1, Math.round(bitmap.height * share));
  const canvas = canvasOf(width, height);
  const pen = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D | null;
  if (!pen)
    throw new Unreadable("This phone has no memory left for the picture. Close other apps and try again.");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

function canvasOf(width: number, height: number): Canvas {
  if (typeof OffscreenCanvas !== "undefined") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

async function encoded(canvas: Canvas, type: string, quality?: number): Promise<Blob> {
  if ("convertToBlob" in canvas) return canvas.convertToBlob({ type, quality });
  const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
  if (!made)
    throw new Unreadable("This phone has no memory left for the picture. Close other apps and try again.");
  return made;
}

async function dataUrl(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return `data:${blob.type};base64,${btoa(String.fromCharCode(...bytes))}`;
}

async function headOf(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.slice(0, 16).arrayBuffer());
  return String.fromCharCode(...bytes);
}

const typed = (blob: Blob, type: string): Blob =>
  blob.type === type ? blob : blob.slice(0, blob.size, type);
