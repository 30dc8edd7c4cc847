"""What a phone makes of a picture before it keeps it, off line, in the browser's own decoder and canvas.

The bytes are read out of the browser's database and looked at here, by another decoder.
"""

import base64
import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.app import App
from tests.browser.chromium import until
from tests.browser.conftest import MakeDevice
from tests.browser.photos import Camera, held_on, sha256
from tests.browser.proxy import Proxy
from tests.browser.scene import make_scene, tech_of
from tests.browser.script import Script

SIDE_MAX = 2048
PREVIEW_BYTES_MAX = 8 * 1024
ORIENTATION, GPS, TAKEN = 0x0112, 0x8825, 0x9003

# Every photo that waits in the outbox with its file's bytes.
WAITING = """async () => {
  const done = (asked) => new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  const text = async (blob) => {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let found = "";
    for (let at = 0; at < bytes.length; at += 8192)
      found += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(found);
  };
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("workbay.")) continue;
    const database = await done(indexedDB.open(name));
    if (!database.objectStoreNames.contains("blobs")) {
      database.close();
      continue;
    }
    const all = (store) => done(database.transaction(store).objectStore(store).getAll());
    for (const { ops } of await all("outbox"))
      for (const { op, collection, id, set } of ops)
        if (op === "create" && collection === "photo") {
          const blob = await done(database.transaction("blobs").objectStore("blobs").get(id));
          found.push({ ...set, content: await text(blob), blobType: blob.type });
        }
    database.close();
  }
  return found;
}"""


# Whether what this browser holds of the shop says so of a setting.
SAYS = """async (name) => {
  const done = (asked) => new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  for (const { name: found } of await indexedDB.databases()) {
    if (!found.startsWith("workbay.")) continue;
    const database = await done(indexedDB.open(found));
    const held = database.objectStoreNames.contains("confirmed")
      ? await done(database.transaction("confirmed").objectStore("confirmed").getAll())
      : [];
    database.close();
    if (JSON.stringify(held).replaceAll("\\\\", "").includes(`"${name}":true`)) return true;
  }
  return false;
}"""


