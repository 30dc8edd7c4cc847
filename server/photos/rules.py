"""What a photo's record must be; its file is the business of the upload."""

from __future__ import annotations

import re

from server.store.rules import Change, Rules
from server.store.scene import Scene
from sync.errors import Refusal, invalid

SHA256 = re.compile(r"[0-9a-f]{64}")
# Only this, because the app puts a preview into a page as it is.
PREVIEW = re.compile(r"data:image/(jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}")


class PhotoRules(Rules):
    """A photo shows a work order or a piece of equipment; its file is waited for."""

    def check(self, scene: Scene, change: Change) -> None:
        if change.after is None:
            return
        photo = change.after.data
        if not (photo.get("work_order") or photo.get("equipment")):
            raise Refusal("invalid", "A photo belongs to a work order or to a piece of equipment.")
        if photo.get("preview") is not None and not PREVIEW.fullmatch(photo["preview"]):
            raise invalid("must be a small JPEG or WebP picture as a data: URL", "preview")
        if photo.get("sha256") is not None and not SHA256.fullmatch(photo["sha256"]):
            raise invalid("must be 64 hexadecimal digits", "sha256")

    def follow(self, scene: Scene, change: Change) -> None:
        if change.op.op == "create" and change.after and change.after.data.get("media") is None:
            scene.set(change.after.id, {"media": "waiting"})
