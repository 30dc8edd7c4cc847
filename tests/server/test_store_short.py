"""What a row keeps for merging: written short, read back exactly, and read from the longer form of before too."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as some

from server.store.short import lengthen, newest_seq, shorten
from sync.changeset import Meta, Past, Side, Write
from sync.collection import Collection, choice, elements, text
from sync.policy import Policy
from sync.vector import Dot

STEPS = {"new": frozenset({"done"}), "done": frozenset[str]()}
JOB = Collection(
    "job",
    (
        text("title", Policy.LATEST),
        text("place", Policy.KEEP_BOTH),
        text("note", Policy.TEXT),
        elements("tags"),
        choice("status", ("new", "done"), Policy.STEPS, steps=STEPS),
    ),
    rights={},
)
BORN = Dot("r7k2m9qx4wd3b", 12, 9120)
FIRST = Write((BORN,), 1_793_229_000_456)
LATER = Write((Dot("rother", 3, 9200), BORN), 1_793_229_000_999, {"@": 9120, "rother": 2})

dots = some.builds(
    Dot, some.sampled_from(["@", "rone", "rtwo"]), some.integers(0, 9), some.integers(0, 9)
) | some.just(BORN)
writes = some.builds(
    Write,
    some.lists(dots, min_size=1, max_size=3).map(tuple),
    some.integers(0, 2**53),
    some.dictionaries(some.sampled_from(["@", "rone", "rtwo"]), some.integers(0, 9)),
)
adds = some.dictionaries(
    some.sampled_from("abcd"), some.lists(dots, min_size=1, max_size=2).map(tuple), min_size=1
).map(lambda found: dict(sorted(found.items())))
pasts = some.lists(
    some.builds(Past, dots, some.sampled_from(["new", "done", None]), some.booleans()), min_size=1
)
changes = some.lists(some.builds(Past, dots, some.none()), min_size=1).map(tuple)
sides = some.builds(Side, some.just({"place": "there"}), writes, some.just("0193"))
metas = some.builds(
    Meta,
    writes,
    some.dictionaries(some.sampled_from(["title", "place", "note", "status"]), writes),
    some.dictionaries(some.just("tags"), adds),
    some.dictionaries(some.just("place"), some.dictionaries(some.just("rone"), sides, min_size=1)),
    some.fixed_dictionaries({}, optional={"status": pasts.map(tuple), "note": changes}),
)
datas = some.fixed_dictionaries(
    {},
    optional={
        "title": some.just("A pump"),
        "tags": some.lists(some.sampled_from("abcd"), min_size=1, unique=True),
        "status": some.sampled_from(["new", "done"]),
    },
)


def stored(data: dict[str, Any], meta: Meta) -> Any:
    return orjson.loads(orjson.dumps(shorten(JOB, data, meta)))


@given(datas, metas)
def test_whatever_is_written_short_is_read_back_exactly(data: dict[str, Any], meta: Meta) -> None:
    read = lengthen(JOB, data, stored(data, meta))
    # That a set was emptied leaves nothing behind.
    assert {**vars_of(read), "elements": {u: a for u, a in read.elements.items() if a}} == vars_of(meta)


def vars_of(meta: Meta) -> dict[str, Any]:
    return {name: getattr(meta, name) for name in ("first", "writes", "elements", "sides", "trail")}


def test_a_record_that_was_written_once_keeps_its_one_write() -> None:
    data = {"title": "A pump", "tags": ["a", "b"], "status": "new"}
    meta = Meta(
        FIRST, elements={"tags": {"a": (BORN,), "b": (BORN,)}}, trail={"status": (Past(BORN, "new"),)}
    )
    assert stored(data, meta) == {"f": ["r7k2m9qx4wd3b", 12, 9120, 1_793_229_000_456]}


def test_a_text_that_was_written_once_again_needs_no_trail() -> None:
    meta = Meta(FIRST, writes={"note": LATER}, trail={"note": (Past(LATER.dots[0], None),)})
    assert "x" not in stored({"note": "new"}, meta)
    meta = Meta(FIRST, writes={"note": LATER}, trail={"note": (Past(BORN, None), Past(LATER.dots[0], None))})
    assert stored({"note": "new"}, meta)["x"] == {"note": [*BORN, *LATER.dots[0]]}


def test_units_that_one_write_stands_in_share_it() -> None:
    meta = Meta(FIRST, writes={"title": LATER, "place": LATER})
    assert list(stored({"title": "A pump"}, meta)["w"]) == ["title,place"]


def test_an_element_that_nobody_put_in_is_not_given_to_the_create() -> None:
    data = {"tags": ["a", "b"]}
    read = lengthen(JOB, data, stored(data, Meta(FIRST, elements={"tags": {"a": (BORN,)}})))
    assert read.elements == {"tags": {"a": (BORN,)}}


def test_a_tombstone_has_neither_elements_nor_steps() -> None:
    assert lengthen(JOB, {}, stored({}, Meta(LATER))) == Meta(LATER)


def test_the_newest_seq_of_what_stands_is_read_of_the_units_asked_for() -> None:
    short = stored({}, Meta(FIRST, writes={"title": LATER, "place": LATER}))
    assert newest_seq(short, ("status",)) == BORN.seq
    assert newest_seq(short, ("status", "place")) == LATER.dots[0].seq
    assert newest_seq({"f": [[list(BORN)], FIRST.at, {}]}, ("title", "status")) == BORN.seq


def test_the_longer_form_of_before_is_read() -> None:
    dot = ["r7k2m9qx4wd3b", 12, 9120]
    later = [[["rother", 3, 9200], dot], LATER.at, dict(LATER.base)]
    old = {
        "f": [[dot], FIRST.at, {}],
        "w": {"title": later},
        "e": {"tags": {"a": [dot]}},
        "s": {"place": {"rother": [{"place": "there"}, later, "0193"]}},
        "t": {"status": [[*dot, "new"], [*LATER.dots[0], "done", True]]},
    }
    assert lengthen(JOB, {"tags": ["a"], "status": "new"}, old) == Meta(
        FIRST,
        {"title": LATER},
        {"tags": {"a": (BORN,)}},
        {"place": {"rother": Side({"place": "there"}, LATER, "0193")}},
        {"status": (Past(BORN, "new"), Past(LATER.dots[0], "done", hidden=True))},
    )
