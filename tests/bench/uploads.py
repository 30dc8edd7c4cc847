"""Photos on a bad line: each upload is cut three times at bytes drawn by lot, asked where it stands, and gone on with.

A cut is a connection that is reset in the middle of a request, so that what lay in the kernel's buffers is lost as on a
phone that walks out of reach. Counted are the bytes of files that were handed to the network; what the shop then holds is
read back, hashed and compared. Beside it: what photos on their way do to the round trips of everybody else.
"""

import array
import asyncio
import base64
import fcntl
import hashlib
import io
import random
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.bench import orders
from tests.bench.client import Device, Place
from tests.bench.figures import Cost, Figure, quantile
from tests.bench.world import World, running

PEOPLE = {"bay": ["admin", "tech", "tech"]}
CUTS = 3
SENDERS = 4
FILE_BYTES = (350_000, 900_000)
"""What a picture of 2,048 pixels takes, from a plain wall to gravel."""
PUSHED = 50
PIECE_BYTES = 16_384
LINE_BYTES_S = 1_000_000
"""How fast a line was before it was cut: 8 Mbit/s up."""
RECONNECT_S = 0.3
"""A phone notices that its line is gone, and asks again, no sooner than this."""
PACE_BYTES_S = 250_000
"""A phone's line in the background: 2 Mbit/s up."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done."""

    photos: int = 500
    round_trips: int = 400


QUICK = Sizes(photos=20, round_trips=60)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of a phone: its id, its bytes and where its upload will be cut."""

    id: str
    content: bytes
    cuts: tuple[int, ...]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True)
class Tally:
    """What the network was given, and what came of it."""

    sent: int = 0
    cut: int = 0
    took: list[float] = field(default_factory=list)


async def measure(sizes: Sizes, found: Callable[[Figure | Cost], None]) -> None:
    """Uploads with cuts, then round trips without and with uploads beside them."""
    async with running(PEOPLE) as world:
        desk, tech, other = await world.devices("bay")
        await tech.catch_up()
        place = Place(world.place.port, world.shops["bay"].host)
        photos = await pictures(tech, sizes.photos)
        await cut_uploads(world, place, tech, photos, found)
        await beside(place, desk, tech, await pictures(other, 40), sizes.round_trips, found)


async def pictures(tech: Device, count: int) -> list[Photo]:
    """That many new photos of one work order, whose records are at the shop."""
    customer, order = orders.new_id(), orders.new_id()
    # Aside, for it takes a while, and a server that closes a quiet connection meanwhile is to be heard.
    photos = await asyncio.to_thread(made, count)
    await tech.catch_up()
    await tech.sync(
        [
            orders.create("customer", orders.customer(1), customer),
            orders.create("work_order", orders.work_order(1, customer), order),
        ]
    )
    for start in range(0, count, PUSHED):
        await tech.sync(*([record(one, order)] for one in photos[start : start + PUSHED]))
    return photos


def made(count: int) -> list[Photo]:
    """That many pictures, the same each time."""
    chance = random.Random(count)
    return [photo(orders.new_id(), chance) for _ in range(count)]


def photo(id_: str, chance: random.Random) -> Photo:
    """A JPEG of its own: the same drawing, and noise in a comment up to the size drawn."""
    size = chance.randint(*FILE_BYTES)
    content = jpeg_of(size, chance)
    cuts = sorted(chance.sample(range(1, len(content)), CUTS))
    return Photo(id_, content, tuple(cuts))


def jpeg_of(size: int, chance: random.Random) -> bytes:
    """A whole JPEG of about `size` bytes; comments may hold 65,533 bytes each and are passed over by decoders."""
    base = plain_jpeg()
    comments = bytearray()
    while len(base) + len(comments) < size:
        noise = chance.randbytes(min(65_533, size - len(base) - len(comments)))
        comments += b"\xff\xfe" + (len(noise) + 2).to_bytes(2, "big") + noise
    return base[:2] + bytes(comments) + base[2:]


def plain_jpeg() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((1024, 768)).convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def record(photo: Photo, order: str) -> orders.Values:
    return orders.create(
        "photo",
        {
            "work_order": order,
            "kind": "damage",
            "sha256": photo.sha256,
            "bytes": len(photo.content),
            "type": "image/jpeg",
        },
        photo.id,
    )


async def cut_uploads(
    world: World, place: Place, tech: Device, photos: list[Photo], found: Callable[[Figure | Cost], None]
) -> None:
    """All photos, some at once as a shop's phones are, and then what the shop holds of them."""
    tally, waiting = Tally(), iter(photos)
    started = time.perf_counter()
    await asyncio.gather(*(send_all(place, tech, waiting, tally) for _ in range(SENDERS)))
    took = time.perf_counter() - started
    whole = sum(len(one.content) for one in photos)
    await until_looked_at(tech, {one.id for one in photos})
    right = [await held(place, tech, one) == one.sha256 for one in photos]
    left = [path for path in blobs_of(world).rglob("parts/*") if path.is_file()]
    found(
        Figure(
            "upload_hashes_right", "of all", [sum(right) / len(photos)], 1.0, f"{len(photos)} photos", ">=1"
        )
    )
    found(Figure("upload_cuts", "cuts", [tally.cut]))
    found(Figure("upload_bytes_ratio", "×", [tally.sent / whole], 1.0, "each byte once", "<=1.05"))
    found(Figure("upload_orphans", "files", [len(left)], aim="<=0"))
    found(Figure("upload_ms", "ms", [one * 1000 for one in tally.took]))
    found(Figure("upload_rate", "MB/s", [whole / took / 1e6]))


