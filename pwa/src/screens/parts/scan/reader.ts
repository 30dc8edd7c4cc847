/**
 * Reading a barcode out of a picture: by the browser where it can, else by ZXing compiled to WebAssembly, which lies on the
 * phone with the rest of the app. (https://developer.mozilla.org/docs/Web/API/Barcode_Detection_API)
 */
import wasm from "zxing-wasm/reader/zxing_reader.wasm";

/** The text of a code in what the camera shows, or null. */
export type Read = (video: HTMLVideoElement) => Promise<string | null>;

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

/** What stands on parts, as the browser and as ZXing call it. */
const FORMATS = [
  ["ean_13", "EAN13"],
  ["ean_8", "EAN8"],
  ["upc_a", "UPCA"],
  ["upc_e", "UPCE"],
  ["code_128", "Code128"],
  ["code_39", "Code39"],
  ["itf", "ITF"],
  ["qr_code", "QRCode"],
  ["data_matrix", "DataMatrix"],
] as const;
/** A line of a code is a few pixels wide here, and a frame is read in some tens of milliseconds. */
const WIDTH_MAX = 960;

export async function openReader(): Promise<Read> {
  return (await native()) ?? (await compiled());
}

async function native(): Promise<Read | null> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
  const known = (await BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  const formats = FORMATS.map(([name]) => name).filter((name) => known.includes(name));
  // Some browsers have the name and read nothing.
  if (!BarcodeDetector || !formats.includes("ean_13") || !formats.includes("code_128")) return null;
  const detector = new BarcodeDetector({ formats });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

async function compiled(): Promise<Read> {
  const { prepareZXingModule, readBarcodes } = await import("zxing-wasm/reader");
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const options = { formats: FORMATS.map(([, name]) => name), maxNumberOfSymbols: 1, tryHarder: true };
  return async (video) => {
    const scale = Math.min(1, WIDTH_MAX / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!context || canvas.width === 0) return null;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const found = await readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), options);
    return found.find((one) => one.isValid && one.text)?.text ?? null;
  };
}
