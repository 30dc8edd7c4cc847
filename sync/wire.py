"""What travels: requests read into values, outcomes and records written out, and the limits of both.

`parse` takes what the JSON reader made of a body. A request that cannot be read at all raises `Malformed`; one
unreadable changeset whose number can be read becomes an `Unreadable` in its place, so it is answered `invalid`
and never blocks those behind it. Rules W1 to W12 of docs/protocol.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sync import digest
from sync.changeset import Changeset, Op, Outcome
from sync.collection import INTEGER_MAX, UUID
from sync.digest import canonical
from sync.errors import Malformed, TooLarge
from sync.vector import SERVER

PROTOCOL = 1
SCHEMA = 1
REQUEST_BYTES_MAX = 2**20
CHANGESET_BYTES_MAX = 256 * 2**10
CHANGESETS_MAX = 500
PUSH_BYTES_MAX = 256 * 2**10  # A cut connection costs at most this much sent again, and one changeset.
OPS_MAX = 500
BASE_MAX = 1_000
DEPTH_MAX = 12
JUNK_DEPTH_MAX = 500
LIMIT_MAX = 1_000
CURSOR_MAX = 2_000
FETCH_MAX = 1_000
FORMER_MAX = 100
WANT_MAX = 50

REPLICA = re.compile(r"r[0-9a-z]{12}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_BAD_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_OPS = frozenset({"create", "patch", "delete"})


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A changeset whose number can be read and nothing else: rejected as `invalid`, its number used up."""

    n: int
    id: str
    said: Any
    code: str
    message: str
    op: int | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One `POST /api/sync`. `sent` is the phone's clock in ms; `limit` counts records a page, 0 asks for none; `fetch`:
    ids that the last page gives beside the feed (D3); `want`: older work that is to enter the view (P18).

    former: earlier names of this phone, of which it has every outcome and still keeps changesets. seen: what the last answer
    without a cursor to go on from said of the server (R11). revoked: never said by the phone; the server's own word that
    who brings it may only hand over (R6).
    """

    schema: int
    epoch: str
    replica: str
    confirmed: int
    sent: int
    cursor: str | None
    limit: int
    verify: bool
    changesets: tuple[Changeset | Unreadable, ...]
    fetch: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    want: tuple[str, ...] = ()
    seen: str | None = None
    revoked: bool = False

    @property
    def only_pushes(self) -> bool:
        return self.limit == 0


def parse(body: Any) -> Request:
    """Read a request; raise Malformed (400) or TooLarge (413) when it cannot be read as one."""
    if not isinstance(body, dict):
        raise Malformed("The body must be a JSON object.")
    if body.get("protocol") != PROTOCOL:
        raise Malformed(f"This server speaks protocol {PROTOCOL}.", {"field": "protocol"})
    given = body.get("changesets", [])
    if not isinstance(given, list):
        raise Malformed("changesets must be a list.", {"field": "changesets"})
    if len(given) > CHANGESETS_MAX:
        raise TooLarge(f"At most {CHANGESETS_MAX} changesets fit in a request.")
    verify = body.get("verify", False)
    if not isinstance(verify, bool):
        raise Malformed("verify must be true or false.", {"field": "verify"})
    return Request(
        schema=_whole(body, "schema", 1),
        epoch=_matching(body, "epoch", re.compile(r"[0-9a-zA-Z]{1,64}")),
        replica=_matching(body, "replica", REPLICA),
        confirmed=_whole(body, "confirmed", 0),
        sent=_whole(body, "sent", 0),
        cursor=_from_an_answer(body, "cursor"),
        limit=min(_whole(body, "limit", 0), LIMIT_MAX),
        verify=verify,
        changesets=_in_order([_changeset(said, place) for place, said in enumerate(given)]),
        fetch=_listed(body, "fetch", UUID, FETCH_MAX),
        former=_listed(body, "former", REPLICA, FORMER_MAX),
        want=_listed(body, "want", UUID, WANT_MAX),
        seen=_from_an_answer(body, "seen"),
    )


def _from_an_answer(body: Mapping[str, Any], name: str) -> str | None:
    text = body.get(name)
    if text is not None and not (isinstance(text, str) and len(text) <= CURSOR_MAX):
        raise Malformed(f"{name} must be a text from an earlier answer, or null.", {"field": name})
    return text


def _listed(body: Mapping[str, Any], name: str, pattern: re.Pattern[str], most: int) -> tuple[str, ...]:
    """A list of ids or of names, which may be left out."""
    given = body.get(name, [])
    fits = isinstance(given, list) and len(given) <= most
    if not fits or not all(isinstance(one, str) and pattern.fullmatch(one) for one in given):
        raise Malformed(f"{name} must be a list of at most {most}, each of its form.", {"field": name})
    return tuple(given)


def _whole(body: Mapping[str, Any], name: str, least: int) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= INTEGER_MAX:
        raise Malformed(f"{name} must be a whole number from {least} to 2^53 - 1.", {"field": name})
    return value


def _matching(body: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Malformed(f"{name} is missing or not of its form.", {"field": name})
    return value


def _in_order(changesets: list[Changeset | Unreadable]) -> tuple[Changeset | Unreadable, ...]:
    for place, (left, right) in enumerate(pairwise(changesets)):
        if right.n != left.n + 1:
            raise Malformed("Changesets must come in order, without a gap.", {"changeset": place + 1})
    return tuple(changesets)


def _changeset(said: Any, place: int) -> Changeset | Unreadable:
    if not isinstance(said, dict):
        raise Malformed("A changeset must be an object.", {"changeset": place})
    try:
        n = _whole(said, "n", 1)
    except Malformed as error:
        raise Malformed(error.message, {"changeset": place, "field": "n"}) from None
    try:
        return _readable(said, n)
    except _Problem as problem:
        if _too_deep(said, JUNK_DEPTH_MAX):
            raise Malformed("A changeset is nested too deeply.", {"changeset": place}) from None
        id_ = said.get("id")
        known = (
            id_
            if isinstance(id_, str) and UUID.fullmatch(id_)
            else f"00000000-0000-7000-8000-{n % 16**12:012x}"
        )
        return Unreadable(n, known, said, problem.code, problem.message, problem.op, problem.field)


def _too_deep(value: Any, most: int) -> bool:
    """Whether what cannot be read is nested so deeply that it cannot even be kept for somebody to look at."""
    level = [value]
    for _ in range(most):
        nests = [part.values() if isinstance(part, dict) else part for part in level]
        level = [part for nest in nests for part in nest if isinstance(part, (dict, list))]
        if not level:
            return False
    return True


class _Problem(Exception):
    def __init__(
        self, message: str, op: int | None = None, field: str | None = None, code: str = "invalid"
    ) -> None:
        super().__init__(message)
        self.message, self.op, self.field, self.code = message, op, field, code


def _readable(said: dict[str, Any], n: int) -> Changeset:
    _require(
        isinstance(said.get("id"), str) and bool(UUID.fullmatch(said["id"])), "id must be a UUID.", field="id"
    )
    for name in ("schema", "at"):
        _require(_is_count(said.get(name)), f"{name} must be a whole number.", field=name)
    was, ops = said.get("was"), said.get("ops")
    _require(was in (None, "accepted", "rejected"), "was must be accepted or rejected.", field="was")
    _require(
        isinstance(ops, list) and len(ops) <= OPS_MAX,
        f"ops must be a list of at most {OPS_MAX}.",
        field="ops",
    )
    assert isinstance(ops, list)
    read = tuple(_op(op, place) for place, op in enumerate(ops))
    changeset = Changeset(n, said["id"], said["schema"], said["at"], read, was)
    if len(canonical([digest.said(changeset), [op.base for op in read]])) > CHANGESET_BYTES_MAX:
        raise _Problem("This change is larger than 256 KiB.", code="too_large")
    return changeset


def _op(said: Any, place: int) -> Op:
    _require(isinstance(said, dict), "An op must be an object.", place)
    kind, collection, id_ = said.get("op"), said.get("collection"), said.get("id")
    _require(isinstance(kind, str) and kind in _OPS, "op must be create, patch or delete.", place, "op")
    _require(
        isinstance(collection, str) and bool(_NAME.fullmatch(collection)),
        "collection is missing.",
        place,
        "collection",
    )
    _require(isinstance(id_, str) and bool(UUID.fullmatch(id_)), "id must be a UUID.", place, "id")
    base, values = said.get("base", {}), said.get("set", {} if kind == "delete" else None)
    _require(_is_vector(base), "base must be a version vector.", place, "base")
    _require(isinstance(values, dict), "set must be an object.", place, "set")
    _require(kind != "delete" or not values, "A delete sets nothing.", place, "set")
    for name, value in values.items():
        _require(bool(_NAME.fullmatch(name)), "Fields have plain names.", place, "set")
        problem = _bad_value(value, DEPTH_MAX)
        _require(problem is None, f"{name} {problem}.", place, name)
    return Op(kind, collection, id_, base, values)


def _require(holds: bool, message: str, op: int | None = None, field: str | None = None) -> None:
    if not holds:
        raise _Problem(message, op, field)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= INTEGER_MAX


def _is_vector(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) > BASE_MAX:
        return False
    return all((key == SERVER or REPLICA.fullmatch(key)) and _is_count(n) for key, n in value.items())


def _bad_value(value: Any, depth: int) -> str | None:
    """Why a value may not travel: a float, a number past 2^53, a NUL, half a character, too deep a nest."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return "holds characters that are not text" if _BAD_TEXT.search(value) else None
    if isinstance(value, int):
        return None if -INTEGER_MAX <= value <= INTEGER_MAX else "is a number beyond 2^53"
    if isinstance(value, float):
        return "must be a whole number"
    if depth == 0:
        return "is nested too deeply"
    if isinstance(value, dict) and not all(map(str.isascii, value)):
        return "has keys that are not plain ASCII"  # sorted alike in every language, for the canonical text
    parts = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    return next(filter(None, (_bad_value(part, depth - 1) for part in parts)), None)


def dump_outcome(outcome: Outcome) -> dict[str, Any]:
    """An outcome as it is stored and answered."""
    if outcome.accepted:
        said = {
            "n": outcome.n,
            "outcome": "accepted",
            "seq": outcome.seq,
            "conflicts": list(outcome.conflicts),
            "overtaken": [dict(lost) for lost in outcome.overtaken],
        }
        return {**said, "merged": [dict(one) for one in outcome.merged]} if outcome.merged else said
    at = {name: value for name, value in (("op", outcome.op), ("field", outcome.field)) if value is not None}
    said = {"n": outcome.n, "outcome": "rejected", "code": outcome.code, "message": outcome.message}
    return {**said, "at": at} if at else said
