"""Starting: killed at each point of a first run, half migrated, two processes with one `var`, a clock that jumps."""

import random
from pathlib import Path

import pytest

from server.db.embedded import EmbeddedPostgres
from server.db.postmaster import runs
from tests.browser.proxy import free_port
from tests.chaos import oracle
from tests.chaos.cluster import killed
from tests.chaos.figures import Figures
from tests.chaos.folders import folder
from tests.chaos.place import Place
from tests.chaos.points import STARTING
from tests.chaos.serving import Launcher, Server
from tests.conftest import SECRET_KEYS

REFUSED = 2
HOUR_S, DAY_S = 3_600, 86_400


def embedded(var: Path) -> dict[str, str]:
    """The settings of a server that brings its own database."""
    return {
        "WORKBAY_VAR": str(var), "WORKBAY_PORT": str(free_port()), "WORKBAY_DEMO": "false",
        "WORKBAY_SECRET_KEYS": SECRET_KEYS, "WORKBAY_LOG_LEVEL": "warning",
    }  # fmt: skip


async def test_a_first_run_killed_at_each_of_its_points_ends_in_one_whole_shop(
    launcher: Launcher, figures: Figures
) -> None:
    with folder() as place:
        settings = embedded(place / "var")
        for point in STARTING:
            server = await Server.start(launcher, settings, trap=(point, 1, True))
            await server.at_its_point()
            await server.kill()
            figures.add("servers killed at a named point of a start")
        server = await (await Server.start(launcher, settings)).ready()
        assert "My shop" not in server.lines
        assert await server.stop() == 0
        assert not runs(place / "var" / "postgres" / "data"), "the last one stops the database"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE alembic_version", "half migrated"),
        ("INSERT INTO alembic_version VALUES ('0001')", "half migrated"),
        ("UPDATE alembic_version SET version_num = '9999'", "does not know"),
    ],
)
async def test_a_database_half_migrated_is_not_served(
    place: Place, figures: Figures, statement: str, said: str
) -> None:
    place.cluster.tell(statement)
    server = await place.start()
    assert await server.gone() == REFUSED
    assert said in "".join(server.lines)
    figures.add("half migrations: refused")


async def test_two_processes_with_one_var_outlive_each_other_and_the_database(
    launcher: Launcher, figures: Figures
) -> None:
    with folder() as place:
        var = place / "var"
        left = await (await Server.start(launcher, embedded(var))).ready()
        right = await (await Server.start(launcher, embedded(var))).ready()
        await left.kill()
        assert runs(var / "postgres" / "data"), "a killed process does not take the database with it"
        await killed(var / "postgres" / "data")
        left = await (await Server.start(launcher, embedded(var))).ready()
        for server in (left, right):
            await server.healthy()
        await right.kill()
        assert await left.stop() == 0
        with EmbeddedPostgres(var):
            assert runs(var / "postgres" / "data")
        figures.add("two processes with one var: killed", 3)


async def test_M2_a_server_whose_clock_jumps_takes_everything(place: Place, figures: Figures) -> None:
    clock = place.var.parent / "clock"
    clock.write_text("0")
    await place.serve(clock=clock)
    chance = random.Random(2)
    phones = [await place.sign_in(who) for who in ("tech", "admin")]
    for jump in (2 * HOUR_S, -DAY_S, 5 * DAY_S, 0, -365 * DAY_S, 3 * HOUR_S):
        clock.write_text(str(jump))
        for _ in range(3):
            for phone in phones:
                place.act(phone, chance)
                answer = await phone.ask()
                assert answer is not None
                assert answer.status_code == 200, answer.text[:300]
        figures.add("jumps of the server's clock")
    clock.write_text("0")
    for phone in phones:
        await phone.drain()
    await oracle.check_all(place)
