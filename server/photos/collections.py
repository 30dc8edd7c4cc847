"""Photos: a record that syncs at once with a small preview, and a file that follows by upload.

Customers see a photo of their work order when it is marked visible and its file is ready. `media` says how far
the file is: waiting, processing, ready, refused.
"""

from __future__ import annotations

from sync.collection import (
    Collection,
    Policy,
    Shown,
    choice,
    flag,
    group,
    instant,
    integer,
    json,
    ref,
    text,
)

PHOTO_KINDS = ("before", "during", "after", "damage", "repair", "screenshot")
# waiting: the shop does not have the file, or has it no longer. processing: it has arrived whole.
MEDIA_STATES = ("waiting", "processing", "ready", "refused")
# 8 KiB of JPEG are 10,924 characters of base64, and the prefix of the data URL.
PREVIEW_CHARACTERS_MAX = 10_950

# The work order is shown for the reason given in server/work/collections.py.
PHOTO = Collection(
    name="photo",
    fields=(
        ref("work_order", "work_order", Policy.FIRST, customer=Shown.ALWAYS),
        ref("equipment", "equipment", Policy.FIRST, customer=Shown.ALWAYS),
        choice("kind", PHOTO_KINDS, Policy.LATEST, customer=Shown.ALWAYS),
        instant("taken_at", Policy.FIRST, measured=True, customer=Shown.ALWAYS),
        json("position", Policy.FIRST, personal=True, size_max=200),
        text("note", Policy.KEEP_BOTH, customer=Shown.ALWAYS),
        json("drawing", Policy.KEEP_BOTH, customer=Shown.ALWAYS),
        flag("visible_to_customer", Policy.LATEST, default=True),
        *group(
            "file",
            text("sha256", Policy.FIRST, size_max=64),
            integer("bytes", Policy.FIRST),
            text("type", Policy.FIRST, size_max=100),
        ),
        text("preview", Policy.FIRST, customer=Shown.ALWAYS, size_max=PREVIEW_CHARACTERS_MAX),
        choice("media", MEDIA_STATES, Policy.SERVER, customer=Shown.ALWAYS),
        # Why the file was refused, for the staff.
        text("media_reason", Policy.SERVER, size_max=500),
    ),
    rights={
        "admin": "rcud",
        "manager": "rcud",
        "service_writer": "rcu/d",
        "parts": "r",
        "tech": "rcu/d",
        "customer": "r",
    },
    parents=("work_order", "equipment"),
    required=("kind",),
    customer_from="parent",
    shared_if={"visible_to_customer": True, "media": "ready"},
)
