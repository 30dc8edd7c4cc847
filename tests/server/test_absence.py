"""The lease of a session as a sync tells it, and what a revoked device hands over (rules R2, R6, R7)."""

import psycopg

from server.db.embedded import Urls
from tests.server.premises import Phone, Premises, Shop

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


async def lease(phone: Phone) -> int | None:
    answer = await phone.ask()
    assert answer is not None
    left: int | None = answer.json().get("lease")
    return left


async def test_R2_each_sync_says_how_long_the_session_is_good_for(tech: Phone) -> None:
    """Renewed at most once an hour, so up to an hour less than seven days."""
    assert await lease(tech) == 7 * DAY_MS
    tech.premises.world.pass_time(minutes=30)
    assert await lease(tech) == 7 * DAY_MS - HOUR_MS // 2
    tech.premises.world.pass_time(days=6)
    assert await lease(tech) == 7 * DAY_MS


async def test_R2_the_lease_ends_with_the_longest_session(tech: Phone) -> None:
    for _ in range(5):
        tech.premises.world.pass_time(days=5)
        await lease(tech)
    tech.premises.world.pass_time(days=3)
    assert await lease(tech) == 2 * DAY_MS
    tech.premises.world.pass_time(days=2)
    answer = await tech.post(tech.replica.request(tech.now()))
    assert answer.status_code == 401


async def test_R2_a_customer_is_told_of_no_lease(premises: Premises, repair: Shop) -> None:
    assert await lease(await premises.sign_in_customer(repair)) is None


async def test_R6_R7_what_a_revoked_device_hands_over_is_kept_and_its_cookie_goes(
    premises: Premises, tech: Phone, database_urls: Urls
) -> None:
    note = tech.create("note", customer=tech.shop.customers[0], text="too late")
    admin = await premises.sign_in(tech.shop, "admin")
    path = f"http://{tech.shop.slug}.localhost/api/devices/{tech.replica.replica}"
    await premises.client.delete(path, headers={"Authorization": f"Bearer {admin.token}"})
    answer = await tech.ask()
    assert answer is not None
    assert (answer.status_code, answer.json()["wipe"], tech.replica.wiped) == (403, True, True)
    with psycopg.connect(database_urls.superuser) as connection:
        query = "SELECT outcome, ops::text FROM change WHERE replica = %s AND n = 1"
        outcome, ops = connection.execute(query, (tech.replica.replica,)).fetchone() or ("", "")
    assert outcome == "rejected"
    assert note in ops
    gone = await premises.client.delete(
        f"http://{tech.shop.slug}.localhost/api/session", headers={"Authorization": f"Bearer {tech.token}"}
    )
    assert gone.status_code == 204
    assert "Max-Age=0" in gone.headers["Set-Cookie"]
    assert (await tech.post(tech.replica.request(tech.now()))).status_code == 401
