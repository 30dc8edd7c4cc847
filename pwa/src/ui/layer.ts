/** The back button closes what fills the screen: a picture, the camera. Each takes a step of its own in the browser's history. */
import { useEffect, useRef } from "preact/hooks";

/** How many such steps lie on top of the screen's own. */
const depth = (): number => (history.state as { layer?: number } | null)?.layer ?? 0;

/** Calls `close` when the person goes back. Whoever closes to go elsewhere goes first, and closes then. */
export function useBackCloses(close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const mine = depth() + 1;
    history.pushState({ inside: true, layer: mine }, "", location.href);
    const hear = () => {
      if (depth() < mine) latest.current();
    };
    addEventListener("popstate", hear);
    return () => {
      removeEventListener("popstate", hear);
      if (depth() === mine) history.back();
    };
  }, []);
}
