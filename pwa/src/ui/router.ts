/** Where the person is: a path and its parts, kept in the address so that a reload, a link and the back button all work. */
import { signal } from "@preact/signals";

export const path = signal(location.pathname);
export const query = signal(location.search);

/** How far each screen was scrolled when it was left, so that going back finds the same place in a list. */
const left = new Map<string, number>();

function read(): void {
  path.value = location.pathname;
  query.value = location.search;
}

/** Goes to `to` and puts the new screen's start into view. */
export function go(to: string, how: "push" | "replace" = "push"): void {
  if (to === location.pathname + location.search) return;
  left.set(path.value, scrollY);
  if (how === "push") history.pushState({ inside: true }, "", to);
  else history.replaceState(history.state, "", to);
  read();
  scrollTo(0, 0);
}

/** Goes back where the person came from, or to `fallback` when this was the first screen. */
export function back(fallback: string): void {
  if ((history.state as { inside?: boolean } | null)?.inside) history.back();
  else go(fallback, "replace");
}

/** The screen is drawn a moment after the address changed, and its rows take their height one frame later. */
function goneBack(): void {
  left.set(path.value, scrollY);
  read();
  const to = left.get(path.value) ?? 0;
  requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, to)));
}

/** Follows a click on an own link without loading the page anew; clicks with a modifier stay the browser's. */
function follow(event: MouseEvent): void {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || link.origin !== location.origin || link.target || link.hasAttribute("download") || link.hash)
    return;
  event.preventDefault();
  go(link.pathname + link.search);
}

export function startRouter(): void {
  history.scrollRestoration = "manual";
  addEventListener("popstate", goneBack);
  document.addEventListener("click", follow);
}

/** The values behind `:names` of `pattern` when `at` has its shape, else null. */
export function match(pattern: string, at: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = at.replace(/\/$/, "").split("/");
  if (wanted.length !== given.length && !(pattern === "/" && given.length === 1)) return null;
  const found: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? "";
    if (part.startsWith(":")) found[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return found;
}
