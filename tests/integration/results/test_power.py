"""How many units an experiment needs: as the page says, for every kind and method, or refused with the field's name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.token import Role
from local.tokens import SECRETS
from tests.gateway import Answer, Gateway

pytestmark = pytest.mark.engine
ROUTE = "/v1/power"
QUESTION: dict[str, Any] = {
    "kind": "conversion", "baseline": 0.2, "mde": 0.05, "mde_type": "relative", "alpha": 0.05, "power": 0.8,
    "variants": 2, "variance": None, "daily_units": 1000,
}  # fmt: skip
MEAN: dict[str, Any] = {"kind": "mean", "baseline": 10, "variance": 100}


def ask(gateway: Gateway, **changes: Any) -> Answer:
    """The example with changes; `...` takes a field away."""
    body = {name: value for name, value in {**QUESTION, **changes}.items() if value is not ...}
    return gateway.post(ROUTE, body, token=SECRETS[Role.ANALYST])


def units(gateway: Gateway, **changes: Any) -> int:
    answer = ask(gateway, **changes)
    assert answer.status == 200, answer
    each: int = answer.body["units_per_variant"]
    return each


def test_the_example_is_answered(gateway: Gateway) -> None:
    answer = ask(gateway)
    assert (answer.status, answer.body) == (200, {"units_per_variant": 25_256, "units_total": 50_512, "days": 51})


def test_what_is_left_out_has_its_default(gateway: Gateway) -> None:
    answer = ask(gateway, mde_type=..., alpha=..., power=..., variants=..., variance=..., daily_units=...)
    assert answer.body == {"units_per_variant": 25_256, "units_total": 50_512, "days": None}
    sequential = units(gateway, method="sequential")
    assert (
        sequential
        == units(gateway, method="sequential", expected_units=5_000)
        != units(gateway, method="sequential", expected_units=50_000)
    )
    assert units(gateway, method="frequentist", correlation=0) == 25_256


def test_twenty_against_twenty_five_percent_is_rounded_up(gateway: Gateway) -> None:
    assert units(gateway, mde_type="absolute") == units(gateway, mde=0.25) == 1_031


def test_a_fall_is_another_question_than_a_rise(gateway: Gateway) -> None:
    assert units(gateway, mde_type="absolute", mde=-0.05) == units(gateway, baseline=0.8, mde_type="absolute") == 974
    assert units(gateway, **MEAN, mde=-0.05) == units(gateway, **MEAN, mde=0.05)


@pytest.mark.parametrize("kind", ["mean", "count", "ratio"])
def test_other_kinds_go_by_their_variance(gateway: Gateway, kind: str) -> None:
    relative = units(gateway, **MEAN | {"kind": kind})
    assert relative == units(gateway, **MEAN | {"kind": kind}, mde=0.5, mde_type="absolute") == 6_280
    assert units(gateway, **MEAN | {"kind": kind, "variance": 200}) == 12_559
    assert units(gateway, **MEAN | {"kind": kind, "baseline": -10}) == 6_280


def test_an_absolute_change_of_a_mean_may_start_from_nothing(gateway: Gateway) -> None:
    assert units(gateway, **MEAN | {"baseline": 0}, mde=0.5, mde_type="absolute") == 6_280


def test_variants_share_the_days_units(gateway: Gateway) -> None:
    answer = ask(gateway, **MEAN, variants=4, daily_units=25_120)
    assert answer.body == {"units_per_variant": 6_280, "units_total": 25_120, "days": 1}
    assert ask(gateway, **MEAN, variants=4, daily_units=25_119.5).body["days"] == 2


def test_a_pre_period_saves_units(gateway: Gateway) -> None:
    assert units(gateway, **MEAN, correlation=0.6) == 4_019


def test_a_sequence_needs_more_and_least_about_where_it_is_tuned(gateway: Gateway) -> None:
    found = {at: units(gateway, **MEAN, method="sequential", expected_units=at) for at in (100, 20_000, 10**9)}
    assert 6_280 < found[20_000] < min(found[100], found[10**9])


def test_a_variant_has_two_units_at_least(gateway: Gateway) -> None:
    assert units(gateway, **MEAN, mde=1e300) == 2
    assert units(gateway, power=1e-300) == 2


@pytest.mark.parametrize(
    ("changes", "loc", "code"),
    [
        ({"kind": ...}, ["kind"], "required"),
        ({"kind": "median"}, ["kind"], "unknown_value"),
        ({"baseline": ...}, ["baseline"], "required"),
        ({"baseline": "0.2"}, ["baseline"], "invalid_type"),
        ({"baseline": 0}, ["baseline"], "out_of_range"),
        ({"baseline": 1}, ["baseline"], "out_of_range"),
        ({"baseline": -0.2}, ["baseline"], "out_of_range"),
        ({"mde": ...}, ["mde"], "required"),
        ({"mde": None}, ["mde"], "invalid_type"),
        ({"mde": True}, ["mde"], "invalid_type"),
        ({"mde": 0}, ["mde"], "out_of_range"),
        ({"mde": -0.0}, ["mde"], "out_of_range"),
        ({"mde": 4}, ["mde"], "out_of_range"),
        ({"mde": -1}, ["mde"], "out_of_range"),
        ({"mde": 0.8, "mde_type": "absolute"}, ["mde"], "out_of_range"),
        ({"mde": 1e-9}, ["mde"], "out_of_range"),
        ({"mde": 1e-9, "method": "sequential"}, ["mde"], "out_of_range"),
        ({"mde": 1e-200, "baseline": 1e-200}, ["mde"], "out_of_range"),
        ({"mde_type": "percent"}, ["mde_type"], "unknown_value"),
        ({"alpha": 0}, ["alpha"], "out_of_range"),
        ({"alpha": 1}, ["alpha"], "out_of_range"),
        ({"power": 0}, ["power"], "out_of_range"),
        ({"power": 1}, ["power"], "out_of_range"),
        ({"variants": 1}, ["variants"], "out_of_range"),
        ({"variants": 11}, ["variants"], "out_of_range"),
        ({"variants": 2.5}, ["variants"], "invalid_type"),
        ({"variance": 0.16}, ["variance"], "not_for_this_kind"),
        ({"daily_units": 0}, ["daily_units"], "out_of_range"),
        ({"daily_units": 1e-300}, ["daily_units"], "out_of_range"),
        ({"method": "bayesian"}, ["method"], "unknown_value"),
        ({"expected_units": 0}, ["expected_units"], "out_of_range"),
        ({"correlation": 1}, ["correlation"], "out_of_range"),
        ({"correlation": -0.1}, ["correlation"], "out_of_range"),
        ({"colour": "red"}, ["colour"], "unknown_field"),
        ({"kind": "mean"}, ["variance"], "required"),
        ({"kind": "count"}, ["variance"], "required"),
        ({"kind": "ratio"}, ["variance"], "required"),
        (MEAN | {"variance": 0}, ["variance"], "out_of_range"),
        (MEAN | {"variance": -1}, ["variance"], "out_of_range"),
        (MEAN | {"baseline": 0}, ["baseline"], "out_of_range"),
        (MEAN | {"kind": "ratio", "correlation": 0.5}, ["correlation"], "not_for_this_kind"),
    ],
)
def test_what_is_wrong_is_named(gateway: Gateway, changes: dict[str, Any], loc: list[str], code: str) -> None:
    answer = ask(gateway, **changes)
    assert (answer.status, answer.faults) == (422, [(loc, code)]), answer.body


def test_a_rate_beyond_all_units_says_what_it_becomes(gateway: Gateway) -> None:
    detail = "mde: With a relative mde of 4 a rate of 0.2 becomes 1; it has to stay between 0 and 1."
    assert ask(gateway, mde=4).body["detail"] == detail


def test_all_that_is_wrong_is_named_at_once(gateway: Gateway) -> None:
    assert ask(gateway, baseline=2, mde=0, variance=1).faults == [
        (["mde"], "out_of_range"), (["baseline"], "out_of_range"), (["variance"], "not_for_this_kind"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("nobody", 401), (Role.CLIENT, 403), (Role.ANALYST, 200), (Role.ADMIN, 200)]
)
def test_analysts_and_admins_may_ask(gateway: Gateway, role: Any, status: int) -> None:
    token = SECRETS[role] if isinstance(role, Role) else role
    assert gateway.post(ROUTE, QUESTION, token=token).status == status


def test_it_is_only_to_be_posted(gateway: Gateway) -> None:
    answer = gateway.get(ROUTE)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


NUMBER: st.SearchStrategy[Any] = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-2, 2),
    st.integers(-(10**306), 10**306),
    st.sampled_from([5e-324, 1e-300, 1 - 1e-16, 0.5, 10**307, 1e308, None, "1"]),
)
SHARE = st.one_of(st.floats(0, 1), st.sampled_from([5e-324, 1 - 1e-16, 0.05]))


@given(
    kind=st.sampled_from(["conversion", "count", "mean", "ratio"]), mde_type=st.sampled_from(["relative", "absolute"]),
    method=st.sampled_from(["frequentist", "sequential"]), expected_units=st.integers(2, 10**12),
    baseline=NUMBER, mde=NUMBER, alpha=SHARE, power=SHARE, variance=NUMBER, daily_units=NUMBER,
)  # fmt: skip
def test_whatever_is_asked_is_answered_or_refused(gateway: Gateway, **body: Any) -> None:
    answer = gateway.post(ROUTE, body)
    assert answer.status in {200, 422}, answer
    if answer.status == 200:
        assert all(type(value) is int for value in answer.body.values() if value is not None)
        assert answer.body["units_total"] >= 4
    json.dumps(answer.body, allow_nan=False)
