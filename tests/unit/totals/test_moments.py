"""Moments: what a unit adds to the sums by day, against the same computed from its events by the plainest means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairsplit.domain.event import Event
from fairsplit.domain.metric import ALL_EVENTS, fingerprints
from fairsplit.domain.moments import NOTHING, UNITS, Moments, of_assignment, total
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import SCALE, DayTotal, MetricTotals, Totals
from tests.unit.making import (
    AOV,
    CAPPED,
    ENTRY,
    ORDERS,
    PURCHASED,
    REVENUE,
    TODAY,
    VISITS,
    assignment,
    day,
    event,
    events,
    experiment,
    folded,
    left_out,
    mixed,
)

PLAIN = (PURCHASED, ORDERS, REVENUE, CAPPED, VISITS)
EVERYTHING = experiment(*PLAIN, AOV)
NAMES = fingerprints(EVERYTHING)
PLACES = [("a", "", "units"), ("a", "m", "sum"), ("b", "m", "sum")]
SUMS = st.dictionaries(st.sampled_from(PLACES), st.sampled_from([-(10**30), -1, 1, 2, 10**30])).map(Moments)


def up_to(moments: Mapping[Any, Moments], last: int) -> Moments:
    """All that was added up to so many days after TODAY."""
    return total(one for at, one in moments.items() if at <= day(last))


def value(metric: Mapping[str, Any], mine: Sequence[Event]) -> int:
    """The unit's value, in ten-thousandths, of these events."""
    if metric["kind"] == "conversion":
        return SCALE * bool(mine)
    if metric["kind"] == "count":
        return SCALE * len(mine)
    cap: int = metric.get("cap", 10**12) * SCALE
    return min(sum(one.value or 0 for one in mine), cap)


def naively(sent: Sequence[Event], last: int) -> dict[tuple[str, str, str], int]:
    """The unit's sums from its events up to so many days after TODAY."""
    matter = [one for one in sent if ENTRY - one.timestamp <= timedelta(days=14)]
    first = {one.event_id: one for one in reversed(matter)}.values()
    result = [one for one in first if one.timestamp >= ENTRY and day_of(one.timestamp) <= day(last)]
    before = [one for one in first if one.timestamp < ENTRY]
    sums = {("green", UNITS, "units"): 1}
    y: dict[str, int] = {}
    for metric in (*PLAIN, ORDERS | {"key": ALL_EVENTS}):
        kinds = {"purchase", "visit"} if metric["key"] == ALL_EVENTS else {metric["event_type"]}
        mine = [one for one in result if one.type in kinds]
        x = value(metric, [one for one in before if one.type in kinds]) if metric["key"] != ALL_EVENTS else 0
        y[metric["key"]] = own = value(metric, mine)
        fields = {"events": len(mine), "units_with_event": int(bool(mine)), "sum": own, "sum_of_squares": own**2}
        fields |= {"pre_sum": x, "pre_sum_of_squares": x**2, "pre_cross_product_sum": x * own}
        sums |= {("green", NAMES.get(metric["key"], ALL_EVENTS), name): number for name, number in fields.items()}
    sums["green", NAMES["aov"], "cross_product_sum"] = y["revenue"] * y["orders"]
    return {name: number for name, number in sums.items() if number}


@given(events())
def test_the_sums_up_to_any_day_are_those_of_the_events_up_to_it(sent: list[Event]) -> None:
    moments = of_assignment(folded(EVERYTHING, sent))
    for last in range(7):
        assert up_to(moments, last).sums == naively(sent, last)
    assert all(at >= TODAY for at in moments)


def test_values_of_a_billion_are_exact() -> None:
    sent = [event(number, 1e9 - 0.0001) for number in range(0, 50, 10)]
    moments, y = total(of_assignment(folded(experiment(REVENUE), sent)).values()), 5 * (10**13 - 1)
    found = [moments.get("green", NAMES["revenue"], name) for name in ("sum", "sum_of_squares")]
    assert found == [y, y * y]


