/** Where the phone is, if the shop wants it on photos and the person agreed. Watched while the camera is open, so that no shot waits. */
import { signal } from "@preact/signals";
import type { Position } from "../../../media/types";
import { remember, remembered } from "../../../ui/memory";
import { shop } from "../../live";

const KEY = "workbay.position";
const FRESH_MS = 2 * 60_000;

type Answer = "yes" | "no";

/** What the person answered on this device; null: not asked yet. */
export const agreed = signal<Answer | null>(remembered(KEY) as Answer | null);

export function answer(given: Answer): void {
  agreed.value = given;
  remember(KEY, given);
}

export const wantedByShop = () => shop.value.photos_position === true && "geolocation" in navigator;
export const hasToAsk = () => wantedByShop() && agreed.value === null;

let latest: { position: Position; at: number } | null = null;

function hear({ coords, timestamp }: GeolocationPosition): void {
  latest = {
    at: timestamp,
    position: {
      lat_e7: Math.round(coords.latitude * 1e7),
      lng_e7: Math.round(coords.longitude * 1e7),
      accuracy_m: Math.round(coords.accuracy),
    },
  };
}

/** Follows the position; what it gives back ends that. */
export function watch(): () => void {
  if (!wantedByShop() || agreed.value !== "yes") return () => {};
  const id = navigator.geolocation.watchPosition(hear, () => {}, { enableHighAccuracy: true });
  return () => navigator.geolocation.clearWatch(id);
}

/** Where the shutter was pressed, or null when that is not known well enough in time. */
export function here(): Position | null {
  if (!wantedByShop() || agreed.value !== "yes" || !latest) return null;
  return Date.now() - latest.at < FRESH_MS ? latest.position : null;
}
