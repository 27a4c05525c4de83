"""A range of days from the units' own totals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairsplit.domain.event import Event
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.moments import ended, of_assignment, total
from fairsplit.domain.totals import SCALE
from fairsplit.domain.unit_range import FROM_BEFORE, moments_in_range
from tests.unit.making import (
    AOV,
    CAPPED,
    ENTRY,
    ORDERS,
    PURCHASED,
    TODAY,
    assignment,
    day,
    event,
    events,
    experiment,
    folded,
)

EARLY = ORDERS | {"key": "early", "window_hours": 30}
EVERYTHING = experiment(PURCHASED, ORDERS, EARLY, CAPPED, AOV | {"numerator": "capped"})
NAMES = fingerprints(EVERYTHING)
SENT = [event(1, 40), event(24, 40), event(48, 40), event(-1, 3)]


def found(field: str, first: date | None, last: date | None, key: str = "capped") -> int:
    moments = total(moments_in_range(folded(EVERYTHING, SENT), first, last).values())
    return moments.get("green", NAMES[key], field)


@settings(max_examples=50)
@given(events(), st.integers(-1, 7), st.sampled_from([None, day(-3), day(0)]))
def test_a_range_from_the_first_day_on_equals_the_aggregates(sent: list[Event], last: int, first: date | None) -> None:
    unit = folded(EVERYTHING, sent)
    rows = {at: moments for at, moments in of_assignment(unit).items() if at <= day(last)}
    assert total(moments_in_range(unit, first, day(last)).values()) == total(rows.values())


def test_events_of_other_days_do_not_count() -> None:
    assert found("events", day(1), day(1)) == 1
    assert found("events", day(1), None) == 2
    assert found("events", None, day(1)) == 2


def test_the_cap_and_the_square_are_those_of_the_range() -> None:
    assert found("sum", day(1), day(1)) == 40 * SCALE
    assert found("sum_of_squares", day(1), day(1)) == (40 * SCALE) ** 2
    assert found("sum", day(1), day(2)) == 50 * SCALE


def test_a_conversion_counts_again_in_a_later_range() -> None:
    assert found("sum", day(2), None, "purchased") == SCALE
    assert found("units_with_event", day(2), None, "purchased") == 1
    assert found("units_with_event", day(3), None, "purchased") == 0


def test_a_ratio_multiplies_the_values_of_the_range() -> None:
    assert found("cross_product_sum", day(2), None, "aov") == 40 * SCALE * SCALE


def test_the_pre_period_stays_that_of_the_assignment() -> None:
    assert found("pre_sum", day(2), None) == 3 * SCALE


def test_a_window_that_ended_counts_with_its_events_of_the_range() -> None:
    name = ended(NAMES["early"])
    for first, last, orders in ((0, 2, 2), (1, 2, 1), (0, 1, 0), (2, 2, 0)):
        moments = total(moments_in_range(folded(EVERYTHING, SENT), day(first), day(last)).values())
        assert moments.get("green", name, "sum") == orders * SCALE


@pytest.mark.parametrize(("last", "units"), [(-1, 0), (0, 1), (5, 1)])
def test_a_unit_counts_when_it_was_assigned_by_the_end_of_the_range(last: int, units: int) -> None:
    moments = total(moments_in_range(assignment(), None, day(last)).values())
    assert moments.units("units") == units


def test_a_unit_that_was_there_before_counts_without_events() -> None:
    assert total(moments_in_range(assignment(assigned_at=ENTRY), day(3), day(4)).values()).units("units") == 1


def test_a_range_says_how_many_of_its_units_were_there_before() -> None:
    for first, from_before in ((None, 0), (TODAY, 0), (day(1), 1)):
        assert total(moments_in_range(assignment(), first, None).values()).units(FROM_BEFORE) == from_before


def test_a_heavy_unit_is_counted_as_such_in_any_range() -> None:
    heavy = replace(folded(EVERYTHING, SENT), heavy=True)
    assert moments_in_range(heavy, day(2), None) == of_assignment(heavy)
    assert moments_in_range(heavy, day(2), None)[TODAY].units("heavy") == 1
