"""Staff sign in: what is answered to whom, how often one may guess, and what a session is worth afterwards."""

import asyncio
from uuid import UUID

import pytest

from server.auth.accounts import AddressTaken, create_account
from server.auth.collections import STAFF
from server.auth.errors import SignInRefused
from server.auth.gate import Gate, server_of
from server.auth.limits import PER_ADDRESS_AND_REMOTE
from server.auth.passwords import Passwords
from server.auth.replicas import Device
from server.auth.secrets import Vault
from server.auth.service import sign_in_staff
from server.auth.sessions import end_session, renew, who_is
from server.errors import Invalid, RateLimited, Unauthenticated, WorkbayError
from tests.conftest import SECRET_KEYS
from tests.server.auth.people import PASSWORD, PHONE, new_shop, new_staff, put_record, sign_in
from tests.server.auth.test_secrets import NEW
from tests.worlds import CountingWorld


async def test_S1_staff_sign_in_and_are_known(gate: Gate, shop: UUID) -> None:
    staff = await new_staff(gate, shop)
    signed_in = await sign_in(gate, shop, " Ann@Shop.test ")
    visitor = await who_is(gate, shop, signed_in.token)
    assert visitor.principal == signed_in.principal
    assert (visitor.principal.person, visitor.principal.role, visitor.principal.name) == (
        staff,
        "tech",
        "Ann",
    )
    assert not visitor.revoked
    assert signed_in.as_json()["shop"] == {"id": str(shop), "name": "repair"}


async def refusal(gate: Gate, shop: UUID, email: str, password: str) -> tuple[type[WorkbayError], object]:
    with pytest.raises(WorkbayError) as raised:
        await sign_in(gate, shop, email, password)
    return type(raised.value), raised.value.as_json()


