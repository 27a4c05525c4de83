"""When a unit enters: at its assignment, or at an earlier exposure in the experiment's run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairsplit.domain.entry import span
from fairsplit.domain.event import Event, first_of_each_id
from fairsplit.domain.folding import fold
from fairsplit.domain.moments import OUTSIDE_RUN, UNITS, Moments, of_assignment, total
from fairsplit.domain.totals import NO_TOTALS, SCALE, Totals
from fairsplit.domain.unit_range import FROM_BEFORE, moments_in_range
from tests.unit.making import (
    AOV,
    ENTRY,
    ORDERS,
    REVENUE,
    TODAY,
    VISITS,
    assignment,
    day,
    days_of,
    event,
    events,
    experiment,
    exposure,
    folded,
    totals_of,
)

MILLISECOND = 1 / 3_600_000  # of an hour
DAY = 24
RUN = {"started_at": ENTRY - timedelta(days=10), "completed_at": ENTRY + timedelta(days=10)}
SHOP = experiment(ORDERS, REVENUE, VISITS, AOV, ORDERS | {"key": "early", "window_hours": 36}, **RUN)
START, END = -10 * DAY, 10 * DAY  # hours from ENTRY


def mentions(*hours: float, variant: str = "green") -> list[Event]:
    """Exposures so many hours after the assignment."""
    return [exposure(one, variant) for one in hours]


def test_a_unit_enters_at_its_earliest_exposure_before_its_assignment() -> None:
    unit = folded(SHOP, mentions(5, -30, -3))
    assert unit.entered_at == ENTRY - timedelta(hours=30)
    assert unit.assigned_at == ENTRY


def test_an_exposure_at_or_behind_the_assignment_moves_nothing() -> None:
    assert fold(assignment(), SHOP, mentions(0, 7)) == NO_TOTALS


def test_the_result_begins_with_the_exposure_and_the_pre_period_ends_there() -> None:
    bought = [event(-30, 1), event(-30 - MILLISECOND, 2), event(-3, 4), event(3, 8)]
    found = totals_of(SHOP, "revenue", [*bought, *mentions(-30)])
    assert (days_of(found), found.pre) == ([(-1, 1, 1), (0, 2, 12)], 2 * SCALE)


def test_the_pre_period_has_its_days_before_the_exposure() -> None:
    one = experiment(ORDERS, analysis={"cuped_days": 2}, **RUN)
    sent = [event(-30 - 48), event(-30 - 48 - MILLISECOND), event(-31), *mentions(-30)]
    assert totals_of(one, "orders", sent).pre == 2 * SCALE


def test_windows_count_from_the_exposure() -> None:
    bought = [event(-30 + 36 - MILLISECOND), event(-30 + 36)]
    assert days_of(totals_of(SHOP, "early", [*bought, *mentions(-30)])) == [(0, 1, 0)]


@pytest.mark.parametrize(
    ("hours", "entered", "outside"),
    [
        (START, START, 0),
        (START - MILLISECOND, 0, 1),
        (START - 14 * DAY, 0, 1),
        (START - 14 * DAY - MILLISECOND, 0, 0),
        (END, 0, 0),
        (END + MILLISECOND, 0, 1),
        (END + DAY, 0, 1),
        (END + DAY + MILLISECOND, 0, 0),
    ],
)
def test_exposures_out_of_the_run_only_count_as_such_and_those_far_out_of_it_not_at_all(
    hours: float, entered: float, outside: int
) -> None:
    totals = fold(assignment(), SHOP, mentions(hours, variant="control" if outside else "green"))
    expected = None if entered == 0 else ENTRY + timedelta(hours=entered)
    assert (totals.exposed_at, totals.exposures_outside_run, totals.mixed) == (expected, outside, False)


def test_each_exposure_out_of_the_run_counts_once() -> None:
    twice = [exposure(START - 1, event_id="same"), exposure(START - 2, event_id="same"), exposure(START - 1)]
    assert fold(assignment(), SHOP, twice).exposures_outside_run == 2


def test_exposures_of_other_experiments_do_not_matter() -> None:
    others = [exposure(-30, "control", experiment="b"), exposure(START - 1, experiment="b")]
    assert fold(assignment(), SHOP, others) == NO_TOTALS


def test_a_draft_has_no_run() -> None:
    draft = experiment(ORDERS, started_at=None)
    assert fold(assignment(), draft, mentions(-30, variant="control")) == Totals(exposures_outside_run=1)


def test_a_unit_that_met_another_variant_than_its_own_is_mixed_and_has_no_metrics() -> None:
    sent = [event(-20, 5), *mentions(-30), *mentions(40, variant="control")]
    assert fold(assignment(), SHOP, sent) == Totals(mixed=True, exposed_at=ENTRY - timedelta(hours=30))


def test_a_variant_that_there_is_not_is_another_one_too() -> None:
    assert fold(assignment(), SHOP, mentions(1, variant="blue")).mixed


def test_a_unit_that_was_assigned_behind_the_end_and_met_its_variant_before_is_counted() -> None:
    late = {"assigned_at": ENTRY + timedelta(hours=END + 1)}
    assert folded(SHOP, mentions(END + 0.5), **late).totals == Totals(left_out=True, exposures_outside_run=1)
    assert folded(SHOP, mentions(END), **late).totals == Totals(exposed_at=ENTRY + timedelta(hours=END))


def test_of_an_exposures_id_the_first_stored_counts() -> None:
    first, second = exposure(-3, event_id="same"), exposure(-30, "control", event_id="same")
    assert fold(assignment(), SHOP, [first, second]).exposed_at == first.timestamp
    assert fold(assignment(), SHOP, [second, first]).mixed


def test_an_id_that_is_an_exposure_and_another_event_is_what_was_stored_first() -> None:
    met, bought = exposure(-3, event_id="same"), event(1, 5, event_id="same")
    assert fold(assignment(), SHOP, [met, bought]) == fold(assignment(), SHOP, [met])
    assert fold(assignment(), SHOP, [bought, met]) == fold(assignment(), SHOP, [bought])


def test_what_has_to_be_read_reaches_from_before_the_start_to_a_day_behind_the_completion() -> None:
    found = span(assignment(), SHOP)
    assert found.start == ENTRY + timedelta(hours=START) - timedelta(days=14)
    assert found.end == ENTRY + timedelta(hours=END + DAY)
    early = assignment(assigned_at=ENTRY + timedelta(hours=START - 5))
    assert span(early, SHOP).start == early.assigned_at - timedelta(days=14)


def test_the_unit_stands_on_the_day_of_its_entry() -> None:
    unit = folded(SHOP, [event(1, 5), event(-31, 3), *mentions(-30)])
    by_day = of_assignment(unit)
    assert [at for at, moments in by_day.items() if moments.units("units")] == [day(-1)]
    assert by_day.keys() == {day(-1), day(0), day(1)}  # the last is where the window has ended
    assert moments_in_range(unit, None, day(-2)) == {}
    assert moments_in_range(unit, day(0), None)[day(-1)].units(FROM_BEFORE) == 1


@pytest.mark.parametrize("variant", ["green", "control"])
def test_exposures_out_of_the_run_are_added_up_on_the_day_of_the_entry(variant: str) -> None:
    unit = folded(SHOP, [*mentions(-30, variant=variant), *mentions(START - 1, START - 2, END + 1)])
    name = "units" if variant == "green" else "mixed"
    assert of_assignment(unit) == {day(-1): Moments({("green", UNITS, name): 1, ("green", UNITS, OUTSIDE_RUN): 3})}


def test_the_mark_of_an_erasure_takes_all_of_it_away() -> None:
    unit = folded(SHOP, [event(1, 5), *mentions(-30, START - 1)])
    erased = replace(unit, totals=NO_TOTALS, erased=True)
    assert of_assignment(erased) == {TODAY: Moments({("green", UNITS, "erased"): 1})}


def exposures() -> st.SearchStrategy[list[Event]]:
    """Exposures of few ids in and out of the run, most of them to the unit's own variant."""
    return st.lists(
        st.builds(
            lambda hours, variant, number: exposure(hours, variant, event_id=f"id-{number}"),
            st.integers(START - 3 * DAY, END + 2 * DAY),
            st.sampled_from(["green", "green", "green", "green", "control"]),
            st.integers(1, 16),
        ),
        max_size=6,
    )


