"""Servers that are wrong about files: what they say of an upload, to whom, and of albums."""

from __future__ import annotations

from typing import Any

from tests.conformance.broken import WRONG, breaks
from tests.conformance.proxy import Reply, Wrong

__all__ = ["WRONG"]


class Uploads(Wrong):
    """Changes answers about uploads: statuses by `instead`, and headers."""

    path = "/api/uploads"
    bare = True
    instead: dict[int, int] = {}

    def answered(self, request: dict[str, Any], reply: Reply) -> None:
        reply.status = self.instead.get(reply.status, reply.status)
        self.said({name.lower(): name for name in reply.headers}, reply.headers)

    def said(self, names: dict[str, str], headers: dict[str, str]) -> None:
        """`names`: a header's name in small letters, to the one in `headers`."""


@breaks("U2")
class TakesPiecesAnywhere(Uploads):
    """A piece for another place is said to be taken."""

    instead = {409: 204}


@breaks("U2")
class ForgetsWhereItStands(Uploads):
    """It stands at 0 whenever it is asked."""

    def said(self, names: dict[str, str], headers: dict[str, str]) -> None:
        if "upload-offset" in names:
            headers[names["upload-offset"]] = "0"


@breaks("U3")
class BelievesTheBytes(Uploads):
    """What has the wrong hash is said to have arrived."""

    instead = {460: 204}


@breaks("U4")
class GivesReceiptsEarly(Uploads):
    """A receipt comes with every answer."""

    def said(self, names: dict[str, str], headers: dict[str, str]) -> None:
        if "upload-receipt" not in names:
            headers["Upload-Receipt"] = f"sha256={'0' * 64}; bytes=1"


@breaks("U4")
class NamesAnotherHash(Uploads):
    """The receipt is that of another file."""

    def said(self, names: dict[str, str], headers: dict[str, str]) -> None:
        if name := names.get("upload-receipt"):
            headers[name] = headers[name].replace("sha256=", "sha256=00")


@breaks("U6")
class CallsDeletedUnknown(Uploads):
    """A photo that was deleted is said never to have been there."""

    instead = {410: 404}


@breaks("U7")
class TakesFilesOfAnybody(Uploads):
    """Whoever may not send is told that it was begun."""

    instead = {403: 201}


@breaks("U8")
class LetsAlbumsBeKept(Wrong):
    """Whoever lies between may keep an album after it was revoked."""

    path = "/api/album"

    def answered(self, request: dict[str, Any], reply: Reply) -> None:
        for name in [name for name in reply.headers if name.lower() == "cache-control"]:
            reply.headers[name] = "public, max-age=600"
