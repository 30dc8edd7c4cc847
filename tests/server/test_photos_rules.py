"""Photos: what their record must be."""

from __future__ import annotations

import pytest

from tests.server.bench import Shop, create, uid


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.order()
    return made


def test_the_file_of_a_new_photo_is_waited_for(shop: Shop) -> None:
    shop.done("tech", create("photo", "p", work_order=uid("wo"), kind="damage"))
    photo = shop.data("p")
    assert (photo["media"], photo["visible_to_customer"]) == ("waiting", True)


def test_nobody_says_that_a_file_is_ready(shop: Shop) -> None:
    made = create("photo", "p", work_order=uid("wo"), kind="damage", media="ready")
    assert shop.refused("admin", made) == "forbidden"


def test_a_photo_shows_something(shop: Shop) -> None:
    assert shop.refused("tech", create("photo", "p", kind="damage")) == "invalid"


@pytest.mark.parametrize(
    "values",
    [
        {"preview": "https://example.test/x.jpg"},
        {"preview": "data:image/svg+xml;base64,AAAA"},
        {"preview": 'data:image/jpeg;base64,AAAA" onerror="x'},
        {"preview": "data:image/jpeg;base64," + "A" * 11_000},
        {"sha256": "A" * 64, "bytes": 1, "type": "image/jpeg"},
    ],
)
def test_a_preview_is_a_small_picture_and_nothing_else(shop: Shop, values: dict[str, object]) -> None:
    assert (
        shop.refused("tech", create("photo", "p", work_order=uid("wo"), kind="damage", **values)) == "invalid"
    )


def test_the_parts_counter_takes_no_photos(shop: Shop) -> None:
    assert shop.refused("parts", create("photo", "p", work_order=uid("wo"), kind="damage")) == "forbidden"
