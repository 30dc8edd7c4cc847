"""The one record in which a shop says what it is called, how it looks, and which of its rules are on.

Its id is the shop's id. The server makes it together with the shop; nobody else creates or deletes one.
"""

from __future__ import annotations

from sync.collection import Collection, Policy, Shown, flag, json, text

SHOP = Collection(
    name="shop",
    fields=(
        text("name", Policy.LATEST, customer=Shown.ALWAYS, size_max=200),
        # What people read for the words of the code: {"work_order": "Ticket", "in_progress": "Being repaired"}.
        json("words", Policy.LATEST, customer=Shown.ALWAYS, size_max=8000),
        # {"primary": "#1f6f5c"}; the shades are computed by the app.
        json("colours", Policy.LATEST, customer=Shown.ALWAYS, size_max=1000),
        # A small picture as a data: URL, so that it is there off line.
        text("logo", Policy.LATEST, customer=Shown.ALWAYS, size_max=16_000),
        text("currency", Policy.LATEST, default="EUR", customer=Shown.ALWAYS, size_max=3),
        text("zone", Policy.LATEST, default="Europe/Berlin", customer=Shown.ALWAYS, size_max=64),
        text("locale", Policy.LATEST, default="en", customer=Shown.ALWAYS, size_max=20),
        # Classes with their rates in thousandths of a percent: {"standard": 19000}.
        json("tax", Policy.LATEST, size_max=2000),
        flag("show_prices", Policy.LATEST, default=True),
        flag("show_names", Policy.LATEST, default=False),
        flag("show_position", Policy.LATEST, default=False),
        # Photos: whether customers see new ones, whether they go as taken and not shrunk, whether their place is taken.
        flag("photos_visible", Policy.LATEST, default=True),
        flag("photos_original", Policy.LATEST, default=False),
        flag("photos_position", Policy.LATEST, default=False),
        flag("qc_required", Policy.LATEST, default=False),
        flag("qc_by_other", Policy.LATEST, default=False),
        flag("ready_needs_tasks", Policy.LATEST, default=False),
        flag("tech_may_close", Policy.LATEST, default=False),
    ),
    rights={
        "admin": "ru",
        "manager": "ru",
        "service_writer": "r",
        "parts": "r",
        "tech": "r",
        "customer": "r",
    },
    required=("name",),
)
