"""Hostile files against the real child: each ends in sizes or in a reason, within the limits, and the server goes on."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.media.convert import Converter, Limits, Refused, Sizes
from tests.server.media import pictures
from tests.server.media.corpus import EITHER, SIZES, Hostile, mutated, named

# Another run looks at other files; this one can be looked at again by setting it.
SEED = int(os.environ.get("WORKBAY_FUZZ_SEED") or random.SystemRandom().randrange(2**32))
COUNT = int(os.environ.get("WORKBAY_FUZZ_FILES") or 2_000)
LIMITS = Limits(cpu_s=10, wall_s=30)
MEMORY_GROWN_MAX = 50_000_000


async def convert(converter: Converter, folder: Path, content: bytes) -> Sizes | Refused:
    """One file, in the place of the one before."""
    original = folder / "original"
    original.write_bytes(content)
    return await converter.convert(original, folder)


def memory_bytes() -> int:
    """What this process holds of the machine's memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def ends_well(said: Sizes | Refused) -> bool:
    """In sizes or in a reason, and with no more memory than allowed."""
    reason = isinstance(said, Sizes) or (said.reason.startswith("This ") and said.reason.endswith("."))
    return reason and said.memory_bytes <= LIMITS.memory_bytes


@pytest.fixture(scope="module")
def hostile() -> list[Hostile]:
    return named()


async def test_what_people_have_thought_of(hostile: list[Hostile], tmp_path: Path) -> None:
    converter, wrong = Converter(LIMITS), []
    for file in hostile:
        said = await convert(converter, tmp_path, file.content)
        end = SIZES if isinstance(said, Sizes) else said.reason
        if not ends_well(said) or (file.ends not in (EITHER, end)):
            wrong.append((file.name, said))
    assert wrong == []
    assert isinstance(await convert(converter, tmp_path, pictures.jpeg()), Sizes)
    await converter.close()


async def test_nothing_that_hung_on_a_picture_is_served(hostile: list[Hostile], tmp_path: Path) -> None:
    converter = Converter(LIMITS)
    for file in hostile:
        if "behind" in file.name:
            said = await convert(converter, tmp_path, file.content)
            assert isinstance(said, Sizes), file.name
            for name in said.files:
                served = (tmp_path / name).read_bytes()
                assert served.endswith(b"\xff\xd9"), file.name
                left = [word for word in (b"<script", b"EICAR", b"PK\x03\x04") if word in served]
                assert left == [], file.name
    await converter.close()


async def test_mutated_files(tmp_path: Path) -> None:
    sys.stdout.write(f"seed {SEED}, {COUNT} files\n")
    files = enumerate(mutated(SEED, COUNT))
    before = memory_bytes()
    wrong: list[str] = []
    ends: Counter[str] = Counter()

    async def work(folder: Path, files: Iterator[tuple[int, bytes]]) -> None:
        converter = Converter(LIMITS)
        for number, content in files:
            said = await convert(converter, folder, content)
            ends[SIZES if isinstance(said, Sizes) else "died" if said.died else said.reason] += 1
            if not ends_well(said):
                wrong.append(f"seed {SEED}, file {number}: {said}")
        await converter.close()

    folders = [tmp_path / str(worker) for worker in range(2)]
    for folder in folders:
        folder.mkdir()
    await asyncio.gather(*(work(folder, files) for folder in folders))
    sys.stdout.write(f"{dict(ends)}\n")
    assert wrong == []
    assert sum(ends.values()) == COUNT
    assert len(ends) >= 4, f"seed {SEED}: these files are all alike: {ends}"
    assert memory_bytes() - before < MEMORY_GROWN_MAX


def test_the_same_seed_gives_the_same_files() -> None:
    assert list(mutated(7, 50)) == list(mutated(7, 50))
    assert list(mutated(7, 50)) != list(mutated(8, 50))
