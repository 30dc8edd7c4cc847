/**
 * What is being typed, kept at every keystroke until it is saved or thrown away, so that a call, a killed tab or an
 * empty battery costs nothing. Kept per person and device under `scope`, and forgotten on sign-out.
 */

import { type Signal, signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { keep, keptKeys, readKept } from "./draftstore";

const PREFIX = "workbay.draft.";
let scope = "";

export function setDraftScope(name: string): void {
  scope = `${PREFIX}${name}.`;
}

export function readDraft<T>(key: string): T | null {
  const found = readKept(scope + key);
  if (!found) return null;
  try {
    return JSON.parse(found) as T;
  } catch {
    return null;
  }
}

export function keepDraft(key: string, value: unknown): void {
  keep(scope + key, value === null ? null : JSON.stringify(value));
}

export function forgetDrafts(): void {
  for (const key of keptKeys(scope || PREFIX)) keep(key, null);
}

export interface Draft<T> {
  value: Signal<T>;
  /** True when it was found from an earlier visit. */
  found: boolean;
  set(value: T): void;
  clear(): void;
}

/** A draft that starts as `first()` says, unless an earlier one was left behind. `key` must not change while shown. */
export function useDraft<T>(key: string, first: () => T): Draft<T> {
  const held = useRef<Draft<T> | null>(null);
  if (!held.current) {
    const kept = readDraft<T>(key);
    const value = signal(kept ?? first());
    held.current = {
      value,
      found: kept !== null,
      set: (next) => {
        value.value = next;
        keepDraft(key, next);
      },
      clear: () => {
        value.value = first();
        keepDraft(key, null);
      },
    };
  }
  return held.current;
}
