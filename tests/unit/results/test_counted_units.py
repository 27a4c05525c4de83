"""Which units a metric with a window counts, and what is said of it."""

from __future__ import annotations

import pytest

from fairsplit.domain.experiment import Experiment
from fairsplit.domain.moments import UNITS, Moments, ended
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.unit_range import FROM_BEFORE
from fairsplit.domain.windows import Counted, counted, window_hours
from tests.unit.making import AOV, ORDERS, REVENUE, VISITS, experiment

VARIANTS = ("control", "green")
WEEK = {"window_hours": 168}


def sums(fingerprint: str, units: int, over: int, **fields: int) -> Moments:
    """So many units, half of them in each variant, and those whose window has ended, all in green."""
    values = {(key, UNITS, "units"): units // 2 for key in VARIANTS} | {("green", ended(fingerprint), "units"): over}
    return Moments(values | {("green", fingerprint, name): number for name, number in fields.items()})


def of(units: int, over: int) -> Counted:
    return counted(sums("m", units, over), "m", VARIANTS)


@pytest.mark.parametrize(("over", "ended_only"), [(0, False), (4, False), (5, False), (6, True), (10, True)])
def test_those_whose_window_has_ended_are_counted_alone_once_they_are_the_majority(over: int, ended_only: bool) -> None:
    found = of(10, over)
    assert found.is_ended_only is ended_only
    assert found.get("green", "units") == (over if ended_only else 5)
    assert found.get("control", "units") == (0 if ended_only else 5)


def test_all_sums_are_of_the_units_that_are_counted() -> None:
    whole, over = {"sum": 7, "pre_sum": 2, "events": 3}, {"sum": 5, "pre_sum": 1, "events": 2}
    moments = sums("m", 10, 6, **whole) + Moments({("green", ended("m"), name): one for name, one in over.items()})
    assert {name: counted(moments, "m", VARIANTS).get("green", name) for name in over} == over
    moments += Moments({("control", UNITS, "units"): 2})  # 6 of 12 are no majority
    assert {name: counted(moments, "m", VARIANTS).get("green", name) for name in whole} == whole


def test_a_ratio_takes_its_parts_sums_or_those_that_stand_together_when_its_window_has_ended() -> None:
    plain = {
        ("green", "n", "sum"): 1,
        ("green", "n", "events"): 2,
        ("green", "d", "sum"): 3,
        ("green", "d", "events"): 9,
    }
    together = {"sum": 5, "events": 6, "denominator_sum": 7, "cross_product_sum": 8}
    moments = Moments(plain | {("green", "r", "cross_product_sum"): 4})
    moments += Moments({("green", ended("r"), name): one for name, one in together.items()})
    running, over = (counted(moments + sums("r", 10, many), "r", VARIANTS, ("n", "d")) for many in (5, 6))
    assert [running.get("green", name) for name in together] == [1, 2, 3, 4]
    assert [over.get("green", name) for name in together] == list(together.values())


def test_all_units_can_be_asked_for_whether_their_window_has_ended_or_not() -> None:
    moments = sums("m", 10, 6, sum=3) + Moments({("green", ended("m"), "sum"): 2})
    found = counted(moments, "m", VARIANTS)
    assert [found.get("green", name) for name in ("units", "sum")] == [6, 2]
    assert [found.of_all_units().get("green", name) for name in ("units", "sum")] == [5, 3]


def test_what_is_counted_is_said() -> None:
    only = "Only units whose 168-hour window has ended are counted here: 812 of 1,000."
    running = "Most units' 0.5-hour windows still run, so all units are counted: 188 of 1,000 have ended."
    assert of(1_000, 812).note(168) == Note("window_ended_only", only)
    assert of(1_000, 188).note(0.5) == Note("window_running", running)


def test_nothing_is_to_be_said_without_a_window_or_where_all_have_ended_or_nobody_is_there() -> None:
    assert [of(10, 6).note(None), of(10, 10).note(168), of(0, 0).note(168)] == [None] * 3


def test_nothing_is_to_be_said_of_a_range_that_cuts_windows_off() -> None:
    moments = sums("m", 10, 0) + Moments({("green", UNITS, FROM_BEFORE): 1})
    assert counted(moments, "m", VARIANTS).note(168) is None


def hours(one: Experiment) -> list[float | None]:
    return [window_hours(metric, one.metrics) for metric in one.metrics]


def test_the_window_of_a_ratio_is_the_longer_one_of_its_parts_if_both_have_one() -> None:
    assert hours(experiment(ORDERS | WEEK, REVENUE | {"window_hours": 24}, AOV)) == [168, 24, 168]
    assert hours(experiment(ORDERS | WEEK, REVENUE, AOV)) == [168, None, None]
    assert hours(experiment(ORDERS | WEEK, VISITS)) == [168, None]
