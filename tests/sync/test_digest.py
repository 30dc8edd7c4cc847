"""Canonical text and what is summed over it (rules C8, C18, D1)."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.changeset import Changeset, Op
from sync.digest import canonical, chain, changeset_digest, record_digest, sum_digests
from tests.sync.things import ID, OTHER_ID, PROPERTY, A

OPS = (Op("create", "thing", ID, {}, {"name": "x"}), Op("delete", "thing", OTHER_ID, {"@": 3}))
CHANGESET = Changeset(4, OTHER_ID, 1, 1000, OPS)

keys = st.text('abz_09 "\\\n', max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


@PROPERTY
@given(values)
def test_C8_canonical_text_says_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@PROPERTY
@given(st.dictionaries(keys, values, max_size=5), st.randoms(use_true_random=False))
def test_C8_the_order_of_keys_does_not_matter(value: dict[str, Any], random: Any) -> None:
    shuffled = list(value.items())
    random.shuffle(shuffled)
    assert canonical(dict(shuffled)) == canonical(value)


def test_C8_half_characters_have_a_digest_too() -> None:
    assert canonical("\ud83d") == b'"\xed\xa0\xbd"'


def test_C8_the_digest_leaves_out_number_was_and_bases() -> None:
    said = changeset_digest(CHANGESET)
    rewritten = tuple(replace(op, base={"@": 99, A: 5}) for op in OPS)
    assert changeset_digest(replace(CHANGESET, n=9, was="accepted", ops=rewritten)) == said


def test_C8_the_digest_is_of_everything_else() -> None:
    other_set = (replace(OPS[0], set={"name": "y"}), OPS[1])
    changed = [
        replace(CHANGESET, id=ID),
        replace(CHANGESET, schema=2),
        replace(CHANGESET, at=1001),
        replace(CHANGESET, ops=OPS[:1]),
        replace(CHANGESET, ops=OPS[::-1]),
        replace(CHANGESET, ops=other_set),
        replace(CHANGESET, ops=(OPS[0], replace(OPS[1], id=ID))),
    ]
    assert len({changeset_digest(each) for each in [CHANGESET, *changed]}) == len(changed) + 1


def test_C8_the_digest_is_sha256_of_the_canonical_text() -> None:
    text = (
        f'{{"at":1000,"id":"{OTHER_ID}","ops":[{{"collection":"thing","id":"{ID}","op":"create","set":{{"name":"x"}}}},'
        f'{{"collection":"thing","id":"{OTHER_ID}","op":"delete"}}],"schema":1}}'
    )
    assert changeset_digest(CHANGESET) == hashlib.sha256(text.encode()).digest()


@PROPERTY
@given(st.lists(st.integers(0, 2**64 - 1), max_size=6), st.randoms(use_true_random=False))
def test_D1_a_sum_is_the_same_in_any_order(digests: list[int], random: Any) -> None:
    shuffled = list(digests)
    random.shuffle(shuffled)
    assert sum_digests(shuffled) == sum_digests(digests) < 2**64


def test_D1_a_record_differs_by_commit_data_id_and_collection() -> None:
    told = {record_digest(*args) for args in [("a", ID, 1, {}), ("b", ID, 1, {}), ("a", OTHER_ID, 1, {})]}
    told |= {record_digest("a", ID, 2, {}), record_digest("a", ID, 1, {"x": 1})}
    assert len(told) == 5


def test_C18_the_chain_shows_a_change_and_a_gap() -> None:
    first = chain(b"", {"n": 1})
    assert chain(first, {"n": 2}) != chain(chain(b"", {"n": 9}), {"n": 2})
    assert chain(first, {"n": 2}) != chain(b"", {"n": 2})
