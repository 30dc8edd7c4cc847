"""U: files of photos by tus, what becomes of them, who may read them, and albums."""

from __future__ import annotations

import base64
import hashlib
import os
import struct
import time
import zlib
from typing import Any
from urllib.parse import urlsplit

from tests.conformance.cases_wire import refused
from tests.conformance.client import Answer, Failed, Phone, delete, new_id, patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same, slow_case

UPLOADS = "/api/uploads"
READY_S = 60
PIECE = 256 * 1024


def png(side: int = 40, *, noise: bool = False) -> bytes:
    """A picture of its own each time: one colour with a random spot, or noise, which no packing makes small."""
    rows = os.urandom(3 * side * side) if noise else bytes(os.urandom(3)) + bytes(3 * side * side - 3)
    lines = b"".join(b"\0" + rows[3 * side * y : 3 * side * (y + 1)] for y in range(side))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    framed = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


class Upload:
    """A photo's record at the shop, and its file on its way there."""

    def __init__(
        self, room: Room, phone: Phone, content: bytes, *, said: bytes | None = None, **more: Any
    ) -> None:
        self.room, self.phone, self.content = room, phone, content
        self.sha256 = hashlib.sha256(content if said is None else said).hexdigest()
        order = room.make(phone)
        of_the_file = {"sha256": self.sha256, "bytes": len(content), "type": "image/png"}
        self.record = room.make(phone, "photo", order["id"], **of_the_file, **more)
        self.id, self.order = self.record["id"], order["id"]

    @property
    def receipt(self) -> str:
        return f"sha256={self.sha256}; bytes={len(self.content)}"

    def ask(self, method: str, path: str | None = None, body: bytes | None = None, **headers: str) -> Answer:
        where = f"{UPLOADS}/{self.id}" if path is None else path
        given = {"Tus_Resumable": "1.0.0", **headers}
        return self.phone.door.send(method, where, body, token=self.phone.token, **given)

    def begin(self, body: bytes | None = None, **said: str) -> Answer:
        named = {"photo": self.id, "sha256": self.sha256, "type": "image/png", **said}
        metadata = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in named.items()
        )
        kind = {} if body is None else {"Content_Type": "application/offset+octet-stream"}
        length = {"Upload_Length": str(len(self.content)), "Upload_Metadata": metadata}
        return self.ask("POST", UPLOADS, body, **length, **kind)

    def send(self, start: int, end: int | None = None, **headers: str) -> Answer:
        kind = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": str(start)}
        return self.ask("PATCH", body=self.content[start:end], **kind, **headers)

    def stands(self) -> int:
        answer = self.ask("HEAD")
        same(answer.status, 200, "the status of HEAD")
        return int(answer.headers["upload-offset"])

    def whole(self) -> Upload:
        """All of it sent."""
        same(self.begin().status, 201, "the status of a creation")
        same(self.send(0).status, 204, "the status of the last piece")
        return self

    def media(self, *wanted: str) -> dict[str, Any]:
        """The record when its `media` says one of these."""
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            data: dict[str, Any] = self.phone.look(self.id)["data"]
            if data.get("media") in wanted:
                return data
            time.sleep(0.2)
        raise Failed(f"media {' or '.join(wanted)} within {READY_S} s", data.get("media"))

    def read(self, size: str, by: Phone | None) -> Answer:
        token = None if by is None else by.token
        return self.room.door().send("GET", f"/api/photos/{self.id}/{size}", token=token)


@case
def U1_a_photos_record_comes_at_once(room: Room) -> None:
    """A photo's record syncs before its file is there, with what its phone knows of it."""
    a, b = room.phones("tech", "writer")
    order = room.make(a)
    photo = room.make(a, "photo", order["id"], note="The bearing", taken_at=a.clock())
    seen = b.look(photo["id"])["data"]
    same((seen.get("note"), seen.get("kind")), ("The bearing", "before"), "note and kind")


@case
def U2_it_goes_on_where_the_server_stands(room: Room) -> None:
    """A creation is 201 with a Location that ends with the photo's id; pieces go on where the upload stands, elsewhere 409
    says where that is; each answer has Tus-Resumable."""
    up = Upload(room, room.phone("tech"), png(420, noise=True))
    holds(len(up.content) > 2 * PIECE, "a file of some pieces", len(up.content))
    made = up.begin()
    same((made.status, made.headers.get("tus-resumable")), (201, "1.0.0"), "status and version of a creation")
    same(urlsplit(made.headers.get("location", "")).path, f"{UPLOADS}/{up.id}", "Location")
    same(up.stands(), 0, "where it stands before the first byte")
    same(up.send(0, PIECE).headers.get("upload-offset"), str(PIECE), "Upload-Offset after a piece")
    for wrong in (0, PIECE - 1, PIECE + 1):
        answer = up.send(wrong, wrong + 10)
        same((answer.status, answer.headers.get("upload-offset")), (409, str(PIECE)), f"a piece at {wrong}")
    same(up.stands(), PIECE, "where it stands after pieces at other places")
    same(up.begin().headers.get("upload-offset"), str(PIECE), "Upload-Offset of a second creation")
    same(up.send(PIECE).status, 204, "the status of the rest")
    same(up.stands(), len(up.content), "where it stands at the end")


