"""Steps about backups: one is taken, verified, and put back behind the phones, with or without a word to the server.

What a restore loses must come back from the phones, and is held to be there by the checker: everything that was saved in a
storage that is still alive, was not in a verified backup, and is not older than phones have to keep it.
"""

from __future__ import annotations

import asyncio

from tests.server.backups import Backups
from tests.simulation.effects import note_numbers
from tests.simulation.simulation import Simulation

KEPT_MS = 25 * 86_400_000
UNKNOWN = 2**62


def backups_of(sim: Simulation) -> Backups:
    """The backups of this seed's database; a restarted server is another application over it."""
    if sim.backups is None:
        sim.backups = Backups(sim.ground.urls, sim.ground.premises)
    sim.backups.premises = sim.ground.premises
    return sim.backups


async def back_up(sim: Simulation) -> None:
    """A backup is taken; of some it is then verified that they can be restored, and what they have is durable."""
    backups = backups_of(sim)
    number = backups.take()
    sim.taken.append(number)
    sim.story.tell(f"backup {number} is taken")
    if sim.random.random() < 0.5:
        backups.verified(number)
        sim.taken = [number]
        sim.story.tell(f"backup {number} is verified")


async def restore(sim: Simulation) -> None:
    """The shop is restored from a backup not older than the newest that was verified (R10 to R15)."""
    if (number := _chosen(sim)) is None:
        return
    began = await backups_of(sim).restore(number, sim.ground.shop)
    sim.story.tell(f"the shop is restored from backup {number}: up to {began.cut}, on from {began.first}")
    _restored(sim)
    if began.cut < sim.ledger.first:
        # Restored from before the last restore, the shop does not know which numbers that one's branch gave (R16).
        sim.ledger.numbers.clear()
    sim.ledger.first = max(sim.ledger.first, began.first)


async def restore_untold(sim: Simulation) -> None:
    """The same under the running server, and nobody says so: it is found by what the phones show (R11)."""
    if (number := _chosen(sim)) is None:
        return
    await asyncio.to_thread(backups_of(sim).put_back, number)
    sim.counts["restores_untold"] += 1
    sim.story.tell(f"backup {number} is put back, and nobody tells the server")
    _restored(sim)
    # Until it is found out, numbers are given as if nothing had been; where the branch begins is not known here.
    sim.ledger.numbers.clear()
    sim.ledger.first = UNKNOWN


def _chosen(sim: Simulation) -> int | None:
    """The backup to put back, with all that the shop answered until now written down."""
    if not sim.taken:
        return None
    number = sim.random.choice(sim.taken)
    sim.ledger.logged(sim.ground.rows.news())
    sim.ground.rows.look()
    note_numbers(sim.ledger, sim.ground.rows)
    # The branch that is left ends here: backups of it are put back no more, only this one and older ones.
    sim.taken = [one for one in sim.taken if one <= number]
    return number


def _restored(sim: Simulation) -> None:
    """What was lost by it must come back, if any storage that is alive was to keep it."""
    sim.counts["restores"] += 1
    sim.net.late = []
    lost = sim.ledger.restored(sim.ground.rows.anew())
    due = {
        id_ for device in sim.devices if not device.wiped for id_ in device.memory.saved if recent(sim, id_)
    }
    sim.ledger.excused |= lost - due
    sim.counts["lost_by_backup"] += len(lost)


def recent(sim: Simulation, id_: str) -> bool:
    keys = sim.ledger.of.get(id_, ())
    return all(sim.world.now_ms() - sim.ledger.writes[key].at < KEPT_MS for key in keys)
