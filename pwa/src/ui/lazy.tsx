/** A part that is loaded when it is first wanted, so that the first screen does not wait for it. It is kept for off line like all else. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** The component that `load` brings; until then, and where it cannot be had, what `waiting` says. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [, draw] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded) return;
      load().then(
        (part) => {
          loaded = part;
          draw(1);
        },
        () => setFailed(true),
      );
    }, []);
    if (loaded) {
      const Part = loaded;
      return <Part {...props} />;
    }
    return failed ? <p class="soft">This part could not be loaded. Please try again.</p> : null;
  };
}