@case
def U2_the_first_bytes_may_come_along(room: Room) -> None:
    """A creation may bring bytes, and all of a small file."""
    up = Upload(room, room.phone("tech"), png())
    made = up.begin(up.content)
    same(
        (made.status, made.headers.get("upload-offset")),
        (201, str(len(up.content))),
        "status and Upload-Offset",
    )


@case
def U2_a_piece_with_a_checksum_counts_whole_or_not_at_all(room: Room) -> None:
    """A piece whose Upload-Checksum is not its hash is 460 and does not count; with the right one it does."""
    up = Upload(room, room.phone("tech"), png(420, noise=True))
    up.begin()
    wrong = base64.b64encode(hashlib.sha256(b"something else").digest()).decode()
    same(up.send(0, PIECE, Upload_Checksum=f"sha256 {wrong}").status, 460, "the status of a wrong piece")
    same(up.stands(), 0, "where it stands after it")
    right = base64.b64encode(hashlib.sha256(up.content[:PIECE]).digest()).decode()
    same(up.send(0, PIECE, Upload_Checksum=f"sha256 {right}").status, 204, "the status of a right one")
    same(up.stands(), PIECE, "where it stands after that")


@case
def U2_what_tus_asks_of_a_server(room: Room) -> None:
    """OPTIONS names version, extensions, the largest file and the checksums; another version is 412; a piece of another
    type is 415, one that is longer than the file 413; and what is unfinished can be ended."""
    up = Upload(room, room.phone("tech"), png())
    said = up.ask("OPTIONS", UPLOADS).headers
    same(said.get("tus-version"), "1.0.0", "Tus-Version")
    wanted = {"creation", "creation-with-upload", "checksum", "expiration", "termination"}
    same(wanted - set(said.get("tus-extension", "").split(",")), set(), "extensions that are missing")
    holds(int(said.get("tus-max-size", "0")) > 0, "Tus-Max-Size", said)
    holds("sha256" in said.get("tus-checksum-algorithm", ""), "sha256 among the checksums", said)
    begun = up.begin()
    holds("upload-expires" in begun.headers, "Upload-Expires", begun.headers)
    same(up.ask("HEAD", Tus_Resumable="0.2.2").status, 412, "another version")
    same(up.ask("PATCH", body=b"x", Upload_Offset="0", Content_Type="image/png").status, 415, "another type")
    up.content += b"more"
    same(up.send(0).status, 413, "more than there should be")
    same(up.ask("DELETE").status, 204, "ending it")
    same(up.ask("HEAD").status, 404, "asking after it was ended")


@case
def U1_U2_only_the_file_of_the_record(room: Room) -> None:
    """An upload of another hash or length than the record has is 409, and one that names no photo, no hash or a type that
    no photo has is refused; nothing is begun."""
    up = Upload(room, room.phone("tech"), png())
    same(up.begin(sha256="0" * 64).status, 409, "another hash")
    refused(up.begin(sha256="short"), 400, "invalid")
    refused(up.begin(photo="none"), 400, "invalid")
    same(up.begin(type="image/svg+xml").status, 415, "a type that no photo has")
    same(up.ask("HEAD").status, 404, "asking after it")


@case
def U3_the_whole_must_have_the_hash_of_the_record(room: Room) -> None:
    """When the bytes that arrived are not those of the record's hash the last piece is 460 without a receipt, and the
    upload stands at 0 again."""
    up = Upload(room, room.phone("tech"), png(), said=b"the picture that was taken")
    up.begin()
    answer = up.send(0)
    same((answer.status, answer.headers.get("upload-receipt")), (460, None), "status and receipt")
    same(up.stands(), 0, "where it stands")
    same(up.media("waiting")["media"], "waiting", "media")


@case
def U4_a_receipt_of_what_lies_there(room: Room) -> None:
    """The last piece, HEAD and a second creation name hash and length of the file; before it is all there nothing does."""
    up = Upload(room, room.phone("tech"), png(420, noise=True))
    up.begin()
    same(up.send(0, PIECE).headers.get("upload-receipt"), None, "the receipt of a part")
    same(up.ask("HEAD").headers.get("upload-receipt"), None, "the receipt of a part, asked for")
    last, asked, again = up.send(PIECE), up.ask("HEAD"), up.begin()
    said = [answer.headers.get("upload-receipt") for answer in (last, asked, again)]
    same(said, [up.receipt] * 3, "the receipts")


