"""Bugs in the server and in its core."""

from __future__ import annotations

from tests.simulation.planted.plant import Plant, plant

MERGE, POLICY, JUDGE = "sync/merge.py", "sync/policy.py", "server/store/judge.py"
PUSHING, COMMIT, PULL = "server/store/pushing.py", "server/store/commit.py", "server/store/pull.py"

MERGING: tuple[Plant, ...] = (
    plant(
        "conflict_side_dropped",
        "Of two texts that did not see each other one is gone.",
        (MERGE, "            self._set_aside(unit, incoming)\n        else:", "            pass\n        else:"),
    ),
    plant(
        "closes_unseen_side",
        "Who settles a conflict throws away a side that they never saw.",
        (MERGE, "if equal or (settled and incoming.saw(side.write.dots)):", "if equal or settled:"),
        more={"sync": 12},
    ),
    plant(
        "unseen_value_replaced",
        "Whoever comes later wins, seen or not, and nobody is told.",
        (POLICY, "incoming.saw(write.dots)\n    follows", "True\n    follows"),
    ),
    plant(
        "remove_takes_unseen_add",
        "A tag that somebody just put on goes because somebody else took off an older one.",
        (
            POLICY,
            "        left = tuple(dot for dot in after.get(element, ()) if not incoming.saw((dot,)))\n        after[element] = left\n",
            "        after[element] = ()\n",
        ),
        kinds={"order_tags": 60},
    ),
    plant(
        "greatest_takes_the_smaller",
        "A meter goes back.",
        (POLICY, "new > old)", "new < old)"),
        kinds={"meter": 40},
    ),
    plant(
        "first_is_overwritten",
        "What was set once and for all is another thing now.",
        (POLICY, 'any(v is not None for v in value.values()):\n        raise Refusal("already_set"', 'False:\n        raise Refusal("already_set"'),
        kinds={"file": 40, "new_child": 30},
    ),
    plant(
        "equal_value_forgets_its_second_author",
        "Of two who wrote the same, one is never told that it gave way.",
        (POLICY, "    return (dots[0], *without(dots[1:], incoming), incoming.dot)", "    return tuple(dots)"),
        more={"together": 120, "restore": 0, "clock": 0, "evict": 0, "let_go": 0},
        kinds={"urgency": 600},
    ),
    plant(
        "merged_text_loses_words",
        "Two people wrote into one note; the words of one are gone.",
        ("sync/text.py", "    for low, high, new in made:", "    for low, high, new in made[:1]:"),
        more={"work": 60},
        kinds={"note_text": 80},
    ),
    plant(
        "delete_over_an_unseen_edit",
        "A note that somebody just wrote on is deleted under them.",
        (MERGE, "    if not covers_all(base, dots, stamp.dot.replica, stamp.dot.n):", "    if False:"),
        more={"together": 60},
        kinds={"note_text": 60, "new_child": 30, "delete": 30},
    ),
    plant(
        "clock_of_the_phone_decides",
        "Whose phone is ten years ahead always wins.",
        (PUSHING, "return min(received, max(floor, received - (sent - at)))", "return at"),
        more={"clock": 0},
    ),
    plant(
        "overtaken_not_told",
        "Whose edit came too late believes that it stands.",
        (JUDGE, 'case.overtaken.append({"collection"', '[].append({"collection"'),
    ),
    plant(
        "notice_not_written",
        "Whose accepted edit gave way to a later one never hears of it.",
        ("server/store/telling.py", "for person in sorted(told):", "for person in sorted(told)[:0]:"),
    ),
)  # fmt: skip