@settings(max_examples=100)
@given(events(), exposures(), st.randoms())
def test_the_order_of_events_and_exposures_of_different_ids_does_not_matter(
    sent: list[Event], met: list[Event], random: Any
) -> None:
    different = list(first_of_each_id([*met, *sent]))
    shuffled = random.sample(different, len(different))
    assert fold(assignment(), SHOP, shuffled) == fold(assignment(), SHOP, different)


@settings(max_examples=100)
@given(events(), exposures(), st.randoms())
def test_what_comes_again_changes_nothing(sent: list[Event], met: list[Event], random: Any) -> None:
    both = random.sample([*sent, *met], len(sent) + len(met))
    assert fold(assignment(), SHOP, [*both, *both]) == fold(assignment(), SHOP, both)


@settings(max_examples=100)
@given(events(), exposures(), st.randoms())
def test_what_is_out_of_the_span_changes_nothing(sent: list[Event], met: list[Event], random: Any) -> None:
    """However far others read, whatever ids their events have."""
    reach = span(assignment(), SHOP)
    both = random.sample([*sent, *met], len(sent) + len(met))
    far = [replace(one, timestamp=reach.start - timedelta(hours=number + 1)) for number, one in enumerate(both)]
    assert fold(assignment(), SHOP, [*far, *both]) == fold(assignment(), SHOP, both)


@settings(max_examples=100)
@given(events(), exposures())
def test_with_exposures_a_range_from_the_first_day_on_equals_the_aggregates(
    sent: list[Event], met: list[Event]
) -> None:
    unit = folded(SHOP, [*met, *sent])
    rows = of_assignment(unit)
    for last in (day(-5), day(0), day(3)):
        expected = total(moments for at, moments in rows.items() if at <= last)
        assert total(moments_in_range(unit, day(-20), last).values()) == expected


@settings(max_examples=100)
@given(exposures())
def test_totals_with_exposures_are_read_back_from_their_json(met: list[Event]) -> None:
    totals = fold(assignment(), SHOP, met)
    assert Totals.from_json(totals.as_json()) == totals
