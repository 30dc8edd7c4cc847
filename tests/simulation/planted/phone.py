"""Bugs in the app's own core."""

from __future__ import annotations

from tests.simulation.planted.plant import Plant, plant

SYNC = "pwa/src/sync"
SETTLE, RECOVER, WRITER = f"{SYNC}/settle.ts", f"{SYNC}/recover.ts", f"{SYNC}/writer.ts"
ROUND, CONFIRMED = f"{SYNC}/round.ts", f"{SYNC}/confirmed.ts"

PHONE: tuple[Plant, ...] = (
    plant(
        "outbox_cleared_at_start",
        "What waited is gone after the app was opened again.",
        (f"{SYNC}/replica.ts", "meta.identity = { ...identity, replica, epoch };", 'meta.identity = { ...identity, replica, epoch }; tx.clear("outbox");'),
        more={"kill_phone": 8},
    ),
    plant(
        "outbox_cleared_at_sign_out",
        "The session was over, and so is the work of the day.",
        (ROUND, 'if (status === 401) return trouble("signed_out");', 'if (status === 401) { await this.world.store.write(async (tx) => tx.clear("outbox")); return trouble("signed_out"); }'),
        more={"session_over": 8},
    ),
    plant(
        "saved_is_said_too_early",
        "The screen says saved, the battery dies, and nothing was.",
        (WRITER, "    await this.commit(async (tx, meta) => {\n      if (replacing", "    void this.commit(async (tx, meta) => {\n      if (replacing"),
        more={"crash_phone": 20},
    ),
    plant(
        "number_used_twice",
        "Two actions share a number, and one of them never arrives.",
        (WRITER, "now, ++meta.n, ++meta.order", "now, meta.n + 1, ++meta.order"),
    ),
    plant(
        "overlay_dropped_before_the_flip",
        "What was just sent is gone from the screen until the next pull is through.",
        (SETTLE, '      tx.put("outbox", entry.order, stored);', '      tx.delete("outbox", entry.order);'),
        more={"restore": 10, "back_up": 10, "sync_badly": 40},
    ),
    plant(
        "refusal_not_parked",
        "The shop said no, and the draft is gone without a word.",
        (SETTLE, '  tx.put("parked", id, why.at', '  if (code === "") tx.put("parked", id, why.at'),
    ),
    plant(
        "refusal_taken_for_acceptance",
        "The shop said no, and the phone says it is at the shop.",
        (SETTLE, '    if (result.outcome === "accepted") {', '    if (result.n > 0) {'),
        (SETTLE, '  if (result.outcome === "rejected") return', '  if (result.n < 0) return'),
    ),
    plant(
        "rejected_blocks_those_behind",
        "One bad change, and nothing after it is ever sent.",
        (SETTLE, '  tx.delete("outbox", entry.order);\n  keep(tx, entry, "rejected", since);', '  keep(tx, entry, "rejected", since);'),
    ),
    plant(
        "overtaken_not_shown",
        "The shop told that an edit gave way; its author never sees it.",
        (SETTLE, "  tx.put(\"parked\", notice.key, notice);", "  if (now < 0) tx.put(\"parked\", notice.key, notice);"),
    ),
    plant(
        "page_flipped_early",
        "Half of the shop is on the screen as if it were all.",
        (SETTLE, "  if (answer.more) {", "  if (answer.more && meta.n < 0) {"),
    ),
    plant(
        "late_answer_counts",
        "An answer that was long on its way puts the phone back in time.",
        (SETTLE, "&& askedCursor(meta) === asked.cursor;\n  return same", "&& askedCursor(meta) !== undefined;\n  return same"),
        more={"leader_sleeps": 60},
    ),
    plant(
        "base_taken_at_save",
        "A form was open for an hour; what came meanwhile is overwritten unseen.",
        (f"{SYNC}/prepare.ts", "(field) => draft.form?.bases[field] ?? fieldBase(id, field, sight),", "(field) => fieldBase(id, field, sight),"),
        more={"form": 40},
    ),
    plant(
        "own_layer_claims_all_that_is_confirmed",
        "Who edits twice off line overwrites what came between without having seen it.",
        (f"{SYNC}/overlay.ts", "base = advance(op.base, by.replica, by.n);", "base = advance({ ...op.base, ...(held?.vv ?? {}) }, by.replica, by.n);"),
        more={"news_between_edits": 60},
    ),
    plant(
        "fork_keeps_its_name",
        "A copied phone never gets through again.",
        (RECOVER, "  meta.identity = { ...meta.identity, replica };", "  if (replica === \"\") meta.identity = { ...meta.identity, replica };"),
        more={"copy_phone": 8, "roll_back": 10},
    ),
    plant(
        "fork_forgets_what_waits",
        "A phone that was set back loses what it had not sent.",
        (RECOVER, "  return writeMeta(tx, meta, { outbox: putWaiting(tx, renamed) });", "  for (const one of renamed) tx.delete(\"outbox\", one.order);\n  return writeMeta(tx, meta, { outbox: renamed.map((one) => one.order) });"),
        more={"copy_phone": 8, "roll_back": 10},
    ),
    plant(
        "what_left_stays",
        "A record that left is still on the phone.",
        (CONFIRMED, '    if ("gone" in record) bucket.delete(record.id);', '    if ("gone" in record) continue;'),
        more={"archive": 5},
    ),
    plant(
        "reset_keeps_the_old_view",
        "Who lost a right keeps what they may no longer see.",
        (CONFIRMED, "new Map(reset ? [] : held.bucket(index))", "new Map(held.bucket(index))"),
        more={"role": 8, "archive": 5},
    ),
    plant(
        "saved_not_shown",
        "What was just typed is not there.",
        (f"{SYNC}/mirror.ts", "    this.outbox.push(by);\n", "    if (by.n % 7 === 0) return;\n    this.outbox.push(by);\n"),
    ),
    plant(
        "digest_adopted",
        "A disk rots, and the check says that all is well.",
        (f"{SYNC}/check.ts", "if (names.length === 0) return this.end(rows.length, true);", "if (names.length >= 0) return this.end(rows.length, true);"),
        more={"rot": 8},
    ),
    plant(
        "portal_takes_the_outbox",
        "A hotel's page is taken for the shop, and what waits counts as sent.",
        (ROUND, 'if (heard.is === "offline" || heard.is === "portal") return trouble(heard.is);', 'if (heard.is === "portal") await this.world.store.write(async (tx) => tx.clear("outbox"));\n    if (heard.is === "offline" || heard.is === "portal") return trouble(heard.is);'),
        more={"sync_badly": 40},
    ),
    plant(
        "kept_dropped_too_early",
        "What the shop took is let go of before a backup has it, and a restore loses it.",
        (SETTLE, "const backedUp = kept.n <= (durable[kept.replica] ?? 0);", "const backedUp = kept.n <= meta.n;"),
        more={"restore": 8, "back_up": 12},
    ),
    plant(
        "tail_not_sent_again",
        "A restored shop is not told what it lost.",
        (SETTLE, '  tx.put("kept", entry.order, kept);', '  if (outcome === "rejected") tx.put("kept", entry.order, kept);'),
        more={"restore": 8, "back_up": 12},
    ),
)  # fmt: skip
