"""What is worked on: a customer's machine or device, with its meter and how often it wants service.

It may be sold to another customer, so the customer is an ordinary field and not what the machine hangs on.
"""

from __future__ import annotations

from sync.collection import Collection, Policy, Shown, flag, group, integer, ref, text

EQUIPMENT = Collection(
    name="equipment",
    fields=(
        ref("customer", "customer", Policy.LATEST, customer=Shown.ALWAYS),
        text("kind", Policy.LATEST, customer=Shown.ALWAYS, size_max=200),
        text("make", Policy.LATEST, customer=Shown.ALWAYS, size_max=200),
        text("model", Policy.LATEST, customer=Shown.ALWAYS, size_max=200),
        text("serial", Policy.KEEP_BOTH, customer=Shown.ALWAYS, size_max=200),
        text("tag", Policy.LATEST, customer=Shown.ALWAYS, size_max=100),
        integer("meter", Policy.GREATEST, customer=Shown.ALWAYS),
        text("meter_unit", Policy.LATEST, customer=Shown.ALWAYS, size_max=20),
        *group(
            "out_of_service",
            flag("out_of_service", Policy.LATEST, default=False, customer=Shown.ALWAYS),
            text("reason", Policy.LATEST, customer=Shown.ALWAYS, size_max=1000),
        ),
        integer("service_every_months", Policy.LATEST),
        integer("service_every_meter", Policy.LATEST),
    ),
    rights={
        "admin": "rcu",
        "manager": "rcu",
        "service_writer": "rcu",
        "parts": "r",
        "tech": "rcu",
        "customer": "r",
    },
    required=("customer",),
    customer_from="customer",
)
