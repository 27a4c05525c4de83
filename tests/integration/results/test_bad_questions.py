"""Questions that results refuse, and readers that they do not answer."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.token import Role
from local.tokens import SECRETS
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in
from tests.integration.results.story import METRICS, VARIANTS, Story
from tests.traffic import ask, results

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> str:
    """A draft with metrics of every kind."""
    return str(create_in(gateway, "draft", variants=VARIANTS, metrics=METRICS)["key"])


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("metric", "sales", "unknown_metric"),
        ("methd", "bayesian", "unknown_parameter"),
        ("limit", "10", "unknown_parameter"),
        ("", "", "unknown_parameter"),
        ("metric", "", "unknown_metric"),
        ("variant", "red", "unknown_variant"),
        ("event_type", "visit", "unknown_event_type"),
        ("method", "magic", "unknown_method"),
        ("method", "Frequentist", "unknown_method"),
        ("correction", "sidak", "unknown_correction"),
        ("cuped", "yes", "unknown_cuped"),
        ("dimension", "planet", "unknown_dimension"),
        ("group_by", "week", "unknown_group_by"),
        *(
            ("alpha", text, "out_of_range")
            for text in ("0", "1", "-0.1", "2", "x", "", "nan", "inf", "1e-400", "0.0_5", "٠.٠٥", " 0.05")
        ),
        *(
            (name, text, "date_invalid")
            for name in ("from", "to")
            for text in ("", "x", "2026-02-30", "2026-3-1", "20260301", "2026-W01-1", "2026-03-01T00:00:00Z")
        ),
    ],
)
def test_a_bad_parameter_is_refused_by_its_name(gateway: Gateway, key: str, name: str, value: str, code: str) -> None:
    answer = ask(gateway, key, **{name: value})
    assert (answer.status, answer.faults) == (422, [(["query", name], code)])


def test_a_range_has_to_end_when_it_begins_or_later(gateway: Gateway, key: str) -> None:
    answer = ask(gateway, key, first="2026-03-02", last="2026-03-01")
    assert (answer.status, answer.faults) == (422, [(["query", "to"], "range_empty")])


def test_a_range_of_one_day_is_one(gateway: Gateway, key: str) -> None:
    assert ask(gateway, key, first="2026-03-01", last="2026-03-01").status == 200


@pytest.mark.parametrize(
    "query",
    [
        {"method": "frequentist", "cuped": "false", "correction": "none", "alpha": "1e-9"},
        {"alpha": "0.999999"},
        {"alpha": "1e-300"},
        {"alpha": "5e-324"},
        {"first": "0001-01-01", "last": "9999-12-31", "group_by": "day"},
        {"last": "0001-01-01", "group_by": "day"},
        {"first": "9999-12-31", "group_by": "day"},
    ],
)
def test_what_may_be_asked_is_answered(gateway: Gateway, story: Story, query: dict[str, Any]) -> None:
    assert ask(gateway, story.key, **query).status == 200


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("nobody", 401), (Role.CLIENT, 403), (Role.ANALYST, 200), (Role.ADMIN, 200)]
)
def test_analysts_and_admins_read_results(gateway: Gateway, key: str, role: Any, status: int) -> None:
    token = SECRETS[role] if isinstance(role, Role) else role
    assert gateway.get(f"{EXPERIMENTS}/{key}/results", token=token).status == status


@pytest.mark.parametrize("unknown", ["missing", "MISSING", "ü", "-", "x" * 65])
def test_an_unknown_experiment_has_none(gateway: Gateway, unknown: str) -> None:
    answer = gateway.get(f"{EXPERIMENTS}/{unknown}/results", query={"metric": "sales", "alpha": "0.1"})
    assert (answer.status, answer.code) == (404, "experiment_not_found")


def test_a_series_that_fits_into_no_answer_is_refused(
    gateway: Gateway, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = len(results(gateway, story.key, group_by="day", metric="orders")["timeseries"]) * (3 + 2)
    monkeypatch.setattr("fairsplit.services.reading_results.MOST_CELLS", cells)
    assert ask(gateway, story.key, group_by="day", metric="orders").status == 200
    answer = ask(gateway, story.key, group_by="day")
    assert (answer.status, answer.faults) == (422, [(["query", "group_by"], "series_too_large")])
