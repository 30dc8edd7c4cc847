"""From settings to the place where files are kept: `WORKBAY_BLOBS_URL`, else the folder `blobs` in `var`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from server.clock import World
from server.errors import SettingError
from server.media.blobs import Blobs
from server.media.folder import Folder
from server.settings import Settings

NAME = "WORKBAY_BLOBS_URL"


def open_blobs(settings: Settings, world: World) -> Blobs:
    """The place that the settings name. Nothing is asked of it yet. Raises SettingError."""
    parts = urlsplit(settings.blobs_url or "")
    if parts.scheme == "s3":
        # Loaded only where it is wanted: it takes a while.
        from server.media.s3 import Bucket

        return Bucket(settings.blobs_url or "")
    folder = folder_of(settings)
    assert folder is not None
    return Folder(folder, world)


def folder_of(settings: Settings) -> Path | None:
    """The folder of this machine in which files are kept, None where it is a bucket."""
    if settings.blobs_url is None:
        return settings.var / "blobs"
    parts = urlsplit(settings.blobs_url)
    if parts.scheme == "s3":
        return None
    if parts.netloc or not parts.path.strip("/"):
        raise SettingError(NAME, settings.blobs_url, "a folder is written file:///path/of/the/folder")
    return Path(unquote(parts.path))


def origin_of(settings: Settings) -> str | None:
    """The other origin that pages fetch files from, where the bucket hands them out itself."""
    if urlsplit(settings.blobs_url or "").scheme != "s3":
        return None
    from server.media.s3 import Bucket

    return Bucket(settings.blobs_url or "").origin
