"""Sums that somebody brings: analysed as results are, exactly, or refused with the field's name."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.token import Role
from local.tokens import SECRETS
from tests.gateway import Answer, Gateway
from tests.integration.results.story import Story
from tests.traffic import comparison, numbers, results

pytestmark = pytest.mark.engine
ROUTE = "/v1/analysis"
SAME = ("absolute", "relative", "p_value", "exact", "statistic", "df", "chance_to_win", "expected_loss", "notes")
BEFORE = (("pre_sum", 4900), ("pre_sum_of_squares", 30_000), ("pre_cross_product_sum", 29_000))
QUESTION: dict[str, Any] = {
    "control": "a",
    "metric": {"key": "spend", "kind": "mean", "role": "primary", "direction": "increase", "margin": None},
    "analysis": {
        "method": "frequentist", "alpha": 0.05, "correction": "holm", "cuped": False, "expected_units": 5000,
        "planned_units": None, "prior": {"mean": 0, "sd": 0.3, "proper": True},
    },
    "variants": [
        {"key": "a", "weight": 50, "units": 1000, "sum": "5012.25", "sum_of_squares": "31001.5"},
        {"key": "b", "weight": 50, "units": 1000, "sum": "5100.75", "sum_of_squares": "32510.0"},
    ],
}  # fmt: skip


def question(**changes: Any) -> dict[str, Any]:
    """The example, with changes by path: `variants__1__sum`; None of `...` takes the field away."""
    body = copy.deepcopy(QUESTION)
    for path, value in changes.items():
        *places, last = [int(part) if part.isdigit() else part for part in path.split("__")]
        inside: Any = body
        for place in places:
            inside = inside[place]
        if value is ...:
            del inside[last]
        else:
            inside[last] = value
    return body


def analyse(gateway: Gateway, **changes: Any) -> Answer:
    return gateway.post(ROUTE, question(**changes), token=SECRETS[Role.ANALYST])


def found(gateway: Gateway, **changes: Any) -> Any:
    """The one comparison of an answer."""
    answer = analyse(gateway, **changes)
    assert answer.status == 200, answer
    (one,) = answer.body["comparisons"]
    return one


def test_the_example_is_answered_as_results_are(gateway: Gateway) -> None:
    answer = analyse(gateway)
    assert (answer.status, sorted(answer.body)) == (200, ["comparisons", "srm", "variants"])
    assert answer.body["srm"]["p_value"] == 1.0
    assert numbers(answer.body, "b", "spend")["mean"] == 5.10075
    (one,) = answer.body["comparisons"]
    assert one["absolute"]["estimate"] == pytest.approx(0.0885, rel=1e-12)
    assert (one["method"], one["cuped"]["used"], one["p_value"]) == ("welch_t", False, one["adjusted_p_value"])


@pytest.mark.parametrize("metric", ["purchased", "orders", "revenue", "aov", "errors"])
@pytest.mark.parametrize("method", ["frequentist", "sequential", "bayesian"])
def test_the_sums_of_an_experiment_give_its_own_comparison(
    gateway: Gateway, story: Story, metric: str, method: str
) -> None:
    body = results(gateway, story.key, method=method, correction="none")
    kind, role = ("ratio" if metric == "aov" else "mean"), comparison(body, metric, "green")["role"]
    margin = 0.2 if role == "guardrail" else None
    direction = "decrease" if metric == "errors" else "increase"
    variants = []
    for one in body["variants"]:
        own = story.values("revenue" if kind == "ratio" else metric, one["key"])
        below = story.values("orders", one["key"])
        variants.append(
            {"key": one["key"], "weight": 1, "units": len(own)}
            | {"sum": f"{sum(own):.4f}", "sum_of_squares": f"{sum(round(y, 4) ** 2 for y in own):.8f}"}
            | ({} if kind == "mean" else {
                "denominator_sum": f"{sum(below):.4f}",
                "denominator_sum_of_squares": f"{sum(x * x for x in below):.8f}",
                "cross_product_sum": f"{sum(round(y, 4) * x for y, x in zip(own, below, strict=True)):.8f}",
            })
        )  # fmt: skip
    if metric == "purchased":
        kind = "conversion"
    asked = {
        "control": "control",
        "metric": {"key": metric, "kind": kind, "role": role, "direction": direction, "margin": margin},
        "analysis": {"method": method, "correction": "none"},
        "variants": variants,
    }
    answer = gateway.post(ROUTE, asked)
    assert answer.status == 200, answer
    ours, theirs = comparison(answer.body, metric, "green"), comparison(body, metric, "green")
    for name in (
        "absolute",
        "relative",
        "p_value",
        "exact",
        "statistic",
        "df",
        "chance_to_win",
        "expected_loss",
        "notes",
    ):
        assert json.dumps(ours[name]) == json.dumps(theirs[name]), name


def test_a_text_keeps_every_digit(gateway: Gateway) -> None:
    big = {
        "variants__0__sum": "1000000000000000.00000001", "variants__0__sum_of_squares": "1000000000000001000000000001",
        "variants__1__sum": "1000000000000000.00000002", "variants__1__sum_of_squares": "1000000000000001000000000001",
    }  # fmt: skip
    assert found(gateway, **big)["absolute"]["estimate"] == 1e-11


def test_numbers_and_texts_say_the_same(gateway: Gateway) -> None:
    as_numbers = {
        f"variants__{index}__{name}": float(QUESTION["variants"][index][name])
        for index in (0, 1)
        for name in ("sum", "sum_of_squares")
    }
    assert analyse(gateway, **as_numbers).body == analyse(gateway).body


def test_a_conversion_needs_no_squares(gateway: Gateway) -> None:
    counts = {f"variants__{index}__{name}": value for index, count in ((0, 100), (1, 130))
              for name, value in (("sum", count), ("sum_of_squares", ...))}  # fmt: skip
    one = found(gateway, metric__kind="conversion", **counts)
    assert one["absolute"]["estimate"] == pytest.approx(0.03)
    assert 0.03 < one["p_value"] < 0.05


def test_few_conversions_are_judged_exactly(gateway: Gateway) -> None:
    counts = {f"variants__{index}__{name}": value for index, count in ((0, 0), (1, 5))
              for name, value in (("sum", count), ("sum_of_squares", ...))}  # fmt: skip
    one = found(gateway, metric__kind="conversion", **counts)
    assert one["exact"]["method"] == "fisher_mid_p"
    assert one["adjusted_p_value"] == one["exact"]["p_value"]
    assert one["p_value"] != one["exact"]["p_value"]
    refused = found(gateway, metric__kind="conversion", analysis__method="sequential", **counts)
    assert (refused["p_value"], refused["absolute"]["ci"]) == (None, None)
    assert "too_few_conversions" in [note["code"] for note in refused["notes"]]


def test_cuped_takes_noise_away(gateway: Gateway) -> None:
    before = {
        f"variants__{index}__{name}": value
        for index in (0, 1)
        for name, value in (
            ("pre_sum", 4900 + index),
            ("pre_sum_of_squares", 30_000),
            ("pre_cross_product_sum", 29_000),
        )
    }
    plain, one = found(gateway, **before), found(gateway, analysis__cuped=True, **before)
    assert one["cuped"]["used"]
    assert 0 < one["cuped"]["variance_reduction"] < 1
    assert plain["cuped"] == {"used": False, "theta": None, "variance_reduction": None}
    assert one["statistic"] > plain["statistic"]


def test_a_sum_of_products_that_no_data_can_have_is_refused(gateway: Gateway) -> None:
    before = {f"variants__{index}__{name}": value for index in (0, 1) for name, value in BEFORE}
    answer = analyse(gateway, analysis__cuped=True, **before | {"variants__1__pre_cross_product_sum": 0})
    assert answer.faults == [(["variants", 1], "impossible_sums")]


@pytest.mark.parametrize("weight", [1e-300, 5e-324, 1e9])
def test_any_weight_has_an_answer(gateway: Gateway, weight: float) -> None:
    split = analyse(gateway, variants__1__weight=weight).body["srm"]
    assert split["flagged"]
    json.dumps(split, allow_nan=False)


def test_a_bayesian_answer_has_chances_in_place_of_p_values(gateway: Gateway) -> None:
    answer = analyse(gateway, analysis__method="bayesian")
    (one,) = answer.body["comparisons"]
    assert (one["p_value"], one["adjusted_p_value"], one["significant"]) == (None, None, None)
    assert 0.5 < one["chance_to_win"] < 1
    assert one["expected_loss"] > 0
    best = [numbers(answer.body, key, "spend")["chance_to_be_best"] for key in ("a", "b")]
    assert sum(best) == pytest.approx(1)
    falls = found(gateway, analysis__method="bayesian", metric__direction="decrease")
    assert falls["chance_to_win"] == pytest.approx(1 - one["chance_to_win"])


def test_a_sequential_p_value_is_larger_than_that_of_one_look(gateway: Gateway) -> None:
    one, other = found(gateway), found(gateway, analysis__method="sequential")
    assert other["method"] == "confidence_sequence"
    assert other["p_value"] > one["p_value"]
    assert other["absolute"]["ci"][0] < one["absolute"]["ci"][0]


def test_the_last_of_planned_looks_is_almost_as_one(gateway: Gateway) -> None:
    planned = {"analysis__method": "sequential", "analysis__planned_units": 2000}
    alone = found(gateway, **planned)
    assert alone["method"] == "group_sequential"
    assert alone["p_value"] == pytest.approx(found(gateway)["p_value"], rel=0.01)
    later = found(gateway, analysis__looks=[500, 1000, 1500], **planned)
    assert alone["p_value"] < later["p_value"] < 1.5 * alone["p_value"]


def test_variants_of_any_weight_are_split_as_they_say(gateway: Gateway) -> None:
    known = {
        "variants__0__units": 821_588,
        "variants__1__units": 815_482,
        "variants__0__weight": 1,
        "variants__1__weight": 1,
    }
    split = analyse(gateway, **known).body["srm"]
    assert split["p_value"] == pytest.approx(1.8e-6, rel=0.02)
    assert split["flagged"]
    stray = analyse(gateway, variants__1__weight=0).body["srm"]
    assert (stray["p_value"], stray["flagged"]) == (None, True)


@pytest.mark.parametrize(
    ("changes", "loc", "code"),
    [
        ({"control": "c"}, ["control"], "unknown_variant"),
        ({"control": ...}, ["control"], "required"),
        ({"metric__kind": "median"}, ["metric", "kind"], "unknown_value"),
        ({"metric__colour": "red"}, ["metric", "colour"], "unknown_field"),
        ({"metric__role": "guardrail"}, ["metric", "margin"], "required"),
        ({"metric__margin": 0.1}, ["metric", "margin"], "not_for_this_role"),
        ({"analysis__alpha": 0}, ["analysis", "alpha"], "out_of_range"),
        ({"analysis__alpha": 1}, ["analysis", "alpha"], "out_of_range"),
        ({"analysis__method": "magic"}, ["analysis", "method"], "unknown_value"),
        ({"analysis__correction": "sidak"}, ["analysis", "correction"], "unknown_value"),
        ({"analysis__cuped": "yes"}, ["analysis", "cuped"], "invalid_type"),
        ({"analysis__expected_units": 0}, ["analysis", "expected_units"], "out_of_range"),
        ({"analysis__prior": {"sd": 0}}, ["analysis", "prior", "sd"], "out_of_range"),
        ({"analysis__looks": [100, 100]}, ["analysis", "looks"], "looks_order"),
        *(
            ({"analysis__looks": looks, "analysis__planned_units": planned}, ["analysis", "looks"], "looks_order")
            for looks, planned in (([1_990], 10_000), ([3_000], 10_000), ([2_000], 10_000), ([1_600], 1_500))
        ),
        ({"variants": []}, ["variants"], "too_few"),
        ({"variants__1__key": "a"}, ["variants", 1, "key"], "duplicate_variant"),
        ({"variants__1__sum": ...}, ["variants", 1, "sum"], "required"),
        ({"variants__1__sum_of_squares": ...}, ["variants", 1, "sum_of_squares"], "required"),
        ({"variants__1__sum": "many"}, ["variants", 1, "sum"], "out_of_range"),
        ({"variants__1__sum": "NaN"}, ["variants", 1, "sum"], "out_of_range"),
        ({"variants__1__sum": "1e99"}, ["variants", 1, "sum"], "out_of_range"),
        ({"variants__1__sum": "1e-99"}, ["variants", 1, "sum"], "out_of_range"),
        ({"variants__1__sum": True}, ["variants", 1, "sum"], "invalid_type"),
        ({"variants__1__units": "10"}, ["variants", 1, "units"], "invalid_type"),
        ({"variants__1__weight": -1}, ["variants", 1, "weight"], "out_of_range"),
        ({"metric__kind": "ratio"}, ["variants", 0, "denominator_sum"], "required"),
        ({"analysis__cuped": True}, ["variants", 0, "pre_sum"], "required"),
        ({"analysis__prior": {"sd": 1e-10}}, ["analysis", "prior", "sd"], "out_of_range"),
        ({"variants__1__units": 10**12 + 1}, ["variants", 1, "units"], "out_of_range"),
        ({"variants__1__units": -1}, ["variants", 1], "impossible_sums"),
        ({"variants__1__units": 800}, ["variants", 1], "impossible_sums"),
        ({"variants__0__units": 0}, ["variants", 0], "impossible_sums"),
        ({"metric__kind": "conversion"}, ["variants", 0], "impossible_sums"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(gateway: Gateway, changes: dict[str, Any], loc: list[Any], code: str) -> None:
    answer = analyse(gateway, **changes)
    assert (answer.status, answer.faults[0]) == (422, (loc, code)), answer.body


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("nobody", 401), (Role.CLIENT, 403), (Role.ANALYST, 200), (Role.ADMIN, 200)]
)
def test_analysts_and_admins_may_ask(gateway: Gateway, role: Any, status: int) -> None:
    token = SECRETS[role] if isinstance(role, Role) else role
    assert gateway.post(ROUTE, QUESTION, token=token).status == status


SUM: st.SearchStrategy[Any] = st.one_of(
    st.integers(-(10**6), 10**6),
    st.floats(-1e6, 1e6),
    st.decimals(-(10**12), 10**12, places=6).map(str),
    st.sampled_from(["0", "1e9", "-0.0000000001", "1E-20", 0, 1e300, "9" * 40, "9" * 41, None, [], ""]),
)


@given(
    st.sampled_from(["conversion", "count", "mean", "ratio"]),
    st.sampled_from(["frequentist", "sequential", "bayesian"]),
    st.booleans(),
    st.lists(st.tuples(st.integers(-1, 10**6), SUM, SUM, SUM, SUM, SUM), min_size=2, max_size=3),
)
def test_whatever_sums_come_they_are_answered_or_refused(
    gateway: Gateway, kind: str, method: str, cuped: bool, variants: list[tuple[Any, ...]]
) -> None:
    names = ("sum", "sum_of_squares", "denominator_sum", "denominator_sum_of_squares", "cross_product_sum")
    body = {
        "control": "v0",
        "metric": {"key": "m", "kind": kind},
        "analysis": {"method": method, "cuped": cuped},
        "variants": [
            {"key": f"v{number}", "weight": 1, "units": one[0], **dict(zip(names, one[1:], strict=True))}
            | {"pre_sum": one[1], "pre_sum_of_squares": one[2], "pre_cross_product_sum": one[2]}
            for number, one in enumerate(variants)
        ],
    }
    answer = gateway.post(ROUTE, body)
    assert answer.status in {200, 422}, answer
    json.dumps(answer.body, allow_nan=False)
