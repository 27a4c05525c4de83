"""Units whose window has ended: their sums up to any day, against the same counted unit by unit from the events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.event import Event
from fairsplit.domain.metric import definitions, fingerprints
from fairsplit.domain.moments import UNITS, Moments, ended, is_ended, of_assignment, total
from fairsplit.domain.timestamps import MILLISECOND, day_of
from fairsplit.domain.totals import SCALE
from fairsplit.domain.unit_range import moments_in_range
from fairsplit.domain.windows import last_full_day, settled
from tests.unit.making import (
    AOV,
    CAPPED,
    ENTRY,
    ORDERS,
    PURCHASED,
    TODAY,
    VISITS,
    day,
    event,
    events,
    experiment,
    folded,
    left_out,
    mixed,
)

WINDOWED: tuple[dict[str, Any], ...] = (
    PURCHASED | {"window_hours": 0.5},
    ORDERS | {"window_hours": 36},
    CAPPED | {"window_hours": 24},
)
RATIO: dict[str, Any] = AOV | {"numerator": "capped"}
ALWAYS: dict[str, Any] = RATIO | {"key": "per_visit", "denominator": "visits"}
SHOP = experiment(*WINDOWED, VISITS, RATIO, ALWAYS)
NAMES = fingerprints(SHOP)
DAYS = {"purchased": 1, "orders": 2, "capped": 1, "aov": 2}  # by whose end a window has ended
FAR = day(99)
Sums = dict[tuple[str, str, str], int]


@dataclass(frozen=True)
class Unit:
    """One unit, and all events that were sent of it."""

    variant: str
    entry: datetime
    sent: Sequence[Event]

    @property
    def folded(self) -> Assignment:
        return folded(SHOP, self.sent, variant=self.variant, assigned_at=self.entry)

    def values(self, metric: Mapping[str, Any]) -> tuple[int, int, int]:
        """The number of its events that count, the unit's value, and its value before."""
        matter = [one for one in self.sent if self.entry - one.timestamp <= timedelta(days=14)]
        first = {one.event_id: one for one in reversed(matter)}.values()
        mine = [one for one in first if one.type == metric["event_type"]]
        end = self.entry + timedelta(hours=metric["window_hours"])
        counted = [one for one in mine if self.entry <= one.timestamp < end]
        return len(counted), value(metric, counted), value(metric, [one for one in mine if one.timestamp < self.entry])


def value(metric: Mapping[str, Any], mine: Sequence[Event]) -> int:
    if metric["kind"] == "conversion":
        return SCALE * bool(mine)
    if metric["kind"] == "count":
        return SCALE * len(mine)
    cap: int = metric["cap"] * SCALE
    return min(sum(one.value or 0 for one in mine), cap)


def naively(units: Sequence[Unit], last: date) -> Sums:
    """The sums over units whose window has ended by the end of a day, from their events."""
    sums: Sums = {}
    for unit in units:
        found = {metric["key"]: unit.values(metric) for metric in WINDOWED}
        rows = {key: plain_fields(*found[key]) for key in found}
        rows["aov"] = ratio_fields(*found["capped"][:2], found["orders"][1])
        for key, fields in rows.items():
            if day_of(unit.entry) + timedelta(days=DAYS[key]) <= last:
                for name, number in ({"units": 1} | fields).items():
                    place = (unit.variant, ended(NAMES[key]), name)
                    sums[place] = sums.get(place, 0) + number
    return {place: number for place, number in sums.items() if number}


def plain_fields(events: int, y: int, x: int) -> dict[str, int]:
    fields = {"events": events, "units_with_event": int(events > 0), "sum": y, "sum_of_squares": y * y}
    return fields | {"pre_sum": x, "pre_sum_of_squares": x * x, "pre_cross_product_sum": x * y}


def ratio_fields(events: int, above: int, below: int) -> dict[str, int]:
    fields = {"events": events, "units_with_event": int(events > 0), "sum": above, "sum_of_squares": above * above}
    squares = {"denominator_sum": below, "denominator_sum_of_squares": below * below}
    return fields | squares | {"cross_product_sum": above * below}


def added(many: Sequence[Mapping[date, Moments]]) -> dict[date, Moments]:
    return {at: total(one[at] for one in many if at in one) for at in {at for one in many for at in one}}


def ended_sums(by_day: Mapping[date, Moments]) -> Sums:
    return {name: number for name, number in total(by_day.values()).sums.items() if is_ended(name[1])}


UNIT_LISTS = st.lists(
    st.builds(
        Unit,
        st.sampled_from(["control", "green"]),
        st.integers(0, 5 * 24 * 60).map(lambda minutes: ENTRY + timedelta(minutes=minutes)),
        events(),
    ),
    max_size=5,
)


@given(UNIT_LISTS, st.integers(-1, 9), st.randoms())
def test_the_sums_over_ended_windows_are_those_of_the_units_own_events(
    units: list[Unit], last: int, random: Any
) -> None:
    by_day = added([of_assignment(unit.folded) for unit in random.sample(units, len(units))])
    assert ended_sums(settled(by_day, SHOP, day(last))) == naively(units, day(last))


