/** For which work order the camera is open, and what it is set to. Kept apart from the camera, which is loaded when first wanted. */
import { effect, signal } from "@preact/signals";
import type { About, PhotoKind } from "../../../media/types";
import type { Shown } from "../../../sync/types";
import { keepDraft, readDraft } from "../../../ui/draft";
import { shop } from "../../live";
import { statusOf } from "../../work/facts";

export const KINDS: PhotoKind[] = ["before", "during", "after", "damage", "repair", "screenshot"];

/** The work order, or `"ask"` while the person chooses one. */
export const cameraFor = signal<string | null>(null);
/** Chosen by the person; it stays until the app is closed, or another work order is photographed. */
const chosen = signal<{ order: string; kind: PhotoKind } | null>(null);

/** What most photos are at this step, until the person says otherwise. */
export function kindFor(order: Shown): PhotoKind {
  if (chosen.value?.order === order.id) return chosen.value.kind;
  const status = statusOf(order);
  if (["new", "diagnosing", "waiting_approval"].includes(status)) return "before";
  return ["qc", "ready", "closed"].includes(status) ? "after" : "during";
}

export function chooseKind(order: string, kind: PhotoKind): void {
  chosen.value = { order, kind };
}

export function aboutOf(order: Shown, note = "", kind: PhotoKind = kindFor(order)): About {
  const about: About = {
    work_order: order.id,
    kind,
    visible_to_customer: shop.value.photos_visible !== false,
  };
  if (note.trim()) about.note = note.trim();
  return about;
}

const INTENT = "camera.intent";
const INTENT_MS = 30 * 60_000;

interface Intent {
  order: string;
  kind: PhotoKind;
  at: number;
}

/** Kept before the phone's own camera app opens: Android may end this page behind it. */
export function keepIntent(order: string, kind: PhotoKind): void {
  keepDraft(INTENT, { order, kind, at: Date.now() } satisfies Intent);
}

export const forgetIntent = (): void => keepDraft(INTENT, null);

/** True while the camera is open again because the page was ended behind the camera app. */
export const cutOff = signal(false);

/** Goes on where the person was, if the page was ended while the camera app was in front. */
export function resume(): void {
  const kept = readDraft<Intent>(INTENT);
  if (!kept) return;
  forgetIntent();
  if (Date.now() - kept.at > INTENT_MS) return;
  chooseKind(kept.order, kept.kind);
  cutOff.value = true;
  cameraFor.value = kept.order;
}

effect(() => {
  if (cameraFor.value === null) cutOff.value = false;
});
