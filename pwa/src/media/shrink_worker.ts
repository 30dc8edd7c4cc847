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
