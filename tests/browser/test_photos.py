"""A photo's record with its small preview travels like any other record, whatever becomes of the picture itself."""

import base64
import io

from PIL import Image
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.conftest import MakeDevice
from tests.browser.scene import make_scene, tech_of
from tests.browser.script import Script, unique
from tests.browser.serving import Served


def preview(width: int) -> str:
    """A tiny picture as a phone would shrink it."""
    drawn = io.BytesIO()
    Image.new("RGB", (width, 3), "#467").save(drawn, "WEBP")
    return "data:image/webp;base64," + base64.b64encode(drawn.getvalue()).decode()


def test_U1_a_photo_is_on_the_open_work_order_at_once(
    device: MakeDevice, served: Served, desk: Script
) -> None:
    scene = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    app = App(device(), served.url)
    app.sign_in("tech1@demo.test")
    app.open_order(scene.work_order)
    note = unique("Float needle")
    file = {"sha256": "0" * 64, "bytes": 812_345, "type": "image/jpeg"}
    what = {"kind": "damage", "note": note, "taken_at": desk.now_ms(), "preview": preview(5)}
    desk.create("photo", work_order=scene.work_order, **what, **file)
    picture = app.page.get_by_role("button", name=f"Photo: {note}").locator("img")
    expect(picture).to_have_js_property("complete", True)
    expect(picture).to_have_js_property("naturalWidth", 5)
