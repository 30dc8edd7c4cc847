"""The vault: what is sealed opens only in its place, keys rotate, and no forged token passes."""

import base64
import json
from typing import Any

import jwt
import pytest

from server.auth.keys import KeyRing
from server.auth.secrets import SealBroken, TokenRefused, Vault
from server.errors import SettingError
from tests.worlds import CountingWorld


def key(name: str, fill: int) -> str:
    return f"{name}:{base64.b64encode(bytes([fill]) * 32).decode()}"


OLD, NEW, OTHER = key("old", 1), key("new", 2), key("other", 3)


def vault(*keys: str) -> Vault:
    return Vault.of(",".join(keys), CountingWorld())


def test_sealed_value_opens_in_its_place_only() -> None:
    kept = vault(NEW)
    token = kept.seal(b"Carl", b"shop:record:name")
    assert kept.open(token, b"shop:record:name") == b"Carl"
    with pytest.raises(SealBroken):
        kept.open(token, b"shop:another:name")


def test_equal_values_look_different() -> None:
    kept = vault(NEW)
    assert kept.seal(b"Carl", b"") != kept.seal(b"Carl", b"")


def test_old_key_still_opens_and_new_one_seals() -> None:
    before, after = vault(OLD), vault(NEW, OLD)
    token = before.seal(b"Carl", b"a")
    assert after.open(token, b"a") == b"Carl"
    assert after.seal(b"Carl", b"a").startswith("new.")
    assert not after.is_current(token)
    with pytest.raises(SealBroken):
        vault(NEW).open(token, b"a")


@pytest.mark.parametrize(
    "token", ["", "new", "new.", "new.AAAA", "new.***", "new.é", "gone.AAAA", "new.\x00"]
)
def test_broken_token_is_refused(token: str) -> None:
    with pytest.raises(SealBroken):
        vault(NEW).open(token, b"a")


def test_each_changed_character_is_noticed() -> None:
    kept = vault(NEW)
    token = kept.seal(b"Carl", b"a")
    for place in range(len("new."), len(token) - 2):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(SealBroken):
            kept.open(changed, b"a")


def test_index_follows_value_scope_and_key() -> None:
    kept = vault(NEW, OLD)
    assert kept.blind_index("a@b.test", "shop") == kept.blind_index("a@b.test", "shop")
    assert kept.blind_index("a@b.test", "shop") != kept.blind_index("a@b.test", "other shop")
    assert vault(OLD).blind_index("a@b.test", "shop") in kept.blind_indexes("a@b.test", "shop")


def test_purposes_have_keys_of_their_own() -> None:
    kept = vault(NEW)
    assert len({kept.derive("seal"), kept.derive("sign"), kept.derive("index"), kept.derive("urls")}) == 4


def test_signed_token_is_verified_by_any_key_of_the_ring() -> None:
    token = vault(OLD).sign({"jti": "1"})
    assert vault(NEW, OLD).verify(token, require=("jti",)) == {"jti": "1"}
    with pytest.raises(TokenRefused):
        vault(NEW).verify(token)


def test_expiry_is_judged_by_the_given_clock() -> None:
    token = vault(NEW).sign({"jti": "1", "exp": 100})
    assert vault(NEW).verify(token, now_ms=99_999)
    with pytest.raises(TokenRefused):
        vault(NEW).verify(token, now_ms=100_000)


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged() -> dict[str, str]:
    """Tokens that look right and were not made by us."""
    claims = {"jti": "1"}
    good = vault(NEW).sign(claims)
    header, body, signature = good.split(".")
    strange = b"\x07" * 64
    return {
        "no algorithm": f"{part({'alg': 'none', 'kid': 'new'})}.{body}.",
        "no algorithm, capitals": f"{part({'alg': 'NoNe', 'kid': 'new'})}.{body}.{signature}",
        "another algorithm": jwt.encode(claims, strange, "HS512", {"kid": "new"}),
        "another key under our id": jwt.encode(claims, strange, "HS256", {"kid": "new"}),
        "a key we do not have": vault(OTHER).sign(claims),
        "no key id": jwt.encode(claims, strange, "HS256"),
        "a key id that is no text": f"{part({'alg': 'HS256', 'kid': ['new']})}.{body}.{signature}",
        "other claims": f"{header}.{part({'jti': '2'})}.{signature}",
        "no signature": f"{header}.{body}.",
        "nothing": "",
        "words": "not a token",
    }


@pytest.mark.parametrize("name", forged())
def test_forged_token_is_refused(name: str) -> None:
    with pytest.raises(TokenRefused):
        vault(NEW).verify(forged()[name])


@pytest.mark.parametrize(
    "text", ["", "a", "a:", "a:AAAA", ":" + "A" * 44, f"{OLD},{OLD}", key("a.b", 1), "a:" + "*" * 44]
)
def test_bad_setting_is_named_without_showing_it(text: str) -> None:
    with pytest.raises(SettingError, match="WORKBAY_SECRET_KEYS is '…'"):
        KeyRing.parse(text)


def test_printed_ring_shows_no_secret() -> None:
    assert base64.b64encode(bytes([2]) * 32).decode() not in repr(KeyRing.parse(NEW))
    assert "\\x02" not in repr(KeyRing.parse(NEW))
