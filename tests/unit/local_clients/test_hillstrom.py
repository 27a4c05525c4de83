"""The file's numbers are the published ones, and what is sent of it is the same each time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from local.hillstrom import EXPECTED, Arm, Customer, assignments, events, read_customers, with_repeats

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def customers() -> list[Customer]:
    return read_customers()


def test_the_files_totals_are_the_published_ones(customers: list[Customer]) -> None:
    arms = {key: [one for one in customers if one.variant == key] for key in EXPECTED}
    assert {
        key: Arm(
            units=len(arm),
            visits=sum(one.visited for one in arm),
            conversions=sum(bool(one.spend) for one in arm),
            spend=sum((one.spend for one in arm), Decimal(0)),
        )
        for key, arm in arms.items()
    } == EXPECTED


def test_a_customer_is_assigned_an_hour_before_its_events() -> None:
    buyer = Customer(7, "mens-email", visited=True, spend=Decimal("19.90"))
    assert assignments([buyer], "mail", START) == [
        {"unit_id": "mail:00007", "variant": "mens-email", "assigned_at": "2026-03-01T11:00:00.000Z"}
    ]
    assert {event["timestamp"] for event in events([buyer], "mail", START)} == {"2026-03-01T12:00:00.000Z"}


def test_a_buyer_sends_a_visit_and_a_purchase_and_a_stranger_nothing() -> None:
    buyer = Customer(7, "mens-email", visited=True, spend=Decimal("19.90"))
    stranger = Customer(8, "no-email", visited=False, spend=Decimal(0))
    sent = events([buyer, stranger], "mail", START)
    assert [(event["type"], event.get("value")) for event in sent] == [("visit", None), ("purchase", 19.9)]


def test_one_event_in_twenty_is_sent_twice_and_none_is_left_out(customers: list[Customer]) -> None:
    once = events(customers, "mail", START)
    times = Counter(event["event_id"] for event in with_repeats(once))
    assert Counter(times.values()) == {1: 9_473, 2: 499}
    assert times.keys() == {event["event_id"] for event in once}


def test_the_order_is_shuffled_and_the_same_each_time(customers: list[Customer]) -> None:
    once = events(customers, "mail", START)
    assert with_repeats(once) == with_repeats(once)
    assert with_repeats(once)[:100] != once[:100]


def test_two_replays_share_neither_units_nor_events(customers: list[Customer]) -> None:
    first, second = (events(customers[:2000], key, START) for key in ("mail", "mail-2"))
    for field in ("unit_id", "event_id"):
        assert {event[field] for event in first}.isdisjoint(event[field] for event in second)
