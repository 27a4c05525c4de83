"""The sentences behind a decision, word by word, with their numbers."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.results.decision import decide
from fairsplit.domain.results.reasons import Judged, effect, p_value, percent, unclear, undecided
from tests.unit.results.test_decision import evidence, guard, primary


def reasons(*judged: Judged, **other: Any) -> list[str]:
    return list(decide(evidence(*judged, **other)).reasons)


def test_a_ship_says_what_is_gained_what_passes_and_how_much_was_seen() -> None:
    assert reasons(primary(), primary("unclear", metric="revenue"), guard(), guard(metric="latency")) == [
        "`green` raises purchased by 12.3 % (4.1 % to 20.9 %).",
        "The effect of `green` on revenue is unclear: -2 % to 3 %.",
        "All guardrails pass: errors, latency.",
        "12,000 units are in after 7 full days.",
    ]


def test_a_ship_names_the_others_that_are_good_and_those_that_are_bad() -> None:
    assert reasons(primary(), guard(), primary("better", "blue", lift=0.1), primary("worse", "red")) == [
        "`green` raises purchased by 12.3 % (4.1 % to 20.9 %).",
        "The guardrail passes: errors.",
        "12,000 units are in after 7 full days.",
        "`blue` could be shipped, too.",
        "`blue` raises purchased by 10 % (4.1 % to 20.9 %).",
        "`red` lowers purchased by 12.3 % (4.1 % to 20.9 %). That is worse.",
    ]


def test_a_stop_names_every_loss() -> None:
    assert reasons(primary("worse"), guard("fail")) == [
        "`green` lowers purchased by 12.3 % (4.1 % to 20.9 %). That is worse.",
        "`green` raises errors by 5 % (3 % to 7 %). The guardrail fails: the loss is above 2 %.",
    ]


def test_no_effect_says_how_small_it_is() -> None:
    assert reasons(primary("unclear"), units_now=12_400) == [
        "12,400 of 12,000 units are in.",
        "`green` changes purchased by no more than 5 % either way (-2 % to 3 %).",
    ]


def test_all_that_is_missing_is_listed_metrics_first_then_guardrails_days_and_units() -> None:
    judged = (primary("unclear"), primary("unknown", "blue"), guard("undecided"), guard(None, "blue"))
    assert reasons(*judged, full_days=4, units_now=6_214, ended=True) == [
        "The experiment has ended without enough evidence for a decision.",
        "The effect of `green` on purchased is unclear: -2 % to 3 %.",
        "The effect of `blue` on purchased cannot be judged yet.",
        "The guardrail errors of `green` is undecided: its loss may be above 2 %.",
        "The guardrail errors of `blue` cannot be judged yet.",
        "4 of 7 full days have passed.",
        "6,214 of 12,000 units are in.",
    ]


def test_what_is_good_and_what_is_bad_is_said_while_it_keeps_running() -> None:
    assert reasons(primary(), primary("worse", "blue"), full_days=6) == [
        "6 of 7 full days have passed.",
        "`green` raises purchased by 12.3 % (4.1 % to 20.9 %).",
        "`blue` lowers purchased by 12.3 % (4.1 % to 20.9 %). That is worse.",
    ]


def test_before_there_are_units_it_says_just_that() -> None:
    assert reasons(primary("unknown"), guard(None), units_now=0) == ["No units are in yet."]


def test_without_a_primary_metric_it_says_so_once() -> None:
    no_primary = "There is no primary metric that says what is better."
    assert reasons(guard(), guard(variant="blue")) == [no_primary]
    assert reasons(guard(), units_needed=None) == [no_primary, "How many units it takes cannot be told yet."]


@pytest.mark.parametrize(
    ("p", "shown"),
    [(1.8e-6, " (p = 1.8e-6)"), (0.00042, " (p = 0.00042)"), (0.0, " (p < 1e-300)"), (None, ""), (0.84, "")],
)
def test_a_broken_split_shows_the_p_value_that_tells_it(p: float | None, shown: str) -> None:
    (only,) = reasons(split_broken=True, split_p_value=p)
    assert only == f"The split is not as planned{shown}: find out why before you believe any number."


def test_everything_that_is_doubtful_is_named() -> None:
    assert reasons(split_broken=True, split_p_value=1e-12, drifting=True, mixed_share=0.034) == [
        "The split is not as planned (p = 1e-12): find out why before you believe any number.",
        "A check found sums that were wrong. They are being counted anew: wait until that is through.",
        "3.4 % of the units met more than one variant: find out how before you believe any number.",
    ]


@pytest.mark.parametrize(
    ("lift", "interval", "expected"),
    [
        (0.123, (0.041, 0.209), "`green` raises errors by 12.3 % (4.1 % to 20.9 %)."),
        (-0.123, (-0.209, 0.01), "`green` lowers errors by 12.3 % (-1 % to 20.9 %)."),
        (12.5, (0.9, 1_234.5), "`green` raises errors by 1,250 % (90 % to 123,450 %)."),
        (0.05, None, "`green` raises errors by 5 %; how far that may be off cannot be told."),
        (None, None, "`green` changes errors; by what share cannot be told."),
    ],
)
def test_an_effect_has_its_way_its_size_and_its_range(
    lift: float | None, interval: tuple[float, float] | None, expected: str
) -> None:
    assert effect(primary(metric="errors", lift=lift, interval=interval)) == expected


def test_without_an_interval_or_a_margin_no_number_is_invented() -> None:
    assert unclear(primary("unclear", interval=None)) == "The effect of `green` on purchased is unclear."
    no_margin = primary(guardrail="undecided")
    assert undecided(no_margin) == "The guardrail purchased of `green` is undecided: its loss may be above its margin."


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0, "0 %"), (-1e-9, "0 %"), (1e-5, "0.001 %"), (0.00123, "0.12 %"), (0.0999, "10 %"), (0.1234, "12.3 %"),
        (-0.1, "-10 %"), (0.99951, "100 %"), (1, "100 %"), (123.4, "12,340 %"),
    ],
)  # fmt: skip
def test_percent_keeps_the_digits_that_matter(fraction: float, text: str) -> None:
    assert percent(fraction) == text


def test_a_p_value_is_written_short() -> None:
    assert [p_value(p) for p in (0.05, 3e-10, 2.3e-120)] == ["p = 0.05", "p = 3e-10", "p = 2.3e-120"]
