"""Journey 1: a fresh clone serves, says who can sign in, and is there again after a restart."""

import subprocess
import sys
from pathlib import Path

import httpx
from playwright.sync_api import expect

from tests.browser.chromium import DESK
from tests.browser.conftest import MakeDevice
from tests.browser.script import Script, unique
from tests.browser.serving import ROOT, Served, environment

PEOPLE = (
    "admin@demo.test",
    "manager@demo.test",
    "writer@demo.test",
    "parts@demo.test",
    "tech1@demo.test",
    "tech2@demo.test",
    "tech1@it.test",
)
STATUSES = {
    "new", "diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold", "qc", "ready",
    "closed", "canceled",
}  # fmt: skip
HANGS_ON = (
    "customer",
    "equipment",
    "task",
    "line_item",
    "note",
    "part",
    "part_movement",
    "time_entry",
    "photo",
)


def test_it_prints_its_address_and_who_can_sign_in(served: Served) -> None:
    for person in PEOPLE:
        assert person in served.printed
    assert served.url in served.printed
    assert "workbay-demo" in served.printed


def test_it_is_healthy(served: Served) -> None:
    answer = httpx.get(f"{served.url}/healthz")
    assert answer.status_code == 200
    assert answer.json()["database"] is True


def test_the_demo_shop_is_believable(desk: Script) -> None:
    """Work orders in every status, with what hangs on them, made through the store: numbered and counted."""
    orders = desk.all("work_order")
    assert {str(order["status"]) for order in orders} == STATUSES
    assert all(order.get("number") for order in orders)
    for collection in HANGS_ON:
        assert desk.all(collection), collection
    assert any(order.get("tasks_total") for order in orders)


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    """Stopped cleanly and started again on the same `var/`, what was saved is there."""
    name = unique("Kept customer")
    with Served(tmp_path / "var") as server:
        with Script(server.url, "manager@demo.test") as desk:
            desk.create("customer", name=name)
        server.stop()
        server.start_again()
        with Script(server.url, "manager@demo.test") as again:
            assert again.all("customer", name=name)


def test_a_taken_port_is_one_clear_sentence(served: Served, var: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "server", "serve"],
        cwd=ROOT,
        env=environment(var, WORKBAY_PORT=str(served.port)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert str(served.port) in said
    assert "Traceback" not in said


def test_a_shop_without_demo_lets_its_admin_in_by_link(tmp_path: Path, device: MakeDevice) -> None:
    """`--no-demo` makes an empty shop and prints a one-time link with which the admin sets a password."""
    with Served(tmp_path / "var", WORKBAY_DEMO="false") as server:
        link = next(word for word in server.printed.split() if "/login#" in word)
        page = device(DESK).open(link)
        page.get_by_label("New password").first.fill("a long enough password")
        page.get_by_role("button", name="Set password").click()
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()
