"""Pictures as a phone in a workshop takes them, drawn by us, so that nobody else has a right in them.

`preview("blade:bad")` is a JPEG of at most 8 KiB as a data URL, `files` are the picture itself and its sizes. What is drawn is in scenes.py, and screens of
computers in screens.py; here are light, grain and the limit of size that make a drawing look taken.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from server.demo.scenes import SCENES
from server.demo.screens import SCREENS
from server.media.blobs import DISPLAY, ORIGINAL, THUMB

WIDTH, HEIGHT = 320, 240
LARGE = 3
"""How many times larger than its preview the picture itself is."""
SCALE = 2
BYTES_MAX = 8 * 1024
THUMB_SIZE = (200, 200)
TYPE = "image/jpeg"
QUALITIES = (64, 50, 38, 26)


@cache
def preview(shows: str) -> str:
    """The picture of `thing:state` as a data URL."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg(shows)).decode()


def jpeg(shows: str) -> bytes:
    """The same picture as a file, as good as fits into 8 KiB."""
    picture = draw(shows)
    for quality in QUALITIES:
        if len(made := _jpeg(picture, quality)) <= BYTES_MAX:
            return made
    raise AssertionError(f"{shows} does not fit into {BYTES_MAX} bytes")


@cache
def files(shows: str) -> Mapping[str, bytes]:
    """The picture as a phone would have sent it, and what the shop shows of it: name of the blob → JPEG."""
    picture = draw(shows, LARGE)
    thumb = ImageOps.fit(picture, THUMB_SIZE)
    return {ORIGINAL: _jpeg(picture, 82), DISPLAY: _jpeg(picture, 82), THUMB: _jpeg(thumb, 78)}


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def draw(shows: str, times: int = 1) -> Image.Image:
    """The picture itself, so many times as large. A thing lies on a bench or on the floor, in its state: `bad` or `good`."""
    thing, _, state = shows.partition(":")
    width, height = WIDTH * times, HEIGHT * times
    if thing in SCREENS:
        return SCREENS[thing](width, height, state == "bad")
    ground, paint = SCENES[thing]
    layer = Image.new("RGBA", (width * SCALE, height * SCALE), (0, 0, 0, 0))
    paint(ImageDraw.Draw(layer), *layer.size, state == "bad")
    layer = layer.reduce(SCALE)
    picture = _shaded(_ground(ground, width, height), layer, times)
    picture.paste(layer, (0, 0), layer)
    return ImageChops.multiply(picture, _light(width, height)).filter(ImageFilter.GaussianBlur(0.5))


def _shaded(picture: Image.Image, layer: Image.Image, times: int) -> Image.Image:
    """The picture with the soft shadow that the layer throws to the lower right. Softened small, for that is quick."""
    small = layer.getchannel("A").reduce(4 * times).filter(ImageFilter.GaussianBlur(1.8))
    mask = ImageChops.offset(small.resize(picture.size, Image.Resampling.BICUBIC), 7 * times, 9 * times)
    return Image.composite(
        Image.new("RGB", picture.size, (18, 16, 14)), picture, mask.point(lambda v: v * 0.55)
    )


@cache
def _ground(kind: str, width: int, height: int) -> Image.Image:
    """Bench or floor: its colour, its grain, and planks or joints."""
    base = {"bench": (150, 112, 74), "floor": (128, 128, 124), "cloth": (70, 92, 118)}[kind]
    grain = Image.effect_noise((width // 4, height // 4), 34).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    if kind == "bench":
        grain = _noise(width // 12, height, 60).resize((width, height), Image.Resampling.BICUBIC)
        grain = grain.transpose(Image.Transpose.ROTATE_90).resize((width, height))
    ground = ImageChops.multiply(Image.new("RGB", (width, height), base), _bright(grain))
    pen = ImageDraw.Draw(ground)
    if kind == "bench":
        for y in range(height // 5, height, height // 3):
            pen.line((0, y, width, y + 3), fill=(78, 56, 36), width=2)
    if kind == "floor":
        pen.line((0, height * 0.82, width, height * 0.74), fill=(92, 92, 90), width=2)
    return ground


def _noise(width: int, height: int, strength: int) -> Image.Image:
    """Grain around a middle grey, the same in every run."""
    drawn = hashlib.shake_128(b"grain").digest(width * height)
    return Image.frombytes("L", (width, height), drawn).point(lambda v: 128 + (v - 128) * strength // 90)


def _bright(grain: Image.Image) -> Image.Image:
    level = grain.point(lambda v: min(255, 150 + v * 0.7))
    return Image.merge("RGB", (level, level, level))


@cache
def _light(width: int, height: int) -> Image.Image:
    """Light from the upper left that falls off."""
    light = Image.radial_gradient("L").resize((width * 2, height * 2))
    light = light.crop((width * 2 // 3, height * 2 // 3, width * 2 // 3 + width, height * 2 // 3 + height))
    shade = light.point(lambda v: 255 - v * 0.5)
    return Image.merge("RGB", (shade, shade, shade))
