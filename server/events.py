"""Facts that one process announces to all: a shop committed something, or somebody's right to be here changed.

They travel by NOTIFY within the transaction that makes them true, so nobody hears of what did not happen. They carry
no data: whoever is concerned looks for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from psycopg import AsyncConnection

CHANNEL = "workbay"
EVERYBODY = "*"
TEXT_MAX = 7_000
_NOTIFY = "SELECT pg_notify(%s, %s)"


@dataclass(frozen=True, slots=True)
class Announced:
    """`seq`: the shop's newest commit, 0 when there was none. customers: those who may be concerned. rights: sessions,
    roles or devices changed, so that whoever listens asks again whether it is still welcome."""

    shop: UUID
    seq: int = 0
    customers: frozenset[str] = frozenset()
    rights: bool = False

    def text(self) -> str:
        """As it travels; more customers than fit into a notification are everybody."""
        said = f"{self.shop} {self.seq} {int(self.rights)} "
        named = ",".join(sorted(self.customers))
        return said + (named if len(named) < TEXT_MAX else EVERYBODY)

    @classmethod
    def read(cls, text: str) -> Announced:
        shop, seq, rights, customers = text.split(" ")
        return cls(UUID(shop), int(seq), frozenset(filter(None, customers.split(","))), rights == "1")

    def concerns(self, customer: UUID) -> bool:
        return EVERYBODY in self.customers or str(customer) in self.customers


async def announce(tx: AsyncConnection, fact: Announced) -> None:
    """Let all processes know once this transaction has committed."""
    await tx.execute(_NOTIFY, (CHANNEL, fact.text()))
