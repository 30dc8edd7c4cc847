"""What a screenshot of the remote service shows: a window with a full disk, a broken path, a warning."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw

DESK, PAPER, TITLE = (44, 74, 112), (246, 247, 249), (226, 230, 236)
RED, GREEN, GREY, INK = (196, 48, 44), (52, 148, 84), (172, 178, 186), (58, 64, 72)


def _window(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (width, height), DESK)
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((22, 18, width - 22, height - 26), 6, fill=PAPER)
    pen.rounded_rectangle((22, 18, width - 22, 38), 6, fill=TITLE)
    for place, colour in enumerate((RED, (226, 176, 52), GREEN)):
        pen.ellipse((30 + place * 14, 24, 38 + place * 14, 32), fill=colour)
    pen.rectangle((0, height - 14, width, height), fill=(24, 30, 40))
    return picture, pen


def _text(pen: ImageDraw.ImageDraw, x: int, y: int, *lengths: int) -> None:
    """Lines of text as one sees them from afar."""
    for row, length in enumerate(lengths):
        pen.rectangle((x, y + row * 11, x + length, y + row * 11 + 4), fill=GREY)


def disk(width: int, height: int, bad: bool) -> Image.Image:
    picture, pen = _window(width, height)
    fills = (0.97, 0.92, 0.41) if bad else (0.58, 0.63, 0.41)
    for row, part in enumerate(fills):
        y = 60 + row * 42
        _text(pen, 40, y, 70)
        pen.rectangle((40, y + 12, 280, y + 26), fill=TITLE)
        pen.rectangle((40, y + 12, 40 + int(240 * part), y + 26), fill=RED if part > 0.9 else GREEN)
    return picture


def network(width: int, height: int, bad: bool) -> Image.Image:
    picture, pen = _window(width, height)
    spots = ((60, 80), (160, 70), (258, 84), (160, 160), (250, 166))
    for here, there in ((0, 1), (1, 2), (1, 3), (3, 4)):
        broken = bad and (here, there) == (1, 3)
        pen.line((*spots[here], *spots[there]), fill=RED if broken else INK, width=3)
    for x, y in spots:
        pen.rounded_rectangle((x - 18, y - 12, x + 18, y + 12), 4, fill=(120, 152, 196), outline=INK)
    if bad:
        pen.line((150, 106, 170, 126), fill=RED, width=5)
        pen.line((170, 106, 150, 126), fill=RED, width=5)
    return picture


def error(width: int, height: int, bad: bool) -> Image.Image:
    picture, pen = _window(width, height)
    _text(pen, 40, 52, 180, 220, 140, 200, 90)
    pen.rounded_rectangle((70, 90, 262, 182), 6, fill=(255, 255, 255), outline=INK)
    pen.polygon(((98, 106), (84, 132), (112, 132)), fill=RED if bad else (226, 176, 52))
    pen.rectangle((97, 114, 99, 124), fill=(255, 255, 255))
    _text(pen, 124, 108, 110, 120, 70)
    pen.rounded_rectangle((196, 156, 250, 174), 3, fill=(62, 112, 196))
    return picture


SCREENS: Mapping[str, Callable[[int, int, bool], Image.Image]] = {
    "disk": disk,
    "network": network,
    "error": error,
}
