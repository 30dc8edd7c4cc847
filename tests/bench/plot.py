"""A small chart as SVG: a few lines over two logarithmic axes, readable on light and on dark paper.

It is plain text that a person can read and a diff can show; colours follow the reader's own scheme.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 20, 52
STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #24292f }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .line { fill: none; stroke-width: 2.5 }
  .c0 { stroke: #0969da } .c1 { stroke: #bc4c00 } .c2 { stroke: #1a7f37 } .c3 { stroke: #8250df } .c4 { stroke: #cf222e }
  .d0 { fill: #0969da } .d1 { fill: #bc4c00 } .d2 { fill: #1a7f37 } .d3 { fill: #8250df } .d4 { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .grid { stroke: #3d444d }
    .c0 { stroke: #58a6ff } .c1 { stroke: #f0883e } .c2 { stroke: #56d364 } .c3 { stroke: #bc8cff } .c4 { stroke: #ff7b72 }
    .d0 { fill: #58a6ff } .d1 { fill: #f0883e } .d2 { fill: #56d364 } .d3 { fill: #bc8cff } .d4 { fill: #ff7b72 }
  }"""
LABEL_GAP = 17


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines`: name → x → y, all above zero."""

    along: str
    up: str
    lines: Mapping[str, Mapping[int, float]]

    def svg(self) -> str:
        xs = sorted({x for line in self.lines.values() for x in line})
        ys = [y for line in self.lines.values() for y in line.values()]
        across = Axis(xs[0], xs[-1], LEFT, WIDTH - RIGHT)
        upward = Axis(
            10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys))), HEIGHT - BOTTOM, TOP
        )
        parts = [*grid(xs, across, upward), *words(self.along, self.up)]
        for number, line in enumerate(self.lines.values()):
            parts += drawn(number % 5, [(across.at(x), upward.at(y)) for x, y in sorted(line.items())])
        parts += labels(self.lines, upward)
        title = f"<title>{self.up} by {self.along}</title>"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{title}<style>{STYLE}\n</style>\n'
            + "\n".join(parts)
            + "\n</svg>\n"
        )


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis from `least` to `most`, drawn from `start` to `end`."""

    least: float
    most: float
    start: float
    end: float

    def at(self, value: float) -> float:
        span = math.log10(self.most / self.least) or 1.0
        return round(self.start + (self.end - self.start) * math.log10(value / self.least) / span, 1)


def grid(xs: Sequence[int], across: Axis, upward: Axis) -> list[str]:
    """A line for each size that was measured, and one for each power of ten."""
    lines = []
    for x in xs:
        at = across.at(x)
        lines.append(f'<line class="grid" x1="{at}" y1="{TOP}" x2="{at}" y2="{HEIGHT - BOTTOM}"/>')
        lines.append(f'<text x="{at}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{x:,}</text>')
    y = upward.least
    while y <= upward.most:
        at = upward.at(y)
        lines.append(f'<line class="grid" x1="{LEFT}" y1="{at}" x2="{WIDTH - RIGHT}" y2="{at}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{at + 5}" text-anchor="end">{y:g}</text>')
        y *= 10
    return lines


def words(along: str, up: str) -> list[str]:
    middle = (HEIGHT - BOTTOM + TOP) / 2
    return [
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{along}</text>',
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">{up}</text>',
    ]


def drawn(colour: int, points: Sequence[tuple[float, float]]) -> list[str]:
    path = " ".join(f"{x},{y}" for x, y in points)
    dots = "".join(f'<circle class="d{colour}" cx="{x}" cy="{y}" r="3.5"/>' for x, y in points)
    return [f'<polyline class="line c{colour}" points="{path}"/>{dots}']


def labels(lines: Mapping[str, Mapping[int, float]], upward: Axis) -> list[str]:
    """Each line's name at its end, moved apart where two would lie on each other."""
    ends = sorted((upward.at(line[max(line)]), name) for name, line in lines.items())
    found, above = [], -math.inf
    for at, name in ends:
        above = max(at, above + LABEL_GAP)
        number = list(lines).index(name) % 5
        found.append(
            f'<text x="{WIDTH - RIGHT + 12}" y="{round(above + 5, 1)}" class="d{number}">{name}</text>'
        )
    return found
