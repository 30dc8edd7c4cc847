"""Work orders as a shop writes them: 1,024 bytes of compact JSON each, English words, the same in every run.

Words and size are those of the comparison with other sync servers that the aims of docs/performance.md come from.
"""

import random
from typing import Any

import orjson
import uuid_utils

ORDER_BYTES = 1024
TEXT = (
    "screen battery replaced customer reports noise brake fluid leak belt motor adapter charger cracked water damage "
    "diagnosis pending supplier ordered part cable tested soldered connector fan thermal paste keyboard hinge wheel "
    "chain gear shift saddle pedal tyre valve engine oil filter spark clutch pump hose quote approved waiting pickup "
    "warranty invoice deposit call back tomorrow"
)
WORDS = TEXT.split()
NAMES = (
    "Ana",
    "Bruno",
    "Carla",
    "Dmitri",
    "Elena",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kofi",
    "Lena",
)
PRIORITIES = ("low", "normal", "high", "urgent")
FIRST_PROMISE_MS = 1_793_606_400_000

Values = dict[str, Any]


def new_id() -> str:
    """A UUIDv7 of now, as phones make them."""
    return str(uuid_utils.uuid7())


def work_order(i: int, customer: str) -> Values:
    """What a phone writes into the `i`th new work order."""
    chance = random.Random(7_000_021 + i)
    values = {
        "customer": customer,
        "complaint": words(chance, 24),
        "diagnosis": words(chance, 30),
        "priority": chance.choice(PRIORITIES),
        "promised_at": FIRST_PROMISE_MS + i * 1000,
        "tags": {"add": sorted({chance.choice(WORDS) for _ in range(3)})},
        "service_type": words(chance, 2),
        "area": words(chance, 1),
        "bay": f"{chance.randrange(1, 40)}",
    }
    left = ORDER_BYTES - len(orjson.dumps(values)) - len(',"correction":""')
    return {**values, "correction": words(chance, 120)[:left]}


def customer(i: int) -> Values:
    """A customer as the desk writes it down; all of it is sealed in the database."""
    chance = random.Random(9_000_011 + i)
    name = f"{chance.choice(NAMES)} {words(chance, 1).title()}"
    return {"name": name, "phones": {"add": [f"+49 {chance.randrange(10**9):09d}"]}}


def words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(count))


def create(collection: str, values: Values, id_: str | None = None) -> Values:
    """An op that makes a record."""
    return {"op": "create", "collection": collection, "id": id_ or new_id(), "set": values}


def patch(id_: str, base: Values, **values: Any) -> Values:
    """An op that changes a work order whose state `base` was seen."""
    return {"op": "patch", "collection": "work_order", "id": id_, "base": base, "set": values}
