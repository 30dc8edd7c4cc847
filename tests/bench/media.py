"""`scripts/bench media`: what happens between a shutter and a customer's screen, in three parts: `camera` and a long gallery in
Chromium, `uploads` that are cut, and `decoding` to sizes. Each can be asked for by `--only`."""

from collections.abc import Awaitable, Callable, Mapping

from tests.bench import camera, decoding, uploads
from tests.bench.figures import Cost, Figure

Tell = Callable[[Figure | Cost], None]


async def _camera(quick: bool, found: Tell) -> None:
    await camera.measure(camera.QUICK if quick else camera.Sizes(), found)


async def _uploads(quick: bool, found: Tell) -> None:
    await uploads.measure(uploads.QUICK if quick else uploads.Sizes(), found)


async def _decoding(quick: bool, found: Tell) -> None:
    await decoding.measure(quick=quick, found=found)


PARTS: Mapping[str, Callable[[bool, Tell], Awaitable[None]]] = {
    "camera": _camera,
    "uploads": _uploads,
    "decoding": _decoding,
}


async def measure(only: set[str], *, quick: bool, found: Tell) -> None:
    """Measure the parts in `only`, or all."""
    for name, part in PARTS.items():
        if not only or name in only:
            await part(quick, found)
