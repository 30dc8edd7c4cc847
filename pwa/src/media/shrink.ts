/** Makes pictures smaller in a worker, or in the page where there is none or it does not start. */

import type { Shrunk } from "./keep";
import { Unreadable } from "./types";

/** Put in by the build: the worker's file. */
declare const SHRINK_WORKER: string;

type Answer = { number: number; made: Shrunk } | { number: number; failed: string };

/** A worker that says nothing for so long is gone: the system ends those that take too much memory, without a word. */
const SILENCE_MS = 60_000;

let worker: Worker | null | undefined;
let asked = 0;
const waiting = new Map<number, (answer: Answer | null) => void>();

function start(): Worker | null {
  try {
    const made = new Worker(SHRINK_WORKER);
    made.addEventListener("message", ({ data }: MessageEvent<Answer>) => settle(data.number, data));
    made.addEventListener("error", giveUp);
    return made;
  } catch {
    return null;
  }
}

/** From here on the page does it. */
function giveUp(): void {
  worker?.terminate();
  worker = null;
  for (const number of [...waiting.keys()]) settle(number, null);
}

function settle(number: number, answer: Answer | null): void {
  waiting.get(number)?.(answer);
  waiting.delete(number);
}

/** Starts the worker, so that the first picture need not wait for it. */
export function prepare(): void {
  if (worker === undefined) worker = start();
}

export async function shrinkAside(blob: Blob, whole: boolean): Promise<Shrunk> {
  prepare();
  const answer = worker ? await ask(worker, blob, whole) : null;
  if (answer === null) return (await import("./shrinking")).shrink(blob, whole);
  if ("failed" in answer) throw new Unreadable(answer.failed || undefined);
  return answer.made;
}

function ask(to: Worker, blob: Blob, whole: boolean): Promise<Answer | null> {
  asked += 1;
  const number = asked;
  return new Promise((resolve) => {
    const silent = setTimeout(giveUp, SILENCE_MS);
    waiting.set(number, (answer) => {
      clearTimeout(silent);
      resolve(answer);
    });
    to.postMessage({ number, blob, whole });
  });
}