STORING: tuple[Plant, ...] = (
    plant(
        "outcome_not_stored",
        "An answer is lost, the phone asks again, and all is done a second time.",
        (PUSHING, "by_n = {a.n: a for a in answers if a.replica == request.replica}", "by_n: dict[int, Answered] = {}"),
        (PUSHING, 'found = Sorted(again={a.id: a for a in sorted(answers, key=_told_first)})', "found = Sorted()"),
        ("server/store/changelog.py", 'ops json, hash bytea)"""', 'ops json, hash bytea)\n  ON CONFLICT DO NOTHING"""'),
    ),
    plant(
        "sequence_gap_accepted",
        "Numbers are skipped, and what was under them is never asked for.",
        (PUSHING, "        raise Gap(replica.applied + 1)\n    by_n", "        pass\n    by_n"),
        more={"probe": 8},
    ),
    plant(
        "fork_taken_for_a_retry",
        "Two phones share a number; what the second wrote under it is told to be there, and is not.",
        (PUSHING, "elif known.digest != digest_of(changeset):\n            raise", "elif known is None:\n            raise"),
        more={"copy_phone": 8, "roll_back": 8},
    ),
    plant(
        "changeset_half_applied",
        "An action was refused, and half of it is there.",
        (JUDGE, "    scene.drop()\n    bench.refused", "    scene.keep()\n    bench.refused"),
        more={"work": 60},
        kinds={"poison": 30},
    ),
    plant(
        "base_above_the_head_believed",
        "Who claims to have seen everything throws away what is still to come.",
        (PUSHING, "        raise Gap(replica.applied + 1)\n    by_n", "        pass\n    by_n"),
        (JUDGE, 'raise invalid("base is above what this server gave out.", "base")', "pass"),
        more={"probe": 8},
    ),
    plant(
        "movement_counted_twice",
        "The shelf is said to hold what it does not.",
        ("server/parts/rules.py", "total = on_hand + effect(movement.data)", "total = on_hand + 2 * effect(movement.data)"),
        more={"work": 60},
        kinds={"movement": 30},
    ),
    plant(
        "chain_starts_anew",
        "Entries of the change log can be taken out unseen.",
        ("server/store/changelog.py", "previous = chain(previous, hashed(entry))", 'previous = chain(b"", hashed(entry))'),
    ),
    plant(
        "revoked_device_writes",
        "A stolen phone goes on writing.",
        (PUSHING, "    if b.replica.hands_over:", "    if False:"),
        more={"revoke": 6},
    ),
)  # fmt: skip

READING: tuple[Plant, ...] = (
    plant(
        "view_not_revoked",
        "A stolen phone goes on reading.",
        ("server/sync_api/routes.py", "if visitor.revoked or pushed.revoked:", "if False:"),
        more={"revoke": 6},
    ),
    plant(
        "role_not_judged_anew",
        "Who got other rights keeps the view of the old ones.",
        ("server/sync_api/pulling.py", "epoch, who.person, who.role, who.grant)", "epoch, who.person)"),
        more={"role": 8},
    ),
    plant(
        "child_left_behind",
        "Work leaves the phones, and what hangs on it stays.",
        (COMMIT, "        if not heads:\n            return [], customers", "        if heads is not None:\n            return [], customers"),
        more={"archive": 8},
    ),
    plant(
        "cursor_skips_a_commit",
        "A phone never hears of what somebody did.",
        (PULL, "(max(head, cursor.pos), LAST_ID)", "(max(head, cursor.pos) + 1, LAST_ID)"),
    ),
    plant(
        "page_skips_a_record",
        "Where a page ends, a record is missing.",
        (
            PULL,
            "    more = len(found) > limit\n    texts",
            "    more = len(found) > limit\n    rows = [*rows[: limit - 2], rows[-1]] if more and limit > 2 else rows\n    texts",
        ),
    ),
    plant(
        "hidden_field_shown",
        "A tech reads what the shop pays.",
        (PULL, "return {name: value for name, value in values.items() if name not in hidden}", "return dict(values)"),
        kinds={"new_part": 40},
    ),
    plant(
        "customer_sees_everything",
        "A customer reads what is written about them.",
        ("server/store/portal.py", "if value is None or field.customer is Shown.NEVER:", "if value is None:"),
        more={"shut_out": 4},
    ),
)  # fmt: skip

OFTEN = {"restore": 8, "back_up": 12}
RESTORING: tuple[Plant, ...] = (
    plant(
        "durable_told_too_early",
        "Phones let go of what no backup has, and a restore loses it.",
        (
            PUSHING,
            "applied, replica.durable, replica.hands_over)",
            "applied, applied, replica.hands_over)",
        ),
        more=OFTEN,
    ),
    plant(
        "numbers_given_again",
        "After a restore two work orders bear one number.",
        (
            "server/store/lineage.py",
            "    return (last + SERIES_JUMP + SERIES_ROUND - 1) // SERIES_ROUND * SERIES_ROUND",
            "    return last",
        ),
        more=OFTEN,
        kinds={"new_order": 40},
    ),
    plant(
        "second_dot_judged_anew",
        "What came again under another number is done again.",
        (
            PUSHING,
            "    if known is not None and known.digest == digest_of(changeset):",
            "    if known is not None and known.n == changeset.n and known.digest == digest_of(changeset):",
        ),
        more={**OFTEN, "roll_back": 10, "copy_phone": 8},
    ),
)

SERVER = (*MERGING, *STORING, *READING, *RESTORING)
