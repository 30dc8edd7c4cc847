"""The child process that reads pictures which nobody trusts; `server.media.convert` starts it and speaks to it.

It imports Pillow and the HEIC decoder once and then waits. For each picture it forks: the fork takes on limits of memory,
processor time and open files, decodes, writes the sizes and ends, so that nothing of one picture is there for the next.
One line of JSON on stdin is a picture to do, one on stdout what became of it: sizes, a reason, or that the fork died.

Nothing of the server is imported, there is no environment with secrets, and what comes out is read with distrust.
"""

from __future__ import annotations

import base64
import io
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin

JPEG, PNG, HEIC = "image/jpeg", "image/png", "image/heic"
DISPLAY_PIXELS = 1600
THUMB_PIXELS = 200
PREVIEW_BYTES_MAX = 8192
# Pixels and quality of the preview, tried in this order until one is small enough; the last one always is.
PREVIEWS = ((256, 60), (256, 40), (192, 40), (128, 30), (64, 20))
BAND_ROWS = 100
ANSWER_BYTES_MAX = 65_536
OPEN_FILES_MAX = 32
WRITTEN_BYTES_MAX = 20_000_000

CUT_OFF = "This picture is cut off."
UNREADABLE = "This picture could not be read."
TOO_MANY_PIXELS = "This picture has more than {} megapixels."
TOO_MUCH_MEMORY = "This picture takes too much memory to be read."

# How the picture must be turned so that it stands upright, by the number its camera left.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112
LYING = (5, 6, 7, 8)


class Refused(Exception):
    """The picture is refused; the message is the reason, for people."""


def main() -> None:
    """Do pictures until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # A library that prints must not be taken for an answer.
    Image.MAX_IMAGE_PIXELS = None  # We look ourselves, before anything is decoded.
    for line in sys.stdin:
        answers.write(json.dumps(do_in_a_fork(json.loads(line))) + "\n")
        answers.flush()


def do_in_a_fork(job: dict[str, Any]) -> dict[str, Any]:
    """What became of one picture, and the most memory that it took."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _do_and_end(job, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read(ANSWER_BYTES_MAX)
    _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    found: dict[str, Any] = json.loads(said) if code == 0 and said else {"died": code}
    return {**found, "memory_bytes": used.ru_maxrss * 1024}


def _do_and_end(job: dict[str, Any], writing: int) -> None:
    """The life of the fork. Whatever happens in here, it never returns to the loop of its parent."""
    try:
        _limit(job["memory_bytes"], job["cpu_s"])
        said = json.dumps(_judged(job)).encode()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(said)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _limit(memory_bytes: int, cpu_s: int) -> None:
    """None of this can be taken back by the fork."""
    # At the first of the two it is told why it ends, so that its end is not taken for an accident.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_NOFILE: OPEN_FILES_MAX,
        resource.RLIMIT_FSIZE: WRITTEN_BYTES_MAX,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))


def _judged(job: dict[str, Any]) -> dict[str, Any]:
    try:
        return convert(Path(job["original"]), job["type"], Path(job["into"]), job["pixels"])
    except Refused as refusal:
        return {"refused": str(refusal)}
    except MemoryError:
        return {"refused": TOO_MUCH_MEMORY}
    except Exception:
        # Decoders raise whatever they like at broken bytes; to a person it is all one, but for a file that just ends.
        cut_off = is_cut_off(Path(job["original"]), job["type"])
        return {"refused": CUT_OFF if cut_off else UNREADABLE}


