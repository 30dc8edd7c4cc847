"""What a shop works on: work orders with their line items, tasks and notes.

Rights are the table "Who may" of docs/model.md. Everything that hangs on a work order follows it into and out of
a phone's view. Customers get line items with their work order, but tasks only as two counts, and notes never.
"""

from __future__ import annotations

from server.work.steps import GRAPH, STATUSES
from sync.collection import (
    Collection,
    Policy,
    Shown,
    choice,
    elements,
    flag,
    group,
    instant,
    integer,
    ref,
    text,
)

PRIORITIES = ("low", "normal", "high", "urgent")
LINE_KINDS = ("labour", "part", "fee")
TECH = ("tech",)

WORK_ORDER = Collection(
    name="work_order",
    fields=(
        text("number", Policy.SERVER, customer=Shown.ALWAYS, size_max=40),
        ref("customer", "customer", Policy.LATEST, customer=Shown.ALWAYS, not_by=TECH),
        ref("equipment", "equipment", Policy.LATEST, customer=Shown.ALWAYS),
        text("complaint", Policy.KEEP_BOTH, customer=Shown.ALWAYS),
        text("diagnosis", Policy.KEEP_BOTH),
        text("correction", Policy.KEEP_BOTH, customer=Shown.ALWAYS),
        *group(
            "status",
            choice("status", STATUSES, Policy.STEPS, steps=GRAPH, default="new", customer=Shown.ALWAYS),
            text("status_reason", Policy.STEPS, size_max=1000),
            instant("status_at", Policy.STEPS, measured=True, customer=Shown.ALWAYS),
        ),
        choice("priority", PRIORITIES, Policy.LATEST, default="normal"),
        instant("promised_at", Policy.LATEST, customer=Shown.ALWAYS, not_by=TECH),
        ref("assignee", "staff", Policy.LATEST, customer=Shown.NAMES),
        elements("helpers"),
        elements("tags"),
        text("service_type", Policy.LATEST, size_max=100),
        text("area", Policy.LATEST, size_max=100),
        text("bay", Policy.LATEST, size_max=100),
        *group("qc", ref("qc_by", "staff", Policy.SERVER), instant("qc_at", Policy.SERVER)),
        *group(
            "goodwill",
            integer("goodwill_cents", Policy.LATEST, hidden_from=TECH),
            text("goodwill_reason", Policy.LATEST, hidden_from=TECH, size_max=1000),
        ),
        integer("tasks_done", Policy.SERVER, customer=Shown.ALWAYS),
        integer("tasks_total", Policy.SERVER, customer=Shown.ALWAYS),
        integer("estimated_minutes", Policy.SERVER, customer=Shown.ALWAYS),
        integer("actual_minutes", Policy.SERVER, customer=Shown.ALWAYS),
        integer("total_cents", Policy.SERVER, customer=Shown.PRICES),
        instant("closed_at", Policy.SERVER, customer=Shown.ALWAYS),
        flag("archived", Policy.SERVER),
    ),
    rights={
        "admin": "rcu",
        "manager": "rcu",
        "service_writer": "rcu",
        "parts": "ru",
        "tech": "rcu",
        "customer": "r",
    },
    only={"parts": frozenset({"status", "status_reason", "status_at"})},
    required=("customer",),
    customer_from="customer",
    inside_if={"archived": False},
)

# The work order is shown to customers although no column of the model says so: without it their page could not
# put a line under its work order. The id is a public handle.
LINE_ITEM = Collection(
    name="line_item",
    fields=(
        ref("work_order", "work_order", Policy.FIRST, customer=Shown.ALWAYS),
        integer("position", Policy.LATEST),
        choice("kind", LINE_KINDS, Policy.FIRST),
        ref("part", "part", Policy.FIRST),
        text("description", Policy.KEEP_BOTH, customer=Shown.ALWAYS),
        text("correction", Policy.KEEP_BOTH, customer=Shown.ALWAYS),
        integer("quantity_milli", Policy.LATEST, default=1000, customer=Shown.ALWAYS),
        integer("minutes", Policy.LATEST),
        integer("price_cents", Policy.LATEST, customer=Shown.PRICES, not_by=TECH),
        integer("cost_cents", Policy.LATEST, hidden_from=TECH),
        text("tax_class", Policy.LATEST, size_max=40),
        flag("declined", Policy.LATEST, default=False, customer=Shown.ALWAYS),
    ),
    rights={
        "admin": "rcud",
        "manager": "rcud",
        "service_writer": "rcud",
        "parts": "rcu",
        "tech": "rcu",
        "customer": "r",
    },
    parents=("work_order",),
    required=("work_order", "kind"),
    customer_from="parent",
)

TASK = Collection(
    name="task",
    fields=(
        ref("work_order", "work_order", Policy.FIRST),
        integer("position", Policy.LATEST),
        text("title", Policy.KEEP_BOTH, size_max=1000),
        *group(
            "done",
            flag("done", Policy.LATEST, default=False),
            instant("done_at", Policy.LATEST, measured=True),
        ),
        ref("done_by", "staff", Policy.SERVER),
        ref("assignee", "staff", Policy.LATEST),
        integer("estimated_minutes", Policy.LATEST),
        integer("spent_minutes", Policy.SERVER),
    ),
    rights={"admin": "rcud", "manager": "rcud", "service_writer": "rcud", "parts": "r", "tech": "rcu/d"},
    parents=("work_order",),
    required=("work_order", "title"),
)

NOTE = Collection(
    name="note",
    fields=(
        ref("work_order", "work_order", Policy.FIRST),
        ref("customer", "customer", Policy.FIRST),
        ref("equipment", "equipment", Policy.FIRST),
        text("text", Policy.TEXT),
    ),
    rights={
        "admin": "rcud",
        "manager": "rcud",
        "service_writer": "rc/ud",
        "parts": "rc/ud",
        "tech": "rc/ud",
    },
    parents=("work_order", "customer", "equipment"),
    required=("text",),
)
