"""The head of a shop's log outside the database: written whole, compared, and kept while the server serves."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from server.auth.gate import server_of
from server.settings import Settings
from server.store import heads
from server.store.heads import HeadUnreadable, Jump, OutsideHead, differs
from server.store.witness import Witness
from tests.server.premises import Premises, Shop, running
from tests.worlds import CountingWorld

SHOP = UUID(int=7)
HERE = OutsideHead(5, "ab", "e1", 1)


def test_C18_an_outside_head_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert heads.read(tmp_path, SHOP) is None
    heads.write(tmp_path, SHOP, HERE)
    heads.write(tmp_path, SHOP, OutsideHead(6, "cd", "e1", 2))
    assert heads.read(tmp_path, SHOP) == OutsideHead(6, "cd", "e1", 2)
    assert [path.name for path in (tmp_path / heads.FOLDER).iterdir()] == [f"{SHOP}.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"seq": 1}', '{"seq": "x", "hash": "", "epoch": "", "at": 1}']
)
def test_a_damaged_outside_head_is_no_head_at_all(tmp_path: Path, text: str) -> None:
    heads.write(tmp_path, SHOP, HERE)
    heads.path_of(tmp_path, SHOP).write_text(text)
    with pytest.raises(HeadUnreadable):
        heads.read(tmp_path, SHOP)


@pytest.mark.parametrize(
    ("seq", "there", "jumps", "said"),
    [
        (5, b"\xab", (), None),
        (9, b"\xab", (), None),
        (4, None, (), "beyond"),
        (9, b"\xcd", (), "other"),
        (9, None, (), "other"),
        (90, None, (Jump(4, 90),), None),
        (90, b"\xcd", (Jump(5, 90),), "other"),
        (4, None, (Jump(1, 4),), "beyond"),
    ],
)
def test_C18_a_log_is_compared_with_its_outside_head(
    seq: int, there: bytes | None, jumps: tuple[Jump, ...], said: str | None
) -> None:
    assert differs(HERE, seq, there, jumps) == said
    assert differs(OutsideHead(0, "", "e1", 1), seq, there, jumps) is None


async def until_noted(premises: Premises, shop: Shop, seq: int) -> OutsideHead:
    """The outside head once it has come to `seq`."""
    async with asyncio.timeout(10):
        while True:
            head = heads.read(premises.app.state.settings.var, shop.id)
            if head is not None and head.seq >= seq:
                return head
            await asyncio.sleep(0.02)


async def stands(premises: Premises, shop: Shop, asked: int = 0) -> heads.Standing:
    async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
        found = await heads.standing(tx, shop.id, asked)
    assert found is not None
    return found


async def test_C18_the_outside_head_follows_the_log(premises: Premises, repair: Shop) -> None:
    tech = await premises.sign_in(repair, "tech")
    now = await stands(premises, repair)
    head = await until_noted(premises, repair, now.seq)
    assert (head.seq, head.hash, head.epoch) == (now.seq, now.hash.hex(), now.epoch)
    tech.create("work_order", kind="repair", customer=repair.customers[0], complaint="Pump leaks")
    await tech.sync()
    await until_noted(premises, repair, now.seq + 1)


async def test_C18_the_outside_head_is_written_at_the_stop(settings: Settings, world: CountingWorld) -> None:
    async with running(settings, world) as premises:
        repair = await premises.open_shop("repair")
        await until_noted(premises, repair, 1)
        tech = await premises.sign_in(repair, "tech")
        tech.create("work_order", kind="repair", customer=repair.customers[0], complaint="Pump leaks")
        await tech.sync()
        last = await stands(premises, repair)
    head = heads.read(settings.var, repair.id)
    assert head is not None
    assert head.seq == last.seq


async def test_C18_a_head_that_the_log_does_not_bear_out_is_left_as_evidence(
    premises: Premises, repair: Shop, settings: Settings, world: CountingWorld, tmp_path: Path
) -> None:
    var = tmp_path / "apart"
    witness = Witness(premises.app.state.database, world, var)
    now = await stands(premises, repair)
    for false in (OutsideHead(now.seq + 9, "ab", now.epoch, 1), OutsideHead(now.seq, "ab", now.epoch, 1)):
        heads.write(var, repair.id, false)
        await witness.write(repair.id)
        assert heads.read(var, repair.id) == false
    heads.path_of(var, repair.id).write_text("{")
    await witness.write(repair.id)
    found = heads.read(var, repair.id)
    assert found is not None
    assert found.seq == now.seq


async def test_a_shop_whose_head_cannot_be_written_is_tried_again(
    premises: Premises, repair: Shop, world: CountingWorld, tmp_path: Path
) -> None:
    var = tmp_path / "file"
    var.write_text("not a folder")
    witness = Witness(premises.app.state.database, world, var)
    witness.hear("")
    await witness.write_due()
    var.unlink()
    await witness.write_due()
    assert heads.read(var, repair.id) is not None