@slow_case
def U3_U7_looked_at_and_read_by_right(room: Room) -> None:
    """A file that has arrived comes to `ready`. Staff read the original byte for byte and the sizes, a customer sizes of
    what is shown to them alone, never the original, and nobody else anything; hidden again, the customer's right ends."""
    a = room.phone("tech")
    up = Upload(room, a, png(), visible_to_customer=True).whole()
    writer, customer, other = room.phone("writer"), room.phone("ada"), room.phone("bob")
    up.media("ready")
    original = up.read("original", writer)
    same(original.status, 200, "the status of the original for the staff")
    same(original.headers.get("content-disposition", "")[:10], "attachment", "how the original is given")
    for size in ("display", "thumb"):
        answer = up.read(size, customer)
        kind = answer.headers.get("content-type")
        same((answer.status, kind), (200, "image/jpeg"), f"status and type of {size} for the customer")
        same(up.read(size, other).status, 404, f"{size} for another customer")
        same(up.read(size, None).status, 401, f"{size} for nobody")
    same(up.read("original", customer).status, 404, "the original for the customer")
    accepted(writer.push(patch(writer.look(up.id), {"visible_to_customer": False})))
    same(up.read("display", customer).status, 404, "display for the customer when it is hidden")
    same(up.read("display", writer).status, 200, "display for the staff when it is hidden")


@slow_case
def U3_U7_what_is_no_picture_is_refused(room: Room) -> None:
    """A file that is not what a photo may be is refused with a reason by what it holds, whatever it is called, and is
    served to nobody."""
    a = room.phone("tech")
    up = Upload(room, a, b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>").whole()
    holds(up.media("refused").get("media_reason"), "a reason")
    same([up.read(size, a).status for size in ("original", "display", "thumb")], [404] * 3, "reading it")


@case
def U6_deleted_and_unknown(room: Room) -> None:
    """Of a photo that was deleted every request is 410, of one that the shop never knew 404."""
    a = room.phone("tech")
    up = Upload(room, a, png())
    up.begin()
    accepted(a.push(delete(a.look(up.id))))
    same([up.begin().status, up.ask("HEAD").status, up.send(0).status], [410] * 3, "begin, HEAD and PATCH")
    up.id = new_id()
    same(
        [up.begin().status, up.ask("HEAD").status, up.send(0).status], [404] * 3, "the same of an unknown one"
    )


@case
def U7_who_may_not_send(room: Room) -> None:
    """An upload of a customer and of a role that makes no photos is 403, one without a session 401; none begins anything."""
    a = room.phone("tech")
    up = Upload(room, a, png(), visible_to_customer=True)
    for name in ("ada", "parts"):
        up.phone = room.phone(name)
        same(up.begin().status, 403, f"an upload of {name}")
    answer = room.door().send("HEAD", f"{UPLOADS}/{up.id}", Tus_Resumable="1.0.0")
    same(answer.status, 401, "asking without a session")
    up.phone = a
    same(up.ask("HEAD").status, 404, "asking after it")


@case
def U8_an_album_opens_by_its_link_until_it_is_revoked(room: Room) -> None:
    """The link opens without a session; what is not ready is not shown; another link, and one that was revoked, get one
    and the same answer; a password is asked for."""
    a = room.phone("writer")
    up = Upload(room, a, png(), visible_to_customer=True)
    made = a.door.send(
        "POST", "/api/albums", {"work_order": up.order, "title": "Before and after"}, token=a.token
    )
    same(made.status, 201, "the status of a new album")
    token = made["url"].rsplit("/", 1)[-1]
    shown = room.door().send("GET", f"/api/album/{token}")
    same((shown.status, shown["title"], shown["photos"]), (200, "Before and after", []), "what it shows")
    same(shown.headers.get("cache-control"), "no-store", "Cache-Control")
    unknown = room.door().send("GET", f"/api/album/{token[:-4]}AAAA")
    same(unknown.status, 404, "an unknown link")
    same(a.door.send("DELETE", f"/api/albums/{made['id']}", token=a.token).status, 204, "revoking it")
    revoked = room.door().send("GET", f"/api/album/{token}")
    told = [{k: v for k, v in answer.body.items() if k != "request"} for answer in (unknown, revoked)]
    same((revoked.status, told[1]), (404, told[0]), "a link that was revoked")
    wish = {"work_order": up.order, "password": "not for everybody"}
    locked = a.door.send("POST", "/api/albums", wish, token=a.token)["url"].rsplit("/", 1)[-1]
    closed = room.door().send("GET", f"/api/album/{locked}")
    holds(closed.status == 401 and "photos" not in (closed.body or {}), "a password wanted", closed.text)


@case
def U3_media_is_the_servers(room: Room) -> None:
    """A phone cannot say of a photo that its file is there."""
    a = room.phone("tech")
    up = Upload(room, a, png())
    rejected(a.push(patch(up.record, {"media": "ready"})), "forbidden")
