/**
 * Zooming into one picture: two fingers, a double tap, the wheel, buttons and keys. It moves within its frame only.
 *
 * The picture is moved by a transform that is set directly, since a finger does not wait for a screen to be drawn.
 */
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

export const ZOOM_MAX = 6;
export const ZOOM_STEP = 2.5;

interface At {
  scale: number;
  x: number;
  y: number;
}

/** Kept so that the picture covers its frame: it can be moved by no more than what stands over. */
export function within({ scale, x, y }: At, width: number, height: number): At {
  const kept = Math.min(ZOOM_MAX, Math.max(1, scale));
  const [over, below] = [((kept - 1) * width) / 2, ((kept - 1) * height) / 2];
  const clamp = (value: number, most: number) => Math.min(most, Math.max(-most, value));
  return { scale: kept, x: clamp(x, over), y: clamp(y, below) };
}

/** The same picture scaled by `by` while the point (px, py), measured from the middle, stays where it is. */
export function scaled(at: At, by: number, px: number, py: number): At {
  const scale = Math.min(ZOOM_MAX, Math.max(1, at.scale * by));
  const share = scale / at.scale;
  return { scale, x: px - (px - at.x) * share, y: py - (py - at.y) * share };
}

export interface Zoom {
  frame: RefObject<HTMLDivElement | null>;
  zoomed: boolean;
  /** Scales around the middle; 0 shows the whole again. */
  by(factor: number): void;
}

export function useZoom(active: boolean): Zoom {
  const frame = useRef<HTMLDivElement>(null);
  const at = useRef<At>({ scale: 1, x: 0, y: 0 });
  const [zoomed, setZoomed] = useState(false);
  const move = useMemo(
    () => (next: At) => {
      const shown = frame.current;
      if (!shown) return;
      at.current = within(next, shown.offsetWidth, shown.offsetHeight);
      const { scale, x, y } = at.current;
      shown.style.transform = scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
      setZoomed(scale > 1);
    },
    [],
  );
  const by = (factor: number) =>
    move(factor === 0 ? { scale: 1, x: 0, y: 0 } : scaled(at.current, factor, 0, 0));
  useEffect(() => {
    if (!active) return by(0);
    const stage = frame.current?.parentElement;
    return stage ? listen(stage, at, move) : undefined;
  }, [active]);
  return { frame, zoomed, by };
}

/** Where on the picture, measured from the middle of its stage. */
function fromMiddle(stage: HTMLElement, x: number, y: number): [number, number] {
  const box = stage.getBoundingClientRect();
  return [x - box.left - box.width / 2, y - box.top - box.height / 2];
}

function listen(stage: HTMLElement, at: { current: At }, move: (next: At) => void): () => void {
  const down = new Map<number, PointerEvent>();
  const gone = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(name: K, run: (event: HTMLElementEventMap[K]) => void) =>
    stage.addEventListener(name, run, { signal: gone.signal, passive: false });
  on("pointerdown", (event) => {
    down.set(event.pointerId, event);
    if (at.current.scale > 1 || down.size > 1) stage.setPointerCapture(event.pointerId);
  });
  on("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const other = [...down.values()].find((one) => one.pointerId !== event.pointerId);
    down.set(event.pointerId, event);
    if (other) move(pinched(stage, at.current, before, event, other));
    else if (at.current.scale > 1) {
      const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
      move({ ...at.current, x: at.current.x + dx, y: at.current.y + dy });
    }
  });
  for (const name of ["pointerup", "pointercancel"] as const)
    on(name, (event) => down.delete(event.pointerId));
  on("dblclick", (event) => {
    const [px, py] = fromMiddle(stage, event.clientX, event.clientY);
    move(at.current.scale > 1 ? { scale: 1, x: 0, y: 0 } : scaled(at.current, ZOOM_STEP, px, py));
  });
  on("wheel", (event) => {
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    event.preventDefault();
    const [px, py] = fromMiddle(stage, event.clientX, event.clientY);
    move(scaled(at.current, Math.exp(-event.deltaY / 400), px, py));
  });
  return () => gone.abort();
}

function pinched(stage: HTMLElement, at: At, was: PointerEvent, is: PointerEvent, other: PointerEvent): At {
  const apart = (one: PointerEvent) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  const [px, py] = fromMiddle(stage, (is.clientX + other.clientX) / 2, (is.clientY + other.clientY) / 2);
  return scaled(at, apart(is) / Math.max(1, apart(was)), px, py);
}
