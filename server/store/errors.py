"""What a whole push or pull is refused with; the replica can mend each by what the error carries."""

from __future__ import annotations

from typing import Any

from server.errors import WorkbayError


class Gap(WorkbayError):
    """Changesets are missing before these."""

    code, status = "gap", 409

    def __init__(self, expected: int) -> None:
        super().__init__()
        self.expected = expected


class Forked(WorkbayError):
    """This device was copied or rolled back: another change was sent under the same number."""

    code, status = "forked", 409

    def __init__(self, n: int, results: list[dict[str, Any]]) -> None:
        super().__init__()
        self.n, self.results = n, results


class EpochChanged(WorkbayError):
    """The shop's data is of another lineage than this device knows."""

    code, status = "epoch", 409

    def __init__(self, epoch: str) -> None:
        super().__init__()
        self.epoch = epoch