def waiting_on(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(WAITING)
    for photo in found:
        photo["content"] = base64.b64decode(photo["content"])
    return found


def halves(size: tuple[int, int], colours: tuple[str, str] = ("#c00", "#00c")) -> Image.Image:
    """Left one colour, right another: which way up a picture is can be seen."""
    picture = Image.new("RGB", size, colours[1])
    picture.paste(colours[0], (0, 0, size[0] // 2, size[1]))
    return picture


def jpeg(name: str, size: tuple[int, int], *, turned: bool = False) -> FilePayload:
    """A picture of a camera, with where and when it was taken; `turned` as a phone held upright writes it."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6 if turned else 1
    exif.get_ifd(0x8769)[TAKEN] = "2020:02:03 04:05:06"
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 30.0, 0.0), 3: "E", 4: (7.0, 30.0, 0.0)})
    out = io.BytesIO()
    halves(size).save(out, "JPEG", quality=90, exif=exif)
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def png(size: tuple[int, int]) -> FilePayload:
    out = io.BytesIO()
    halves(size).save(out, "PNG")
    return {"name": "screen.png", "mimeType": "image/png", "buffer": out.getvalue()}


def grain(size: tuple[int, int]) -> FilePayload:
    """A frame of a camera as some browsers give it: noise, without loss."""
    out = io.BytesIO()
    Image.effect_noise(size, 40).save(out, "PNG")
    return {"name": "frame.png", "mimeType": "image/png", "buffer": out.getvalue()}


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def look(photo: dict[str, Any]) -> Image.Image:
    """What holds for every kept picture: the record says what the file is, nothing of the camera is left in it."""
    content = photo["content"]
    assert (photo["sha256"], photo["bytes"]) == (sha256(content), len(content))
    picture = opened(content)
    assert photo["type"] == photo["blobType"] == Image.MIME[picture.format or ""]
    assert dict(picture.getexif()) == {}
    assert max(picture.size) <= SIDE_MAX
    head, _, small = photo["preview"].partition(",")
    assert head == "data:image/jpeg;base64"
    preview = base64.b64decode(small)
    assert len(preview) <= PREVIEW_BYTES_MAX
    assert max(opened(preview).size) <= 200
    return picture


@pytest.fixture
def phone(device: MakeDevice, network: Proxy, desk: Script) -> App:
    """A tech's phone at a work order, without a network."""
    scene = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    app = App(device(camera=True), f"http://localhost:{network.port}")
    app.sign_in("tech1@demo.test")
    app.ready_off_line()
    app.open_order(scene.work_order)
    network.refuse()
    return app


def test_U1_off_line_a_shot_of_the_camera_is_made_small_in_the_worker_and_kept(phone: App) -> None:
    camera = Camera(phone)
    camera.open()
    camera.shoot()
    camera.shoot()
    expect(camera.kept).to_have_count(2)
    assert [worker.url for worker in phone.page.workers if "/static/shrink_worker-" in worker.url] != []
    photos = waiting_on(phone.page)
    assert [max(look(photo).size) > 200 for photo in photos] == [True, True]
    assert sorted(held_on(phone.page).values()) == sorted(photo["sha256"] for photo in photos)


def test_U1_off_line_picked_pictures_are_upright_small_and_say_nothing_of_where_they_were_taken(
    phone: App,
) -> None:
    camera = Camera(phone)
    camera.open()
    turned, plain = jpeg("upright.jpg", (4032, 3024), turned=True), jpeg("little.jpg", (800, 600))
    camera.choose(turned, plain, png((3000, 1500)), grain((1024, 768)))
    expect(camera.kept).to_have_count(4, timeout=60_000)
    photos = {look(photo).size: photo for photo in waiting_on(phone.page)}
    upright, little, screen, frame = (
        photos[size] for size in ((1536, 2048), (800, 600), (2048, 1024), (1024, 768))
    )
    for photo in (upright, little):
        assert "position" not in photo
        assert photo["taken_at"] == 1_580_702_706_000
    # Turned by a quarter: what was on the left is on top.
    top, bottom = (look(upright).convert("RGB").getpixel((700, y)) for y in (100, 1900))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 150 > bottom[0], bottom[2] > 150 > top[2]) == (True, True)
    # Letters on a screen suffer as JPEG; a frame of a camera does not, and would be large as PNG.
    assert (screen["type"], frame["type"]) == ("image/png", "image/jpeg")


def test_U1_off_line_a_shop_that_wants_them_gets_pictures_as_they_were_taken(
    phone: App, network: Proxy, desk: Script
) -> None:
    shop = str(desk.all("shop")[0]["id"])
    before = desk.data(shop).get("photos_original", False)
    desk.patch(shop, photos_original=True)
    try:
        network.restore()
        phone.page.reload()
        until(phone.page, SAYS, "photos_original")
        network.refuse()
        # What is stored is in the page's memory a moment later; a page that opens has read it.
        phone.page.reload()
        camera = Camera(phone)
        camera.open()
        taken = jpeg("taken.jpg", (4032, 3024), turned=True)
        camera.choose(taken)
        expect(camera.kept).to_have_count(1, timeout=60_000)
        (photo,) = waiting_on(phone.page)
        assert photo["content"] == taken["buffer"]
        assert max(opened(base64.b64decode(photo["preview"].partition(",")[2])).size) <= 200
    finally:
        desk.patch(shop, photos_original=before)


@pytest.mark.parametrize("missing", ["Worker", "OffscreenCanvas"])
def test_U1_off_line_a_browser_without_what_newer_ones_have_makes_pictures_small_too(
    phone: App, missing: str
) -> None:
    phone.page.add_init_script(f"delete globalThis.{missing}")
    if missing == "OffscreenCanvas":
        phone.page.add_init_script("delete globalThis.Worker")
    phone.page.reload()
    camera = Camera(phone)
    camera.open()
    camera.choose(jpeg("upright.jpg", (4032, 3024), turned=True))
    expect(camera.kept).to_have_count(1, timeout=60_000)
    assert [look(photo).size for photo in waiting_on(phone.page)] == [(1536, 2048)]
    assert [worker for worker in phone.page.workers if "/static/shrink_worker-" in worker.url] == []


def test_U1_what_is_no_picture_is_not_kept_and_stays_to_be_saved_elsewhere(phone: App) -> None:
    camera = Camera(phone)
    camera.open()
    words = b"no picture " * 50
    camera.choose(
        {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": words},
        {"name": "words.heic", "mimeType": "image/heic", "buffer": words},
    )
    expect(camera.strip).to_have_count(2)
    expect(phone.page.get_by_text("no picture that can be read").first).to_be_attached()
    assert (waiting_on(phone.page), held_on(phone.page)) == ([], {})


def test_U1_a_picture_that_only_the_shop_can_read_goes_as_it_is(phone: App) -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 500
    pdf = b"%PDF-1.4\n" + b"x" * 200 + b"\nstartxref\n0\n%%EOF"
    camera = Camera(phone)
    camera.open()
    camera.choose(
        {"name": "a.heic", "mimeType": "", "buffer": heic},
        {"name": "b.pdf", "mimeType": "application/pdf", "buffer": pdf},
    )
    expect(camera.kept).to_have_count(2)
    held = {photo["type"]: photo for photo in waiting_on(phone.page)}
    assert {kind: photo["content"] for kind, photo in held.items()} == {
        "image/heic": heic,
        "application/pdf": pdf,
    }
    assert all("preview" not in photo for photo in held.values())
