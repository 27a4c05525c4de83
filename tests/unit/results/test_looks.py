"""Which of the planned looks stands: of a metric that decides, and of a guardrail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from fairsplit.domain.metric import fingerprints
from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.results.figures import Figures
from fairsplit.domain.results.judgements import Judgement
from fairsplit.domain.results.looks import Look
from fairsplit.domain.results.question import Question
from fairsplit.domain.totals import SCALE
from tests.unit.making import PURCHASED, VISITS, experiment

PLANNED = 10_000
MEAN, SPREAD = 10, 5
GUARD = VISITS | {"role": "guardrail", "direction": "decrease", "margin": 0.1}
DAY = date(2026, 3, 1)

Lifts = Mapping[int, float]  # the lift of all units at a look, by their number


def judged(lifts: Lifts, metric: dict[str, Any]) -> Judgement:
    """The metric, looked at whenever so many units were in, with such a lift of all of them."""
    metrics = [metric] if metric.get("role") == "primary" else [PURCHASED, metric]
    one = experiment(*metrics, analysis={"method": "sequential", "planned_units": PLANNED})
    names = fingerprints(one)
    looks = [
        Look(DAY + timedelta(days=number), sums(units, lift, names[metric["key"]]), frozenset(names.values()))
        for number, (units, lift) in enumerate(lifts.items())
    ]
    figures = Figures(one, Question(), names, looks=looks)
    (found,) = [one for one in figures.judgements(looks[-1].moments) if one.metric.key == metric["key"]]
    return found


def sums(units: int, lift: float, name: str) -> Moments:
    found: dict[tuple[str, str, str], int] = {}
    for key, mean in (("control", MEAN), ("green", MEAN * (1 + lift))):
        each = units // 2
        found[key, UNITS, "units"] = each
        found[key, name, "sum"] = round(each * mean * SCALE)
        found[key, name, "sum_of_squares"] = round(each * (mean * mean + SPREAD * SPREAD) * SCALE**2)
    return Moments(found)


def day_that_stands(found: Judgement) -> int:
    (text,) = [note["detail"] for note in found.as_json("control")["notes"] if "look of" in note["detail"]]
    return int(text.split("-")[2][:2])


@pytest.mark.parametrize(
    ("lifts", "status", "day"),
    [
        ({1_000: 0.08, 4_000: 0.08}, "undecided", 2),
        ({5_000: 0.08, 7_500: 0.045, 10_000: 0.045}, "pass", 2),
        ({5_000: 0.02, 10_000: 0.09}, "pass", 1),
        ({5_000: 0.02, 7_500: 0.2, 10_000: 0.09}, "fail", 2),
        ({5_000: 0.2, 7_500: 0.2, 10_000: 0.02}, "fail", 1),
    ],
)
def test_a_guardrail_goes_by_its_own_bound_and_a_failure_stays(lifts: Lifts, status: str, day: int) -> None:
    found = judged(lifts, GUARD)
    assert found.guardrail is not None
    assert (found.guardrail.status, day_that_stands(found)) == (status, day)


@pytest.mark.parametrize(
    ("lifts", "day"),
    [
        ({1_000: 0.01, 4_000: 0.01}, 2),
        ({5_000: 0.08, 7_500: 0.045, 10_000: 0.02}, 1),
        ({5_000: 0.05, 7_500: 0.08, 10_000: 0.02}, 2),
    ],
)
def test_of_any_other_metric_the_clearest_of_the_crossed_bounds_stands(lifts: Lifts, day: int) -> None:
    assert day_that_stands(judged(lifts, VISITS | {"role": "primary"})) == day


def test_the_units_of_a_look_are_added_up_once() -> None:
    look = Look(DAY, sums(1_000, 0.08, "m"), frozenset())
    with patch.object(Moments, "units", autospec=True, side_effect=Moments.units) as added:
        assert {look.fraction(planned) for planned in (500, 2_000, 4_000)} == {1.0, 0.5, 0.25}
    assert added.call_count == 1
