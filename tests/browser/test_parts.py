"""Parts through a tech's day: used by a scanned code with no network, put back, counted; short ones seen at the counter."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, expect

from tests.browser.app import AT_SHOP, App
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, tech_of
from tests.browser.script import Script, unique

# EAN-13: the first digit says which of the six on the left are mirrored; each digit is seven modules wide.
MIRRORED = (
    "LLLLLL",
    "LLGLGG",
    "LLGGLG",
    "LLGGGL",
    "LGLLGG",
    "LGGLLG",
    "LGGGLL",
    "LGLGLG",
    "LGLGGL",
    "LGGLGL",
)
RIGHT = (
    "1110010", "1100110", "1101100", "1000010", "1011100", "1001110", "1010000", "1000100", "1001000", "1110100",
)  # fmt: skip
CODE = "4006381333931"


def bars(code: str) -> str:
    """The modules of an EAN-13, 1 for black."""
    left = {str(n): "".join("10"[int(bit)] for bit in right) for n, right in enumerate(RIGHT)}
    mirrored = {str(n): right[::-1] for n, right in enumerate(RIGHT)}
    sides = zip(MIRRORED[int(code[0])], code[1:7], strict=True)
    first = "".join(left[digit] if side == "L" else mirrored[digit] for side, digit in sides)
    second = "".join(RIGHT[int(digit)] for digit in code[7:])
    return f"101{first}01010{second}101"


def camera_over(code: str, folder: Path) -> Path:
    """What a camera sees that is held over a label: a picture of it, again and again."""
    label = Image.new("RGB", (640, 480), "#d8d4cc")
    draw = ImageDraw.Draw(label)
    draw.rectangle((100, 130, 540, 350), fill="white")
    for place, bar in enumerate(bars(code)):
        if bar == "1":
            draw.rectangle((130 + place * 4, 150, 130 + place * 4 + 3, 320), fill="black")
    path = folder / "label.mjpeg"
    with path.open("wb") as out:
        for _ in range(30):
            label.save(out, "JPEG", quality=90)
    return path


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"), status="in_progress")


@pytest.fixture
def part(desk: Script) -> Iterator[str]:
    """Two of a part on the shelf, with a code of its own; the shop orders at one."""
    name = unique("Spark plug")
    made = desk.create(
        "part", name=name, number=unique("RC"), bin="C4", reorder_level_milli=1000, price_cents=450,
        barcodes={"add": [CODE]},
    )  # fmt: skip
    desk.create("part_movement", part=made, kind="receive", quantity_milli=2000, at=desk.now_ms())
    desk.pull()
    yield made
    desk.patch(made, active=False, barcodes={"remove": [CODE]})


def lines(app: App) -> Locator:
    return app.page.get_by_role("region", name="Parts and labour")


def test_D4_a_part_is_used_by_its_code_in_three_taps_with_no_network(
    device: MakeDevice, network: Proxy, scene: Scene, desk: Script, part: str, tmp_path: Path
) -> None:
    phone = App(device(camera=camera_over(CODE, tmp_path)), f"http://localhost:{network.port}")
    phone.sign_in("tech1@demo.test")
    phone.ready_off_line()
    phone.open_order(scene.work_order)
    network.refuse()
    name = str(desk.data(part)["name"])

    lines(phone).get_by_role("button", name="Use a part").click()
    sheet = phone.page.get_by_role("dialog")
    sheet.get_by_role("button", name="Scan").click()
    expect(sheet.get_by_text(name)).to_be_visible()
    expect(sheet).to_contain_text("2 in stock")
    sheet.get_by_role("button", name="Take 1").click()
    expect(sheet).to_be_hidden()
    expect(lines(phone)).to_contain_text(name)

    network.restore()
    expect(phone.chip).to_have_text(AT_SHOP)
    (moved,) = desk.all("part_movement", part=part, kind="issue")
    (line,) = desk.all("line_item", part=part)
    assert (moved["quantity_milli"], moved["line_item"], moved["work_order"]) == (
        -1000,
        line["id"],
        scene.work_order,
    )
    assert (line["quantity_milli"], line["description"], line["price_cents"]) == (1000, name, 450)
    assert desk.data(part)["on_hand_milli"] == 1000


def test_D4_what_is_not_needed_goes_back_and_a_count_holds_over_what_was_used_before(
    device: MakeDevice, network: Proxy, scene: Scene, desk: Script, part: str
) -> None:
    phone = App(device(), f"http://localhost:{network.port}")
    phone.sign_in("tech1@demo.test")
    phone.ready_off_line()
    phone.open_order(scene.work_order)
    network.refuse()
    name = str(desk.data(part)["name"])
    sheet = phone.page.get_by_role("dialog")

    lines(phone).get_by_role("button", name="Use a part").click()
    sheet.get_by_label("Search parts").fill(name)
    sheet.get_by_role("button", name=name).click()
    for _ in range(2):
        sheet.get_by_role("button", name="One more").click()
    expect(sheet.get_by_role("status").first).to_contain_text("The books will say -1")
    sheet.get_by_role("button", name="Take 3").click()
    lines(phone).get_by_role("button", name=name).click()
    sheet.get_by_label("Quantity").fill("1")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()

    phone.go("More")
    phone.page.get_by_role("link", name="Parts").click()
    phone.page.get_by_label("Search parts").fill(name)
    row = phone.page.get_by_role("link", name=name)
    expect(row).to_contain_text("1 in stock")
    row.click()
    phone.page.get_by_role("button", name="Count").click()
    sheet.get_by_label("How many lie there?").fill("5")
    sheet.get_by_role("button", name="Save the count").click()
    expect(phone.page.get_by_text("in stock").first).to_be_visible()

    network.restore()
    expect(phone.chip).to_have_text(AT_SHOP)
    desk.pull()
    assert desk.data(part)["on_hand_milli"] == 5000
    kinds = [moved["kind"] for moved in desk.all("part_movement", part=part)]
    assert sorted(kinds) == ["adjust", "count", "issue", "receive", "return"]
    (line,) = desk.all("line_item", part=part)
    assert line["quantity_milli"] == 1000


def test_D4_undo_after_it_was_sent_puts_the_part_back(
    device: MakeDevice, network: Proxy, scene: Scene, desk: Script, part: str
) -> None:
    phone = App(device(), f"http://localhost:{network.port}")
    phone.sign_in("tech1@demo.test")
    phone.open_order(scene.work_order)
    name = str(desk.data(part)["name"])
    sheet = phone.page.get_by_role("dialog")
    lines(phone).get_by_role("button", name="Use a part").click()
    sheet.get_by_label("Search parts").fill(name)
    sheet.get_by_role("button", name=name).click()
    sheet.get_by_role("button", name="Take 1").click()
    expect(phone.chip).to_have_text(AT_SHOP)
    phone.page.get_by_role("button", name="Undo").click()
    expect(lines(phone)).to_contain_text("put back")
    expect(phone.chip).to_have_text(AT_SHOP)
    desk.pull()
    assert desk.data(part)["on_hand_milli"] == 2000


def test_D4_the_counter_sees_what_is_short_and_receives_it(
    device: MakeDevice, network: Proxy, scene: Scene, desk: Script, part: str
) -> None:
    desk.create(
        "part_movement",
        part=part,
        kind="issue",
        quantity_milli=-3000,
        work_order=scene.work_order,
        at=desk.now_ms(),
    )
    name = str(desk.data(part)["name"])
    counter = App(device(), f"http://localhost:{network.port}")
    counter.sign_in("parts@demo.test")
    counter.page.get_by_role("link", name="short").click()
    row = counter.page.get_by_role("link", name=name)
    expect(row).to_contain_text("Below zero")
    row.click()
    counter.page.get_by_role("button", name="Receive", exact=True).click()
    sheet = counter.page.get_by_role("dialog")
    sheet.get_by_label("How many came?").fill("6")
    sheet.get_by_role("button", name="Put on the shelf").click()
    expect(sheet).to_be_hidden()
    expect(counter.chip).to_have_text(AT_SHOP)
    desk.pull()
    assert desk.data(part)["on_hand_milli"] == 5000


def test_D4_a_line_that_goes_puts_back_all_that_it_took(
    device: MakeDevice, network: Proxy, scene: Scene, desk: Script, part: str
) -> None:
    """Also what an older app took for it without its quantity saying so."""
    office = App(device(), f"http://localhost:{network.port}")
    office.sign_in("writer@demo.test")
    office.open_order(scene.work_order)
    name = str(desk.data(part)["name"])
    sheet = office.page.get_by_role("dialog")
    lines(office).get_by_role("button", name="Use a part").click()
    sheet.get_by_label("Search parts").fill(name)
    sheet.get_by_role("button", name=name).click()
    sheet.get_by_role("button", name="One more").click()
    sheet.get_by_role("button", name="Take 2").click()
    expect(sheet).to_be_hidden()
    expect(office.chip).to_have_text(AT_SHOP)
    (line,) = desk.all("line_item", part=part)
    desk.patch(str(line["id"]), quantity_milli=1000)
    expect(lines(office).get_by_role("button", name=name)).not_to_contain_text("2 ×")
    lines(office).get_by_role("button", name=name).click()
    sheet.get_by_role("button", name="Remove").click()
    expect(sheet).to_be_hidden()
    expect(lines(office)).not_to_contain_text(name)
    expect(office.chip).to_have_text(AT_SHOP)
    desk.pull()
    assert desk.all("line_item", part=part) == []
    assert desk.data(part)["on_hand_milli"] == 2000
