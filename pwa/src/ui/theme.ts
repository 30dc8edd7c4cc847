/** Light, dark or as the system has it; and the shop's accent. The choice is this device's alone and is not synced. */
import { signal } from "@preact/signals";
import { accentOf } from "./colour";
import { remember, remembered } from "./memory";

export type Theme = "auto" | "light" | "dark";

const KEY = "workbay.theme";

export const theme = signal<Theme>("auto");

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  remember(KEY, chosen === "auto" ? null : chosen);
}

/** Called before the first screen is drawn, so that a dark shop is not lit up by a white flash. */
export function restoreTheme(): void {
  const kept = remembered(KEY);
  setTheme(kept === "light" || kept === "dark" ? kept : "auto");
}

export function setAccent(colour: unknown): void {
  const made = typeof colour === "string" ? accentOf(colour) : null;
  if (!made) return;
  for (const [name, value] of Object.entries(made)) document.documentElement.style.setProperty(name, value);
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", made["--accent"] ?? "");
}
