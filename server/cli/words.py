"""What `workbay serve` prints when it answers: where, and who can sign in."""

from server.cli.first_run import DEMO_PASSWORD, Started
from server.cli.lan import Network
from server.settings import Settings

DEMO_PEOPLE = {
    "demo": ("admin", "manager", "writer", "parts", "tech1", "tech2"),
    "it": ("admin", "tech1"),
}


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
    lines = [f"The demo shops; everybody's password is {DEMO_PASSWORD}"]
    for index, (slug, people) in enumerate(DEMO_PEOPLE.items()):
        lines.append(f"  {address(settings, slug if index else '')}")
        lines += [f"    {person}@{slug}.test" for person in people]
    return [*lines, "  A customer's way in: workbay link <their e-mail address>", ""]


def _other_shops(settings: Settings, started: Started) -> list[str]:
    if started.demo or len(started.slugs) < 2:
        return []
    return ["Shops:", *(f"  {address(settings, slug)}" for slug in started.slugs), ""]
