"""The decision: each rule, each boundary, and what must hold whatever the evidence is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.results.decision import Decision, Evidence, decide
from fairsplit.domain.results.reasons import Judged

CLEAR = (0.041, 0.209)
FLAT = (-0.02, 0.03)


def primary(verdict: str = "better", variant: str = "green", metric: str = "purchased", **other: Any) -> Judged:
    """A primary metric; what is worse fell by as much as what is better rose."""
    lift, interval = {
        "better": (0.123, CLEAR),
        "worse": (-0.123, (-0.209, -0.041)),
        "unclear": (0.005, FLAT),
        "unknown": (None, None),
    }[verdict]
    return replace(Judged(metric, variant, "primary", verdict, lift, interval, None, None), **other)


def guard(status: str | None = "pass", variant: str = "green", metric: str = "errors") -> Judged:
    lift, interval = (None, None) if status is None else (0.05, (0.03, 0.07))
    return Judged(metric, variant, "guardrail", "unclear", lift, interval, status, 0.02)


def evidence(*judged: Judged, **other: Any) -> Evidence:
    """An experiment that may be decided: seven days and all planned units."""
    whole = Evidence(
        judged=judged or (primary(), guard()),
        split_p_value=0.84,
        split_broken=False,
        drifting=False,
        recounting=False,
        mixed_share=0.0,
        full_days=7,
        units_now=12_000,
        units_needed=12_000,
        any_time=False,
        mde=0.05,
        ended=False,
    )
    return replace(whole, **other)


def decided(*judged: Judged, **other: Any) -> tuple[str | None, str | None]:
    found = decide(evidence(*judged, **other))
    return found.decision, found.winner


SHIP, STOP, WAIT = ("ship", "green"), ("stop", None), ("keep_running", None)
NO_EFFECT, INVESTIGATE = ("no_effect", None), ("investigate", None)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, SHIP),
        ({"full_days": 6}, WAIT),
        ({"units_now": 11_999}, WAIT),
        ({"units_now": 12_001}, SHIP),
        ({"units_needed": None}, WAIT),
        ({"units_now": 1, "any_time": True}, SHIP),
        ({"units_needed": None, "any_time": True}, SHIP),
        ({"full_days": 6, "any_time": True}, WAIT),
        ({"units_now": 0, "units_needed": 0, "any_time": True}, WAIT),
        ({"ended": True}, SHIP),
        ({"ended": True, "full_days": 6}, WAIT),
        ({"split_broken": True}, INVESTIGATE),
        ({"drifting": True}, INVESTIGATE),
        ({"mixed_share": 0.01}, SHIP),
        ({"mixed_share": 0.0101}, INVESTIGATE),
    ],
)
def test_what_is_better_is_shipped_once_days_and_units_are_in_and_nothing_is_doubtful(
    other: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    assert decided(**other) == expected


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        ([primary()], SHIP),
        ([primary(), guard("undecided")], WAIT),
        ([primary(), guard(None)], WAIT),
        ([primary(), guard("fail")], STOP),
        ([primary(), guard(), guard("undecided", metric="latency")], WAIT),
        ([primary(), primary("unclear", metric="revenue")], SHIP),
        ([primary(), primary("unknown", metric="revenue")], SHIP),
        ([primary(), primary("worse", metric="revenue")], STOP),
        ([primary("worse")], STOP),
        ([primary("unknown")], WAIT),
        ([guard()], WAIT),
        ([guard("fail")], STOP),
        ([primary(role="secondary")], WAIT),
        ([primary("worse", role="secondary"), primary()], SHIP),
        ([primary(interval=None)], SHIP),
        ([primary(lift=None, interval=None)], SHIP),
    ],
)
def test_each_metric_counts_as_its_role_says(judged: list[Judged], expected: tuple[str, str | None]) -> None:
    assert decided(*judged) == expected


@pytest.mark.parametrize(
    ("judged", "other", "expected"),
    [
        ([primary("unclear")], {}, NO_EFFECT),
        ([primary("unclear", interval=(-0.05, 0.05))], {}, NO_EFFECT),
        ([primary("unclear", interval=(-0.0501, 0.05))], {}, WAIT),
        ([primary("unclear", interval=(-0.05, 0.0501))], {}, WAIT),
        ([primary("unclear", interval=None)], {}, WAIT),
        ([primary("unclear")], {"units_now": 11_999}, WAIT),
        ([primary("unclear")], {"units_now": 11_999, "any_time": True}, WAIT),
        ([primary("unclear")], {"units_needed": None}, WAIT),
        ([primary("unclear"), primary("unknown", metric="revenue")], {}, WAIT),
        ([primary("unclear"), primary("unclear", "blue")], {}, NO_EFFECT),
        ([primary("unclear"), primary("unclear", "blue", interval=CLEAR)], {}, WAIT),
        ([primary("unclear"), primary("worse", "blue")], {}, NO_EFFECT),
        ([primary(interval=(0.01, 0.03)), guard("undecided")], {}, WAIT),
    ],
)
def test_no_effect_takes_all_units_and_every_interval_within_what_is_worth_finding(
    judged: list[Judged], other: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    assert decided(*judged, **other) == expected


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        ([primary("worse"), primary("worse", "blue")], STOP),
        ([primary("worse"), primary("unclear", "blue", interval=CLEAR)], WAIT),
        ([primary("worse"), primary("better", "blue")], ("ship", "blue")),
        ([primary(lift=0.3), guard("fail"), primary("better", "blue")], ("ship", "blue")),
        ([primary(lift=0.3), guard("undecided"), primary("better", "blue")], ("ship", "blue")),
        ([primary(lift=0.12), primary("better", "blue", lift=0.13)], ("ship", "blue")),
        ([primary(lift=-0.13), primary("better", "blue", lift=-0.12)], SHIP),
        ([primary("better", "blue"), primary("better", "green")], ("ship", "blue")),
    ],
)
def test_a_bad_treatment_stops_no_other_and_the_largest_gain_wins(
    judged: list[Judged], expected: tuple[str, str | None]
) -> None:
    assert decided(*judged) == expected


def test_the_first_primary_metric_decides_between_treatments_and_the_next_where_it_does_not() -> None:
    first = [primary("unclear"), primary("better", "blue", lift=0.01)]
    second = [primary(metric="revenue", lift=0.9), primary("better", "blue", metric="revenue", lift=0.1)]
    assert decided(*first, *second) == ("ship", "blue")
    assert decided(primary("unclear"), primary("unclear", "blue"), *second) == SHIP
    assert decided(*second, *first) == SHIP


def test_a_primary_metric_that_is_being_recounted_may_still_turn_out_worse() -> None:
    both = (primary(), primary("unknown", metric="revenue"))
    assert decided(*both, recounting=True) == WAIT
    assert decided(primary(), primary("unknown", role="secondary", metric="visits"), recounting=True) == SHIP
    assert decide(evidence(*both, recounting=True)).reasons == (
        "A metric has changed, and is being counted anew.",
        "The effect of `green` on revenue cannot be judged yet.",
        "`green` raises purchased by 12.3 % (4.1 % to 20.9 %).",
    )


FRACTIONS = st.none() | st.floats(-10, 10)
JUDGED = st.builds(
    Judged,
    metric=st.sampled_from(["purchased", "revenue"]),
    variant=st.sampled_from(["green", "blue", "red"]),
    role=st.sampled_from(["primary", "secondary", "guardrail"]),
    verdict=st.sampled_from(["better", "worse", "unclear", "unknown"]),
    lift=FRACTIONS,
    interval=st.none() | st.tuples(st.floats(-10, 10), st.floats(-10, 10)),
    guardrail=st.sampled_from(["pass", "fail", "undecided", None]),
    margin=st.none() | st.floats(0.001, 0.999),
)
EVIDENCE = st.builds(
    Evidence,
    judged=st.lists(JUDGED, max_size=5).map(tuple),
    split_p_value=st.none() | st.floats(0, 1),
    split_broken=st.sampled_from([False, False, True]),
    drifting=st.sampled_from([False, False, True]),
    recounting=st.booleans(),
    mixed_share=st.sampled_from([0.0, 0.01, 0.02]),
    full_days=st.integers(5, 9),
    units_now=st.sampled_from([0, 50, 100]),
    units_needed=st.none() | st.integers(99, 101),
    any_time=st.booleans(),
    mde=st.floats(0.001, 10),
    ended=st.booleans(),
)


def is_bad(one: Judged) -> bool:
    return (one.role, one.verdict) == ("primary", "worse") or (one.role, one.guardrail) == ("guardrail", "fail")


@given(EVIDENCE)
def test_there_is_always_a_decision_with_reasons_that_are_sentences(found: Evidence) -> None:
    decision = decide(found)
    assert decision.decision in {"ship", "stop", "no_effect", "keep_running", "investigate"}
    assert decision.reasons
    assert all(reason.endswith(".") and "None" not in reason and "e+" not in reason for reason in decision.reasons)


@given(EVIDENCE)
def test_whatever_makes_numbers_doubtful_goes_before_all(found: Evidence) -> None:
    doubtful = found.split_broken or found.drifting or found.mixed_share > 0.01
    assert (decide(found).decision == "investigate") == doubtful


@given(EVIDENCE)
def test_the_winner_of_a_ship_gained_something_lost_nothing_and_took_its_time(found: Evidence) -> None:
    decision = decide(found)
    assert (decision.winner is not None) == (decision.decision == "ship")
    mine = [one for one in found.judged if one.variant == decision.winner]
    if mine:
        assert any((one.role, one.verdict) == ("primary", "better") for one in mine)
        assert not any(is_bad(one) for one in mine)
        assert all(one.guardrail == "pass" for one in mine if one.role == "guardrail")
        assert found.full_days >= 7
        assert found.any_time or (found.units_needed is not None and found.units_now >= found.units_needed)


@given(EVIDENCE)
def test_it_stops_just_when_every_treatment_is_bad(found: Evidence) -> None:
    decision = decide(found)
    bad, everyone = {one.variant for one in found.judged if is_bad(one)}, {one.variant for one in found.judged}
    if decision.decision != "investigate":
        assert (decision.decision == "stop") == (bool(bad) and bad == everyone)
        assert all(any(f"`{variant}`" in reason for reason in decision.reasons) for variant in bad)


def test_an_experiment_without_metrics_keeps_running() -> None:
    assert decide(replace(evidence(), judged=())) == Decision(
        "keep_running", None, ("There is no primary metric that says what is better.",)
    )
