"""One-time links: one use, ten minutes, one winner, and one answer to everything else."""

import asyncio
from uuid import UUID

import pytest

from server.auth.errors import LinkRefused, NobodyThere
from server.auth.gate import Gate, server_of
from server.auth.limits import PER_REMOTE
from server.auth.links import make_customer_link, make_staff_link
from server.auth.service import SignedIn, sign_in_by_staff_link, sign_in_customer
from server.auth.sessions import who_is
from server.customers.collections import CUSTOMER
from server.errors import Invalid, RateLimited, Unauthenticated
from tests.server.auth.people import PHONE, REMOTE, new_customer, new_shop, new_staff, put_record, sign_in
from tests.worlds import CountingWorld

ADDRESS = "carl@home.test"


async def use(gate: Gate, shop: UUID, token: str) -> SignedIn:
    return await sign_in_customer(gate, shop, token, PHONE, remote=REMOTE)


async def test_S4_customer_comes_in_by_link_once(gate: Gate, shop: UUID) -> None:
    customer = await new_customer(gate, shop, "Carl@Home.test")
    token = await make_customer_link(gate, shop, ADDRESS)
    principal = (await use(gate, shop, token)).principal
    assert (principal.kind, principal.role, principal.person, principal.name) == (
        "customer", "customer", customer, "Carl",
    )  # fmt: skip
    with pytest.raises(LinkRefused):
        await use(gate, shop, token)


async def test_S4_of_twenty_that_race_one_wins(gate: Gate, shop: UUID) -> None:
    await new_customer(gate, shop)
    token = await make_customer_link(gate, shop, ADDRESS)
    answers = await asyncio.gather(*(use(gate, shop, token) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(a, SignedIn) for a in answers) == 1
    assert sum(isinstance(a, LinkRefused) for a in answers) == 19
    async with gate.database.transaction(server_of(shop)) as tx:
        row = await (await tx.execute("SELECT count(*) FROM session")).fetchone()
    assert row == (1,)


async def test_S4_link_lasts_ten_minutes(gate: Gate, shop: UUID, world: CountingWorld) -> None:
    await new_customer(gate, shop)
    in_time, too_late = [await make_customer_link(gate, shop, ADDRESS) for _ in range(2)]
    world.pass_time(minutes=9, seconds=59)
    assert await use(gate, shop, in_time)
    world.pass_time(seconds=1)
    with pytest.raises(LinkRefused):
        await use(gate, shop, too_late)


async def test_S4_R3_customer_session_lasts_a_day_whatever_happens(
    gate: Gate, shop: UUID, world: CountingWorld
) -> None:
    await new_customer(gate, shop)
    signed_in = await use(gate, shop, await make_customer_link(gate, shop, ADDRESS))
    world.pass_time(hours=23)
    assert await who_is(gate, shop, signed_in.token)
    world.pass_time(hours=1)
    with pytest.raises(Unauthenticated):
        await who_is(gate, shop, signed_in.token)


async def test_used_old_foreign_and_invented_links_are_one_answer(
    gate: Gate, shop: UUID, world: CountingWorld
) -> None:
    await new_customer(gate, shop)
    staff = await new_staff(gate, shop)
    used = await make_customer_link(gate, shop, ADDRESS)
    await use(gate, shop, used)
    elsewhere = await new_shop(gate, "other")
    await new_customer(gate, elsewhere)
    foreign = await make_customer_link(gate, elsewhere, ADDRESS)
    of_staff = await make_staff_link(gate, shop, staff)
    answers = []
    for token in (used, foreign, of_staff, "invented", "\ud800", ""):
        with pytest.raises(LinkRefused) as refused:
            await use(gate, shop, token)
        answers.append(refused.value.as_json())
    assert answers == [answers[0]] * len(answers)


@pytest.mark.parametrize("change", [{"portal_enabled": False}, {"active": False}, "gone"])
async def test_no_link_and_no_way_in_without_a_portal(
    gate: Gate, shop: UUID, change: dict[str, bool] | str
) -> None:
    customer = await new_customer(gate, shop)
    token = await make_customer_link(gate, shop, ADDRESS)
    later = await make_customer_link(gate, shop, ADDRESS)
    signed_in = await use(gate, shop, token)
    more = change if isinstance(change, dict) else {}
    await put_record(
        gate, shop, CUSTOMER, customer, {"name": "Carl", "emails": [ADDRESS], **more}, gone=change == "gone"
    )
    assert (await who_is(gate, shop, signed_in.token)).revoked
    with pytest.raises(LinkRefused):
        await use(gate, shop, later)
    with pytest.raises(NobodyThere):
        await make_customer_link(gate, shop, ADDRESS)


async def test_unknown_address_gets_no_link(gate: Gate, shop: UUID) -> None:
    await new_customer(gate, await new_shop(gate, "other"))
    with pytest.raises(NobodyThere):
        await make_customer_link(gate, shop, ADDRESS)


async def test_guessing_links_is_limited(gate: Gate, shop: UUID) -> None:
    for n in range(PER_REMOTE):
        with pytest.raises(LinkRefused):
            await use(gate, shop, f"guess {n}")
    with pytest.raises(RateLimited):
        await use(gate, shop, "one more")


async def test_S8_staff_link_sets_a_password_and_ends_other_sessions(gate: Gate, shop: UUID) -> None:
    staff = await new_staff(gate, shop, role="admin")
    before = await sign_in(gate, shop)
    token = await make_staff_link(gate, shop, staff)
    with pytest.raises(Invalid):
        await sign_in_by_staff_link(gate, shop, token, "short", PHONE, remote=REMOTE)
    after = await sign_in_by_staff_link(gate, shop, token, "a longer password", PHONE, remote=REMOTE)
    assert after.principal.role == "admin"
    with pytest.raises(Unauthenticated):
        await who_is(gate, shop, before.token)
    with pytest.raises(LinkRefused):
        await sign_in_by_staff_link(gate, shop, token, "another password", PHONE, remote=REMOTE)
    assert await sign_in(gate, shop, password="a longer password")


async def test_S8_staff_link_lasts_sixty_minutes(gate: Gate, shop: UUID, world: CountingWorld) -> None:
    staff = await new_staff(gate, shop)
    in_time, too_late = await make_staff_link(gate, shop, staff), await make_staff_link(gate, shop, staff)
    world.pass_time(minutes=59, seconds=59)
    assert await sign_in_by_staff_link(gate, shop, in_time, "a longer password", PHONE, remote=REMOTE)
    world.pass_time(seconds=1)
    with pytest.raises(LinkRefused):
        await sign_in_by_staff_link(gate, shop, too_late, "another password", PHONE, remote=REMOTE)


async def test_staff_link_needs_an_account(gate: Gate, shop: UUID) -> None:
    with pytest.raises(NobodyThere):
        await make_staff_link(gate, shop, gate.world.new_id())


async def test_database_holds_no_token_and_no_address(gate: Gate, shop: UUID) -> None:
    await new_customer(gate, shop)
    await new_staff(gate, shop)
    await sign_in(gate, shop)
    token = await make_customer_link(gate, shop, ADDRESS)
    kept = ""
    async with gate.database.transaction(server_of(shop)) as tx:
        for table in ("account", "replica", "session", "link", "attempt", "record"):
            rows = await (await tx.execute(f"SELECT to_json(t)::text FROM {table} t")).fetchall()
            assert rows
            kept += "".join(row[0] for row in rows)
    for secret in (token, ADDRESS, "ann@shop.test", "Carl", PHONE.name):
        assert secret not in kept
        assert secret.encode().hex() not in kept
