/** The worker in which pictures are made smaller, so that the viewfinder goes on meanwhile. */

import { shrink } from "./shrinking";
import { Unreadable } from "./types";

interface Asked {
  number: number;
  blob: Blob;
  whole: boolean;
}

addEventListener("message", (event: MessageEvent<Asked>) => {
  const { number, blob, whole } = event.data;
  shrink(blob, whole).then(
    (made) => postMessage({ number, made }),
    (cause) => postMessage({ number, failed: cause instanceof Unreadable ? cause.message : "" }),
  );
});

/** The first picture of a worker waits for what all later ones find ready: one of a few points goes before it. */
async function warmUp(): Promise<void> {
  const canvas = new OffscreenCanvas(16, 16);
  canvas.getContext("2d")?.fillRect(0, 0, 16, 16);
  await shrink(await canvas.convertToBlob({ type: "image/jpeg" }), false);
}

warmUp().catch(() => undefined); // A browser that cannot says so of the first real picture.