def convert(original: Path, kind: str, into: Path, pixels_max: int) -> dict[str, Any]:
    """Write `display.jpg` and `thumb.jpg` and give width, height and preview; raises whatever a decoder raises."""
    with original.open("rb") as file:
        picture = _opened(file, kind)
        width, height = picture.size
        if width * height > pixels_max:
            raise Refused(TOO_MANY_PIXELS.format(pixels_max // 1_000_000))
        orientation = _orientation(picture)
        aim = _within(width, height, DISPLAY_PIXELS)
        if kind == JPEG:
            picture.draft(None, aim)  # Decodes at a half, a quarter or an eighth where that is enough.
        picture.load()
        profile = picture.info.get("icc_profile")
        small = _smaller(_flat(picture), aim)
    del picture  # Its pixels are most of the memory.
    display = _in_srgb(small, profile)
    # What is saved would take comments and XMP, with the place in it, from here.
    display.info = {}
    if orientation in UPRIGHT:
        display = display.transpose(UPRIGHT[orientation])
    display.save(into / "display.jpg", "JPEG", quality=82)
    _thumb(display).save(into / "thumb.jpg", "JPEG", quality=80)
    size = (height, width) if orientation in LYING else (width, height)
    return {"width": size[0], "height": size[1], "preview": base64.b64encode(_preview(display)).decode()}


def _opened(file: Any, kind: str) -> Image.Image:
    """The picture with its header read. Each type has its own decoder; none guesses."""
    if kind == HEIC:
        return pillow_heif.HeifImageFile(file)  # type: ignore[no-untyped-call]
    if kind == PNG:
        return PngImagePlugin.PngImageFile(file)
    return JpegImagePlugin.JpegImageFile(file)


def _orientation(picture: Image.Image) -> int:
    """As the camera was held, 1 for upright; 1 too where the file says nothing that can be read."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def _within(width: int, height: int, most: int) -> tuple[int, int]:
    """The size with its longer side at `most` pixels; never larger than it is."""
    share = min(1.0, most / max(width, height))
    return max(1, round(width * share)), max(1, round(height * share))


def _flat(picture: Image.Image) -> Image.Image:
    """Without anything to see through: on white. Rare modes become common ones, common ones stay for the moment."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        white = Image.new("RGB", seen.size, "white")
        white.paste(seen, mask=seen.getchannel("A"))
        return white
    return picture if picture.mode in ("RGB", "L", "CMYK") else picture.convert("RGB")


def _smaller(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """First by whole numbers, which is quick, then the rest of the way; a band at a time, for what lies between takes memory."""
    width, height = size
    wide, high = map(float, picture.size)
    factors = max(1, int(wide / width)), max(1, int(high / height))
    if factors != (1, 1):
        picture = picture.reduce(factors)
        wide, high = wide / factors[0], high / factors[1]
    if (wide, high) == size:
        return picture
    small = Image.new(picture.mode, size)
    for top in range(0, height, BAND_ROWS):
        bottom = min(height, top + BAND_ROWS)
        box = (0, top * high / height, wide, bottom * high / height)
        small.paste(picture.resize((width, bottom - top), Image.Resampling.HAMMING, box=box), (0, top))
    return small


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """What screens take colours for when a picture says nothing of them. A profile that cannot be used is left out."""
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in (own.profile.profile_description or ""):
                srgb = ImageCms.createProfile("sRGB")
                turned = ImageCms.profileToProfile(picture, own, srgb, outputMode="RGB")
                return turned or picture.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture.convert("RGB")


def _thumb(display: Image.Image) -> Image.Image:
    """The middle of the picture, square."""
    side = min(display.size)
    left, top = (display.width - side) // 2, (display.height - side) // 2
    box = (left, top, left + side, top + side)
    size = (THUMB_PIXELS, THUMB_PIXELS)
    return display.resize(size, Image.Resampling.HAMMING, box=box, reducing_gap=2.0)


def _preview(display: Image.Image) -> bytes:
    """A few kilobytes that travel with the record."""
    for pixels, quality in PREVIEWS:
        size = _within(*display.size, pixels)
        written = io.BytesIO()
        display.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0).save(
            written, "JPEG", quality=quality
        )
        if written.tell() <= PREVIEW_BYTES_MAX:
            break
    return written.getvalue()


def is_cut_off(original: Path, kind: str) -> bool:
    """Whether the file ends before it is over, as each of the formats says itself."""
    raw = original.read_bytes()
    if kind == PNG:
        return b"IEND" not in raw[-64:]
    if kind == JPEG:
        return b"\xff\xd9" not in raw[-65_536:]
    at = 0
    while at + 8 <= len(raw):
        length = int.from_bytes(raw[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(raw[at + 8 : at + 16], "big")
        if length == 0:
            return False  # This box goes on until the end, wherever that is.
        if length < 8:
            return False
        at += length
    return at != len(raw)


if __name__ == "__main__":
    main()
