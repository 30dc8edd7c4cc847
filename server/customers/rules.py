"""What may be written of a customer beyond what the fields themselves say."""

from __future__ import annotations

import re

from server.store.rules import Change, Rules
from server.store.scene import Scene
from sync.errors import forbidden, invalid

# Not a judgement of addresses, only a guard against a phone number in the wrong box.
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class CustomerRules(Rules):
    """Techs make customers in the field; the portal is the office's to open."""

    def check(self, scene: Scene, change: Change) -> None:
        if change.after is None:
            return
        if change.who.role == "tech" and change.op.op == "create" and "portal_enabled" in change.op.set:
            raise forbidden("The office opens the portal for a customer.", "portal_enabled")
        wrong = [m for m in change.after.data.get("emails") or () if not EMAIL.fullmatch(m)]
        if wrong:
            raise invalid("must hold e-mail addresses", "emails")
