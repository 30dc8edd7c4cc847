"""Telling people what became of their edits: both sides of a conflict with their authors, and notices (rules M16, M5)."""

from tests.server.premises import Phone, Premises, Shop


async def _both(premises: Premises, repair: Shop) -> tuple[Phone, Phone, str]:
    """A tech and a writer who hold the same work order."""
    tech = await (await premises.sign_in(repair, "tech")).sync()
    desk = await (await premises.sign_in(repair, "service_writer")).sync()
    order = tech.create("work_order", customer=repair.customers[0], complaint="noise")
    await tech.sync()
    await desk.sync()
    return tech, desk, order


async def test_M16_a_conflict_shows_both_sides_with_who_when_and_which_device(
    premises: Premises, repair: Shop
) -> None:
    tech, desk, order = await _both(premises, repair)
    desk.patch("work_order", order, diagnosis="Belt worn")
    tech.patch("work_order", order, diagnosis="Bearing gone")
    await desk.sync()
    await tech.sync()
    await desk.sync()
    for phone in (tech, desk):
        (conflict,) = [h.data for h in phone.replica.confirmed.values() if h.collection == "conflict"]
        standing, other = conflict["sides"]
        assert (standing["stands"], standing["value"]) == (True, {"diagnosis": "Belt worn"})
        assert (standing["device"], other["device"]) == (desk.replica.replica, tech.replica.replica)
        assert other["value"] == {"diagnosis": "Bearing gone"}
        assert standing["person_name"]
        assert other["person_name"]
        assert standing["person"] != other["person"]
        assert min(standing["time"], other["time"]) > 0


async def test_M16_the_side_that_stands_is_told_anew_when_it_changes(
    premises: Premises, repair: Shop
) -> None:
    tech, desk, order = await _both(premises, repair)
    desk.patch("work_order", order, diagnosis="Belt worn")
    await desk.sync()
    before = desk.replica
    tech.patch("work_order", order, diagnosis="Bearing gone")
    await tech.sync()
    assert desk.replica is before
    desk.patch("work_order", order, diagnosis="Belt and tensioner worn")
    await desk.sync()
    await tech.sync()
    (conflict,) = [h.data for h in tech.replica.confirmed.values() if h.collection == "conflict"]
    assert conflict["open"]
    assert [side["value"]["diagnosis"] for side in conflict["sides"]] == [
        "Belt and tensioner worn",
        "Bearing gone",
    ]


async def test_M5_the_author_of_an_accepted_edit_that_gave_way_gets_a_notice(
    premises: Premises, repair: Shop
) -> None:
    tech, desk, order = await _both(premises, repair)
    desk.patch("work_order", order, bay="1")
    await desk.sync()
    premises.world.pass_time(seconds=5)
    tech.patch("work_order", order, bay="2")
    await tech.sync()
    await desk.sync()
    (notice,) = [h.data for h in desk.replica.confirmed.values() if h.collection == "notice"]
    assert (notice["record"], notice["field"], notice["value"]) == (order, "bay", {"bay": "1"})
    assert not [h for h in tech.replica.confirmed.values() if h.collection == "notice"]


async def test_M5_everybody_who_wrote_the_value_that_gave_way_gets_a_notice(
    premises: Premises, repair: Shop
) -> None:
    tech, desk, order = await _both(premises, repair)
    admin = await (await premises.sign_in(repair, "admin")).sync()
    tech2 = await (await premises.sign_in(repair, "tech2")).sync()
    for phone in (tech, desk):
        phone.patch("work_order", order, bay="1")
        await phone.sync()
        premises.world.pass_time(seconds=5)
    admin.patch("work_order", order, bay="1")
    await admin.sync()
    premises.world.pass_time(seconds=5)
    tech2.patch("work_order", order, bay="2")
    await tech2.sync()
    for phone in (tech, desk, admin):
        await phone.sync()
        (notice,) = [h.data for h in phone.replica.confirmed.values() if h.collection == "notice"]
        assert (notice["field"], notice["value"]) == ("bay", {"bay": "1"})


async def test_M5_who_saw_the_value_that_gave_way_as_its_own_is_told_nothing(
    premises: Premises, repair: Shop
) -> None:
    tech, desk, order = await _both(premises, repair)
    tech.patch("work_order", order, bay="1")
    await tech.sync()
    premises.world.pass_time(seconds=5)
    desk.patch("work_order", order, bay="1")
    premises.world.pass_time(seconds=5)
    desk.patch("work_order", order, bay="2")
    await desk.sync()
    await tech.sync()
    told = [[h for h in p.replica.confirmed.values() if h.collection == "notice"] for p in (tech, desk)]
    assert [len(notices) for notices in told] == [1, 0]
