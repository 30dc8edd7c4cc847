"""The settings: one frozen value, read once from `WORKBAY_…` in the environment.

`load_settings()` is called by the command line and by tests; everybody else is handed the value. A wrong setting is a
`SettingError` that names the key, its value and what was wanted. In production unsafe settings are refused here, before
anything starts. Every setting is described in `docs/operating.md` (`tests/house` holds that).
"""

import base64
import os
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.clock import SystemWorld, World
from server.errors import SettingError, StartError

PREFIX = "WORKBAY_"
KEY_BYTES = 32
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    """What an operator may choose. The field `var` is the setting `WORKBAY_VAR`, and so on."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    env: Literal["development", "production"] = "development"
    database_url: str | None = Field(default=None, description="any PostgreSQL from 15 on, as the app role")
    listen_database_url: str | None = Field(default=None, description="the same, past a pooler")
    owner_database_url: str | None = Field(default=None, description="the same database as its owner")
    var: Path = Field(default=Path("var"), description="the folder for everything the server keeps")
    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="the port to listen on, 0 for a free one")
    public_url: str | None = Field(default=None, description="how people reach the server from outside")
    secret_keys: str | None = Field(default=None, repr=False, description="id:base64key,… newest first")
    lan: bool = Field(default=False, description="serve phones on the same network over HTTPS")
    blobs_url: str | None = Field(default=None, description="where files are kept: file:///folder or s3://…")
    scan: Literal["required", "present", "off"] = "present"
    clamd_url: str | None = Field(default=None, description="tcp://host:port or unix:///socket of clamd")
    upload_bytes_max: int = Field(default=10_000_000, ge=1, description="the largest file")
    shop_bytes_max: int = Field(default=0, ge=0, description="all files of a shop, 0 for no limit")
    demo: bool = Field(default=True, description="make the demo shops on the first run")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def loopback_only(self) -> bool:
        """True when nobody but this machine can connect."""
        return not self.lan and self.host in LOOPBACK

    def changed(self, **values: Any) -> Self:
        """A copy with other values, for options of the command line and for tests."""
        return self.model_copy(update=values)


def load_settings(world: World | None = None, **overrides: Any) -> Settings:
    """The settings from the environment with `overrides` on top (those that are None count as not given)."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise _first_problem(error, given) from None
    settings = settings.changed(var=settings.var.expanduser().absolute())
    _check(settings)
    if settings.secret_keys is None:
        settings = settings.changed(secret_keys=_kept_secret_keys(settings.var, world or SystemWorld()))
    return settings


def _first_problem(error: ValidationError, given: dict[str, Any]) -> SettingError:
    problem = error.errors(include_url=False, include_context=False)[0]
    field = str(problem["loc"][0]) if problem["loc"] else "?"
    key = PREFIX + field.upper()
    value = given.get(field, os.environ.get(key))
    return SettingError(key, value, f"this is wanted: {problem['msg'].lower()}")


def _check(settings: Settings) -> None:
    for name in ("database_url", "listen_database_url", "owner_database_url"):
        _check_url(name, getattr(settings, name), ("postgresql", "postgres"))
    _check_url("public_url", settings.public_url, ("http", "https"))
    _check_url("blobs_url", settings.blobs_url, ("file", "s3"))
    _check_url("clamd_url", settings.clamd_url, ("tcp", "unix"))
    if settings.scan == "required" and settings.clamd_url is None:
        raise SettingError(PREFIX + "CLAMD_URL", None, "WORKBAY_SCAN=required wants to know where clamd is")
    if settings.secret_keys is not None:
        _check_keys(settings.secret_keys)
    if settings.production:
        _check_production(settings)


def _check_url(name: str, value: str | None, schemes: tuple[str, ...]) -> None:
    if value is not None and urlsplit(value).scheme not in schemes:
        # The value may hold a password, so the sentence shows its beginning only.
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise SettingError(PREFIX + name.upper(), value[:12] + "…", f"it must start with {wanted}")


def _check_keys(value: str) -> None:
    """Refuse keys that are not `id:base64` of 32 bytes each; the sentence never shows them."""
    wanted = f"it must be id:base64key,id:base64key with keys of {KEY_BYTES} bytes, newest first"
    for part in value.split(","):
        name, _, key = part.strip().partition(":")
        try:
            length = len(base64.b64decode(key, validate=True))
        except ValueError:
            length = 0
        if not name or length != KEY_BYTES:
            raise SettingError(PREFIX + "SECRET_KEYS", "…", wanted)


def _check_production(settings: Settings) -> None:
    """Outside development nothing is made up, and nothing travels in the clear."""
    wanted = "WORKBAY_ENV=production wants "
    if settings.secret_keys is None:
        raise SettingError(
            "WORKBAY_SECRET_KEYS", None, wanted + "it: make one with `workbay check --new-key`"
        )
    if settings.database_url is None:
        raise SettingError("WORKBAY_DATABASE_URL", None, wanted + "a PostgreSQL that is backed up")
    if settings.demo and "demo" in settings.model_fields_set:
        raise SettingError("WORKBAY_DEMO", settings.demo, wanted + "it off: the demo's passwords are known")
    if settings.lan:
        raise SettingError(
            "WORKBAY_LAN", True, wanted + "a proxy with a public certificate before it, not --lan"
        )
    if settings.public_url is None or urlsplit(settings.public_url).scheme != "https":
        raise SettingError(
            "WORKBAY_PUBLIC_URL", settings.public_url, wanted + "the https:// address people use"
        )


def _kept_secret_keys(var: Path, world: World) -> str:
    """The key of a development machine, made on the first run and kept, so that sealed fields stay readable."""
    path = var / "secret_keys"
    try:
        var.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, "1:" + _base64_key(world) + "\n", world)
        keys = path.read_text().strip()
    except OSError as error:
        raise StartError(
            f"The folder {var} cannot be written ({error.strerror}): make it writable, or set WORKBAY_VAR to one that is."
        ) from error
    _check_keys(keys)
    return keys


def _base64_key(world: World) -> str:
    raw = world.token(KEY_BYTES)
    return base64.b64encode(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))).decode()


def _write_once(path: Path, text: str, world: World) -> None:
    """Write a private file so that of two processes starting at once both read the same one."""
    draft = path.with_name(f".{path.name}.{world.token(6)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # The other process was first, and its key is as good.
    finally:
        draft.unlink()


def new_secret_key(world: World) -> str:
    """A fresh key for `WORKBAY_SECRET_KEYS`, named by its day, as `workbay check --new-key` prints it."""
    return f"{world.now_ms() // 86_400_000}:{_base64_key(world)}"
