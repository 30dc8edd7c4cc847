"""Where Workbay's model (docs/model.md) has what the cases need. A set-up file may name other places under "model".

`kinds`: how a record is made. `fields`: for each policy a kind that has such a field, and values that differ. `roles`: what
one role may not do. A server with other collections says its own.
"""

from __future__ import annotations

from typing import Any

MODEL: dict[str, Any] = {
    "kinds": {
        "top": {"collection": "work_order", "set": {"customer": "$customer"}},
        "child": {"collection": "task", "parent": "work_order", "set": {"title": "Look at it"}},
        "line": {"collection": "line_item", "parent": "work_order", "set": {"kind": "labour"}},
        "note": {"collection": "note", "parent": "work_order", "set": {"text": "Seen"}},
        "machine": {"collection": "equipment", "set": {"customer": "$customer"}},
        "photo": {"collection": "photo", "parent": "work_order", "set": {"kind": "before"}},
        "stock": {"collection": "part", "set": {"name": "Belt"}},
        "person": {"collection": "customer", "set": {"name": "Somebody"}},
        "hours": {"collection": "time_entry", "parent": "work_order", "set": {"kind": "work"}},
    },
    "fields": {
        "latest": {"kind": "top", "sets": [{"bay": "1"}, {"bay": "2"}, {"bay": "3"}, {"bay": "4"}]},
        "other": {"kind": "top", "sets": [{"area": "north"}, {"area": "south"}, {"area": "west"}]},
        "keep_both": {
            "kind": "top",
            "sets": [{"diagnosis": "One"}, {"diagnosis": "Two"}, {"diagnosis": "Three"}, {"diagnosis": "Four"}],
        },
        "group": {
            "kind": "top",
            "unit": "goodwill",
            "sets": [
                {"goodwill_cents": 100, "goodwill_reason": "late"},
                {"goodwill_cents": 200, "goodwill_reason": "scratched"},
            ],
        },
        "steps": {
            "kind": "top",
            "field": "status",
            "rest": {"status_reason": None, "status_at": None},
            "start": "new",
            "legal": ["diagnosing", "in_progress", "approved"],
            "illegal": ["new", "closed"],
        },
        "elements": {"kind": "top", "field": "tags", "values": ["blue", "green", "red"]},
        "text": {"kind": "note", "field": "text"},
        "greatest": {"kind": "machine", "field": "meter", "values": [100, 200, 300]},
        "first": {
            "kind": "photo",
            "sets": [
                {"sha256": "a" * 64, "bytes": 10, "type": "image/jpeg"},
                {"sha256": "b" * 64, "bytes": 20, "type": "image/jpeg"},
            ],
        },
        "server": {"kind": "top", "sets": [{"total_cents": 1}]},
        "measured": {"kind": "child", "field": "done_at", "rest": {"done": True}},
        "required": {"kind": "child", "field": "title"},
        "flag": {"kind": "line", "field": "declined"},
        "choice": {"kind": "top", "field": "priority", "good": "high"},
        "integer": {"kind": "child", "field": "position"},
        "reference": {"kind": "machine", "field": "customer"},
        "json": {"kind": "photo", "field": "drawing"},
    },
    "roles": {
        "unseen_field": {"person": "tech", "kind": "top", "set": {"goodwill_cents": 1, "goodwill_reason": "x"}},
        "unwritable_field": {"person": "tech", "kind": "top", "set": {"promised_at": 1}},
        "unwritable_op": {"person": "tech", "kind": "line", "op": "delete"},
        "own_only": {"person": "tech", "other": "tech2", "kind": "hours", "set": {"started_at": 1_700_000_000_000}},
        "rule": {"kind": "top", "set": {"status": "canceled", "status_reason": None, "status_at": None}},
    },
    "stock": {
        "collection": "part_movement",
        "field": "on_hand_milli",
        "set": {"kind": "receive", "quantity_milli": 2000, "at": 1_700_000_000_000},
        "reference": "part",
    },
    "staff": {"collection": "staff", "role": "role", "active": "active", "roles": ["tech", "parts"]},
    # What a customer may see, by collection: docs/model.md, the notes "customer".
    "customer": {
        "work_order": [
            "created_at", "number", "customer", "equipment", "complaint", "correction", "status", "status_at",
            "promised_at", "assignee", "tasks_done", "tasks_total", "estimated_minutes", "actual_minutes",
            "total_cents", "closed_at",
        ],
        "line_item": [
            "created_at", "work_order", "description", "correction", "quantity_milli", "price_cents", "declined",
        ],
        "customer": [
            "created_at", "name", "company", "emails", "phones", "address", "language", "portal_enabled",
            "sms_consent",
        ],
        "equipment": [
            "created_at", "customer", "kind", "make", "model", "serial", "tag", "meter", "meter_unit",
            "out_of_service", "reason",
        ],
        "photo": [
            "created_at", "work_order", "equipment", "kind", "taken_at", "note", "drawing", "preview", "media",
        ],
        "shop": ["created_at", "name", "words", "colours", "logo", "currency", "zone", "locale"],
    },
    "customer_unseen": {"kind": "top", "set": {"diagnosis": "Not for customers"}},
    "customer_seen": {"kind": "top", "set": {"complaint": "It hums"}},
    "customer_owner": "customer",
    # What a customer's page shows may be set so; these collections are theirs never.
    "customer_never": ["note", "task", "staff", "part", "part_movement", "time_entry", "conflict", "notice"],
}  # fmt: skip