async def test_S5_all_refusals_are_one(gate: Gate, shop: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    await new_staff(gate, shop)
    await new_staff(gate, shop, "new@shop.test", password=None)
    await new_staff(gate, await new_shop(gate, "other"), "far@shop.test")
    left = await new_staff(gate, shop, "left@shop.test")
    await put_record(gate, shop, STAFF, left, {"name": "Lea", "role": "tech", "active": False})
    hashed: list[str | None] = []
    matches = Passwords._matches

    def counted(passwords: Passwords, kept: str | None, password: str) -> bool:
        hashed.append(kept)
        return matches(passwords, kept, password)

    monkeypatch.setattr(Passwords, "_matches", counted)
    answers = [
        await refusal(gate, shop, "ann@shop.test", "wrong password"),
        await refusal(gate, shop, "nobody@shop.test", PASSWORD),
        await refusal(gate, shop, "new@shop.test", PASSWORD),
        await refusal(gate, shop, "far@shop.test", PASSWORD),
        await refusal(gate, shop, "left@shop.test", PASSWORD),
    ]
    assert answers == [(SignInRefused, answers[0][1])] * 5
    # Each of them did the work of verifying one password, so that time tells no more than words.
    assert len(hashed) == 5


async def test_S10_guesses_are_limited_and_honest_ones_are_not_counted(
    gate: Gate, shop: UUID, world: CountingWorld
) -> None:
    await new_staff(gate, shop)
    for _ in range(PER_ADDRESS_AND_REMOTE + 5):
        await sign_in(gate, shop)
    for _ in range(PER_ADDRESS_AND_REMOTE):
        await refusal(gate, shop, "ann@shop.test", "wrong password")
    with pytest.raises(RateLimited) as limited:
        await sign_in(gate, shop)
    assert 0 < limited.value.retry_after_s <= 600
    await sign_in_staff(gate, shop, "ann@shop.test", PASSWORD, PHONE, remote="198.51.100.1")
    world.pass_time(minutes=10)
    await sign_in(gate, shop)


async def test_S10_guesses_sent_at_once_are_counted_each(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    tries = [sign_in(gate, shop, password=f"guess number {n}") for n in range(25)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(a, SignInRefused) for a in answers) == PER_ADDRESS_AND_REMOTE
    assert sum(isinstance(a, RateLimited) for a in answers) == 25 - PER_ADDRESS_AND_REMOTE


async def test_S10_neighbours_in_one_ipv6_network_count_together(gate: Gate, shop: UUID) -> None:
    async def guess(n: int) -> None:
        await sign_in_staff(gate, shop, "ann@shop.test", "wrong password", PHONE, remote=f"2001:db8::{n:x}")

    for n in range(PER_ADDRESS_AND_REMOTE):
        with pytest.raises(SignInRefused):
            await guess(n)
    with pytest.raises(RateLimited):
        await guess(99)


async def test_address_signs_in_once_per_shop(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    with pytest.raises(AddressTaken):
        await create_account(gate, shop, gate.world.new_id(), "ANN@shop.test", PASSWORD)
    await new_staff(gate, await new_shop(gate, "other"))


@pytest.mark.parametrize(
    "email", ["", "ann", "@shop.test", "ann@", "a nn@shop.test", "a\x00@b.test", "a@" + "b" * 300]
)
async def test_what_is_no_address_is_invalid(gate: Gate, shop: UUID, email: str) -> None:
    with pytest.raises(Invalid):
        await sign_in(gate, shop, email)


async def test_short_password_is_not_set(gate: Gate, shop: UUID) -> None:
    with pytest.raises(Invalid, match="10"):
        await create_account(gate, shop, gate.world.new_id(), "ann@shop.test", "short")


async def test_keys_rotate_and_people_still_sign_in(gate: Gate, shop: UUID, world: CountingWorld) -> None:
    await new_staff(gate, shop)
    before = await sign_in(gate, shop)
    both = Gate(gate.database, Vault.of(f"{NEW},{SECRET_KEYS}", world), world, gate.passwords)
    assert (await who_is(both, shop, before.token)).principal == before.principal
    with pytest.raises(AddressTaken):
        await create_account(both, shop, world.new_id(), "ann@shop.test", PASSWORD)
    await sign_in(both, shop)
    alone = Gate(gate.database, Vault.of(NEW, world), world, gate.passwords)
    await sign_in(alone, shop)
    with pytest.raises(Unauthenticated):
        await who_is(alone, shop, before.token)


async def test_hash_is_made_anew_when_settings_grow(gate: Gate, shop: UUID) -> None:
    staff = await new_staff(gate, shop)
    stronger = Gate(gate.database, gate.vault, gate.world, Passwords(time_cost=2, memory_kib=16))
    await sign_in(stronger, shop)
    async with gate.database.transaction(server_of(shop)) as tx:
        row = await (await tx.execute("SELECT password_hash FROM account WHERE id = %s", (staff,))).fetchone()
    assert row is not None
    assert "m=16,t=2" in row[0]
    await sign_in(stronger, shop)


async def test_S11_token_is_worth_nothing_in_another_shop(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    signed_in = await sign_in(gate, shop)
    with pytest.raises(Unauthenticated):
        await who_is(gate, await new_shop(gate, "other"), signed_in.token)


async def test_token_is_worth_nothing_after_signing_out(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    signed_in = await sign_in(gate, shop)
    await end_session(gate, shop, signed_in.principal.session)
    with pytest.raises(Unauthenticated):
        await who_is(gate, shop, signed_in.token)


async def test_R2_lease_ends_after_a_week_without_contact(
    gate: Gate, shop: UUID, world: CountingWorld
) -> None:
    await new_staff(gate, shop)
    signed_in = await sign_in(gate, shop)
    world.pass_time(days=6)
    await renew(gate, await who_is(gate, shop, signed_in.token))
    world.pass_time(days=6)
    assert await who_is(gate, shop, signed_in.token)
    world.pass_time(days=1)
    with pytest.raises(Unauthenticated):
        await who_is(gate, shop, signed_in.token)


async def test_R2_lease_moves_once_an_hour_and_never_past_thirty_days(
    gate: Gate, shop: UUID, world: CountingWorld
) -> None:
    await new_staff(gate, shop)
    signed_in = await sign_in(gate, shop)
    first = (await who_is(gate, shop, signed_in.token)).expires
    world.pass_time(minutes=59)
    await renew(gate, await who_is(gate, shop, signed_in.token))
    assert (await who_is(gate, shop, signed_in.token)).expires == first
    world.pass_time(minutes=1)
    for _ in range(29):
        await renew(gate, await who_is(gate, shop, signed_in.token))
        world.pass_time(days=1)
    world.pass_time(days=1)
    with pytest.raises(Unauthenticated):
        await who_is(gate, shop, signed_in.token)


async def test_role_changed_is_seen_by_the_next_request(gate: Gate, shop: UUID) -> None:
    staff = await new_staff(gate, shop)
    signed_in = await sign_in(gate, shop)
    seq = await put_record(gate, shop, STAFF, staff, {"name": "Ann", "role": "parts", "active": True})
    principal = (await who_is(gate, shop, signed_in.token)).principal
    assert (principal.role, principal.grant) == ("parts", seq)
    assert principal.grant > signed_in.principal.grant


@pytest.mark.parametrize("change", [{"active": False}, {"role": None}, "gone"])
async def test_R5_who_left_is_heard_once_more_and_wiped(
    gate: Gate, shop: UUID, change: dict[str, object] | str
) -> None:
    staff = await new_staff(gate, shop)
    signed_in = await sign_in(gate, shop)
    more = change if isinstance(change, dict) else {}
    data = {"name": "Ann", "role": "tech", "active": True, **more}
    await put_record(gate, shop, STAFF, staff, data, gone=change == "gone")
    assert (await who_is(gate, shop, signed_in.token)).revoked


async def test_S2_device_keeps_its_replica_and_nobody_elses(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    await new_staff(gate, shop, "bob@shop.test")
    first = (await sign_in(gate, shop)).principal.replica
    named = Device("Ann's phone", first)
    assert (await sign_in(gate, shop, device=named)).principal.replica == first
    assert (await sign_in(gate, shop, "bob@shop.test", device=named)).principal.replica != first
    forgotten = Device("From before the restore", "rabcdefgh2345")
    assert (await sign_in(gate, shop, device=forgotten)).principal.replica == forgotten.replica
    for odd in ("", "x", "rABCDEFGH2345", "rabcdefgh23456", "@", "r' OR 1=1 --"):
        assert (await sign_in(gate, shop, device=Device("Odd", odd))).principal.replica != odd
