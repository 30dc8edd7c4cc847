"""Customers: what techs in the field leave to the office."""

from __future__ import annotations

from tests.server.bench import Shop, create


def test_a_tech_makes_a_customer_but_does_not_open_the_portal() -> None:
    shop = Shop()
    shop.done("tech", create("customer", "bo", name="Bo", emails={"add": ["bo@example.test"]}))
    assert shop.data("bo")["portal_enabled"] is True
    assert shop.refused("tech", shop.patch("customer", "bo", portal_enabled=False)) == "forbidden"
    assert shop.refused("tech", create("customer", "cy", name="Cy", portal_enabled=True)) == "forbidden"


def test_an_address_is_an_address() -> None:
    shop = Shop()
    assert (
        shop.refused("tech", create("customer", "bo", name="Bo", emails={"add": ["0151 2345"]})) == "invalid"
    )
