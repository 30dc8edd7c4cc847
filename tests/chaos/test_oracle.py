"""The oracle itself: what it is there to see is done to the database behind everybody's back, and it sees it."""

import random

import pytest

from tests.chaos import oracle
from tests.chaos.figures import Figures
from tests.chaos.phone import Handset
from tests.chaos.place import Place

BEHIND = "SET session_replication_role = replica; "
PLANTED = {
    "an answered changeset is lost": (
        "DELETE FROM change WHERE seq = (SELECT max(seq) FROM change); UPDATE head SET seq = seq - 1",
        "lost after it was answered",
    ),
    "a record of a changeset is missing": (
        "DELETE FROM record WHERE id = (SELECT min(id::text)::uuid FROM record WHERE collection = 'task')",
        "half of a changeset",
    ),
    "an entry of the log was changed": (
        "UPDATE change SET received = received + 1 WHERE seq = (SELECT min(seq) FROM change)",
        "the chain breaks",
    ),
    "an entry of the log is missing": (
        "DELETE FROM change WHERE seq = (SELECT min(seq) + 1 FROM change)",
        "the log has a gap",
    ),
    "an edit was overwritten": (
        "UPDATE record SET data = (data::jsonb || '{\"diagnosis\": \"none\"}')::json WHERE data::jsonb ? 'diagnosis'",
        "lost: ",
    ),
    "stock was counted twice": (
        "UPDATE record SET data = (data::jsonb || '{\"on_hand_milli\": 7}')::json WHERE data::jsonb ? 'on_hand_milli'",
        "stock is not the sum",
    ),
}


@pytest.mark.parametrize("bug", PLANTED)
async def test_what_is_planted_is_found(place: Place, figures: Figures, bug: str) -> None:
    await place.serve()
    phone = await place.sign_in("tech")
    await phone.drain()
    await _work(place, phone)
    await oracle.check_all(place)
    statement, said = PLANTED[bug]
    place.cluster.tell(BEHIND + statement)
    with pytest.raises(AssertionError, match=said):
        await oracle.check_all(place)
    figures.add("planted in the database and found by the oracle")


async def _work(place: Place, phone: Handset) -> None:
    """Some of everything, with whole work orders among it and last."""
    chance = random.Random(6)
    for number in range(12):
        place.act(phone, chance)
        phone.patch("work_order", place.mould.order, diagnosis=f"{number}")
    place.new_order(phone, "last")
    await phone.drain()