async def until_looked_at(tech: Device, waiting: set[str]) -> None:
    """Pull until the shop has made something of each: what it has not looked at it gives to nobody."""
    while waiting:
        page = await tech.sync()
        for found in page["records"]:
            if found.get("data", {}).get("media") in ("ready", "refused"):
                waiting.discard(found["id"])
        if not page["records"]:
            await asyncio.sleep(0.2)


def blobs_of(world: World) -> Path:
    return world.var / "blobs"


async def send_all(place: Place, tech: Device, waiting: Iterator[Photo], tally: Tally) -> None:
    for one in waiting:
        started = time.perf_counter()
        await send(place, tech, one, tally)
        tally.took.append(time.perf_counter() - started)


async def send(place: Place, tech: Device, photo: Photo, tally: Tally) -> None:
    """One upload: made, cut at each of its places, asked after, gone on with, and acknowledged with its hash."""
    answer = await ask(place, tech, "POST", "/api/uploads", creation(photo))
    offset, cuts = int(answer["upload-offset"]), list(photo.cuts)
    while offset < len(photo.content):
        end = cuts.pop(0) if cuts else len(photo.content)
        if end <= offset:
            continue
        if end == len(photo.content):
            answer = await patch(place, tech, photo, offset, end, tally)
        else:
            await cut(place, tech, photo, offset, end, tally)
            await asyncio.sleep(RECONNECT_S)
            answer = await ask(place, tech, "HEAD", f"/api/uploads/{photo.id}", {})
        offset = int(answer["upload-offset"])
    receipt = f"sha256={photo.sha256}; bytes={len(photo.content)}"
    if answer.get("upload-receipt") != receipt:
        raise RuntimeError(f"The receipt is {answer.get('upload-receipt')!r} instead of {receipt!r}.")


def creation(photo: Photo) -> dict[str, str]:
    said = {"photo": photo.id, "sha256": photo.sha256, "type": "image/jpeg"}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
    return {"Upload-Length": str(len(photo.content)), "Upload-Metadata": metadata}


async def patch(
    place: Place, tech: Device, photo: Photo, start: int, end: int, tally: Tally
) -> dict[str, str]:
    tally.sent += end - start
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    try:
        writer.write(head_of(place, tech, "PATCH", f"/api/uploads/{photo.id}", piece_of(photo, start)))
        writer.write(photo.content[start:end])
        await writer.drain()
        return await answer_of(reader)
    finally:
        writer.close()
        await writer.wait_closed()


async def cut(place: Place, tech: Device, photo: Photo, start: int, end: int, tally: Tally) -> None:
    """Announce all that is left, send up to `end`, and reset the connection. The server is let read: a phone's line is slower
    than it is."""
    _, writer = await asyncio.open_connection("127.0.0.1", place.port)
    writer.write(head_of(place, tech, "PATCH", f"/api/uploads/{photo.id}", piece_of(photo, start)))
    with suppress(ConnectionError):
        for at in range(start, end, PIECE_BYTES):
            piece = photo.content[at : min(end, at + PIECE_BYTES)]
            writer.write(piece)
            tally.sent += len(piece)
            await writer.drain()
            await asyncio.sleep(len(piece) / LINE_BYTES_S)
    tally.sent -= not_gone(writer)
    tally.cut += 1
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


