"""Clearline IT: remote help for small offices. Sessions instead of bays, tickets and devices instead of work orders
and machines."""

from __future__ import annotations

from server.demo.content.clearline_tickets import TICKETS
from server.demo.content.shapes import Customer, Machine, Part, Person, ShopContent

PEOPLE = (
    Person("admin", "Ruth Okafor", "admin", device="Office laptop"),
    Person("manager", "Emil Strand", "manager", device="Office laptop"),
    Person("writer", "Noa Levi", "service_writer", device="Dispatch"),
    Person("parts", "Kim Sato", "parts", device="Store room"),
    Person("tech1", "Amir Haddad", "tech", ("windows", "networks"), "Amir's laptop"),
    Person("tech2", "Julia Lindqvist", "tech", ("mac", "mail", "backup"), "Julia's laptop"),
)

CUSTOMERS = (
    Customer("dental", "Dr. Anke Reuter", "praxis@reuter.example.org", "+49 441 55701", "Lange Straße 20, 26122 Oldenau", company="Reuter dental practice", tags=("contract",)),
    Customer("law", "Stefan Brook", "kanzlei@brook.example.org", "+49 441 55702", "Schlossplatz 3, 26122 Oldenau", company="Brook & Partner"),
    Customer("bakery", "Heike Lohse", "buero@lohse.example.org", "+49 441 55703", "Bahnhofstraße 11, 26135 Oldenau", company="Lohse bakeries", tags=("contract",)),
    Customer("architects", "Milan Petrov", "it@petrov.example.org", "+49 441 55704", "Uferweg 8, 26121 Oldenau", company="Petrov architects"),
    Customer("school", "Birgit Falk", "technik@waldschule.example.org", "+49 441 55705", "Am Wald 2, 26188 Edewold", company="Waldschule Edewold", tags=("contract", "holidays only")),
    Customer("tess", "Tess Vogel", "tess.vogel@example.org", "+49 441 55706", "Rosenstraße 40, 26122 Oldenau"),
)  # fmt: skip

MACHINES = (
    Machine("dental-server", "dental", "Server", "Dell", "PowerEdge T350", "7XK2P3A", "SRV-01"),
    Machine("dental-desk2", "dental", "Desktop", "Lenovo", "ThinkCentre M75q", "PC1K9A2", "PC-02"),
    Machine("law-nas", "law", "Storage", "Synology", "DS923+", "2340RYR991", "NAS-1"),
    Machine("law-laptop", "law", "Laptop", "Lenovo", "ThinkPad T14", "PF4TT20", "NB-04"),
    Machine("bakery-till", "bakery", "Till", "Vectron", "POS Touch 15", "VT-88120", "TILL-3"),
    Machine("bakery-router", "bakery", "Router", "LANCOM", "1790VA", "4006221", "RT-1"),
    Machine("architects-plotter", "architects", "Plotter", "HP", "DesignJet T650", "CN2A11", "PLT-1"),
    Machine("architects-ws", "architects", "Workstation", "HP", "Z4 G5", "CZC3451", "WS-02"),
    Machine("school-ap", "school", "Access point", "Ubiquiti", "U6 Pro", "AP-0F21", "AP-07"),
    Machine("tess-mac", "tess", "Laptop", "Apple", "MacBook Air M2", "C02ZX1"),
)  # fmt: skip

PARTS = (
    Part("ssd-1tb", "SSD-NV-1T", "NVMe drive 1 TB", "R1", 8900, 6200, 4, 2),
    Part("ram-16", "RAM-D4-16", "Memory 16 GB DDR4", "R1", 5200, 3600, 6, 2),
    Part("psu-65", "PSU-65C", "Power supply 65 W USB-C", "R2", 4900, 2900, 2, 2),
)

CLEARLINE = ShopContent(
    slug="it",
    settings={
        "name": "Clearline IT",
        "words": {
            "work_order": "Ticket",
            "work_orders": "Tickets",
            "equipment": "Device",
            "work_order_prefix": "T",
            "in_progress": "In session",
            "waiting_parts": "Waiting for hardware",
            "bay": "Queue",
        },
        "colours": {"primary": "#4a3f8f"},
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "locale": "en",
        "tax": {"standard": 19000},
        "show_prices": False,
        "show_names": True,
        "tech_may_close": True,
    },
    people=PEOPLE,
    customers=CUSTOMERS,
    machines=MACHINES,
    parts=PARTS,
    jobs=TICKETS,
    runs="bakery-vpn",
    hour_cents=9500,
    customer_notes=(
        ("dental", "writer", "Never restart the server between 8:00 and 17:00, X-rays hang on it."),
    ),
)
