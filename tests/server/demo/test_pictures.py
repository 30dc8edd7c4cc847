"""The drawn pictures: small enough, the same in every run, and different where they should be."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from server.demo.content.clearline import CLEARLINE
from server.demo.content.harbour import HARBOUR
from server.demo.pictures import BYTES_MAX, draw, jpeg, preview
from server.photos.collections import PHOTO
from server.photos.rules import PREVIEW

SHOWN = sorted({p.shows for shop in (HARBOUR, CLEARLINE) for job in shop.jobs for p in job.photos})


@pytest.mark.parametrize("shows", SHOWN)
def test_a_picture_fits_into_its_record(shows: str) -> None:
    picture = jpeg(shows)
    assert len(picture) <= BYTES_MAX
    assert Image.open(io.BytesIO(picture)).size == (320, 240)
    assert PREVIEW.fullmatch(preview(shows))
    assert PHOTO.by_name["preview"].problem(preview(shows)) is None


def test_a_picture_is_the_same_in_every_run() -> None:
    assert draw("plug:bad").tobytes() == draw("plug:bad").tobytes()


def test_what_is_mended_looks_it() -> None:
    for shows in SHOWN:
        thing, _, state = shows.partition(":")
        other = f"{thing}:{'good' if state == 'bad' else 'bad'}"
        if other in SHOWN:
            assert draw(shows).tobytes() != draw(other).tobytes()
