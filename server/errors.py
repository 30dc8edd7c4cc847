"""The tree of errors that Workbay answers with.

A subclass has a code, which goes on the wire, a status for HTTP, and a docstring, which is the message a person reads
when the place that raises it says nothing better. The cause is kept with `raise … from`. Every room raises these (or
subclasses of its own); `server.web` alone turns them into answers.

The JSON form is `{"code", "message", "at", "request"}`; `at` says where in the request the trouble lies.
"""

from collections.abc import Mapping
from typing import ClassVar


class WorkbayError(Exception):
    """Something went wrong at the shop. Your work is kept; please try again."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str | None = None, *, at: Mapping[str, object] | None = None) -> None:
        self.message = message or _first_paragraph(type(self))
        self.at = dict(at) if at is not None else None
        super().__init__(self.message)

    def headers(self) -> dict[str, str]:
        """Further headers of the answer."""
        return {}

    def as_json(self, request: str | None = None) -> dict[str, object]:
        """The body of the answer; `request` is the request's id, to be quoted to whoever runs the server."""
        return {"code": self.code, "message": self.message, "at": self.at, "request": request}


class Invalid(WorkbayError):
    """The request cannot be read."""

    code = "invalid"
    status = 400


class Unauthenticated(WorkbayError):
    """Please sign in."""

    code = "unauthenticated"
    status = 401


class Forbidden(WorkbayError):
    """You may not do this."""

    code = "forbidden"
    status = 403


class Gone(WorkbayError):
    """This is not there, or no longer."""

    code = "gone"
    status = 404


class MethodNotAllowed(WorkbayError):
    """This address does not do that."""

    code = "invalid"
    status = 405


class Conflict(WorkbayError):
    """This was changed in the meantime."""

    code = "conflict"
    status = 409


class TooLarge(WorkbayError):
    """This is too large."""

    code = "too_large"
    status = 413


class UnsupportedType(WorkbayError):
    """The body must be JSON, with Content-Type application/json."""

    code = "invalid"
    status = 415


class Retryable(WorkbayError):
    """Please try again in a moment."""

    def __init__(
        self, message: str | None = None, *, retry_after_s: int = 1, at: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message, at=at)
        self.retry_after_s = retry_after_s

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_s)}


class RateLimited(Retryable):
    """Too many attempts. Please wait a moment and try again."""

    code = "rate_limited"
    status = 429


class Unavailable(Retryable):
    """The shop's server is busy. Your work is kept and goes out in a moment."""

    code = "unavailable"
    status = 503


class StorageFull(Retryable):
    """The shop's server has no room left. Your work is kept here until there is."""

    code = "unavailable"
    status = 507


class StartError(WorkbayError):
    """The server cannot start. One sentence says what is wrong and what to do; the command line prints it alone."""


class SettingError(StartError):
    """A setting is wrong; the message names its key, its value and what was wanted."""

    def __init__(self, setting: str, value: object, wanted: str) -> None:
        shown = "is not set" if value is None else f"is {str(value)!r}"
        super().__init__(f"{setting} {shown}, but {wanted}.")
        self.setting, self.value, self.wanted = setting, value, wanted


def _first_paragraph(kind: type[WorkbayError]) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())
