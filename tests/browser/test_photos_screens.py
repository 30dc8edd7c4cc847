"""Photos as a person takes, sees and marks them: the camera in two taps, the picker, the viewer by keys, drawing, the slider."""

import io
import re

from PIL import Image
from playwright.sync_api import FilePayload, Locator, expect

from tests.browser.app import AT_SHOP, ON_PHONE, App
from tests.browser.chromium import DESK
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, tech_of
from tests.browser.script import Script, new_id, unique
from tests.browser.serving import Served
from tests.browser.test_photos import preview

LONG = 240


def picture(name: str, colour: str) -> FilePayload:
    """A picture as the phone's own camera would have left it."""
    drawn = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(drawn, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


def tiles(app: App) -> Locator:
    return app.page.get_by_role("region", name="Photos").get_by_role("button", name=re.compile("^Photo: "))


def in_a_photographed_order(device: MakeDevice, url: str, desk: Script, *kinds: str) -> tuple[App, Scene]:
    """A desk with an order open that has a photo of each kind, taken one after the other."""
    scene = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    for i, kind in enumerate(kinds):
        what = {"kind": kind, "note": f"Shot {i}", "taken_at": desk.now_ms() + i, "preview": preview(40)}
        desk.create("photo", work_order=scene.work_order, **what)
    app = App(device(DESK), url)
    app.sign_in("manager@demo.test")
    app.page.goto(f"{url}/work/{scene.work_order}")
    expect(tiles(app)).to_have_count(len(kinds))
    return app, scene


def test_from_a_work_order_two_taps_take_a_photo_also_without_a_network(
    device: MakeDevice, served: Served, desk: Script, network: Proxy
) -> None:
    scene = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    app = App(device(camera=True), f"http://localhost:{network.port}")
    app.sign_in("tech1@demo.test")
    app.ready_off_line()
    app.open_order(scene.work_order)
    network.refuse()

    app.page.get_by_role("toolbar", name="Actions").get_by_role("button", name="Take photos").tap()
    shutter = app.page.get_by_role("button", name="Take photo", exact=True)
    expect(shutter).to_be_enabled()
    shutter.tap()
    taken = app.page.get_by_role("list", name="Taken just now")
    expect(taken.get_by_role("button", name="Photo 1: on this phone")).to_be_visible()

    app.page.get_by_role("radiogroup", name="What the photo shows").get_by_text("Damage").tap()
    app.page.get_by_role("button", name="Note", exact=True).tap()
    note = unique("Cracked rim")
    app.page.get_by_role("textbox", name="Note for the next photo").fill(note)
    shutter.tap()
    shutter.tap()
    expect(taken.get_by_role("button", name=re.compile("on this phone"))).to_have_count(3)
    app.page.get_by_role("button", name="Close the camera").tap()

    expect(tiles(app)).to_have_count(3)
    expect(app.page.get_by_role("region", name="Photos").get_by_test_id("photo-sync").first).to_have_text(
        ON_PHONE
    )
    network.restore()
    expect(app.chip).to_have_text(AT_SHOP, timeout=60_000)
    kinds = [one["kind"] for one in desk.all("photo", work_order=scene.work_order)]
    assert sorted(kinds) == ["before", "damage", "damage"]
    assert [one["kind"] for one in desk.all("photo", note=note)] == ["damage"]


def test_where_there_is_no_camera_it_says_so_and_takes_pictures_that_are_there(
    device: MakeDevice, served: Served, desk: Script
) -> None:
    scene = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    app = App(device(), served.url)
    app.sign_in("tech1@demo.test")
    app.open_order(scene.work_order)
    app.navigation.get_by_role("button", name="Camera").tap()
    camera = app.page.get_by_role("dialog", name=re.compile("^Camera for"))
    expect(camera.get_by_role("alert")).to_contain_text("camera")
    expect(camera.get_by_role("button", name="Take photo", exact=True)).to_have_count(0)
    with app.page.expect_file_chooser() as asked:
        camera.get_by_role("button", name="Choose pictures").tap()
    asked.value.set_files([picture("one.jpg", "#467"), picture("two.jpg", "#764")])
    taken = camera.get_by_role("list", name="Taken just now")
    expect(taken.get_by_role("button", name=re.compile("on this phone"))).to_have_count(2)
    app.page.keyboard.press("Escape")
    expect(camera).to_be_hidden()
    expect(tiles(app)).to_have_count(2)


def test_a_screenshot_is_pasted_onto_the_work_order_at_the_desk(
    device: MakeDevice, served: Served, desk: Script
) -> None:
    app, _ = in_a_photographed_order(device, served.url, desk)
    pasted = list(picture("screen.jpg", "#345")["buffer"])
    app.page.evaluate(PASTE, pasted)
    expect(tiles(app)).to_have_count(1)
    expect(tiles(app).first).to_contain_text("Screenshot")


def test_photos_are_gone_through_and_closed_by_keys(device: MakeDevice, served: Served, desk: Script) -> None:
    app, _ = in_a_photographed_order(device, served.url, desk, "before", "damage", "after")
    tiles(app).nth(2).click()
    viewer = app.page.get_by_role("dialog", name="Photo 3 of 3")
    expect(viewer.get_by_role("complementary", name="About this photo")).to_contain_text("Taken")
    expect(viewer.get_by_role("img", name="Shot 2")).to_be_in_viewport(ratio=0.9)
    expect(viewer.get_by_role("button", name="Next photo")).to_be_hidden()
    app.page.keyboard.press("ArrowLeft")
    viewer = app.page.get_by_role("dialog", name="Photo 2 of 3")
    expect(viewer.get_by_role("img", name="Shot 1")).to_be_in_viewport(ratio=0.9)
    app.page.keyboard.press("Home")
    expect(app.page.get_by_role("dialog", name="Photo 1 of 3")).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(app.page.get_by_role("dialog")).to_have_count(0)
    expect(tiles(app).nth(2)).to_be_focused()


def test_a_long_gallery_is_gone_through_to_its_end_and_back(
    device: MakeDevice, served: Served, desk: Script
) -> None:
    """Only rows near what is seen are in the page; each photo can be reached all the same, also by keys."""
    scene = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    day, small = 1_700_000_000_000, preview(40)
    for start in range(0, LONG, 60):
        desk.push(
            [
                {
                    "op": "create",
                    "collection": "photo",
                    "id": new_id(),
                    "set": {
                        "work_order": scene.work_order,
                        "kind": "during",
                        "note": f"Shot {number}",
                        "taken_at": day - number * 60_000,
                        "preview": small,
                    },
                }
                for number in range(start, start + 60)
            ]
        )
    app = App(device(), served.url)
    app.sign_in("manager@demo.test")
    app.page.goto(f"{served.url}/photos?customer={scene.customer}")
    shown = app.page.get_by_role("button", name=re.compile("^Photo: Shot "))
    expect(app.page.get_by_text(f"{LONG} photos")).to_be_visible()
    expect(shown.first).to_have_accessible_name("Photo: Shot 0")
    app.page.keyboard.press("End")
    last = app.page.get_by_role("button", name=f"Photo: Shot {LONG - 1}", exact=True)
    expect(last).to_be_in_viewport(ratio=0.9)
    assert shown.count() < LONG / 2
    last.click()
    expect(app.page.get_by_role("dialog", name=f"Photo {LONG} of {LONG}")).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(last).to_be_focused()
    app.page.keyboard.press("Shift+Tab")
    expect(app.page.get_by_role("button", name=f"Photo: Shot {LONG - 2}", exact=True)).to_be_focused()
    app.page.keyboard.press("Home")
    expect(app.page.get_by_role("button", name="Photo: Shot 0", exact=True)).to_be_in_viewport(ratio=0.9)
    app.page.set_viewport_size(DESK)
    app.page.keyboard.press("End")
    expect(last).to_be_in_viewport(ratio=0.9)


def test_the_back_button_closes_a_photo_and_stays_on_the_work_order(
    device: MakeDevice, served: Served, desk: Script
) -> None:
    app, scene = in_a_photographed_order(device, served.url, desk, "before")
    tiles(app).first.click()
    expect(app.page.get_by_role("dialog", name="Photo 1 of 1")).to_be_visible()
    app.page.go_back()
    expect(app.page.get_by_role("dialog")).to_have_count(0)
    expect(app.page).to_have_url(re.compile(scene.work_order))


def test_a_drawing_made_without_a_network_lies_over_the_photo_and_reaches_the_shop(
    device: MakeDevice, served: Served, desk: Script, network: Proxy
) -> None:
    app, scene = in_a_photographed_order(device, f"http://localhost:{network.port}", desk, "damage")
    network.refuse()
    tiles(app).first.click()
    app.page.get_by_role("button", name="Draw", exact=True).click()
    editor = app.page.get_by_role("dialog", name="Draw on: Shot 0")
    stroke(app, editor)
    expect(editor.get_by_role("img", name="Drawing: 1 shape")).to_be_visible()
    editor.get_by_role("radio", name="Circle").check()
    stroke(app, editor)
    editor.get_by_role("button", name="Undo").click()
    editor.get_by_role("radio", name="Text").check()
    stroke(app, editor)
    editor.get_by_role("textbox", name="Words on the photo").fill("4 mm")
    app.page.keyboard.press("Enter")
    expect(editor.get_by_role("img", name="Drawing: 2 shapes")).to_be_visible()
    editor.get_by_role("button", name="Save drawing").click()
    expect(app.page.get_by_role("dialog").get_by_text("1 arrow, 1 text")).to_be_visible()
    expect(app.page.get_by_role("img", name="Drawing on the photo")).to_contain_text("4 mm")
    app.page.keyboard.press("Escape")
    network.restore()
    expect(app.chip).to_have_text(AT_SHOP, timeout=60_000)
    drawing = desk.all("photo", work_order=scene.work_order)[0]["drawing"]
    assert [one["kind"] for one in drawing["shapes"]] == ["arrow", "text"]
    assert all(0 <= n <= 10_000 and isinstance(n, int) for n in numbers(drawing["shapes"]))


def test_before_and_after_are_compared_by_the_arrow_keys(
    device: MakeDevice, served: Served, desk: Script
) -> None:
    app, _ = in_a_photographed_order(device, served.url, desk, "before", "damage", "after")
    app.page.get_by_role("button", name="Before and after").click()
    slider = app.page.get_by_role("slider")
    expect(slider).to_have_value("50")
    slider.focus()
    app.page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("51")
    expect(slider).to_have_attribute("aria-valuetext", "51 % before, 49 % after")
    app.page.get_by_role("button", name="Before 2: Shot 1").click()
    expect(app.page.get_by_role("img", name="Before: Shot 1")).to_be_visible()


def stroke(app: App, editor: Locator) -> None:
    """A line across the middle of the picture."""
    box = editor.locator("svg.can-draw").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 3
    app.page.mouse.move(x, y)
    app.page.mouse.down()
    app.page.mouse.move(x + box["width"] / 4, y + 60, steps=4)
    app.page.mouse.up()


def numbers(shapes: list[dict[str, list[list[int]]]]) -> list[int]:
    return [n for shape in shapes for point in shape["points"] for n in point]


PASTE = """(bytes) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
  dispatchEvent(new ClipboardEvent("paste", { clipboardData: data }));
}"""


def test_what_another_app_shares_goes_to_the_work_order_that_is_chosen(
    device: MakeDevice, served: Served, desk: Script
) -> None:
    scene = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    app = App(device(), served.url)
    app.settle_in("tech1@demo.test")
    app.page.evaluate(SHARE, list(picture("shared.jpg", "#276")["buffer"]))
    expect(app.page.get_by_role("heading", name="1 shared picture")).to_be_visible()
    app.page.get_by_role("radio", name="Damage").check(force=True)
    app.page.get_by_role("searchbox").fill(scene.number)
    app.page.get_by_role("button", name=scene.customer_name).tap()
    expect(app.page).to_have_url(re.compile(scene.work_order))
    expect(tiles(app)).to_have_count(1)
    expect(tiles(app).first).to_contain_text("Damage")


# The form that a phone posts when another app shares a picture.
SHARE = """(bytes) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "POST", action: "/share-target", enctype: "multipart/form-data" });
  const input = Object.assign(document.createElement("input"), { type: "file", name: "photos" });
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "shared.jpg", { type: "image/jpeg" }));
  input.files = data.files;
  form.append(input);
  document.body.append(form);
  form.submit();
}"""


def test_a_page_ended_behind_the_camera_app_goes_on_at_the_camera(
    device: MakeDevice, served: Served, desk: Script
) -> None:
    scene = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    app = App(device(), served.url)
    app.settle_in("tech1@demo.test")
    app.open_order(scene.work_order)
    app.page.get_by_role("toolbar", name="Actions").get_by_role("button", name="Take photos").tap()
    with app.page.expect_file_chooser():
        app.page.get_by_role("button", name="Open the camera app").tap()
    app.wait_until_on_disk(f'\\"order\\":\\"{scene.work_order}\\"')
    app.device.kill()
    app.reopen()
    camera = app.page.get_by_role("dialog", name=re.compile(f"^Camera for {scene.number}"))
    expect(camera.get_by_role("alert")).to_contain_text("closed the app while its camera was open")
