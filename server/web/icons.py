"""Draws a shop's icon: its initials on its colour, as PNG, without a designer and without a file to upload."""

import io
import re
from functools import lru_cache
from typing import Any

USUAL_COLOUR = "#0b6e63"
SAFE_SHARE = 0.8  # Of a maskable icon, only the circle inside this share of its width is sure to be seen.
CORNER_SHARE = 0.22
LETTER_SHARE = 0.46


@lru_cache(maxsize=64)
def draw_icon(size: int, letters: str, colour: str, maskable: bool) -> bytes:
    """A square PNG: rounded for the usual icon, filled to the edge for a maskable one."""
    # Imported here, because Pillow takes longer to load than the rest of the web together.
    from PIL import Image, ImageDraw

    background = colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else USUAL_COLOUR
    image = Image.new("RGBA", (size, size), background if maskable else (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    if not maskable:
        pen.rounded_rectangle((0, 0, size - 1, size - 1), radius=round(size * CORNER_SHARE), fill=background)
    share = LETTER_SHARE * (SAFE_SHARE if maskable else 1)
    _write(pen, size, letters, round(size * share), _ink_on(background))
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


def _write(pen: Any, size: int, letters: str, height: int, ink: str) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(size=height)
    pen.text((size / 2, size / 2), letters, font=font, fill=ink, anchor="mm")


def _ink_on(background: str) -> str:
    """White on dark and black on light, by the eye's weight of the three colours."""
    red, green, blue = (int(background[at : at + 2], 16) for at in (1, 3, 5))
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 160 else "#ffffff"
