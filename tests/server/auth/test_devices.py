"""Devices: who sees and revokes which, and that a revoked one is refused at once."""

from uuid import UUID

import pytest

from server.auth.errors import Revoked
from server.auth.gate import Gate, server_of
from server.auth.principal import Principal
from server.auth.replicas import Device, fork_replica, list_devices, revoke_device
from server.auth.sessions import go_on_as, who_is
from server.errors import Forbidden, Gone
from tests.server.auth.people import new_shop, new_staff, sign_in


async def names(gate: Gate, principal: Principal) -> set[str]:
    return {device["name"] for device in await list_devices(gate, principal)}


async def test_S6_one_sees_own_devices_and_who_runs_the_shop_sees_all(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    await new_staff(gate, shop, "boss@shop.test", role="manager")
    ann = (await sign_in(gate, shop, device=Device("Ann's phone"))).principal
    await sign_in(gate, shop, device=Device("Ann's tablet"))
    boss = (await sign_in(gate, shop, "boss@shop.test", device=Device("Desk"))).principal
    assert await names(gate, ann) == {"Ann's phone", "Ann's tablet"}
    assert await names(gate, boss) == {"Ann's phone", "Ann's tablet", "Desk"}
    mine = [device for device in await list_devices(gate, ann) if device["this"]]
    assert [device["replica"] for device in mine] == [ann.replica]


async def test_S7_revoked_device_is_refused_by_the_next_request(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    lost = await sign_in(gate, shop)
    here = await sign_in(gate, shop)
    assert not (await who_is(gate, shop, lost.token)).revoked
    await revoke_device(gate, here.principal, lost.principal.replica)
    assert (await who_is(gate, shop, lost.token)).revoked
    assert not (await who_is(gate, shop, here.token)).revoked


async def test_signing_in_again_does_not_lift_a_revocation(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    lost, here = await sign_in(gate, shop), await sign_in(gate, shop)
    await revoke_device(gate, here.principal, lost.principal.replica)
    again = await sign_in(gate, shop, device=Device("Back", lost.principal.replica))
    assert again.principal.replica == lost.principal.replica
    assert (await who_is(gate, shop, again.token)).revoked


async def test_S6_others_devices_are_as_if_they_were_not_there(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    await new_staff(gate, shop, "bob@shop.test")
    await new_staff(gate, shop, "boss@shop.test", role="admin")
    elsewhere = await new_shop(gate, "other")
    await new_staff(gate, elsewhere)
    ann, bob = await sign_in(gate, shop), await sign_in(gate, shop, "bob@shop.test")
    boss, far = await sign_in(gate, shop, "boss@shop.test"), await sign_in(gate, elsewhere)
    for principal, replica in (
        (bob.principal, ann.principal.replica),
        (boss.principal, far.principal.replica),
        (bob.principal, "r" + "a" * 12),
        (bob.principal, "\x27; DROP TABLE replica; --"),
    ):
        with pytest.raises(Gone) as refused:
            await revoke_device(gate, principal, replica)
        assert refused.value.as_json() == Gone().as_json()
    await revoke_device(gate, boss.principal, ann.principal.replica)


async def test_name_of_a_device_is_cleaned_and_sealed(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    name = "  Ann’s\n\x00 phone‮ " + "x" * 200
    principal = (await sign_in(gate, shop, device=Device(name))).principal
    (shown,) = await names(gate, principal)
    assert shown.startswith("Ann’s phone x")
    assert len(shown) == 60
    async with gate.database.transaction(server_of(shop)) as tx:
        row = await (await tx.execute("SELECT device FROM replica")).fetchone()
    assert row is not None
    assert "Ann" not in row[0]


async def test_forked_device_goes_on_under_either_replica(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    signed_in = await sign_in(gate, shop)
    old = signed_in.principal.replica
    new = await fork_replica(gate, signed_in.principal)
    for replica in (old, new, old):
        visitor = await go_on_as(gate, await who_is(gate, shop, signed_in.token), replica)
        assert visitor.principal.replica == replica
        assert (await who_is(gate, shop, signed_in.token)).principal.replica == replica
    assert await names(gate, visitor.principal) == {"Ann's phone"}


async def test_F7_nobody_speaks_for_anothers_replica(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    await new_staff(gate, shop, "bob@shop.test")
    ann, bob = await sign_in(gate, shop), await sign_in(gate, shop, "bob@shop.test")
    visitor = await who_is(gate, shop, bob.token)
    for replica in (ann.principal.replica, "raaaaaaaaaaaa", "@", ""):
        with pytest.raises(Forbidden):
            await go_on_as(gate, visitor, replica)


async def test_revoked_device_cannot_hide_behind_another_of_the_same_person(gate: Gate, shop: UUID) -> None:
    await new_staff(gate, shop)
    lost, here = await sign_in(gate, shop), await sign_in(gate, shop)
    await revoke_device(gate, here.principal, lost.principal.replica)
    visitor = await go_on_as(gate, await who_is(gate, shop, lost.token), here.principal.replica)
    assert (visitor.revoked, visitor.principal.replica) == (True, lost.principal.replica)
    assert (await who_is(gate, shop, lost.token)).revoked


async def test_revoked_device_has_nothing_to_hand_over_under_a_colleagues_name(
    gate: Gate, shop: UUID
) -> None:
    await new_staff(gate, shop)
    await new_staff(gate, shop, "bob@shop.test")
    lost, bob = await sign_in(gate, shop), await sign_in(gate, shop, "bob@shop.test")
    await revoke_device(gate, lost.principal, lost.principal.replica)
    with pytest.raises(Revoked):
        await go_on_as(gate, await who_is(gate, shop, lost.token), bob.principal.replica)
