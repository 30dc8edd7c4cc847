"""The people of a shop as everybody on its phones knows them. What a person may do is decided by `role` and `active`.

Passwords and sessions are not synced; they hang on the account that has the same id (`server.auth.models`).
"""

from __future__ import annotations

from sync.collection import STAFF_ROLES, Collection, Policy, choice, elements, flag, text

STAFF = Collection(
    name="staff",
    fields=(
        text("name", Policy.LATEST, size_max=200),
        choice("role", STAFF_ROLES, Policy.LATEST),
        text("initials", Policy.LATEST, size_max=4),
        elements("skills"),
        flag("active", Policy.LATEST, default=True),
        # Nobody searches by it, so it is sealed as a customer's address is.
        text(
            "email",
            Policy.LATEST,
            personal=True,
            size_max=254,
            hidden_from=("service_writer", "parts", "tech"),
        ),
    ),
    rights={"admin": "rcu", "manager": "ru", "service_writer": "r", "parts": "r", "tech": "r"},
    only={"manager": frozenset({"skills"})},
    required=("name", "role"),
    own="id",
)
