"""Telling an answer of the protocol from whatever else a network says (rule T11).

A captive portal answers every address with a page of its own, some of them with JSON and the status 200. What has not the
form of the protocol counts as no answer: it changes nothing and marks nothing as sent. Called by `replica`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PAGE = {
    "results": list,
    "records": list,
    "cursor": str,
    "more": bool,
    "reset": bool,
    "durable": int,
}


def understood(status: int, said: Any) -> bool:
    """Whether a status and a body, read as JSON, are the protocol's. A 413 may come from a proxy in between."""
    if not isinstance(said, Mapping):
        return False
    if status == 200:
        return _is_page(said)
    if status == 409 and not _says_where(said):
        return False
    named = isinstance(said.get("code"), str) or status == 413
    return status >= 400 and named and _all(_is_result, said.get("results", []))


def _is_page(said: Mapping[str, Any]) -> bool:
    if not all(isinstance(said.get(name), kind) for name, kind in _PAGE.items()):
        return False
    return _all(_is_result, said["results"]) and _all(_is_record, said["records"])


def _says_where(said: Mapping[str, Any]) -> bool:
    """A contradiction names the number from which to go on."""
    return isinstance(said.get("n" if said.get("code") == "forked" else "expected"), int)


def _all(holds: Any, values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(v, Mapping) and holds(v) for v in values)


def _is_result(said: Mapping[str, Any]) -> bool:
    return isinstance(said.get("n"), int) and said.get("outcome") in ("accepted", "rejected")


def _is_record(said: Mapping[str, Any]) -> bool:
    named = isinstance(said.get("id"), str) and isinstance(said.get("collection"), str)
    whole = isinstance(said.get("vv"), Mapping) and isinstance(said.get("data"), Mapping)
    return named and (said.get("gone") is True or whole)
