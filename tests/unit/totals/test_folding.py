"""Folding: what a unit's raw events come to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairsplit.domain.event import Event, first_of_each_id
from fairsplit.domain.folding import fold
from fairsplit.domain.metric import ALL_EVENTS, fingerprints
from fairsplit.domain.totals import NO_TOTALS, SCALE
from tests.unit.making import (
    AOV,
    CAPPED,
    ENTRY,
    ORDERS,
    PURCHASED,
    REVENUE,
    VISITS,
    assignment,
    days_of,
    event,
    events,
    experiment,
    totals_of,
)

MILLISECOND = 1 / 3_600_000  # of an hour
COMPLETED = {"status": "completed", "completed_at": ENTRY + timedelta(hours=5)}
EVERYTHING = experiment(PURCHASED, ORDERS, REVENUE, CAPPED, VISITS, AOV)


def test_days_hold_the_number_of_events_and_the_sum_of_their_values() -> None:
    sent = [event(30, 4), event(1, 2.5), event(2), event(3, -1)]
    assert days_of(totals_of(EVERYTHING, "revenue", sent)) == [(0, 3, 1.5), (1, 1, 4)]


def test_conversions_and_counts_keep_no_values() -> None:
    for key in ("purchased", "orders"):
        assert days_of(totals_of(EVERYTHING, key, [event(1, 2.5), event(30, 4)])) == [(0, 1, 0), (1, 1, 0)]


def test_an_event_belongs_to_its_utc_day() -> None:
    midnight = 12
    sent = [event(midnight - MILLISECOND), event(midnight)]
    assert days_of(totals_of(EVERYTHING, "orders", sent)) == [(0, 1, 0), (1, 1, 0)]


def test_a_metric_counts_its_own_type_alone() -> None:
    sent = [event(1), event(1, kind="visit"), event(2, kind="visit"), event(2, kind="Purchase")]
    assert days_of(totals_of(EVERYTHING, "orders", sent)) == [(0, 1, 0)]
    assert days_of(totals_of(EVERYTHING, "visits", sent)) == [(0, 2, 0)]


def test_each_event_that_some_metric_counts_is_counted_once_among_all() -> None:
    totals = fold(assignment(), EVERYTHING, [event(1, 5), event(2, kind="visit"), event(3, kind="other"), event(-1)])
    assert days_of(totals.metrics[ALL_EVENTS]) == [(0, 2, 0)]


def test_what_nothing_happened_in_is_left_out() -> None:
    totals = fold(assignment(), EVERYTHING, [event(1, kind="visit")])
    assert set(totals.metrics) == {fingerprints(EVERYTHING)["visits"], ALL_EVENTS}
    assert totals.ratios == {}
    assert fold(assignment(), EVERYTHING, [event(1, kind="other")]) == NO_TOTALS


def test_a_ratio_names_the_fingerprints_of_its_parts() -> None:
    names = fingerprints(EVERYTHING)
    assert fold(assignment(), EVERYTHING, [event(1, 2)]).ratios == {names["aov"]: (names["revenue"], names["orders"])}


def test_a_ratio_without_its_denominator_is_left_out() -> None:
    one = experiment(REVENUE, VISITS, AOV | {"denominator": "visits"})
    assert fold(assignment(), one, [event(1, 2)]).ratios == {}
    assert len(fold(assignment(), one, [event(1, 2), event(1, kind="visit")]).ratios) == 1


def test_a_ratio_whose_window_ends_is_kept_with_either_of_its_parts() -> None:
    one = experiment(REVENUE | {"window_hours": 24}, VISITS | {"window_hours": 24}, AOV | {"denominator": "visits"})
    names = fingerprints(one)
    for sent, kept in ((event(1, 2), "revenue"), (event(1, kind="visit"), "visits")):
        totals = fold(assignment(), one, [sent])
        assert totals.ratios == {names["aov"]: (names["revenue"], names["visits"])}
        assert totals.windows == {names[kept]: 1, names["aov"]: 1}
    assert fold(assignment(), one, [event(1, kind="other")]) == NO_TOTALS


def test_totals_carry_the_kind_and_cap_of_their_metric() -> None:
    found = totals_of(EVERYTHING, "capped", [event(1, 80)])
    assert (found.kind, found.cap, days_of(found)) == ("mean", 50 * SCALE, [(0, 1, 80)])


def test_the_moment_of_the_assignment_is_in_the_result_and_the_one_before_is_not() -> None:
    found = totals_of(EVERYTHING, "revenue", [event(0, 2), event(-MILLISECOND, 3)])
    assert (days_of(found), found.pre) == ([(0, 1, 2)], 3 * SCALE)


@pytest.mark.parametrize(("key", "pre"), [("purchased", 1), ("orders", 2), ("revenue", 7.5), ("capped", 7.5)])
def test_the_pre_period_has_the_value_of_the_metrics_kind(key: str, pre: float) -> None:
    assert totals_of(EVERYTHING, key, [event(-1, 4.5), event(-50, 3)]).pre == pre * SCALE


def test_the_pre_period_begins_cuped_days_before_the_assignment() -> None:
    one = experiment(ORDERS, analysis={"cuped_days": 2})
    sent = [event(-48), event(-48 - MILLISECOND), event(-1)]
    assert totals_of(one, "orders", sent).pre == 2 * SCALE
    assert totals_of(experiment(ORDERS, analysis={"cuped_days": 0}), "orders", sent).pre == 0


def test_a_window_ends_before_the_moment_so_many_hours_after_the_assignment() -> None:
    one = experiment(ORDERS | {"window_hours": 36})
    assert days_of(totals_of(one, "orders", [event(36 - MILLISECOND), event(36)])) == [(1, 1, 0)]
    assert fold(assignment(), one, [event(36)]) == NO_TOTALS


def test_a_window_does_not_shorten_the_pre_period() -> None:
    assert totals_of(experiment(ORDERS | {"window_hours": 1}), "orders", [event(-100)]).pre == SCALE


def test_the_completion_is_the_last_moment_that_counts() -> None:
    one = experiment(ORDERS, **COMPLETED)
    assert days_of(totals_of(one, "orders", [event(5), event(5 + MILLISECOND), event(60)])) == [(0, 1, 0)]


@pytest.mark.parametrize(("hours", "is_left_out"), [(5, False), (5 + MILLISECOND, True)])
def test_a_unit_that_came_after_the_completion_is_left_out(hours: float, is_left_out: bool) -> None:
    late = assignment(assigned_at=event(hours).timestamp)
    totals = fold(late, experiment(ORDERS, **COMPLETED), [event(hours), event(-1)])
    assert totals.left_out is is_left_out
    assert bool(totals.metrics) is not is_left_out


def test_the_first_of_an_id_counts_wherever_and_whatever_the_others_are() -> None:
    sent = [
        event(1, 2, event_id="x"),
        event(30, 9, event_id="x"),
        event(2, 1, event_id="y"),
        event(-1, 5, event_id="x", kind="visit"),
    ]
    assert [one.value for one in first_of_each_id(sent)] == [2 * SCALE, SCALE]
    assert days_of(totals_of(EVERYTHING, "revenue", sent)) == [(0, 2, 3)]


@pytest.mark.parametrize(
    ("sent", "counted"),
    [
        (3, 3), (2.5, 2.5), (0.00005, 0), (0.00015, 0.0002), (-0.00015, -0.0002), (1e9, 1e9), (1.00004999, 1),
        (True, 0), ("3", 0), (None, 0), ([3], 0), ({"x": 3}, 0), (1e9 + 1, 0), (-(10**400), 0),
        (float("nan"), 0), (float("inf"), 0),
    ],
)  # fmt: skip
def test_a_property_counts_as_a_number_of_four_decimals_or_as_0(sent: Any, counted: float) -> None:
    one = experiment(REVENUE | {"value": "properties.x"})
    assert days_of(totals_of(one, "revenue", [event(1, 99, x=sent)])) == [(0, 1, counted)]


def test_a_property_is_taken_by_its_whole_name() -> None:
    one = experiment(REVENUE | {"value": "properties.properties.x"})
    properties: dict[str, Any] = {"x": 1, "properties": {"x": 2}, "properties.x": 4}
    sent = event(1, **properties)
    assert days_of(totals_of(one, "revenue", [sent])) == [(0, 1, 4)]
    assert days_of(totals_of(one, "revenue", [event(1)])) == [(0, 1, 0)]


@settings(max_examples=50)
@given(events(), st.randoms())
def test_the_order_of_events_of_different_ids_does_not_matter(sent: list[Event], random: Any) -> None:
    different = list(first_of_each_id(sent))
    shuffled = random.sample(different, len(different))
    assert fold(assignment(), EVERYTHING, shuffled) == fold(assignment(), EVERYTHING, different)


@settings(max_examples=50)
@given(events())
def test_events_that_come_again_change_nothing(sent: list[Event]) -> None:
    assert fold(assignment(), EVERYTHING, [*sent, *sent]) == fold(assignment(), EVERYTHING, sent)
