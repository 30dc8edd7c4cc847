"""From errors to answers: every refusal of any route is `{"code", "message", "at", "request"}`.

What the code did not foresee is logged with its request's id and answered as `internal`, without a word of what it was.
"""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.errors import Gone, Invalid, MethodNotAllowed, WorkbayError

NO_STORE = {"Cache-Control": "no-store"}


def answer_for(error: WorkbayError, request_id: str | None) -> Response:
    """The answer that an error stands for."""
    headers = {**NO_STORE, **error.headers()}
    return JSONResponse(error.as_json(request_id), error.status, headers=headers)


async def on_workbay_error(request: Request, error: Exception) -> Response:
    """An error of ours, raised by a route."""
    assert isinstance(error, WorkbayError)
    return answer_for(error, request_id_of(request.scope))


async def on_http_exception(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: an unknown address, a method that is not there."""
    assert isinstance(error, HTTPException)
    known: dict[int, type[WorkbayError]] = {404: Gone, 405: MethodNotAllowed}
    kind = known.get(error.status_code, Invalid if error.status_code < 500 else WorkbayError)
    answer = answer_for(kind(), request_id_of(request.scope))
    answer.status_code = error.status_code
    answer.headers.update(error.headers or {})
    return answer


def request_id_of(scope: Mapping[str, Any]) -> str | None:
    """The id that this request's answer and log line bear."""
    state: Mapping[str, Any] = scope.get("state", {})
    return state.get("request_id")


EXCEPTION_HANDLERS: Mapping[Any, Callable[[Request, Exception], Any]] = {
    WorkbayError: on_workbay_error,
    HTTPException: on_http_exception,
}
