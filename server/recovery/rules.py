"""Who may settle a refused change, and how."""

from __future__ import annotations

from server.recovery.collections import BY_THE_OFFICE
from server.store.rules import Change, Rules
from server.store.scene import Scene
from sync.errors import Refusal, forbidden

OFFICE = frozenset({"admin", "manager"})


class RecoveryRules(Rules):
    """The office takes over and sets aside, and says why; sending again and giving up are the author's own."""

    def check(self, scene: Scene, change: Change) -> None:
        if change.after is None:
            return
        said, who = change.after.data, change.who
        if said["how"] in BY_THE_OFFICE:
            if who.role not in OFFICE:
                raise forbidden("Only the office may settle a change of somebody else.", "how")
            if said["how"] == "dismissed" and not str(said.get("reason") or "").strip():
                raise Refusal("rule:reason_wanted", "Say why, so that the author knows.", field="reason")
        elif said["staff"] != who.person:
            raise forbidden("Only its author may send a change again or give it up.", "how")
