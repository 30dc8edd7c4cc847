/** A drawing as SVG over its photo. `ratio` is the photo's width by its height, so that circles are round and letters upright. */
import { FULL, type Point, type Shape, shapesOf } from "./shapes";

interface Props {
  drawing: unknown;
  ratio: number;
}

export function DrawingOverlay({ drawing, ratio }: Props) {
  const shapes = shapesOf(drawing);
  if (shapes.length === 0) return null;
  return (
    <svg class="drawing" viewBox={`0 0 ${FULL} ${FULL / ratio}`} role="img" aria-label="Drawing on the photo">
      {shapes.map((shape, i) => (
        <ShapeView key={i} shape={shape} ratio={ratio} />
      ))}
    </svg>
  );
}

/** A dark or light rim lets any colour be seen on any picture. */
export function ShapeView({ shape, ratio }: { shape: Shape; ratio: number }) {
  const rim = shape.colour === "#12131a" ? "#ffffff" : "#12131a";
  if (shape.kind === "text") return <Words shape={shape} ratio={ratio} rim={rim} />;
  const d = pathOf(shape, ratio);
  return (
    <g fill="none" stroke-linecap="round" stroke-linejoin="round">
      <path d={d} stroke={rim} stroke-width={shape.width * 1.7} stroke-opacity="0.55" />
      <path d={d} stroke={shape.colour} stroke-width={shape.width} />
    </g>
  );
}

/** Letters are as tall as five lines are wide. */
export const LETTERS = 5.5;

function Words({ shape, ratio, rim }: { shape: Shape; ratio: number; rim: string }) {
  const [x, y] = shape.points[0] ?? [0, 0];
  const size = shape.width * LETTERS;
  return (
    <text
      class="drawn-text"
      x={x}
      y={y / ratio}
      font-size={size}
      fill={shape.colour}
      stroke={rim}
      stroke-width={size * 0.16}
    >
      {shape.text}
    </text>
  );
}

export function pathOf(shape: Shape, ratio: number): string {
  const points = shape.points.map(([x, y]): Point => [x, y / ratio]);
  if (shape.kind === "circle") return circle(points);
  return shape.kind === "arrow" ? arrow(points, shape.width) : smooth(points);
}

const at = ([x, y]: Point) => `${Math.round(x)} ${Math.round(y)}`;

/** An ellipse in the box between two corners. */
function circle([one, other]: Point[]): string {
  if (!one || !other) return "";
  const [rx, ry] = [Math.abs(other[0] - one[0]) / 2, Math.abs(other[1] - one[1]) / 2];
  const [cx, cy] = [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
  const arc = `A${Math.round(rx)} ${Math.round(ry)} 0 1 0`;
  return `M${at([cx - rx, cy])}${arc} ${at([cx + rx, cy])}${arc} ${at([cx - rx, cy])}Z`;
}

const HEAD_ANGLE = 0.5;

function arrow([from, to]: Point[], width: number): string {
  if (!from || !to) return "";
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const length = Math.min(width * 6, Math.hypot(to[0] - from[0], to[1] - from[1]) * 0.6);
  const wing = (turn: number): Point => [
    to[0] - length * Math.cos(angle + turn),
    to[1] - length * Math.sin(angle + turn),
  ];
  return `M${at(from)}L${at(to)}M${at(wing(HEAD_ANGLE))}L${at(to)}L${at(wing(-HEAD_ANGLE))}`;
}

/** Curves through the middles between points: a hand's line without its corners. */
function smooth(points: Point[]): string {
  const [first] = points;
  if (!first) return "";
  if (points.length < 3) return `M${at(first)}L${at(points.at(-1) ?? first)}`;
  let d = `M${at(first)}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [here, next] = [points[i] as Point, points[i + 1] as Point];
    d += `Q${at(here)} ${at([(here[0] + next[0]) / 2, (here[1] + next[1]) / 2])}`;
  }
  return `${d}L${at(points.at(-1) as Point)}`;
}
