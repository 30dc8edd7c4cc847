"""A photo of 12 megapixels to its three sizes, beside a program that does nothing but decode it.

Both decode with the same library and the same draft. The bare program is a process of its own, as it would be without ours,
which keeps a child that has everything loaded and forks it. They take turns, so that both have the same machine. The ratios
are of medians.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pillow_heif
from PIL import Image

from server.media.convert import Converter, Limits, Sizes
from tests.bench.figures import Cost, Figure

BARE = Path(__file__).with_name("bare_decoder.py")
SIZE = (4000, 3000)
RATIO_MAX = "<=1.2"
KINDS = {"jpeg": "jpg", "heic": "heic"}


@dataclass(slots=True)
class Samples:
    """Seconds and megabytes of ours, and of the bare decoder's; `decode_s` is without its start."""

    ours_s: list[float] = field(default_factory=list)
    ours_mb: list[float] = field(default_factory=list)
    bare_s: list[float] = field(default_factory=list)
    bare_mb: list[float] = field(default_factory=list)
    decode_s: list[float] = field(default_factory=list)


async def measure(*, quick: bool, found: Callable[[Figure | Cost], None]) -> None:
    with tempfile.TemporaryDirectory(prefix="workbay-bench-") as name:
        folder = Path(name)
        photos = {kind: folder / f"photo.{suffix}" for kind, suffix in KINDS.items()}
        await asyncio.to_thread(make_photos, photos)
        converter = Converter(Limits())
        try:
            for kind, photo in photos.items():
                samples = await take_turns(converter, photo, folder, 2 if quick else 9)
                for figure in figures(kind, samples):
                    found(figure)
        finally:
            await converter.close()


def make_photos(photos: dict[str, Path]) -> None:
    """Colours that run into each other, and the grain of a sensor; the same each time but for the grain."""
    pillow_heif.register_heif_opener()
    coarse = Image.frombytes("RGB", (80, 60), random.Random(1).randbytes(80 * 60 * 3))
    smooth = coarse.resize(SIZE, Image.Resampling.BICUBIC)
    photo = Image.blend(smooth, Image.effect_noise(SIZE, 60).convert("RGB"), 0.25)
    photo.save(photos["jpeg"], quality=88)
    photo.save(photos["heic"], quality=60, enc_params={"preset": "ultrafast"})


async def take_turns(converter: Converter, photo: Path, folder: Path, times: int) -> Samples:
    samples = Samples()
    await ours(converter, photo, folder, Samples())  # The child starts.
    for _ in range(times):
        await bare(photo, samples)
        await ours(converter, photo, folder, samples)
    return samples


async def ours(converter: Converter, photo: Path, folder: Path, samples: Samples) -> None:
    began = time.perf_counter()
    sizes = await converter.convert(photo, folder)
    samples.ours_s.append(time.perf_counter() - began)
    if not isinstance(sizes, Sizes):
        raise RuntimeError(f"{photo.name}: {sizes.reason}")
    samples.ours_mb.append(sizes.memory_bytes / 1e6)


async def bare(photo: Path, samples: Samples) -> None:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(BARE), str(photo), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    samples.bare_s.append(time.perf_counter() - began)
    seconds, memory_bytes = map(float, said.split())
    samples.decode_s.append(seconds)
    samples.bare_mb.append(memory_bytes / 1e6)


def figures(kind: str, taken: Samples) -> list[Figure]:
    seconds = Figure(f"{kind}_sizes", "s", taken.ours_s)
    memory = Figure(f"{kind}_sizes_memory", "MB", taken.ours_mb)
    bare_s, bare_mb = Figure("", "s", taken.bare_s), Figure("", "MB", taken.bare_mb)
    decode = Figure(f"{kind}_bare_decode", "s", taken.decode_s)
    return [
        Figure(seconds.name, "s", taken.ours_s, bare_s.median, "a process that only decodes"),
        Figure(f"{kind}_sizes_ratio", "x", [seconds.median / bare_s.median], 1.2, "times that", RATIO_MAX),
        decode,
        Figure(memory.name, "MB", taken.ours_mb, bare_mb.median, "a process that only decodes"),
        Figure(f"{kind}_memory_ratio", "x", [memory.median / bare_mb.median], 1.2, "times that", RATIO_MAX),
    ]
