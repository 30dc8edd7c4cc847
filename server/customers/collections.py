"""Who brings work: people and companies, how to reach them, and whether they use the portal.

Name and ways to reach a customer are personal: sealed in the database and in the change log.
"""

from __future__ import annotations

from sync.collection import Collection, Policy, Shown, elements, flag, text

CUSTOMER = Collection(
    name="customer",
    fields=(
        text("name", Policy.KEEP_BOTH, personal=True, customer=Shown.ALWAYS, size_max=200),
        text("company", Policy.LATEST, customer=Shown.ALWAYS, size_max=200),
        elements("emails", personal=True, customer=Shown.ALWAYS),
        elements("phones", personal=True, customer=Shown.ALWAYS),
        text("address", Policy.KEEP_BOTH, personal=True, customer=Shown.ALWAYS, size_max=1000),
        text("area", Policy.LATEST, size_max=100),
        elements("tags"),
        text("language", Policy.LATEST, customer=Shown.ALWAYS, size_max=20),
        flag("portal_enabled", Policy.LATEST, default=True, customer=Shown.ALWAYS, not_by=("tech",)),
        flag("sms_consent", Policy.LATEST, default=False, customer=Shown.ALWAYS),
        flag("active", Policy.LATEST, default=True),
    ),
    rights={
        "admin": "rcu",
        "manager": "rcu",
        "service_writer": "rcu",
        "parts": "r",
        "tech": "rcu",
        "customer": "r",
    },
    required=("name",),
    customer_from="id",
)
