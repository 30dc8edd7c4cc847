"""Planting a bug: a text of the product is replaced while the product is loaded; its files stay as they are.

Python sources are changed by the importer that `plant` puts in front of all others, TypeScript sources by the bundler
(node/build.mjs). So the product has no switches, and any line of it can be planted with a bug. A text that is not there
exactly once is an error: a plant that went stale is noticed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Patch:
    """In `file` (from the root of the repository) the text `find`, which is there once, becomes `put`."""

    file: str
    find: str
    put: str


class StalePlant(ValueError):
    """The source no longer has the text that a plant looks for."""


def plant(patches: Sequence[Patch]) -> None:
    """From now on modules are loaded with these patches. They must not have been imported yet."""
    by_file: dict[str, list[Patch]] = {}
    for patch in patches:
        if patch.file.endswith(".py"):
            by_file.setdefault(patch.file, []).append(patch)
            name = patch.file.removesuffix(".py").replace("/", ".")
            assert name not in sys.modules, f"{name} is loaded already, so nothing can be planted in it"
    if by_file:
        sys.meta_path.insert(0, _Finder(by_file))


def patched(source: str, patches: Sequence[Patch]) -> str:
    """The source with every patch in it."""
    for patch in patches:
        found = source.count(patch.find)
        if found != 1:
            raise StalePlant(f"{patch.file} has {found} times what a plant looks for: {patch.find}")
        source = source.replace(patch.find, patch.put)
    return source


class _Finder(MetaPathFinder):
    def __init__(self, by_file: dict[str, list[Patch]]) -> None:
        self._by_file = by_file

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        file = fullname.replace(".", "/") + ".py"
        if file not in self._by_file:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin, self._by_file[file])
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, patches: Sequence[Patch]) -> None:
        super().__init__(name, path)
        self._patches = patches

    def get_code(self, fullname: str) -> CodeType:
        source = patched(Path(self.path).read_text(encoding="utf-8"), self._patches)
        return compile(source, self.path, "exec", dont_inherit=True)

    def __reduce__(self) -> Any:
        raise TypeError("a loader with plants is for this process alone")
