"""A certificate authority for one machine's local network, kept under `var/tls`.

It may vouch for private addresses, local names and this machine's own addresses only (name constraints), so that trusting
it opens nothing else. The server's own certificate is made anew when the machine's addresses change or it is about to end.
"""

import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.clock import World, as_datetime
from server.errors import StartError

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397  # More is refused by phones.
RENEW_DAYS = 30
PRIVATE_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
)
LOCAL_NAMES = ("localhost", "local", "lan", "home.arpa")

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Made:
    """The files, and the authority's fingerprint for people to compare."""

    authority: Path
    certificate: Path
    key: Path
    fingerprint: str


def certificate_for(folder: Path, addresses: Sequence[str], world: World) -> Made:
    """A certificate for these addresses and this machine's names, signed by the authority in `folder`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority, authority_key = _authority(folder, addresses, world)
        certificate, key = folder / "server.crt", folder / "server.key"
        if not _still_good(certificate, authority, addresses, world):
            _make_server(certificate, key, authority, authority_key, addresses, world)
    except OSError as error:
        raise StartError(
            f"The folder {folder} cannot be written ({error.strerror}): make it writable."
        ) from error
    fingerprint = authority.fingerprint(hashes.SHA256()).hex(":").upper()
    return Made(folder / "ca.crt", certificate, key, fingerprint)


def _authority(folder: Path, addresses: Sequence[str], world: World) -> tuple[x509.Certificate, Key]:
    """The authority that is kept, unless this machine moved to an address that it may not vouch for."""
    certificate_file, key_file = folder / "ca.crt", folder / "ca.key"
    if certificate_file.exists() and key_file.exists():
        loaded = serialization.load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        if _may_vouch_for(certificate, addresses):
            return certificate, loaded
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Workbay on {socket.gethostname()}")
    made = (
        _builder(name, name, key, world, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs=True), critical=True)
        .add_extension(_constraints(addresses), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_private(key_file, _pem_of_key(key))
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return made, key


def _make_server(
    to: Path,
    key_file: Path,
    authority: x509.Certificate,
    authority_key: Key,
    addresses: Sequence[str],
    world: World,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _builder(_name("Workbay"), authority.subject, key, world, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .add_extension(_key_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(addresses)), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _write_private(key_file, _pem_of_key(key))
    pem = made.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(serialization.Encoding.PEM)
    to.write_bytes(pem)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, world: World, days: int
) -> x509.CertificateBuilder:
    # A day early, because the clocks of phones are not always right.
    start = as_datetime(world.now_ms()) - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _still_good(file: Path, authority: x509.Certificate, addresses: Sequence[str], world: World) -> bool:
    if not file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    left = certificate.not_valid_after_utc - as_datetime(world.now_ms())
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, InvalidSignature):
        return False
    return left > timedelta(days=RENEW_DAYS) and set(names) >= set(_names(addresses))


def _names(addresses: Sequence[str]) -> list[x509.GeneralName]:
    """What the certificate is good for: loopback, this machine's name on a local network, and its addresses."""
    host = socket.gethostname().split(".")[0]
    names: list[x509.GeneralName] = [
        x509.DNSName(name) for name in ("localhost", "*.localhost", f"{host}.local")
    ]
    return names + [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", *addresses)]


def _constraints(addresses: Sequence[str]) -> x509.NameConstraints:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in LOCAL_NAMES]
    networks = map(ipaddress.ip_network, (*PRIVATE_NETWORKS, *(a for a in addresses if not _is_private(a))))
    return x509.NameConstraints([*names, *map(x509.IPAddress, networks)], excluded_subtrees=None)


def _may_vouch_for(authority: x509.Certificate, addresses: Sequence[str]) -> bool:
    permitted = (
        authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    )
    networks = [
        ipaddress.ip_network(str(name.value)) for name in permitted if isinstance(name, x509.IPAddress)
    ]
    return all(any(ipaddress.ip_address(address) in network for network in networks) for address in addresses)


def _is_private(address: str) -> bool:
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in PRIVATE_NETWORKS)


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _pem_of_key(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(file: Path, content: bytes) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(content)