@settings(max_examples=50)
@given(UNIT_LISTS)
def test_the_series_up_to_any_day_is_what_was_settled_on_that_day(units: list[Unit]) -> None:
    series = settled(added([of_assignment(unit.folded) for unit in units]), SHOP, FAR)
    for last in range(10):
        up_to = {at: moments for at, moments in series.items() if at <= day(last)}
        assert ended_sums(up_to) == naively(units, day(last))


@settings(max_examples=50)
@given(UNIT_LISTS, st.integers(-1, 9))
def test_all_other_sums_stay_as_they_are(units: list[Unit], last: int) -> None:
    by_day = added([of_assignment(unit.folded) for unit in units])
    plain = {
        at: {name: number for name, number in moments.sums.items() if not is_ended(name[1])}
        for at, moments in by_day.items()
    }
    found = settled(by_day, SHOP, day(last))
    for at in by_day.keys() | found.keys():
        kept = found.get(at, Moments()).sums
        assert {name: number for name, number in kept.items() if not is_ended(name[1])} == plain.get(at, {})
    assert list(found) == sorted(found)
    assert all(found.values())


@settings(max_examples=50)
@given(UNIT_LISTS, st.integers(-1, 9))
def test_the_units_own_days_settle_as_the_rows_do(units: list[Unit], last: int) -> None:
    rows = {at: one for at, one in added([of_assignment(unit.folded) for unit in units]).items() if at <= day(last)}
    single = added([moments_in_range(unit.folded, TODAY, day(last)) for unit in units])
    assert settled(single, SHOP, day(last)) == settled(rows, SHOP, day(last))


@settings(max_examples=50)
@given(UNIT_LISTS, st.integers(1, 6))
def test_in_a_range_that_some_unit_was_assigned_before_no_window_counts_as_ended(units: list[Unit], first: int) -> None:
    by_day = added([moments_in_range(unit.folded, day(first), FAR) for unit in units])
    found = settled(by_day, SHOP, FAR)
    if all(day_of(unit.entry) >= day(first) for unit in units):
        assert ended_sums(found) == naively(units, FAR)
    else:
        assert ended_sums(found) == {}


@given(st.floats(0.0001, 24 * 366), st.integers(0, 24 * 60 * 60 * 1_000 - 1))
def test_the_window_of_any_unit_has_ended_by_the_end_of_its_day_and_not_of_each_a_day_before(
    hours: float, millisecond: int
) -> None:
    one = experiment(ORDERS | {"window_hours": hours})
    days = definitions(one).windows[fingerprints(one)["orders"]]
    midnight = ENTRY.replace(hour=0)
    window = timedelta(hours=hours)
    assert midnight + millisecond * MILLISECOND + window < midnight + timedelta(days=days + 1)
    assert midnight + timedelta(days=1) - MILLISECOND + window > midnight + timedelta(days=days) - MILLISECOND
    assert days == ceil(window / timedelta(days=1))


def test_a_ratios_window_ends_with_the_later_of_both_and_never_where_one_has_none() -> None:
    assert definitions(SHOP).windows == {NAMES[key]: days for key, days in DAYS.items()}


def test_the_future_and_days_of_nothing_else_are_taken_out() -> None:
    by_day = of_assignment(folded(SHOP, [event(0, 5)]))
    assert by_day.keys() == {day(0), day(1), day(2)}
    assert settled(by_day, SHOP, day(0)).keys() == {day(0)}
    assert settled(by_day, SHOP, day(1)).keys() == {day(0), day(1)}


def test_a_unit_without_events_is_counted_when_its_window_has_ended() -> None:
    found = settled(of_assignment(folded(SHOP, [])), SHOP, day(1))
    assert found[day(1)].sums == {("green", ended(NAMES[key]), "units"): 1 for key in ("purchased", "capped")}


@pytest.mark.parametrize("mark", ["mixed", "heavy", "erased", "left_out"])
def test_units_that_do_not_count_do_not_count_when_their_window_has_ended(mark: str) -> None:
    of_totals = {"left_out": left_out(), "mixed": mixed()}
    unit = of_totals.get(mark) or folded(SHOP, [event(0, 5)], **{mark: True})
    assert settled(of_assignment(unit), SHOP, FAR) == {TODAY: Moments({("green", UNITS, mark): 1})}


def test_nothing_is_added_without_windows() -> None:
    one = experiment(ORDERS, VISITS)
    by_day = of_assignment(folded(one, [event(0, 5), event(30, 5)]))
    assert settled(by_day, one, FAR) == by_day


def test_a_ratios_part_counts_where_the_unit_has_nothing_of_the_other() -> None:
    """An order alone, which is out of the numerator's window."""
    found = ended_sums(of_assignment(folded(SHOP, [event(30, 5)])))
    mine = {name[2]: number for name, number in found.items() if name[1] == ended(NAMES["aov"])}
    assert mine == {"denominator_sum": SCALE, "denominator_sum_of_squares": SCALE**2}


@pytest.mark.parametrize(
    ("completed", "asked", "expected"),
    [(None, None, 4), (None, 3, 3), (None, 9, 4), (2, None, 1), (2, 0, 0), (9, None, 4)],
)
def test_the_last_full_day_is_cut_off_by_nothing(completed: int | None, asked: int | None, expected: int) -> None:
    completed_at = None if completed is None else ENTRY + timedelta(days=completed)
    last = None if asked is None else day(asked)
    now = ENTRY + timedelta(days=5)
    assert last_full_day(experiment(completed_at=completed_at), now, last) == day(expected)
