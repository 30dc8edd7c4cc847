"""What `workbay serve` prints when it answers: where, and who can sign in."""

from dataclasses import dataclass

from server.cli.lan import Network
from server.settings import Settings

DEMO_SLUGS = frozenset({"demo", "it"})


@dataclass(frozen=True, slots=True)
class Started:
    """What a start found or made, for the words it prints."""

    slugs: list[str]
    admin_link: str | None = None

    @property
    def demo(self) -> bool:
        """Whether these are the demo shops."""
        return set(self.slugs) >= DEMO_SLUGS


def say_ready(settings: Settings, started: Started, network: Network | None) -> None:
    """Print it all at once, and flush: whoever started us may be reading a pipe."""
    lines = ["", f"Workbay serves on {address(settings)}", ""]
    if started.demo:
        lines += _demo_people(settings)
    elif started.admin_link is not None:
        lines += [
            "A new, empty shop. Its admin sets a password here, once, within the hour:",
            f"  {started.admin_link}",
            "",
        ]
    lines += _other_shops(settings, started)
    if network is not None:
        lines += network.words()
    lines.append("Ctrl-C stops it.")
    print("\n".join(lines), flush=True)


def address(settings: Settings, slug: str = "") -> str:
    """Where people on this machine find a shop; the public address when there is one."""
    if settings.public_url is not None:
        scheme, _, host = settings.public_url.rstrip("/").partition("://")
        return f"{scheme}://{slug}.{host}" if slug else settings.public_url.rstrip("/")
    host = "localhost" if settings.loopback_only or settings.lan else settings.host
    return f"http://{slug}.{host}:{settings.port}" if slug else f"http://{host}:{settings.port}"


def _demo_people(settings: Settings) -> list[str]:
    from server.demo.make import PASSWORD, SHOPS
    from server.demo.make import address as address_of

    lines = [f"The demo shops; everybody's password is {PASSWORD}"]
    for index, content in enumerate(SHOPS):
        lines.append(f"  {address(settings, content.slug if index else '')}")
        lines += [
            f"    {address_of(content, person):<20} {person.name}, {person.role}" for person in content.people
        ]
    return [*lines, f"  A customer's way in: workbay link {SHOPS[0].customers[0].email}", ""]


def _other_shops(settings: Settings, started: Started) -> list[str]:
    if started.demo or len(started.slugs) < 2:
        return []
    return ["Shops:", *(f"  {address(settings, slug)}" for slug in started.slugs), ""]
