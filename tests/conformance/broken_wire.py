"""Wrong servers, part two: numbers and outcomes, the form of what travels, the feed, customers, streams, sessions."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.broken import WRONG, Ops, Pages, Record, Request, Results, breaks
from tests.conformance.client import new_id
from tests.conformance.proxy import Reply, Wrong

__all__ = ["WRONG"]


@breaks("C1")
class AppliesHalf(Ops):
    """Of a changeset with a bad op the others are applied."""

    def kept(self, op: Any) -> bool:
        return "total_cents" not in op.get("set", {})


@breaks("C3")
class GivesOneSeqTwice(Results):
    """All changesets of a request have the seq of the first."""

    def answered(self, request: Request, reply: Reply) -> None:
        seqs = [r["seq"] for r in reply.body.get("results", ()) if "seq" in r]
        for result in reply.body.get("results", ()):
            if "seq" in result:
                result["seq"] = seqs[0]


@breaks("C9")
class ForgetsOutcomes(Results):
    """A retry gets another outcome than the first time."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, int], int] = {}

    def answered(self, request: Request, reply: Reply) -> None:
        for result in reply.body.get("results", ()):
            key = (str(request.get("replica")), result["n"])
            self.seen[key] = self.seen.get(key, 0) + 1
            if self.seen[key] > 1 and "seq" in result:
                result["seq"] += self.seen[key]


@breaks("C9")
class AppliesTwice(Wrong):
    """A retry is applied as if it were new."""

    def __init__(self) -> None:
        self.answered_ns: set[tuple[str, int]] = set()
        self.shift: dict[str, int] = {}

    def asked(self, request: Request) -> Request:
        name = request["replica"]
        for changeset in request["changesets"]:
            if (name, changeset["n"]) in self.answered_ns:
                changeset["id"] = new_id()
                changeset["ops"] = [
                    {**op, "id": new_id()} if op["op"] == "create" else op for op in changeset["ops"]
                ]
                self.shift[name] = len(request["changesets"])
            changeset["n"] += self.shift.get(name, 0)
        return request

    def answered(self, request: Request, reply: Reply) -> None:
        name = request["replica"]
        for result in reply.body.get("results", ()):
            result["n"] -= self.shift.get(name, 0)
            self.answered_ns.add((name, result["n"]))


@breaks("C10")
class ForgetsIds(Wrong):
    """A changeset that comes again under another number is taken for another one."""

    def __init__(self) -> None:
        self.ids: dict[str, tuple[str, int]] = {}

    def asked(self, request: Request) -> Request:
        for changeset in request["changesets"]:
            dot = (request["replica"], changeset["n"])
            if self.ids.setdefault(changeset["id"], dot) != dot:
                changeset["id"] = new_id()
        return request


@breaks("C12")
class KeepsNumbers(Wrong):
    """A rejected changeset does not use up its number."""

    def answered(self, request: Request, reply: Reply) -> None:
        if reply.status == 200:
            reply.body["applied"] -= sum(r["outcome"] == "rejected" for r in reply.body["results"])


@breaks("C15")
class CallsBlockedGone(Results):
    """What builds on a refused change is called gone."""

    def result(self, result: dict[str, Any]) -> None:
        if result.get("code") == "blocked_by":
            result["code"] = "gone"


@breaks("C14")
class TakesTooMuch(Ops):
    """A changeset above 256 KiB is cut to what fits."""

    def asked(self, request: Request) -> Request:
        for changeset in request["changesets"]:
            if isinstance(changeset.get("ops"), list):
                changeset["ops"] = changeset["ops"][:5]
        return request


@breaks("F2")
class FillsGaps(Wrong):
    """A hole in the numbers is answered as if there were none."""

    def answered(self, request: Request, reply: Reply) -> None:
        if reply.status == 409 and reply.body["code"] == "gap":
            reply.status = 200
            reply.body = {"results": [], "records": [], "cursor": request["cursor"], "more": False, "reset": False,
                          "applied": reply.body["expected"] - 1, "durable": 0, "epoch": request["epoch"], "now": 0}  # fmt: skip


@breaks("F3")
class OverlooksForks(Wrong):
    """Other content under an answered number is taken for a retry."""

    def answered(self, request: Request, reply: Reply) -> None:
        if reply.status == 409 and reply.body["code"] == "forked":
            reply.status = 200
            reply.body = {
                **reply.body,
                "records": [],
                "cursor": request["cursor"],
                "more": False,
                "reset": False,
            }


@breaks("R10")
class IgnoresEpochs(Wrong):
    """A request of another epoch is served as one of this."""

    epoch = ""

    def asked(self, request: Request) -> Request:
        return {**request, "epoch": self.epoch} if self.epoch else request

    def answered(self, request: Request, reply: Reply) -> None:
        self.epoch = reply.body.get("epoch", self.epoch)


@breaks("R6")
class DoesNotWipe(Wrong):
    """A revoked device is refused and not told to wipe."""

    def answered(self, request: Request, reply: Reply) -> None:
        reply.body.pop("wipe", None)


@breaks("R8")
class DurableAtOnce(Wrong):
    """All is said to be durable, and more than that."""

    def answered(self, request: Request, reply: Reply) -> None:
        if "durable" in reply.body:
            reply.body["durable"] = reply.body["applied"] + 1


