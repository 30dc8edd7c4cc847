/** Makes pictures smaller in a worker, or in the page where there is none or it does not start. */

import type { Shrunk } from "./keep";
import { Unreadable } from "./types";

/** Put in by the build: the worker's file. */
declare const SHRINK_WORKER: string;

type Answer = { number: number; made: Shrunk } | { number: number; failed: string };

let worker: Worker | null | undefined;
let asked = 0;
const waiting = new Map<number, (answer: Answer | null) => void>();

function start(): Worker | null {
  try {
    const made = new Worker(SHRINK_WORKER);
    made.addEventListener("message", ({ data }: MessageEvent<Answer>) => settle(data.number, data));
    made.addEventListener("error", () => {
      worker = null;
      for (const number of [...waiting.keys()]) settle(number, null);
    });
    return made;
  } catch {
    return null;
  }
}

function settle(number: number, answer: Answer | null): void {
  waiting.get(number)?.(answer);
  waiting.delete(number);
}

export async function shrinkAside(blob: Blob, whole: boolean): Promise<Shrunk> {
  if (worker === undefined) worker = start();
  const answer = worker ? await ask(worker, blob, whole) : null;
  if (answer === null) return (await import("./shrinking")).shrink(blob, whole);
  if ("failed" in answer) throw new Unreadable(answer.failed || undefined);
  return answer.made;
}

function ask(to: Worker, blob: Blob, whole: boolean): Promise<Answer | null> {
  asked += 1;
  const number = asked;
  return new Promise((resolve) => {
    waiting.set(number, resolve);
    to.postMessage({ number, blob, whole });
  });
}
