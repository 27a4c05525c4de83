"""From sums to the answer: families of comparisons, filters, and what does not count."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.metric import fingerprints
from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.results.answers import plain
from fairsplit.domain.results.figures import Figures
from fairsplit.domain.results.question import Question
from fairsplit.domain.results.report import comparisons
from fairsplit.domain.stats.correction import adjust
from fairsplit.domain.totals import SCALE, Totals
from tests.unit.making import ORDERS, PURCHASED, REVENUE, VISITS, assignment, experiment, left_out, mixed
from tests.unit.results.fake_reader import GUARD, FakeReader, units

VARIANTS = [{"key": key, "weight": 25} for key in ("control", "green", "blue", "red")]
METRICS = [
    PURCHASED,
    REVENUE | {"role": "primary"},
    ORDERS,
    VISITS | {"key": "seen"},
    GUARD,
]


def crowd() -> tuple[Figures, Moments]:
    """Four variants of a hundred units, each a little better than the one before."""
    one = experiment(*METRICS, variants=VARIANTS)
    sums: dict[tuple[str, str, str], int] = {}
    for number, variant in enumerate(VARIANTS):
        key = str(variant["key"])
        sums[key, UNITS, "units"] = 100
        for step, name in enumerate(fingerprints(one).values()):
            mean = 40 + 5 * number + step
            sums |= {(key, name, "sum"): mean * SCALE, (key, name, "sum_of_squares"): mean * SCALE**2}
    return Figures(one, Question(), fingerprints(one)), Moments(sums)


def found(**asked: Any) -> dict[tuple[str, str], Any]:
    """The comparisons of the crowd, by metric and variant."""
    figures, moments = crowd()
    asked_for = Figures(figures.experiment, Question(**asked), figures.fingerprints)
    return {(one["metric"], one["variant"]): one for one in comparisons(asked_for, asked_for.judgements(moments))}


def p_values(found: dict[tuple[str, str], Any], *metrics: str) -> tuple[list[float], list[float]]:
    mine = [one for one in found.values() if one["metric"] in metrics]
    return [one["p_value"] for one in mine], [one["adjusted_p_value"] for one in mine]


def test_primary_metrics_are_corrected_over_all_treatments_together() -> None:
    raw, adjusted = p_values(found(), "purchased", "revenue")
    assert len(raw) == 6
    assert adjusted == pytest.approx(adjust("holm", raw))


def test_secondary_metrics_are_corrected_by_benjamini_and_hochberg_among_themselves() -> None:
    for correction in ("holm", "bh"):
        raw, adjusted = p_values(found(correction=correction), "orders", "seen")
        assert len(raw) == 6
        assert adjusted == pytest.approx(adjust("bh", raw))


def test_guardrails_are_in_no_family() -> None:
    raw, adjusted = p_values(found(), "visits")
    assert adjusted == raw


def test_a_reader_may_choose_the_correction() -> None:
    raw, adjusted = p_values(found(correction="bh"), "purchased", "revenue")
    assert adjusted == pytest.approx(adjust("bh", raw))
    for metrics in (("purchased", "revenue"), ("orders", "seen")):
        raw, adjusted = p_values(found(correction="none"), *metrics)
        assert adjusted == raw


def test_a_part_of_a_family_is_judged_by_the_whole_of_it() -> None:
    whole, part = found(), found(metric="revenue", variant="blue")
    assert part == {("revenue", "blue"): whole["revenue", "blue"]}


def test_significant_follows_the_adjusted_p_value_and_alpha() -> None:
    comparisons = found().values()
    assert {one["significant"] for one in comparisons} == {True, False}
    assert all(one["significant"] is (one["adjusted_p_value"] < 0.05) for one in comparisons)
    assert all(one["significant"] for one in found(alpha=0.999).values())


def test_alpha_is_the_experiments_unless_the_reader_says_another() -> None:
    width = [
        float.__sub__(*found(alpha=alpha)["revenue", "red"]["absolute"]["ci"][::-1]) for alpha in (None, 0.05, 0.01)
    ]
    assert width[0] == width[1] < width[2]


@pytest.mark.parametrize(
    ("method", "shown"),
    [("frequentist", "welch_t"), ("sequential", "confidence_sequence"), ("bayesian", "normal_posterior")],
)
def test_the_method_is_the_experiments_unless_the_reader_says_another(method: str, shown: str) -> None:
    figures, moments = crowd()
    analysis = figures.experiment.analysis.model_copy(update={"method": method})
    own = Figures(figures.experiment.model_copy(update={"analysis": analysis}), Question(), figures.fingerprints)
    assert {one["method"] for one in comparisons(own, own.judgements(moments))} == {shown}
    assert {one["method"] for one in found(method=method).values()} == {shown}


@pytest.mark.parametrize(
    ("name", "own", "asked"),
    [
        ("method", "sequential", "bayesian"),
        ("alpha", 0.1, 0.2),
        ("correction", "bh", "none"),
        ("cuped", True, False),
        ("cuped", False, True),
    ],
)
def test_whatever_a_reader_does_not_say_the_experiments_analysis_says(name: str, own: Any, asked: Any) -> None:
    one = experiment(*METRICS, variants=VARIANTS, analysis={name: own})

    def used(question: Question) -> Any:
        figures = Figures(one, question, fingerprints(one))
        return figures.correction if name == "correction" else getattr(figures.plan, name)

    assert (used(Question()), used(Question(**{name: asked}))) == (own, asked)


def test_a_posterior_has_no_p_value_to_be_corrected() -> None:
    for one in found(method="bayesian").values():
        assert (one["p_value"], one["adjusted_p_value"], one["significant"]) == (None, None, None)
        assert 0 < one["chance_to_win"] <= 1


@pytest.mark.parametrize(
    ("asked", "metrics", "variants", "treatments"),
    [
        ({"metric": "aov"}, ["aov"], ["control", "green"], ["green"]),
        ({"event_type": "visit"}, ["visits"], ["control", "green"], ["green"]),
        ({"event_type": "purchase"}, ["purchased", "revenue", "orders", "aov"], ["control", "green"], ["green"]),
        ({"event_type": "visit", "metric": "aov"}, [], ["control", "green"], ["green"]),
        ({"variant": "green", "metric": "orders"}, ["orders"], ["green"], ["green"]),
        ({"variant": "control", "metric": "orders"}, ["orders"], ["control"], []),
    ],
)
def test_filters_choose_metrics_and_variants(
    asked: dict[str, Any], metrics: list[str], variants: list[str], treatments: list[str]
) -> None:
    answer = FakeReader().results(by_day=True, **asked)
    for shown in (answer, answer["timeseries"][-1]):
        assert {one["key"]: list(one["metrics"]) for one in shown["variants"]} == dict.fromkeys(variants, metrics)
        pairs = [(one["metric"], one["variant"]) for one in shown["comparisons"]]
        assert pairs == [(metric, treatment) for metric in metrics for treatment in treatments]


def test_a_share_is_of_all_variants_whichever_is_asked_for() -> None:
    (green,) = FakeReader().results(variant="green")["variants"]
    assert green["share"] == 6 / 11


def test_heavy_mixed_and_left_out_units_are_counted_and_left_out_of_the_rest() -> None:
    met_both = [mixed(unit_id=f"mixed-{number}") for number in range(3)]
    reader = FakeReader(items=[*units(heavy=True), *met_both, *units(), left_out(unit_id="late")])
    answer = reader.results()
    summary = answer["summary"]
    assert (summary["units"], summary["heavy_units"], summary["mixed_units"]) == (11, 11, 3)
    assert [sum(one["observed"].values()) for one in (summary["srm"], summary["srm"]["with_left_out"])] == [11, 25]
    assert answer["variants"] == FakeReader().results()["variants"]


def test_exposures_out_of_the_run_are_a_note_of_the_summary() -> None:
    """Those of all units, however they are counted."""
    ignored = [Totals(exposures_outside_run=1_200, mixed=True), Totals(exposures_outside_run=34), Totals()]
    items = [assignment(unit_id=f"u-{number}", totals=totals) for number, totals in enumerate(ignored)]
    (note,) = FakeReader(items=items).results()["summary"]["notes"]
    assert note["code"] == "exposures_outside_run"
    assert "1,234" in note["detail"]
    assert FakeReader().results()["summary"]["notes"] == []


@pytest.mark.parametrize(("value", "shown"), [(20_000, 2), (-10_000, -1), (25_000, 2.5), (1, 0.0001), (0, 0)])
def test_sums_are_shown_whole_where_they_are(value: int, shown: float) -> None:
    assert (plain(value), type(plain(value))) == (shown, type(shown))


def test_a_guardrail_alone_has_a_verdict_within_its_margin() -> None:
    figures, moments = crowd()
    found = {
        one["metric"]: one["guardrail"]
        for one in comparisons(figures, figures.judgements(moments))
        if one["variant"] == "red"
    }
    verdict = found.pop(GUARD["key"])
    assert set(found.values()) == {None}
    assert verdict["status"] == "undecided"
    assert 0.5 < verdict["p_value"] < 0.975
    assert verdict["bound"] > 0.1
