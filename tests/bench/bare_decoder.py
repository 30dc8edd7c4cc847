"""The least that a program can do with a picture: decode it with the same library and the same draft, and end.

A process of its own, for that is what one would have without ours: `bare_decoder.py FILE`. It prints seconds of decoding alone and
its largest memory in bytes.
"""

import sys
import time
from pathlib import Path

from PIL import Image


def main(path: str) -> None:
    if path.endswith(".heic"):
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    began = time.perf_counter()
    with Image.open(path) as picture:
        if path.endswith(".jpg"):
            picture.draft(None, (1600, 1200))
        picture.load()
    seconds = time.perf_counter() - began
    print(seconds, memory_bytes())


def memory_bytes() -> int:
    """The most that this program held. What `getrusage` says goes back to before it began, to whoever started it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("This system does not say how much memory a process held.")


if __name__ == "__main__":
    main(sys.argv[1])