def test_a_day_that_takes_the_value_back_takes_its_square_back() -> None:
    moments = of_assignment(folded(experiment(REVENUE), [event(1, 5), event(24, -5)]))
    name = NAMES["revenue"]
    assert moments[day(1)].get("green", name, "sum_of_squares") == -((5 * SCALE) ** 2)
    assert total(moments.values()).get("green", name, "sum_of_squares") == 0


def test_a_cap_bounds_the_units_total_and_its_pre_period() -> None:
    moments = total(of_assignment(folded(experiment(CAPPED), [event(1, 40), event(24, 40), event(-1, 70)])).values())
    found = [moments.get("green", NAMES["capped"], name) for name in ("sum", "pre_sum", "pre_cross_product_sum")]
    assert found == [50 * SCALE, 50 * SCALE, (50 * SCALE) ** 2]


def test_a_cap_bounds_no_value_from_below() -> None:
    moments = total(of_assignment(folded(experiment(CAPPED), [event(1, -80)])).values())
    assert moments.get("green", NAMES["capped"], "sum") == -80 * SCALE


def test_a_ratio_multiplies_values_up_to_the_same_day() -> None:
    above, below = ((DayTotal(day(1), 2, 0), DayTotal(day(3), 1, 0)), (DayTotal(day(0), 3, 0), DayTotal(day(2), 4, 0)))
    totals = Totals({"n": MetricTotals("count", above), "d": MetricTotals("count", below)}, {"r": ("n", "d")})
    moments = of_assignment(assignment(totals=totals))
    found = [moments[day(number)].get("green", "r", "cross_product_sum") // SCALE**2 for number in range(4)]
    assert found == [0, 2 * 3, 2 * 7 - 2 * 3, 3 * 7 - 2 * 7]


@pytest.mark.parametrize("mark", ["heavy", "erased"])
def test_a_marked_unit_is_counted_as_such_and_nothing_else(mark: str) -> None:
    marked = folded(EVERYTHING, [event(1, 5), event(30, 2)], **{mark: True})
    assert of_assignment(marked) == {TODAY: Moments({("green", UNITS, mark): 1})}


def test_of_many_marks_the_first_counts() -> None:
    marked = left_out(heavy=True)
    assert total(of_assignment(marked).values()) == Moments({("green", UNITS, "left_out"): 1})
    erased = replace(marked, erased=True)
    assert total(of_assignment(erased).values()) == Moments({("green", UNITS, "erased"): 1})
    assert total(of_assignment(mixed(heavy=True)).values()) == Moments({("green", UNITS, "heavy"): 1})


@settings(max_examples=50)
@given(SUMS, SUMS)
def test_taking_away_is_the_inverse_of_adding(one: Moments, other: Moments) -> None:
    assert one + other - other == one
    assert one - one == NOTHING
    assert not one - one


@settings(max_examples=50)
@given(st.lists(SUMS, max_size=6), st.randoms())
def test_sums_merge_in_any_order(parts: list[Moments], random: Any) -> None:
    shuffled = random.sample(parts, len(parts))
    stepwise = NOTHING
    for part in shuffled:
        stepwise += part
    assert stepwise == total(parts)
    assert all(stepwise.sums.values())


@settings(max_examples=50)
@given(SUMS)
def test_moments_are_read_back_from_their_json(moments: Moments) -> None:
    assert Moments.from_json(moments.as_json()) == moments


def test_a_count_of_units_is_over_all_variants_and_no_metrics() -> None:
    moments = Moments({("a", UNITS, "units"): 2, ("b", UNITS, "units"): 3, ("a", "m", "units"): 7})
    assert (moments.units("units"), moments.units("mixed")) == (5, 0)
    assert (moments.get("b", UNITS, "units"), moments.get("b", "m", "units")) == (3, 0)
