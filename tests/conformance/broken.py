"""Wrong servers: each breaks one rule in requests or answers of the real one. A case that cannot fail would not find them.

`WRONG` has them by name. Where a server would be wrong inside (it forgets an outcome, applies twice), the proxy makes it
look so from outside, which is all that a client can see.
"""

from __future__ import annotations

from typing import Any

from tests.conformance.client import new_id, now_ms
from tests.conformance.proxy import Reply, Wrong

WRONG: dict[str, type[Wrong]] = {}

Request = dict[str, Any]
Record = dict[str, Any]


def breaks(rule: str) -> Any:
    """Take a wrong server into the list, under the rule it breaks."""

    def taken(kind: type[Wrong]) -> type[Wrong]:
        kind.rule = rule
        WRONG[kind.__name__] = kind
        return kind

    return taken


class Pages(Wrong):
    """Changes the records, or the whole, of each answer that has any."""

    def answered(self, request: Request, reply: Reply) -> None:
        if reply.status == 200 and "records" in reply.body:
            self.page(request, reply.body)

    def page(self, request: Request, body: dict[str, Any]) -> None:
        body["records"] = [self.record(r) for r in body["records"]]

    def record(self, record: Record) -> Record:
        return record


class Results(Wrong):
    """Changes each result."""

    def answered(self, request: Request, reply: Reply) -> None:
        for result in reply.body.get("results", ()):
            self.result(result)

    def result(self, result: dict[str, Any]) -> None:
        pass


class Ops(Wrong):
    """Changes each op before the server sees it."""

    def asked(self, request: Request) -> Request:
        for changeset in request.get("changesets", ()):
            if isinstance(changeset, dict) and isinstance(changeset.get("ops"), list):
                changeset["ops"] = [self.op(op) for op in changeset["ops"] if self.kept(op)]
        return request

    def op(self, op: Any) -> Any:
        return op

    def kept(self, op: Any) -> bool:
        return True


@breaks("V9")
class DropsEntries(Pages):
    """Vectors have no entries of their writers."""

    def record(self, record: Record) -> Record:
        return record if record.get("gone") else {**record, "vv": {"@": record["vv"]["@"]}}


@breaks("V9")
class CountsOneTooMany(Pages):
    """A record's @ is one above the commit that changed it."""

    def record(self, record: Record) -> Record:
        return (
            record if record.get("gone") else {**record, "vv": {**record["vv"], "@": record["vv"]["@"] + 1}}
        )


@breaks("V3")
class ForgetsWhatWasSeen(Ops):
    """Bases are taken as empty: what their editors had seen becomes concurrent."""

    def op(self, op: Any) -> Any:
        return {**op, "base": {}} if op.get("op") == "patch" else op


class _SawEverything(Ops):
    """Bases are taken to cover all there is."""

    newest = 0

    def answered(self, request: Request, reply: Reply) -> None:
        for record in reply.body.get("records", ()):
            self.newest = max(self.newest, record.get("vv", {}).get("@", 0))

    def op(self, op: Any) -> Any:
        return {**op, "base": {"@": self.newest}} if op.get("op") in ("patch", "delete") else op


@breaks("V5")
class LastOneWins(_SawEverything):
    """Whoever comes last replaces what stands, seen or not."""


@breaks("M8")
class KeepsOne(_SawEverything):
    """Of two texts the last one stands, and nobody is asked."""


@breaks("M22")
class DeletesUnseen(_SawEverything):
    """A delete goes through over what its author never saw."""


@breaks("M10")
class RemovesUnseen(_SawEverything):
    """A removal takes away adds it never saw."""


@breaks("V18")
class TakesAnyBase(Ops):
    """A base that nobody was given is put right in silence."""

    def op(self, op: Any) -> Any:
        return {**op, "base": {}} if op.get("op") == "patch" else op


@breaks("V10")
class MergesBases(Pages):
    """A record's vector also has what the editor's base named."""

    def __init__(self) -> None:
        self.named: dict[str, dict[str, int]] = {}

    def asked(self, request: Request) -> Request:
        for changeset in request["changesets"]:
            for op in changeset["ops"]:
                self.named.setdefault(op["id"], {}).update(op.get("base", {}))
        return request

    def record(self, record: Record) -> Record:
        if record.get("gone"):
            return record
        return {**record, "vv": {**self.named.get(record["id"], {}), **record["vv"]}}


@breaks("M2")
class TrustsClocks(Wrong):
    """`sent` is not looked at: an edit is as old as its phone says."""

    def asked(self, request: Request) -> Request:
        return {**request, "sent": now_ms()}


@breaks("C20")
class LeavesInstants(Wrong):
    """Measured instants stay as the phone's clock had them."""

    def asked(self, request: Request) -> Request:
        return {**request, "sent": now_ms()}


@breaks("M5")
class TellsNobody(Results):
    """Outcomes name nothing that was overtaken."""

    def result(self, result: dict[str, Any]) -> None:
        if "overtaken" in result:
            result["overtaken"] = []


@breaks("M5")
class SwallowsNotices(Pages):
    """Notices do not reach their author."""

    def page(self, request: Request, body: dict[str, Any]) -> None:
        body["records"] = [r for r in body["records"] if r["collection"] != "notice"]


@breaks("M16")
class TurnsSidesRound(Pages):
    """The side that stands comes last."""

    def record(self, record: Record) -> Record:
        sides = record.get("data", {}).get("sides")
        return {**record, "data": {**record["data"], "sides": sides[::-1]}} if sides else record


@breaks("M18")
class NeverCloses(Pages):
    """Conflicts stay open for ever."""

    def record(self, record: Record) -> Record:
        if record["collection"] != "conflict" or record.get("gone"):
            return record
        return {**record, "data": {**record["data"], "open": True}}


@breaks("M24")
class SaysTooMuch(Results):
    """What is not there is called forbidden."""

    def result(self, result: dict[str, Any]) -> None:
        if result.get("code") == "gone":
            result["code"] = "forbidden"


@breaks("M25")
class CreatesAgain(Ops):
    """A second create of an id is taken as another record."""

    def __init__(self) -> None:
        self.made: set[str] = set()

    def op(self, op: Any) -> Any:
        if op.get("op") != "create" or op["id"] not in self.made:
            self.made.add(op["id"])
            return op
        return {**op, "id": new_id()}


@breaks("M13")
class DropsServerFields(Ops):
    """A phone's write of a field of the server is left out in silence."""

    def op(self, op: Any) -> Any:
        return (
            {**op, "set": {k: v for k, v in op["set"].items() if k != "total_cents"}} if "set" in op else op
        )


@breaks("M12")
class AnswersFirstAsAccepted(Results):
    """A second value of a field that is set once is said to be accepted."""

    def result(self, result: dict[str, Any]) -> None:
        if result.get("code") == "already_set":
            n = result["n"]
            result.clear()
            result.update(n=n, outcome="accepted", seq=1, conflicts=[], overtaken=[])


@breaks("M6")
class TakesAnyStep(Results):
    """A step that there is not is said to be accepted."""

    def result(self, result: dict[str, Any]) -> None:
        if result.get("code") == "bad_step":
            n = result["n"]
            result.clear()
            result.update(n=n, outcome="accepted", seq=1, conflicts=[], overtaken=[])
