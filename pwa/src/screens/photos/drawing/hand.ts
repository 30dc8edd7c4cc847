/** From a finger's way over the picture to a shape. Pure but for the box it is measured in. */
import { FULL, type Point, type Shape, type ShapeKind, simplified } from "./shapes";

/** Where on the picture, in whole ten-thousandths; what leaves the picture stays at its edge. */
export function pointOf(box: DOMRect, x: number, y: number): Point {
  const share = (value: number, size: number) => Math.round(Math.min(1, Math.max(0, value / size)) * FULL);
  return [share(x - box.left, box.width), share(y - box.top, box.height)];
}

/** Less than a finger trembles. */
const MOVED_MIN = 120;
const TOLERANCE = 18;

export interface Pen {
  kind: ShapeKind;
  colour: string;
  width: number;
}

/** The shape as it looks while the finger is still down. */
export function growing(pen: Pen, points: Point[]): Shape {
  const ends = [points[0] as Point, points.at(-1) as Point];
  return { ...pen, points: pen.kind === "free" ? points : ends };
}

/** The shape that stays, or null for what was only a touch. */
export function finished(pen: Pen, points: Point[]): Shape | null {
  const shape = growing(pen, points);
  const [first] = points;
  const far = points.some(([x, y]) => first && Math.hypot(x - first[0], y - first[1]) > MOVED_MIN);
  if (!far) return null;
  return pen.kind === "free" ? { ...shape, points: simplified(points, TOLERANCE) } : shape;
}
