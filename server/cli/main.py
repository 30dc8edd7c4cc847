"""Puts the commands together, and turns what stops them into one sentence and the exit code 2."""

import asyncio
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from server.errors import WorkbayError
from server.settings import load_settings

EXIT_REFUSED = 2
EXIT_INTERRUPTED = 130

app = App(
    name="workbay", help="Offline-first work orders for repair shops and remote IT service.", version_flags=[]
)

Shop = Annotated[str, Parameter(help="The shop's short name, as in its address; the first shop if left out.")]


def run(words: Sequence[str]) -> int:
    """Run one command; its exit code."""
    try:
        code = app(list(words) or ["--help"], exit_on_error=False, result_action="return_value")
    except WorkbayError as error:
        print(f"workbay: {error.message}", file=sys.stderr)
        return EXIT_REFUSED
    except CycloptsError:
        return EXIT_REFUSED  # Cyclopts has said what is wrong with the arguments.
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return code if isinstance(code, int) else 0


@app.command
def serve(
    *,
    port: Annotated[int | None, Parameter(help="The port to listen on, 0 for a free one.")] = None,
    host: Annotated[str | None, Parameter(help="The address to listen on.")] = None,
    lan: Annotated[bool | None, Parameter(help="Also serve phones on the same network, over HTTPS.")] = None,
    demo: Annotated[bool | None, Parameter(help="Make the demo shops on the first run.")] = None,
) -> None:
    """Serve the shops: start the database, bring it up to date, listen until Ctrl-C."""
    from server.cli.serve import serve as run_server

    run_server(load_settings(port=port, host=host, lan=lan, demo=demo))


@app.command
def migrate() -> None:
    """Bring the database's tables up to date."""
    from server.cli.database import ready_database

    with ready_database(load_settings()):
        print("The database is up to date.")


@app.command
def check(
    *, new_key: Annotated[bool, Parameter(help="Print a fresh key for WORKBAY_SECRET_KEYS.")] = False
) -> None:
    """Look at settings, database and roles without serving, and say what would stop a start."""
    from server.cli.check import check as look
    from server.cli.check import print_new_key

    if new_key:
        print_new_key()
    else:
        look(load_settings())


@app.command
def shop(slug: str | None = None, *, name: str | None = None) -> None:
    """List the shops, or make an empty one with a SLUG for its address and a NAME."""
    from server.cli import people

    _run(people.shops() if slug is None else people.make_shop(slug, name or slug.title()))


@app.command
def user(email: str, *, name: str | None = None, role: str = "tech", shop: Shop = "") -> None:
    """Print a one-time link with which a staff user sets a password; who is not there yet is made."""
    from server.cli import people

    _run(people.user(email, name=name, role=role, slug=shop))


@app.command
def link(email: str, *, shop: Shop = "") -> None:
    """Print a customer's one-time link."""
    from server.cli import people

    _run(people.customer_link(email, slug=shop))


@app.command
def mismatches(*, shop: Shop = "") -> None:
    """List the newest reports of devices that differed from their view, and whether they could mend it."""
    from server.cli import people

    _run(people.mismatches(slug=shop))


@app.command
def demo() -> None:
    """Make the demo shops in a database that has no shop yet."""
    from server.cli import people

    _run(people.demo())


@app.command
def audit(
    *,
    shop: Annotated[str, Parameter(help="The shop's short name; all shops if left out.")] = "",
    json: Annotated[bool, Parameter(help="Say it as JSON.", negative="")] = False,
) -> int:
    """Verify the change log of each shop, from its first entry to the last that was noted outside the database."""
    from server.cli.audit import audit as verify

    return asyncio.run(verify(shop, as_json=json))


@app.command
def backup(
    *, to: Annotated[Path | None, Parameter(help="The folder to write to; var/backups if left out.")] = None
) -> None:
    """Write a backup, restore it beside to see that it is whole, and let phones go of what it holds."""
    from server.cli import backup as room

    with room.desk() as here:
        print(f"{asyncio.run(room.backup(here, to))} is written and verified.", *room.unheld(here), sep="\n")


@app.command
def restore(file: Path, *, yes: Annotated[bool, Parameter(help="Do it.", negative="")] = False) -> None:
    """Put a backup in the place of the database, in a new epoch; phones send again what it missed."""
    from server.cli import backup as room

    with room.desk() as here:
        print("\n".join(asyncio.run(room.restore(here, file, yes=yes))))


@app.command
def restored() -> None:
    """Say that the database was put back by other means, so that phones send again what it missed."""
    from server.cli import backup as room

    with room.desk() as here:
        print("\n".join(asyncio.run(room.restored(here))))


def _run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)
