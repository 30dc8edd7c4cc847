"""Which shop a host name asks for."""

import pytest

from server.shops.hosts import slug_of_host

PUBLIC = "https://workbay.example:8443"


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("localhost:8000", ""),
        ("LOCALHOST.", ""),
        ("127.0.0.1:8000", ""),
        ("[::1]:8000", ""),
        ("192.168.1.20", ""),
        ("testserver", ""),
        ("", ""),
        ("it.localhost:8000", "it"),
        ("IT.localhost", "it"),
        ("a-1.localhost", "a-1"),
        ("-a.localhost", None),
        ("a.b.localhost", None),
        ("it'--.localhost", None),
        (".localhost", None),
        ("workbench.home.arpa", ""),
    ],
)
def test_host_without_public_address(host: str, slug: str | None) -> None:
    assert slug_of_host(host, None) == slug


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("workbay.example", ""),
        ("it.workbay.example:8443", "it"),
        ("it.localhost:8000", "it"),
        ("127.0.0.1", ""),
        ("evil.example", None),
        ("workbay.example.evil.test", None),
        ("notworkbay.example", None),
    ],
)
def test_host_with_public_address(host: str, slug: str | None) -> None:
    assert slug_of_host(host, PUBLIC) == slug
