"""Structured logs without personal data.

`configure(settings)` is called once by the command line; everybody else says `log = structlog.get_logger()` and
`log.info("push", seq=…, ms=…)`: an event in a word or two and its facts by name. Production writes one JSON object a
line, development a line for people. Names, addresses, free text, tokens and messages of exceptions (which quote rows)
do not belong in a log that is shipped elsewhere, so `without_personal_data` takes them out whatever a caller says.
"""

import io
import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

from server.settings import Settings

Event = MutableMapping[str, Any]

PERSONAL = frozenset(
    [
        "email",
        "emails",
        "mail",
        "name",
        "phone",
        "phones",
        "address",
        "ip",
        "client",
        "password",
        "token",
        "secret",
        "cookie",
        "authorization",
        "text",
        "body",
        "data",
        "title",
        "note",
        "message",
        "query",
        "url",
        "link",
    ]
)
WITHHELD = "[withheld]"


class StandardError(io.TextIOBase):
    """Standard error as it is when something is written: loggers live longer than whatever captures it for a while."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure(settings: Settings) -> None:
    """Send the logs of structlog, uvicorn and the libraries to standard error in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_personal_data,
    ]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    if settings.production:
        last: list[Any] = [exception_without_values, structlog.processors.JSONRenderer()]
    else:
        # The pretty form of a traceback takes a second to make, in which the server would answer nobody.
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, StandardError())),
        cache_logger_on_first_use=True,
    )
    _bring_in_standard_logging(shared, last)


def _bring_in_standard_logging(shared: list[Any], last: list[Any]) -> None:
    handler = logging.StreamHandler(StandardError())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    # Libraries speak up from warning on: their chatter at a start is of no use to who runs a shop.
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def without_personal_data(_logger: Any, _method: str, event: Event) -> Event:
    """Withhold the values of personal names, and any string that looks like a mail address."""
    for key, value in event.items():
        if key in PERSONAL or (isinstance(value, str) and key != "event" and "@" in value):
            event[key] = WITHHELD
    return event


def exception_without_values(_logger: Any, _method: str, event: Event) -> Event:
    """Put type and frames of an exception in the place of its message, which may quote what people wrote."""
    raised = event.pop("exc_info", None)
    error = (
        raised[1]
        if isinstance(raised, tuple)
        else raised
        if isinstance(raised, BaseException)
        else sys.exc_info()[1]
    )
    if raised and error is not None:
        event["exception"] = [type(error).__qualname__, *_frames(error)]
    return event


def _frames(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
