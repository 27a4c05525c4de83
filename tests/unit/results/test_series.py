"""The series by day."""

from __future__ import annotations

from datetime import date
from typing import Any
from unittest.mock import patch

from fairsplit.domain.metric import fingerprints
from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.results.figures import Figures
from fairsplit.domain.results.question import Question
from fairsplit.domain.results.series import daily
from fairsplit.domain.stats import estimates
from tests.unit.making import day
from tests.unit.results.fake_reader import SHOP


def spending(number: int) -> dict[date, Moments]:
    """Units of one day that spent as much as they are, in both variants."""
    name = fingerprints(SHOP)["revenue"]
    return {
        day(0): Moments(
            {
                (variant, group, field): value
                for variant in ("control", "green")
                for group, field, value in (
                    (UNITS, "units", number),
                    (name, "sum", sum(range(number))),
                    (name, "sum_of_squares", sum(one * one for one in range(number))),
                )
            }
        )
    }


def series(*numbers: int, **asked: Any) -> list[dict[str, Any]]:
    """The series of an experiment to which a unit came on each of these days."""
    by_day = {day(number): Moments({("green", UNITS, "units"): 1}) for number in numbers}
    return daily(Figures(SHOP, Question(**asked), fingerprints(SHOP)), by_day)


def days(**asked: Any) -> list[date]:
    return [date.fromisoformat(at["date"]) for at in series(3, 0, **asked)]


def test_it_fills_the_days_between_the_first_and_the_last() -> None:
    assert days() == [day(number) for number in range(4)]


def test_it_begins_where_it_is_asked_to_but_not_before_anything_was() -> None:
    assert days(first=day(2)) == [day(2), day(3)]
    assert days(first=date(1, 1, 1)) == days()
    assert days(first=day(9)) == [day(9)]


def test_without_sums_it_has_no_days() -> None:
    assert series() == series(first=day(0)) == []


def test_a_day_without_anything_repeats_what_stood_before() -> None:
    green = [at["variants"][1] for at in series(2, 0)]
    assert [(at["new_units"], at["units"]) for at in green] == [(1, 1), (0, 1), (1, 2)]


def test_what_came_before_the_first_day_is_in_its_sums() -> None:
    (only,) = series(0, 1, 3, first=day(3))
    assert [only["variants"][1][name] for name in ("new_units", "units")] == [1, 3]


def test_a_variant_alone_has_no_interval_to_be_found() -> None:
    with patch.object(estimates, "t_quantile") as found:
        (only,) = daily(Figures(SHOP, Question(metric="revenue"), fingerprints(SHOP)), spending(5))
    assert only["variants"][1]["metrics"]["revenue"]["mean"] == 2e-4
    assert found.call_count == 0
