"""A pen that measures in hundredths of the picture, so that a scene reads like a sketch; and the workshop's colours."""

from __future__ import annotations

import math

from PIL import ImageDraw

Colour = tuple[int, int, int]

STEEL, DARK, BRIGHT = (158, 162, 168), (52, 54, 58), (214, 218, 224)
RUST, SOOT, OIL, GRASS = (146, 84, 42), (28, 26, 24), (44, 34, 20), (76, 118, 46)
RED, ORANGE, GREEN, BLUE, RUBBER = (178, 38, 34), (226, 112, 26), (46, 118, 72), (38, 82, 140), (34, 34, 36)


class Sketch:
    """A pen that measures in hundredths of the picture."""

    def __init__(self, pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
        self.pen, self.w, self.h = pen, width / 100, height / 100

    def box(self, x: float, y: float, x2: float, y2: float, fill: Colour, round_: float = 2) -> None:
        at = (x * self.w, y * self.h, x2 * self.w, y2 * self.h)
        self.pen.rounded_rectangle(at, round_ * self.w, fill=fill, outline=_darker(fill), width=3)

    def disc(
        self, x: float, y: float, r: float, fill: Colour | None, line: Colour | None = None, width: int = 3
    ) -> None:
        r *= self.w
        x, y = x * self.w, y * self.h
        outline = line or (_darker(fill) if fill else None)
        self.pen.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline=outline, width=width)

    def line(self, *xy: float, fill: Colour, width: float = 1) -> None:
        points = [(x * self.w, y * self.h) for x, y in zip(xy[::2], xy[1::2], strict=True)]
        self.pen.line(points, fill=fill, width=max(1, round(width * self.w)), joint="curve")

    def shape(self, *xy: float, fill: Colour) -> None:
        points = [(x * self.w, y * self.h) for x, y in zip(xy[::2], xy[1::2], strict=True)]
        self.pen.polygon(points, fill=fill, outline=_darker(fill), width=3)

    def shine(self, x: float, y: float, x2: float, y2: float) -> None:
        self.pen.line((x * self.w, y * self.h, x2 * self.w, y2 * self.h), fill=(255, 255, 255, 150), width=6)

    def dirt(self, x: float, y: float, r: float, colour: Colour, pieces: int = 40) -> None:
        """Specks strewn around a spot, always the same ones, some in the light and some not."""
        for i in range(pieces):
            angle, far = i * 2.4, r * math.sqrt(i / pieces)
            size = (0.5 + (i * 7 % 5) * 0.3) * self.w
            at_x, at_y = (x + far * math.cos(angle)) * self.w, (y + far * math.sin(angle) * 1.3) * self.h
            shade = tuple(min(255, value + (i * 13 % 7 - 3) * 7) for value in colour)
            self.pen.ellipse((at_x - size, at_y - size * 0.7, at_x + size, at_y + size * 0.7), fill=shade)

    def puddle(self, x: float, y: float, x2: float, y2: float) -> None:
        self.pen.ellipse((x * self.w, y * self.h, x2 * self.w, y2 * self.h), fill=(52, 62, 70, 190))


def _darker(colour: Colour) -> Colour:
    red, green, blue = (value * 6 // 10 for value in colour)
    return red, green, blue
