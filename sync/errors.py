"""The tree of refusals with their wire codes.

A refusal concerns one changeset and uses up its number; whole-request answers are the server's affair, except
that `wire.py` says with `Malformed` that a request cannot be read at all.
"""

from __future__ import annotations

from typing import Any

RULE = "rule:"


class SyncError(Exception):
    """Something about a request or a changeset does not hold."""

    code = "invalid"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())

    @property
    def message(self) -> str:
        return str(self)


class Malformed(SyncError):
    """The request cannot be read."""

    def __init__(self, message: str, at: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.at = at or {}


class TooLarge(Malformed):
    """The request is larger than the server takes; send half of it."""

    code = "too_large"


class Refusal(SyncError):
    """A changeset is rejected, with a code for programs and a message for its author."""

    def __init__(self, code: str, message: str, *, op: int | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.op = op
        self.field = field

    def at(self, op: int) -> Refusal:
        """The same refusal, naming the op of the changeset it came from when none is named yet."""
        if self.op is None:
            self.op = op
        return self


def invalid(message: str, field: str | None = None) -> Refusal:
    return Refusal("invalid", message, field=field)


def forbidden(message: str = "You may not do this.", field: str | None = None) -> Refusal:
    return Refusal("forbidden", message, field=field)


def gone(message: str = "This is no longer there.") -> Refusal:
    return Refusal("gone", message)
