"""Which shop a host name asks for: `<slug>.localhost:8000`, `<slug>.<public host>`, or bare for the first shop. Pure."""

import ipaddress
import re
from urllib.parse import urlsplit

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
FIRST_SHOP = ""


def slug_of_host(host: str, public_url: str | None) -> str | None:
    """The slug that a Host header names, '' for the first shop, None for an address that no shop can have."""
    name = _name(host)
    bases = {"localhost"} | ({urlsplit(public_url).hostname or "localhost"} if public_url else set())
    if name in bases or _is_bare(name):
        return FIRST_SHOP
    for base in bases:
        if name.endswith("." + base):
            slug = name.removesuffix("." + base)
            return slug if SLUG.fullmatch(slug) else None
    # Without a public address nothing says where names end: a phone on the same network calls this machine's own.
    return None if public_url else FIRST_SHOP


def _name(host: str) -> str:
    """The name without its port and its closing dot; an IPv6 address without its brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".").lower()


def _is_bare(name: str) -> bool:
    """An IP address, or a name of one word as machines have it on their own network."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name
    return True
