"""Settings: what is wrong is named with its value and what was wanted, and production refuses what is unsafe."""

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.errors import SettingError, StartError
from server.settings import load_settings, new_secret_key
from tests.worlds import CountingWorld

KEY = "k1:" + base64.b64encode(bytes(32)).decode()
SAFE = {
    "WORKBAY_ENV": "production",
    "WORKBAY_SECRET_KEYS": KEY,
    "WORKBAY_DATABASE_URL": "postgresql://app@db.example/workbay",
    "WORKBAY_PUBLIC_URL": "https://work.example",
}


@pytest.fixture(autouse=True)
def _own_var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBAY_VAR", str(tmp_path / "var"))


def _set(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_the_environment_is_read_and_overrides_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBAY_PORT", "9000")
    assert load_settings().port == 9000
    assert load_settings(port=9001, host=None).port == 9001


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings().port = 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKBAY_PORT", "eight"),
        ("WORKBAY_PORT", "70000"),
        ("WORKBAY_ENV", "staging"),
        ("WORKBAY_LAN", "perhaps"),
        ("WORKBAY_LOG_LEVEL", "loud"),
        ("WORKBAY_DATABASE_URL", "mysql://db"),
        ("WORKBAY_PUBLIC_URL", "work.example"),
    ],
)
def test_a_bad_setting_names_its_key_and_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert caught.value.setting == name
    assert name in caught.value.message
    assert value[:8] in caught.value.message


@pytest.mark.parametrize(
    "keys", ["nonsense", "id:short", "id:" + "A" * 40, ":" + KEY.partition(":")[2], KEY + ","]
)
def test_bad_keys_are_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("WORKBAY_SECRET_KEYS", keys)
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert keys not in caught.value.message


def test_a_password_in_a_bad_url_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBAY_DATABASE_URL", "mysql://root:secret@db/x")
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("WORKBAY_BLOBS_URL", "file:// or s3://"),
        ("WORKBAY_CLAMD_URL", "tcp:// or unix://"),
        ("WORKBAY_PUBLIC_URL", "http:// or https://"),
    ],
)
def test_a_bad_url_is_told_every_beginning_that_would_do(
    monkeypatch: pytest.MonkeyPatch, name: str, wanted: str
) -> None:
    monkeypatch.setenv(name, "ftp://files")
    with pytest.raises(SettingError, match=f"{name} is 'ftp://files…', but it must start with {wanted}"):
        load_settings()


def test_a_development_machine_keeps_the_key_it_made(tmp_path: Path) -> None:
    first = load_settings().secret_keys
    assert first == load_settings().secret_keys
    assert (tmp_path / "var" / "secret_keys").stat().st_mode & 0o077 == 0
    assert "secret_keys" not in repr(load_settings())


def test_an_unwritable_var_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBAY_VAR", "/proc/none")
    with pytest.raises(StartError, match="WORKBAY_VAR"):
        load_settings()


def test_safe_production_settings_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, SAFE)
    assert load_settings().production


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"WORKBAY_SECRET_KEYS": None}, "WORKBAY_SECRET_KEYS"),
        ({"WORKBAY_DATABASE_URL": None}, "WORKBAY_DATABASE_URL"),
        ({"WORKBAY_PUBLIC_URL": None}, "WORKBAY_PUBLIC_URL"),
        ({"WORKBAY_PUBLIC_URL": "http://work.example"}, "WORKBAY_PUBLIC_URL"),
        ({"WORKBAY_DEMO": "true"}, "WORKBAY_DEMO"),
        ({"WORKBAY_LAN": "true"}, "WORKBAY_LAN"),
    ],
)
def test_production_refuses_what_is_unsafe(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str | None], named: str
) -> None:
    _set(monkeypatch, {name: value for name, value in {**SAFE, **change}.items() if value is not None})
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert caught.value.setting == named


def test_a_fresh_key_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_secret_key(CountingWorld())
    monkeypatch.setenv("WORKBAY_SECRET_KEYS", f"{key},{KEY}")
    assert load_settings().secret_keys == f"{key},{KEY}"
