"""Where `serve` listens, and the sentence when it cannot."""

import pytest

from server.cli.lan import local_addresses, qr_code
from server.cli.listen import bound
from server.errors import StartError


def test_a_taken_port_says_what_to_do() -> None:
    with bound("127.0.0.1", 0) as first, pytest.raises(StartError, match=r"taken.*--port"):
        bound("127.0.0.1", first.getsockname()[1])


def test_an_address_of_another_machine_names_the_setting() -> None:
    with pytest.raises(StartError, match="WORKBAY_HOST"):
        bound("192.0.2.123", 0)


def test_no_loopback_is_offered_to_phones() -> None:
    assert not any(address.startswith("127.") for address in local_addresses())


def test_a_qr_code_is_a_block_of_lines() -> None:
    lines = qr_code("http://192.168.1.20:8080")
    assert len(lines) > 10
    assert len({len(line) for line in lines}) == 1
