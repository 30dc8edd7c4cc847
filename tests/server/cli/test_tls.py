"""The certificate of `--lan`: a phone that trusts the authority trusts this server, and nothing else by it."""

import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from server.cli.tls import certificate_for
from server.clock import as_datetime
from tests.worlds import CountingWorld

ADDRESSES = ["192.168.1.20", "10.0.0.5"]


def _certificates(file: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(file.read_bytes())


def _verify(
    authority: Path, certificate: Path, name: x509.verification.Subject, world: CountingWorld
) -> None:
    store = Store(_certificates(authority))
    verifier = PolicyBuilder().store(store).time(as_datetime(world.now_ms())).build_server_verifier(name)
    verifier.verify(_certificates(certificate)[0], [])


def test_phones_accept_it_for_this_machines_addresses(tmp_path: Path, world: CountingWorld) -> None:
    made = certificate_for(tmp_path, ADDRESSES, world)
    for address in ADDRESSES:
        _verify(made.authority, made.certificate, x509.IPAddress(ipaddress.ip_address(address)), world)
    _verify(made.authority, made.certificate, x509.DNSName("localhost"), world)
    with pytest.raises(VerificationError):
        _verify(made.authority, made.certificate, x509.DNSName("bank.example"), world)


def test_a_web_server_can_use_it(tmp_path: Path, world: CountingWorld) -> None:
    made = certificate_for(tmp_path, ADDRESSES, world)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(made.certificate, made.key)
    assert made.key.stat().st_mode & 0o077 == 0


def test_it_is_kept_while_it_is_good(tmp_path: Path, world: CountingWorld) -> None:
    first = certificate_for(tmp_path, ADDRESSES, world).certificate.read_bytes()
    world.pass_time(days=300)
    assert certificate_for(tmp_path, ADDRESSES[:1], world).certificate.read_bytes() == first


def test_a_new_address_or_its_end_makes_a_new_one_by_the_same_authority(
    tmp_path: Path, world: CountingWorld
) -> None:
    made = certificate_for(tmp_path, ADDRESSES, world)
    first = made.certificate.read_bytes()
    moved = certificate_for(tmp_path, ["192.168.7.7"], world)
    second = moved.certificate.read_bytes()
    world.pass_time(days=380)
    renewed = certificate_for(tmp_path, ["192.168.7.7"], world)
    assert len({first, second, renewed.certificate.read_bytes()}) == 3
    assert made.fingerprint == moved.fingerprint == renewed.fingerprint


def test_the_authority_may_vouch_for_local_addresses_only(tmp_path: Path, world: CountingWorld) -> None:
    made = certificate_for(tmp_path, ADDRESSES, world)
    limits = _certificates(made.authority)[0].extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    names = [name.value for name in limits.value.permitted_subtrees or [] if isinstance(name, x509.DNSName)]
    assert all("." not in name or name == "home.arpa" for name in names)


def test_a_machine_with_a_public_address_gets_an_authority_for_that_address(
    tmp_path: Path, world: CountingWorld
) -> None:
    private = certificate_for(tmp_path, ADDRESSES, world)
    public = certificate_for(tmp_path, ["203.0.113.9"], world)
    assert public.fingerprint != private.fingerprint
    _verify(public.authority, public.certificate, x509.IPAddress(ipaddress.ip_address("203.0.113.9")), world)