def not_gone(writer: asyncio.StreamWriter) -> int:
    """Bytes that were written and that no network has seen: they are in our own buffers, and the cut ends them there."""
    ours: int = writer.transport.get_write_buffer_size()
    found = array.array("i", [0])
    if writer.transport.is_closing():
        return ours
    fcntl.ioctl(writer.get_extra_info("socket").fileno(), termios.TIOCOUTQ, found)
    return ours + found[0]


def piece_of(photo: Photo, start: int) -> dict[str, str]:
    return {
        "Upload-Offset": str(start),
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(len(photo.content) - start),
    }


def head_of(place: Place, tech: Device, method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {place.host}", "Tus-Resumable: 1.0.0", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + f"\r\n{tech.headers}\r\n").encode()


async def ask(place: Place, tech: Device, method: str, path: str, headers: dict[str, str]) -> dict[str, str]:
    """A request without a body; the headers of its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    try:
        writer.write(head_of(place, tech, method, path, {"Content-Length": "0", **headers}))
        return await answer_of(reader)
    finally:
        writer.close()
        await writer.wait_closed()


async def answer_of(reader: asyncio.StreamReader) -> dict[str, str]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    # 409 is no failure: what was cut may still be on its way into the store, and the answer says where it stands now.
    if first.split()[1] not in ("200", "201", "204", "409"):
        raise RuntimeError(f"{first}\n{(await reader.read()).decode(errors='replace')[:500]}")
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def held(place: Place, tech: Device, photo: Photo) -> str:
    """The hash of what the shop gives back as the original."""
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    try:
        writer.write(head_of(place, tech, "GET", f"/api/photos/{photo.id}/original", {}))
        await answer_of(reader)
        return hashlib.sha256(await reader.read()).hexdigest()
    finally:
        writer.close()
        await writer.wait_closed()


async def beside(
    place: Place,
    desk: Device,
    tech: Device,
    photos: list[Photo],
    count: int,
    found: Callable[[Figure | Cost], None],
) -> None:
    """The desk's round trips alone, and while a phone sends photos at the pace of its line; in turns, so that a busy minute of
    the machine falls on both."""
    await desk.catch_up()
    alone: list[float] = []
    with_photos: list[float] = []
    for turn in range(4):
        alone += await round_trips(desk, count // 4)
        async with sending(place, tech, photos[turn * 10 : turn * 10 + 10]):
            with_photos += await round_trips(desk, count // 4)
        await desk.catch_up()
    plain = quantile(alone, 0.95)
    found(Figure("sync_alone_p95", "ms", [plain]))
    found(Figure("sync_beside_uploads_p95", "ms", [quantile(with_photos, 0.95)], plain, "without uploads"))
    found(Figure("sync_beside_ratio", "×", [quantile(with_photos, 0.95) / plain], 1.0, "without", "<=1.1"))


async def round_trips(desk: Device, count: int) -> list[float]:
    """Milliseconds of each: one new customer pushed, the news pulled."""
    took = []
    for number in range(count):
        body = desk.request([orders.create("customer", orders.customer(number))])
        started = time.perf_counter()
        raw = await desk.ask_sync(body)
        took.append((time.perf_counter() - started) * 1000)
        desk.take(raw)
    return took


class sending:
    """Photos go out one after the other at the pace of a phone's line while the block lasts."""

    def __init__(self, place: Place, tech: Device, photos: list[Photo]) -> None:
        self.place, self.tech, self.photos = place, tech, photos

    async def __aenter__(self) -> None:
        self.task = asyncio.create_task(self._send())

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    async def _send(self) -> None:
        for one in self.photos:
            await ask(self.place, self.tech, "POST", "/api/uploads", creation(one))
            await self._paced(one)

    async def _paced(self, one: Photo) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.place.port)
        try:
            writer.write(head_of(self.place, self.tech, "PATCH", f"/api/uploads/{one.id}", piece_of(one, 0)))
            for at in range(0, len(one.content), PIECE_BYTES):
                writer.write(one.content[at : at + PIECE_BYTES])
                await writer.drain()
                await asyncio.sleep(PIECE_BYTES / PACE_BYTES_S)
            await answer_of(reader)
        finally:
            writer.close()