@breaks("W1")
class LetsCachesKeep(Wrong):
    """Answers may be cached."""

    def answered(self, request: Request, reply: Reply) -> None:
        reply.headers = {k: v for k, v in reply.headers.items() if k.lower() != "cache-control"}


@breaks("W8")
class SendsChangesOnly(Pages):
    """Of a record that was there before only three fields come."""

    def record(self, record: Record) -> Record:
        return record if record.get("gone") else {**record, "data": dict(list(record["data"].items())[:3])}


@breaks("W9")
class HidesWhere(Results):
    """Rejections do not say which op and field."""

    def result(self, result: dict[str, Any]) -> None:
        result.pop("at", None)


@breaks("W10")
class TurnsResultsRound(Wrong):
    """Results come in another order."""

    def answered(self, request: Request, reply: Reply) -> None:
        if reply.body.get("results"):
            reply.body["results"].reverse()


@breaks("W11")
class TakesAnyNumber(Wrong):
    """Of more than 500 changesets the first 500 are taken."""

    def asked(self, request: Request) -> Request:
        return {**request, "changesets": request["changesets"][:500]}


@breaks("W13")
class ErrorsWithoutRequest(Wrong):
    """Errors have no id for the log."""

    def answered(self, request: Request, reply: Reply) -> None:
        reply.body.pop("request", None)


@breaks("W6")
class ForgetsWhatIsLeft(Pages):
    """A bootstrap does not say how much is still to come."""

    def page(self, request: Request, body: dict[str, Any]) -> None:
        body.pop("left", None)


@breaks("P1")
class PullsBeforeIt(Pages):
    """The records of an answer are those before its push."""

    def page(self, request: Request, body: dict[str, Any]) -> None:
        if body["results"]:
            body["records"] = []


@breaks("P3")
class TurnsRecordsRound(Pages):
    """Records come newest first."""

    def page(self, request: Request, body: dict[str, Any]) -> None:
        body["records"].reverse()


@breaks("P3")
class SendsTwice(Pages):
    """Each record comes twice."""

    def page(self, request: Request, body: dict[str, Any]) -> None:
        body["records"] *= 2


@breaks("P3")
class IgnoresTheLimit(Wrong):
    """Pages are as long as the server likes."""

    def asked(self, request: Request) -> Request:
        return {**request, "limit": 1000}


@breaks("P6")
class ResetsAlways(Pages):
    """Every page says reset."""

    def page(self, request: Request, body: dict[str, Any]) -> None:
        body["reset"] = True


@breaks("P13")
class SwallowsGone(Pages):
    """What left is not sent."""

    def page(self, request: Request, body: dict[str, Any]) -> None:
        body["records"] = [r for r in body["records"] if not r.get("gone")]


@breaks("P19")
class LosesOne(Pages):
    """The feed now and then leaves out a record."""

    def page(self, request: Request, body: dict[str, Any]) -> None:
        if not body["reset"]:
            body["records"] = body["records"][1:]


@breaks("X2")
class NamesStaff(Pages):
    """Records bear the id of who made them, for everybody."""

    staff = ""

    def record(self, record: Record) -> Record:
        self.staff = record.get("data", {}).get("created_by", self.staff)
        return (
            record if record.get("gone") else {**record, "data": {**record["data"], "created_by": self.staff}}
        )


@breaks("X3")
class ShowsTheShopsCount(Pages):
    """A customer's @ leaps."""

    def record(self, record: Record) -> Record:
        return (
            record if record.get("gone") else {**record, "vv": {**record["vv"], "@": record["vv"]["@"] * 7}}
        )


@breaks("X4")
class TellsCustomersSeqs(Results):
    """Outcomes of customers have a seq."""

    def result(self, result: dict[str, Any]) -> None:
        result.setdefault("seq", 7)


@breaks("L2")
class SaysNoHello(Wrong):
    """The stream begins with silence."""

    def event(self, block: str) -> str | None:
        return None if "event: hello" in block else block


@breaks("L1")
class PokesWithoutSeq(Wrong):
    """Pokes of staff do not say how far the shop is."""

    def event(self, block: str) -> str | None:
        return "event: poke\r\ndata: {}\r\n\r\n" if "event: poke" in block else block


@breaks("S5")
class TellsAddressesApart(Wrong):
    """An unknown address is told so."""

    path = "/api/session"

    def answered(self, request: Request, reply: Reply) -> None:
        if reply.status == 401 and "nowhere" in str(request.get("email")):
            reply.body["message"] = "There is nobody with this address."


@breaks("S1")
class GivesTokensUnasked(Wrong):
    """Everybody gets a token in the body."""

    path = "/api/session"

    def asked(self, request: Request) -> Request:
        return {**request, "token": True}


@breaks("S2")
class NamesEverybodyAnew(Wrong):
    """A device does not keep its replica."""

    path = "/api/session"

    def asked(self, request: Request) -> Request:
        return {**request, "device": {"name": "Anew"}} if "device" in request else request


@breaks("D1")
class WrongSums(Wrong):
    """Sums are off by one."""

    def answered(self, request: Request, reply: Reply) -> None:
        for said in (reply.body.get("digests") or {}).values():
            said["sum"] = str(int(said["sum"]) + 1)


@breaks("W12")
class TakesHalfCharacters(Ops):
    """What is no text is cleaned in silence."""

    def op(self, op: Any) -> Any:
        text = json.dumps(op)
        return json.loads(text.replace("\\u0000", "").replace("\\ud800", "").replace("\\udfff", ""))
