"""Both places for files keep the contract, and each what is its own."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from server.errors import SettingError, StorageFull, Unavailable
from server.media.blobs import Missing, Place, key_of, part_of, place_of, remove_photo
from server.media.folder import Folder
from server.media.open import open_blobs, origin_of
from server.media.s3 import Bucket
from server.settings import Settings
from tests.contracts.blobs import BlobsContract, content_of, in_pieces, listed, read
from tests.seaweed import Seaweed, free_ports
from tests.worlds import CountingWorld


class TestFolder(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> Folder:
        return Folder(tmp_path / "deep" / "blobs", CountingWorld())


class TestBucket(BlobsContract):
    @pytest.fixture
    def blobs(self, s3_server: Seaweed) -> Bucket:
        return Bucket(s3_server.url(f"tests/{uuid4().hex}"))


async def test_bytes_names_and_folders_are_durable_before_a_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file before its name is there, then every folder that got a new name."""
    synced: list[tuple[str, bool]] = []
    real, target = os.fsync, tmp_path / "blobs" / "s" / "p" / "original"

    def noting(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            synced.append((str(Path(path).relative_to(tmp_path)), target.exists()))
        else:
            synced.append(("file", target.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    await Folder(tmp_path / "blobs", CountingWorld()).put("s/p/original", in_pieces(content_of(300_000)))
    assert synced == [
        (".", False),
        ("blobs", False),
        ("blobs/s", False),
        ("file", False),
        ("blobs/s/p", True),
    ]


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EIO, Unavailable)]
)
async def test_a_full_or_broken_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    folder = Folder(tmp_path, CountingWorld())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        for source in (b"content", in_pieces(b"content")):
            with pytest.raises(kind):
                await folder.put("original", source)
    assert await listed(folder) == []
    await folder.put("original", b"content")


async def test_empty_folders_go_with_the_last_file_in_them(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "blobs", CountingWorld())
    await folder.put("s/p/parts/0-x", b"x")
    await folder.put("s/q/original", b"x")
    await folder.delete("s/p/parts/0-x")
    assert sorted(p.name for p in (tmp_path / "blobs").rglob("*")) == ["original", "q", "s"]


async def test_a_link_out_of_the_folder_is_not_made_by_a_key(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = Folder(tmp_path / "blobs", CountingWorld())
    with pytest.raises(ValueError, match="no key"):
        await read(folder, "../secret")


async def test_a_signed_address_hands_out_its_file_and_no_other(s3_server: Seaweed) -> None:
    bucket = Bucket(s3_server.url(f"tests/{uuid4().hex}"))
    await bucket.put("s/p/original", b"<script>")
    await bucket.put("s/p/display.jpg", b"jpeg")
    async with httpx.AsyncClient() as client:
        for key, kind, shown in (
            ("s/p/original", "application/octet-stream", "attachment"),
            ("s/p/display.jpg", "image/jpeg", "inline"),
        ):
            url = await bucket.signed(key, 60)
            assert url is not None
            assert url.startswith(bucket.origin + "/")
            answer = await client.get(url)
            assert answer.status_code == 200
            assert (answer.headers["content-type"], answer.headers["content-disposition"]) == (kind, shown)
            assert (await client.get(url.replace("s/p/", "s/q/"))).status_code == 403
            assert (await client.get(url.partition("?")[0])).status_code == 403


async def test_a_bucket_that_is_away_says_so(s3_server: Seaweed) -> None:
    (port,) = free_ports(1)
    bucket = Bucket(f"s3://bucket/x?endpoint=http://127.0.0.1:{port}")
    for asked in (bucket.put("a", b""), bucket.size("a"), bucket.get("a")):
        with pytest.raises(Unavailable):
            await asked


def test_keys_say_whose_they_are() -> None:
    shop, photo = uuid4(), uuid4()
    assert place_of(key_of(shop, photo, "original")) == Place(shop, photo, "original")
    assert place_of(part_of(shop, photo, 17, "t")) == Place(shop, photo, "parts/17-t")
    for strange in ("", "x", f"{shop}/x/original", f"{'-' * 36}/{photo}/original", f"{shop}/{photo}"):
        assert place_of(strange) is None


async def test_all_of_a_photo_goes_and_nothing_of_its_neighbour(tmp_path: Path) -> None:
    folder, shop, photo, other = Folder(tmp_path, CountingWorld()), uuid4(), uuid4(), uuid4()
    for name in ("original", "thumb.jpg"):
        await folder.put(key_of(shop, photo, name), b"x")
        await folder.put(key_of(shop, other, name), b"x")
    await folder.put(part_of(shop, photo, 0, "t"), b"x")
    await remove_photo(folder, shop, photo)
    assert {place_of(key).photo for key, _ in await listed(folder) if place_of(key)} == {other}  # type: ignore[union-attr]
    with pytest.raises(Missing):
        await read(folder, key_of(shop, photo, "original"))


def test_the_settings_name_the_place(settings: Settings, tmp_path: Path, s3_server: Seaweed) -> None:
    world = CountingWorld()
    folder = open_blobs(settings, world)
    assert isinstance(folder, Folder)
    assert folder.root == settings.var / "blobs"
    elsewhere = open_blobs(settings.changed(blobs_url="file:///srv/my%20files"), world)
    assert isinstance(elsewhere, Folder)
    assert elsewhere.root == Path("/srv/my files")
    bucket = open_blobs(settings.changed(blobs_url=s3_server.url("a/b")), world)
    assert isinstance(bucket, Bucket)
    assert (bucket.bucket, bucket.prefix) == ("workbay-test", "a/b")
    assert origin_of(settings) is None
    assert origin_of(settings.changed(blobs_url=s3_server.url())) == f"http://127.0.0.1:{s3_server.port}"
    assert origin_of(settings.changed(blobs_url="s3://b?region=eu-x-1")) == "https://s3.eu-x-1.amazonaws.com"


@pytest.mark.parametrize(
    "url", ["file://host/x", "file:///", "s3://", "s3:///x", "s3://key:secret@bucket", "s3://bucket?secret=x"]
)
def test_what_names_no_place_is_refused_at_the_start(settings: Settings, url: str) -> None:
    with pytest.raises(SettingError, match="WORKBAY_BLOBS_URL"):
        open_blobs(settings.changed(blobs_url=url), CountingWorld())
