"""Hours: who worked when, on what; shifts by the clock and work by the task.

A person sees their own entries; the office sees all. Where a clock was pressed is personal.
"""

from __future__ import annotations

from sync.collection import Collection, Policy, choice, flag, group, instant, json, ref, text

ENTRY_KINDS = ("shift", "work")

TIME_ENTRY = Collection(
    name="time_entry",
    fields=(
        ref("staff", "staff", Policy.FIRST),
        choice("kind", ENTRY_KINDS, Policy.FIRST),
        ref("work_order", "work_order", Policy.FIRST),
        ref("task", "task", Policy.FIRST),
        *group(
            "interval",
            instant("started_at", Policy.KEEP_BOTH, measured=True),
            instant("ended_at", Policy.KEEP_BOTH, measured=True),
            text("correction_reason", Policy.KEEP_BOTH, size_max=1000),
        ),
        *group(
            "approval",
            ref("approved_by", "staff", Policy.SERVER),
            instant("approved_at", Policy.SERVER),
        ),
        json("position", Policy.FIRST, personal=True, size_max=200),
        flag("needs_review", Policy.SERVER),
    ),
    rights={"admin": "rcu", "manager": "rcu", "service_writer": "r/cu", "parts": "/rcu", "tech": "/rcu"},
    parents=("work_order",),
    required=("staff", "kind", "started_at"),
    own="staff",
)
