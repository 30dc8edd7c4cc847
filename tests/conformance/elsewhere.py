"""Rules that no black box can show, each with the reason and where it is shown instead.

A rule may stand here and have a case too: then the case shows a part, and this says where the rest is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Elsewhere:
    """Why a rule cannot be seen from outside, and which tests of ours show it."""

    why: str
    where: str


PHONE = "a rule about the client: no server can show it"
RESTORE = "the protocol cannot ask a server to be restored from a backup"
CALENDAR = "it happens by the calendar, after weeks"

ELSEWHERE: dict[str, Elsewhere] = {
    "V11": Elsewhere(PHONE, "tests/vectors/overlay.json"),
    "V13": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "V14": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "V15": Elsewhere(
        "entries go only after a verified backup, which the protocol cannot ask for",
        "tests/vectors/prune.json",
    ),
    "V16": Elsewhere("it compares two servers over the same trace", "tests/sync"),
    "V19": Elsewhere(PHONE, "tests/vectors/record_digest.json"),
    "M23": Elsewhere(
        "the default model lets nobody delete a record that has children", "tests/server/test_store_judge.py"
    ),
    "M27": Elsewhere(CALENDAR, "tests/server/test_work_rules.py"),
    "M21": Elsewhere(CALENDAR, "tests/server/test_work_rules.py"),
    "M28": Elsewhere(
        "purity shows only inside: the same input always gives the same record",
        "tests/vectors/merge.json",
    ),
    "C2": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "C5": Elsewhere("the order of locks shows only in the database", "tests/server/test_store_line.py"),
    "C7": Elsewhere(
        "it is the database that refuses an unstamped change", "tests/server/test_store_commit.py"
    ),
    "C13": Elsewhere("a black box cannot take the database away", "tests/server/test_store_line.py"),
    "C18": Elsewhere("the log is kept inside", "tests/server/test_store_commit.py"),
    "P2": Elsewhere(
        CALENDAR + "; the positions themselves are sealed in the cursor", "tests/server/test_views.py"
    ),
    "P4": Elsewhere(
        "positions are sealed in the cursor; P3 and P13 show what follows from them",
        "tests/server/test_views.py",
    ),
    "P9": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "P10": Elsewhere(PHONE, "tests/sync/test_replica.py"),
    "P12": Elsewhere(CALENDAR, "tests/server/test_views.py"),
    "P16": Elsewhere("two guards behind each other look like one from before", "tests/isolation"),
    "L4": Elsewhere(PHONE, "tests/pwa/live.test.ts"),
    "T1": Elsewhere(PHONE, "tests/pwa/store.test.ts"),
    "T2": Elsewhere(PHONE, "tests/pwa/tabs.test.ts"),
    "T3": Elsewhere(PHONE, "tests/vectors/overlay.json"),
    "T4": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "T5": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "T6": Elsewhere(PHONE, "tests/pwa/sync.test.ts"),
    "T7": Elsewhere(PHONE, "tests/pwa/tabs.test.ts"),
    "T8": Elsewhere(PHONE, "tests/pwa/store.test.ts"),
    "T9": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "T10": Elsewhere(PHONE, "tests/pwa/sync.test.ts"),
    "T11": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "T12": Elsewhere(PHONE, "tests/pwa/session.test.ts"),
    "T13": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "F4": Elsewhere(PHONE, "tests/vectors/conversations.json"),
    "F5": Elsewhere(PHONE, "tests/pwa/faults.test.ts"),
    "C21": Elsewhere("it wants an app of another schema", "tests/server/test_schema_old_apps.py"),
    "D2": Elsewhere(PHONE, "tests/sync/test_verify.py"),
    "D4": Elsewhere(PHONE, "tests/sync/test_verify.py"),
    "D5": Elsewhere(PHONE, "tests/pwa/verify.test.ts"),
    "F6": Elsewhere(PHONE, "tests/sync/test_recover.py"),
    "R9": Elsewhere(PHONE, "tests/sync/test_recover.py"),
    "R11": Elsewhere(RESTORE, "tests/server/test_restores_shown.py"),
    "R12": Elsewhere(RESTORE, "tests/server/test_restores.py"),
    "R13": Elsewhere(RESTORE, "tests/server/test_restores.py"),
    "R14": Elsewhere(PHONE, "tests/sync/test_recover.py"),
    "R15": Elsewhere(RESTORE, "tests/server/test_restores.py"),
    "R16": Elsewhere(RESTORE, "tests/server/test_restores.py"),
    "P18": Elsewhere(
        "what is older has left by the calendar, after weeks", "tests/server/test_sync_api_older.py"
    ),
    "R1": Elsewhere("a tombstone lasts 90 days", "tests/server/test_horizon.py"),
    "R7": Elsewhere(PHONE, "tests/pwa/wipe.test.ts"),
    "R2": Elsewhere("a lease lasts 7 days", "tests/server/auth/test_sign_in.py"),
    "R3": Elsewhere("a session lasts 24 hours", "tests/server/auth/test_sign_in.py"),
    "U2": Elsewhere("what was read back shows only on the phone", "tests/pwa/media_keep.test.ts"),
    "U5": Elsewhere("a black box cannot be made to lose a file", "tests/server/media/test_upkeep.py"),
    "U6": Elsewhere(PHONE, "tests/pwa/media_queue.test.ts"),
}
