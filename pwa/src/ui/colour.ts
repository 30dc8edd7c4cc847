/** Contrast: the shop chooses one colour, this makes sure that words on it and in it can be read at 7:1. */

type Rgb = [number, number, number];

function parse(hex: string): Rgb | null {
  const found = /^#?([0-9a-f]{6})$/i.exec(hex.trim());
  if (!found?.[1]) return null;
  const n = Number.parseInt(found[1], 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

function dump([r, g, b]: Rgb): string {
  return `#${[r, g, b].map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return [0, 1, 2].map((i) => (from[i] ?? 0) + ((to[i] ?? 0) - (from[i] ?? 0)) * share) as Rgb;
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((part) => {
    const value = part / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

export function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** Moves `colour` towards `to` in small steps until it stands 7:1 against `ground`. */
function readable(colour: Rgb, ground: Rgb, to: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.04) {
    const tried = mix(colour, to, share);
    if (contrast(tried, ground) >= 7) return tried;
  }
  return to;
}

/** The custom properties for a shop's colour, or null when it is not one. */
export function accentOf(hex: string): Record<string, string> | null {
  const given = parse(hex);
  if (!given) return null;
  const solid = readable(given, WHITE, BLACK);
  // A light colour makes the dark tint too light for any ink, so it is darkened until white can be read on it.
  const tints: [Rgb, Rgb] = [mix(given, WHITE, 0.88), readable(mix([25, 28, 31], given, 0.28), WHITE, BLACK)];
  const inks: [Rgb, Rgb] = [readable(given, tints[0], BLACK), readable(given, tints[1], WHITE)];
  return {
    "--accent": dump(solid),
    "--on-accent": "#ffffff",
    "--accent-tint": `light-dark(${dump(tints[0])}, ${dump(tints[1])})`,
    "--accent-ink": `light-dark(${dump(inks[0])}, ${dump(inks[1])})`,
  };
}
