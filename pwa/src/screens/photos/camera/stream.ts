/** The viewfinder's stream, the torch, and one shot: what differs between browsers about cameras is in this file. */

/** Why there is no viewfinder, in words. */
export interface NoCamera {
  title: string;
  help: string;
}

interface Capture {
  takePhoto(): Promise<Blob>;
}
const Maker = (globalThis as { ImageCapture?: new (track: MediaStreamTrack) => Capture }).ImageCapture;

/**
 * 4:3, since sensors are: other shapes are cut out of it. Where the browser takes stills of the whole sensor the
 * viewfinder need only be as large as what is kept of a photo; elsewhere its picture is the photo.
 */
const SIDE = Maker ? 2048 : 4096;
const WANTED: MediaTrackConstraints = {
  facingMode: { ideal: "environment" },
  width: { ideal: SIDE },
  height: { ideal: (SIDE * 3) / 4 },
};

/** A code is read from a small picture as well, and small ones come quicker. */
const TO_SCAN: MediaTrackConstraints = { ...WANTED, width: { ideal: 1280 }, height: { ideal: 960 } };

/** A device that cannot serve the size it is asked for says so, and is asked again for any. */
export async function openStream(to: "shoot" | "scan" = "shoot"): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("no media devices", "NotSupportedError");
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: to === "scan" ? TO_SCAN : WANTED,
      audio: false,
    });
  } catch (cause) {
    if (!(cause instanceof DOMException) || cause.name !== "OverconstrainedError") throw cause;
    return navigator.mediaDevices.getUserMedia({ video: true, audio: false });
  }
}

export function close(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export function whyNoCamera(cause: unknown): NoCamera {
  const name = cause instanceof DOMException ? cause.name : "";
  if (name === "NotAllowedError" || name === "SecurityError")
    return {
      title: "The camera is not allowed here",
      help: "Allow it in the browser's settings for this site to take photos in the app. Until then, the phone's own camera does as well.",
    };
  if (name === "NotFoundError" || name === "OverconstrainedError")
    return { title: "This device has no camera", help: "Choose pictures that are on it already." };
  if (name === "NotReadableError" || name === "AbortError")
    return { title: "The camera is busy", help: "Another app holds it. Close that one, then try again." };
  return {
    title: "This browser gives no camera to the app",
    help: "It needs a secure address (https). The phone's own camera does as well.",
  };
}

type TorchTrack = MediaTrackCapabilities & { torch?: boolean };

export function hasTorch(stream: MediaStream): boolean {
  const track = stream.getVideoTracks()[0];
  return Boolean((track?.getCapabilities?.() as TorchTrack | undefined)?.torch);
}

export async function setTorch(stream: MediaStream, on: boolean): Promise<void> {
  const set = { torch: on } as unknown as MediaTrackConstraintSet;
  await stream.getVideoTracks()[0]?.applyConstraints({ advanced: [set] });
}

/** A camera that takes longer than this over a still has its viewfinder's picture taken instead. */
const STILL_MS = 2500;

/** The full still where the browser can, else what the viewfinder shows. */
export async function shoot(stream: MediaStream, video: HTMLVideoElement): Promise<Blob> {
  const track = stream.getVideoTracks()[0];
  if (Maker && track?.readyState === "live") {
    const still = await Promise.race([new Maker(track).takePhoto().catch(() => null), late()]);
    if (still && still.size > 0) return still;
  }
  return frameOf(video);
}

const late = () => new Promise<null>((resolve) => setTimeout(() => resolve(null), STILL_MS));

const FRAME_QUALITY = 0.92;

async function frameOf(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const made = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, "image/jpeg", FRAME_QUALITY),
  );
  canvas.width = 0;
  if (!made) throw new Error("The camera gave no picture.");
  return made;
}
