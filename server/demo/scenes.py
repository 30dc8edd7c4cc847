"""What lies on the bench: machines and parts, whole or damaged, as shapes on a transparent layer.

Every painter gets a pen, the size of the layer, and whether the thing is in a bad state.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from PIL import ImageDraw

from server.demo.sketch import (
    BLUE,
    BRIGHT,
    DARK,
    GRASS,
    GREEN,
    OIL,
    ORANGE,
    RED,
    RUBBER,
    RUST,
    SOOT,
    STEEL,
    Sketch,
)  # fmt: skip

Pen = ImageDraw.ImageDraw
Painter = Callable[[Pen, int, int, bool], None]


def mower_deck(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    s.disc(50, 50, 36, RED)
    s.disc(50, 50, 31, (120, 122, 124))
    s.line(24, 40, 76, 60, fill=STEEL, width=6)
    s.shine(30, 41, 68, 56)
    s.disc(50, 50, 4, DARK)
    if bad:
        for x, y in ((30, 28), (66, 24), (74, 66), (36, 76), (56, 80), (24, 60)):
            s.dirt(x, y, 11, GRASS, 70)


def blade(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    bend = 14 if bad else 0
    s.shape(8, 46, 50, 44, 92, 44 - bend, 94, 52 - bend, 50, 58, 6, 58, fill=RUST if bad else STEEL)
    s.shape(78, 44 - bend * 0.7, 92, 36 - bend, 94, 44 - bend, 80, 50 - bend * 0.7, fill=BRIGHT)
    s.shape(6, 58, 20, 57, 20, 66, 8, 66, fill=BRIGHT)
    s.disc(50, 51, 3.4, SOOT)
    if bad:
        for x in (14, 30, 68):
            s.disc(x, 57, 1.6, SOOT)


def plug(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    s.box(6, 46, 14, 54, STEEL)
    s.box(14, 41, 44, 59, (238, 236, 230), 3)
    s.box(44, 34, 58, 66, STEEL, 1)
    s.box(58, 40, 82, 60, SOOT if bad else BRIGHT, 1)
    for x in range(60, 82, 3):
        s.line(x, 40, x + 1, 60, fill=DARK, width=0.6)
    s.line(82, 42, 91, 42, 91, 52, fill=SOOT if bad else STEEL, width=2)
    s.box(82, 47, 88, 53, OIL if bad else (226, 206, 176), 1)
    if bad:
        s.dirt(84, 50, 8, SOOT, 60)


def carburettor(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    body = (150, 132, 96) if bad else BRIGHT
    s.box(26, 30, 74, 62, body, 4)
    s.disc(50, 46, 11, DARK)
    s.disc(50, 46, 8, STEEL if not bad else OIL)
    s.line(43, 52, 57, 40, fill=(206, 176, 92), width=1.6)
    s.box(36, 62, 64, 84, (128, 108, 66) if bad else STEEL, 5)
    s.box(72, 36, 88, 42, (206, 176, 92), 1)
    s.line(20, 38, 30, 44, fill=DARK, width=2)
    if bad:
        s.dirt(50, 74, 13, (110, 74, 24), 90)
        s.dirt(62, 40, 8, (110, 74, 24), 30)


def chainsaw(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    s.box(8, 36, 46, 70, ORANGE, 5)
    s.box(12, 28, 34, 40, (236, 234, 228), 4)
    s.line(14, 30, 26, 18, 44, 22, 46, 36, fill=DARK, width=3)
    s.box(44, 48, 94, 58, STEEL, 4)
    s.line(44, 46, 93, 46, 96, 53, 93, 60, 44, 60, fill=SOOT, width=1.6)
    s.disc(24, 56, 7, DARK)
    if bad:
        s.dirt(34, 66, 12, OIL)


def saw_chain(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    for row, y in enumerate((30, 66)):
        for i in range(9):
            x = 6 + i * 10.4 + row * 3
            s.box(x, y + 4, x + 7, y + 12, STEEL, 3)
            s.disc(x + 1.6, y + 8, 1.5, DARK)
            if i % 2 == row:
                top = 3 if bad and i < 5 else 9
                s.shape(
                    x,
                    y + 4,
                    x + 1,
                    y + 4 - top,
                    x + 7,
                    y + 4 - top * 0.8,
                    x + 6,
                    y + 4,
                    fill=RUST if bad else BRIGHT,
                )
            else:
                s.shape(x + 1, y + 12, x + 3.5, y + 21, x + 6, y + 12, fill=STEEL)


def wheel(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    for i in range(18):
        angle = i * math.tau / 18
        short = _buckle(i * 60 // 18, bad)
        end = (50 + (34 + short) * math.cos(angle), 50 + (45 + short) * math.sin(angle))
        s.line(50, 50, *end, fill=BRIGHT, width=0.5)
    rim = [
        (
            50 + (34 + _buckle(i, bad)) * math.cos(a := i * math.tau / 60),
            50 + (45 + _buckle(i, bad)) * math.sin(a),
        )
        for i in range(61)
    ]
    points = [value for point in rim for value in point]
    s.line(*points, fill=RUBBER, width=4.5)
    s.line(*points, fill=STEEL, width=1.5)
    s.disc(50, 50, 4, DARK)


def _buckle(place: int, bad: bool) -> float:
    return -9 * math.exp(-(((place - 38) / 4) ** 2)) if bad else 0


def drivetrain(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    for x, r, teeth in ((34, 21, 30), (78, 11, 16)):
        for i in range(teeth):
            angle = i * math.tau / teeth
            lean = 0.12 if bad else 0
            s.line(
                x + r * math.cos(angle), 50 + r * 1.33 * math.sin(angle),
                x + (r + 3) * math.cos(angle + lean), 50 + (r + 3) * 1.33 * math.sin(angle + lean),
                fill=SOOT if bad else STEEL, width=1.1,
            )  # fmt: skip
        s.disc(x, 50, r, (96, 84, 66) if bad else STEEL)
        s.disc(x, 50, r * 0.6, DARK)
    sag = 12 if bad else 0
    s.line(34, 20, 78, 33, fill=OIL if bad else BRIGHT, width=1.8)
    s.line(34, 80, 56, 74 + sag, 78, 67, fill=OIL if bad else BRIGHT, width=1.8)
    if bad:
        s.dirt(56, 50, 18, OIL, 60)


def pads(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    for x in (12, 54):
        s.shape(x, 26, x + 34, 26, x + 32, 78, x + 2, 78, fill=RUST if bad else STEEL)
        s.shape(x + 4, 34 if not bad else 64, x + 30, 34 if not bad else 66, x + 29, 74, x + 5, 74, fill=DARK)
        s.disc(x + 17, 30, 1.8, SOOT)
    if bad:
        s.dirt(46, 60, 12, OIL, 50)


def belt(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    if bad:
        s.line(14, 70, 20, 34, 44, 22, 62, 36, 58, 60, 76, 74, 90, 58, fill=RUBBER, width=5)
        for i in range(6):
            s.line(90, 58, 93 + i, 50 + i * 3, fill=(160, 140, 110), width=0.5)
            s.line(14, 70, 8 + i, 78 + i * 2, fill=(160, 140, 110), width=0.5)
        return
    s.disc(50, 50, 33, None, RUBBER, 40)
    s.disc(50, 50, 31, None, (78, 78, 82), 4)


def air_filter(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    s.box(18, 22, 82, 80, DARK, 4)
    for i in range(15):
        x = 22 + i * 3.8
        s.box(x, 26, x + 2.6, 76, (92, 80, 56) if bad else (240, 236, 222), 1)
    if bad:
        s.dirt(46, 52, 24, SOOT, 120)
        s.dirt(64, 44, 10, GRASS, 20)


def tyre(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    s.shape(0, 20, 100, 32, 100, 84, 0, 76, fill=RUBBER)
    for i in range(13):
        s.line(i * 8, 24 + i * 0.9, i * 8 + 5, 48, i * 8, 74, fill=(66, 66, 68), width=1.4)
    if bad:
        s.shape(46, 42, 60, 52, 50, 56, fill=SOOT)
        s.shape(49, 40, 56, 37, 54, 54, fill=(120, 196, 168))


def bike(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    for x in (24, 76):
        s.disc(x, 66, 17, None, RUBBER, 14)
        s.disc(x, 66, 15, None, STEEL, 3)
    s.line(24, 66, 40, 36, 66, 36, 76, 66, fill=BLUE, width=2)
    s.line(40, 36, 48, 68, 24, 66, fill=BLUE, width=2)
    s.line(48, 68, 66, 36, 64, 26, 72, 24, fill=BLUE, width=2)
    s.line(40, 36, 38, 28, 32, 28, fill=DARK, width=2)
    s.disc(48, 68, 5, DARK)


def engine(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    s.box(24, 44, 78, 84, STEEL, 5)
    for y in range(16, 46, 5):
        s.box(32, y, 66, y + 3, STEEL, 1)
    s.box(66, 52, 88, 66, DARK, 3)
    if bad:
        s.shape(40, 56, 54, 52, 60, 64, 52, 74, 42, 70, fill=SOOT)
        s.line(54, 52, 64, 46, fill=SOOT, width=0.8)
        s.line(42, 70, 34, 80, fill=SOOT, width=0.8)
        s.dirt(50, 80, 16, OIL, 70)


def fuel_line(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    s.box(4, 40, 26, 66, DARK, 4)
    s.line(24, 52, 44, 40, 60, 62, 92, 46, fill=(196, 150, 52) if bad else (226, 196, 84), width=4)
    if bad:
        s.line(46, 40, 56, 58, fill=SOOT, width=1.2)
        s.line(50, 44, 55, 42, fill=SOOT, width=0.8)
        s.dirt(54, 72, 12, (150, 110, 40), 60)


def generator(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    s.box(14, 34, 86, 82, RED, 8)
    s.box(30, 22, 70, 32, DARK, 4)
    s.box(20, 44, 52, 74, (226, 226, 222), 3)
    for x in (28, 42):
        s.disc(x, 60, 4.6, DARK)
    s.box(60, 46, 80, 72, DARK, 3)
    s.disc(66, 38, 1.8, ORANGE if bad else GREEN)


def pump(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    s.disc(46, 52, 25, STEEL)
    s.box(62, 22, 80, 50, STEEL, 3)
    s.disc(46, 52, 11, DARK)
    for i in range(6):
        angle = i * math.tau / 6
        s.disc(46 + 20 * math.cos(angle), 52 + 26 * math.sin(angle), 1.6, DARK)
    if bad:
        s.line(64, 36, 58, 44, 62, 54, 54, 64, 56, 76, fill=SOOT, width=1)
        s.line(58, 44, 50, 42, fill=SOOT, width=0.7)


def washer(pen: Pen, w: int, h: int, bad: bool) -> None:
    s = Sketch(pen, w, h)
    if bad:
        s.puddle(12, 74, 92, 98)
        s.puddle(30, 70, 60, 86)
    s.box(30, 22, 62, 82, (240, 196, 24), 6)
    s.box(36, 30, 56, 46, DARK, 2)
    for x in (32, 60):
        s.disc(x, 84, 6, RUBBER)
    s.line(62, 40, 84, 30, 90, 60, fill=DARK, width=2)


SCENES: Mapping[str, tuple[str, Painter]] = {
    "deck": ("floor", mower_deck),
    "blade": ("bench", blade),
    "plug": ("cloth", plug),
    "carb": ("bench", carburettor),
    "saw": ("bench", chainsaw),
    "chain": ("bench", saw_chain),
    "wheel": ("floor", wheel),
    "drivetrain": ("floor", drivetrain),
    "pads": ("cloth", pads),
    "belt": ("floor", belt),
    "filter": ("bench", air_filter),
    "tyre": ("cloth", tyre),
    "bike": ("floor", bike),
    "engine": ("bench", engine),
    "fuelline": ("bench", fuel_line),
    "generator": ("floor", generator),
    "pump": ("bench", pump),
    "washer": ("floor", washer),
}
