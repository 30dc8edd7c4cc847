/**
 * Drawings over a photo: vectors in whole numbers, 0 to 10,000 of its width and of its height, so that they fit any
 * size of it and the original stays as it is. Pure.
 *
 * A line's width counts ten-thousandths of the photo's width.
 */
export type ShapeKind = "arrow" | "circle" | "free" | "text";
export type Point = [x: number, y: number];

export interface Shape {
  kind: ShapeKind;
  points: Point[];
  colour: string;
  width: number;
  text?: string;
}

export interface Drawing {
  v: 1;
  shapes: Shape[];
}

export const FULL = 10_000;
/** The field takes 20,000 characters; some are left for what another hand adds when both are kept. */
export const CHARACTERS_MAX = 19_000;
export const COLOURS = ["#e5231b", "#ffd400", "#ffffff", "#12131a", "#1f6fff", "#18a348"];
export const COLOUR_WORDS = ["Red", "Yellow", "White", "Black", "Blue", "Green"];

const KINDS = new Set<unknown>(["arrow", "circle", "free", "text"]);

const isPoint = (value: unknown): value is Point =>
  Array.isArray(value) && value.length === 2 && value.every((one) => Number.isFinite(one));

function isShape(value: unknown): value is Shape {
  const one = value as Shape | null;
  return (
    typeof one === "object" &&
    one !== null &&
    KINDS.has(one.kind) &&
    Array.isArray(one.points) &&
    one.points.length > 0 &&
    one.points.every(isPoint) &&
    /^#[0-9a-f]{6}$/i.test(String(one.colour))
  );
}

/** The shapes of a field, whatever is in it: what cannot be drawn is left out, so that no screen breaks on it. */
export function shapesOf(drawing: unknown): Shape[] {
  const shapes = (drawing as Drawing | null)?.shapes;
  return Array.isArray(shapes) ? shapes.filter(isShape) : [];
}

/** What is written to the field: nothing where nothing is drawn. */
export const asDrawing = (shapes: Shape[]): Drawing | null => (shapes.length ? { v: 1, shapes } : null);

export const sizeOf = (shapes: Shape[]): number => JSON.stringify(asDrawing(shapes)).length;

/** Both drawings as one, what they share once. */
export function together(one: unknown, other: unknown): Drawing | null {
  const all = [...shapesOf(one), ...shapesOf(other)];
  const seen = new Map(all.map((shape) => [JSON.stringify(shape), shape]));
  return asDrawing([...seen.values()]);
}

/** "2 arrows, 1 text". */
export function drawingWords(drawing: unknown): string {
  const shapes = shapesOf(drawing);
  if (shapes.length === 0) return "nothing drawn";
  const names: Record<ShapeKind, string> = { arrow: "arrow", circle: "circle", free: "line", text: "text" };
  return (Object.keys(names) as ShapeKind[])
    .map((kind) => ({ kind, count: shapes.filter((one) => one.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${names[kind]}${count === 1 ? "" : "s"}`)
    .join(", ");
}

/** Drops points that lie within `tolerance` of the line through their neighbours (Ramer, Douglas and Peucker). */
export function simplified(points: Point[], tolerance: number): Point[] {
  const [start, end] = [points[0], points.at(-1)];
  if (!start || !end || points.length < 3) return points;
  let [farthest, most] = [0, 0];
  for (let i = 1; i < points.length - 1; i++) {
    const distance = fromLine(points[i] as Point, start, end);
    if (distance > most) [farthest, most] = [i, distance];
  }
  if (most <= tolerance) return [start, end];
  const left = simplified(points.slice(0, farthest + 1), tolerance);
  return [...left.slice(0, -1), ...simplified(points.slice(farthest), tolerance)];
}

function fromLine([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = Math.hypot(dx, dy);
  if (length === 0) return Math.hypot(x - ax, y - ay);
  return Math.abs(dy * (x - ax) - dx * (y - ay)) / length;
}
