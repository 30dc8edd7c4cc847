"""Harbour Repair: small engines and bicycles, six people, in a town by the sea."""

from __future__ import annotations

from server.demo.content.harbour_closed import CLOSED
from server.demo.content.harbour_customers import CUSTOMERS, MACHINES, NOTES
from server.demo.content.harbour_open import OPEN
from server.demo.content.harbour_parts import PARTS
from server.demo.content.shapes import Person, ShopContent

PEOPLE = (
    Person("admin", "Ines Albers", "admin", device="Office laptop"),
    Person("manager", "Joost de Vries", "manager", device="Office laptop"),
    Person("writer", "Maren Holt", "service_writer", device="Front desk"),
    Person("parts", "Piet Lammers", "parts", device="Parts counter"),
    Person("tech1", "Tom Brandt", "tech", ("two-stroke", "four-stroke", "hydraulics"), "Tom's phone"),
    Person("tech2", "Lena Fischer", "tech", ("bicycles", "e-bikes", "electrics"), "Lena's phone"),
)

HARBOUR = ShopContent(
    slug="demo",
    settings={
        "name": "Harbour Repair",
        "words": {
            "work_order": "Work order",
            "equipment": "Machine",
            "work_order_prefix": "WO",
            "in_progress": "In repair",
        },
        "colours": {"primary": "#1b5e7a"},
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "locale": "en",
        "tax": {"standard": 19000},
        "show_prices": True,
        "show_names": False,
        "qc_required": False,
        "qc_by_other": True,
        "ready_needs_tasks": True,
    },
    people=PEOPLE,
    customers=CUSTOMERS,
    machines=MACHINES,
    parts=PARTS,
    jobs=(*CLOSED, *OPEN),
    runs="cargo-brakes",
    customer_notes=NOTES,
)
