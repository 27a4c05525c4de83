"""Sums by the values of dimensions, from assignment to rows, and through all that happens to rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.value_sums import MOST_VALUES
from tests.gateway import Gateway
from tests.integration.aggregation.breakdowns import EXPERIMENTS, Breakdowns, arrive, counts, everything
from tests.integration.experiments.making import create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, REVENUE, event, noon, results, send, units

pytestmark = pytest.mark.engine
ENTRY = noon(4)
DAY = timedelta(days=1)
SETTLED = timedelta(minutes=20)
Wait = Callable[[timedelta], None]
PEOPLE: dict[str, dict[str, Any]] = {
    "de-1": {"country": "DE", "age": 3},
    "de-2": {"country": "DE", "age": 3.0},
    "fr": {"country": "FR", "age": True},
    "list": {"country": ["DE"], "age": "3"},
    "nobody": {},
}
COUNTRIES = {'"DE"': (2, 3), '"FR"': (1, 3), "null": (2, 9)}


@pytest.fixture
def key(gateway: Gateway, pipeline: Pipeline) -> str:
    """An experiment with five units of two dimensions: the first has an event, the second two, and so on."""
    key = str(create_in(gateway, "active", metrics=[ORDERS, REVENUE], dimensions=["country", "age"])["key"])
    arrive(gateway, key, {f"{key}-{name}": attributes for name, attributes in PEOPLE.items()}, ENTRY)
    for number, name in enumerate(PEOPLE, 1):
        send(gateway, [event(f"{key}-{name}", ENTRY + one * DAY, value=one + 0.5) for one in range(number)])
    pipeline.drain()
    return key


def test_each_unit_counts_under_its_value_and_without_one_under_null(key: str, breakdowns: Breakdowns) -> None:
    assert counts(breakdowns.of_rows(key)) == COUNTRIES


def test_values_of_different_types_are_different(key: str, breakdowns: Breakdowns) -> None:
    assert {value: units for value, (units, _) in counts(breakdowns.of_rows(key, "age")).items()} == {
        "3": 1,
        "3.0": 1,
        "true": 1,
        '"3"': 1,
        "null": 1,
    }


def test_all_values_together_are_the_main_sums(key: str, breakdowns: Breakdowns) -> None:
    for dimension in ("country", "age"):
        assert everything(breakdowns.of_rows(key, dimension)) == breakdowns.main(key)


def test_rows_and_units_tell_the_same_of_each_day(key: str, breakdowns: Breakdowns) -> None:
    for dimension in ("country", "age"):
        assert breakdowns.of_units(key, dimension) == breakdowns.of_rows(key, dimension)
    up_to = (ENTRY + DAY).date()
    assert breakdowns.of_units(key, last=up_to) == breakdowns.of_rows(key, last=up_to)
    assert counts(breakdowns.of_rows(key, last=up_to)) == {'"DE"': (2, 3), '"FR"': (1, 2), "null": (2, 4)}


def test_a_range_of_days_is_read_from_the_units(key: str, breakdowns: Breakdowns) -> None:
    first = (ENTRY + 2 * DAY).date()
    assert counts(breakdowns.of_units(key, first=first)) == {'"DE"': (2, 0), '"FR"': (1, 1), "null": (2, 5)}


def test_a_dimension_that_no_unit_knows_has_all_of_them_under_null_in_their_own_days(
    key: str, breakdowns: Breakdowns
) -> None:
    assert counts(breakdowns.of_units(key, "unknown")) == {"null": (5, 15)}


def test_a_unit_that_is_assigned_by_a_client_counts_as_an_imported_one(
    key: str, gateway: Gateway, pipeline: Pipeline, breakdowns: Breakdowns
) -> None:
    for name, body in (("a", {"attributes": {"country": "FR"}}), ("b", {}), ("c", None)):
        assert gateway.put(f"{EXPERIMENTS}/{key}/assignments/{key}-{name}", body).body["new"]
    pipeline.drain()
    assert counts(breakdowns.of_rows(key)) == COUNTRIES | {'"FR"': (2, 3), "null": (4, 9)}


def test_an_erased_unit_leaves_its_value(
    key: str, gateway: Gateway, pipeline: Pipeline, breakdowns: Breakdowns
) -> None:
    for name in ("fr", "nobody"):
        assert gateway.delete(f"/v1/units/{key}-{name}").status == 204
    pipeline.drain()
    assert counts(breakdowns.of_rows(key)) == {'"DE"': (2, 3), "null": (1, 4)}
    assert everything(breakdowns.of_rows(key)) == breakdowns.main(key)
    assert breakdowns.of_units(key) == breakdowns.of_rows(key)


def test_what_is_delivered_again_changes_nothing(key: str, pipeline: Pipeline, breakdowns: Breakdowns) -> None:
    rows = breakdowns.aggregates.rows(f"{key}#country", 0)
    pipeline.deliver_again("RollupFunction")
    assert breakdowns.aggregates.rows(f"{key}#country", 0) == rows


def test_compaction_moves_sums_by_value_and_changes_none(
    key: str, gateway: Gateway, pipeline: Pipeline, later: Wait, breakdowns: Breakdowns
) -> None:
    before = breakdowns.of_rows(key)
    later(SETTLED)
    pipeline.maintain()
    rows = breakdowns.aggregates.rows(f"{key}#country", 0)
    assert {place.shard for place, row in rows.items() if row.moments} == {"base"}
    assert breakdowns.aggregates.compactions(f"{key}#country") == 5
    assert breakdowns.of_rows(key) == before
    pipeline.deliver_again("RollupFunction")
    assert breakdowns.of_rows(key) == before
    send(gateway, [event(f"{key}-fr", ENTRY)])
    pipeline.drain()
    assert counts(breakdowns.of_rows(key)) == COUNTRIES | {'"FR"': (1, 4)}


def test_changed_metrics_move_sums_by_value_to_the_next_epoch(
    key: str, gateway: Gateway, pipeline: Pipeline, later: Wait, breakdowns: Breakdowns
) -> None:
    gateway.patch(f"{EXPERIMENTS}/{key}", {"metrics": [ORDERS]})
    pipeline.maintain()
    pipeline.maintain()
    assert (breakdowns.complete_epoch(key), counts(breakdowns.of_rows(key))) == (2, COUNTRIES)
    assert everything(breakdowns.of_rows(key)) == breakdowns.main(key)
    later(timedelta(days=4))
    pipeline.maintain()
    assert {place.epoch for place in breakdowns.aggregates.rows(f"{key}#country", 0)} == {2}


def test_a_draft_that_is_given_another_dimension_has_its_units_there_under_null(
    gateway: Gateway, pipeline: Pipeline, breakdowns: Breakdowns
) -> None:
    key = str(create_in(gateway, "draft", metrics=[ORDERS], dimensions=["country"])["key"])
    arrive(gateway, key, {f"{key}-1": {"country": "DE", "device": "pc"}}, ENTRY)
    pipeline.drain()
    gateway.patch(f"{EXPERIMENTS}/{key}", {"dimensions": ["device"]})
    arrive(gateway, key, {f"{key}-2": {"country": "DE", "device": "pc"}}, ENTRY)
    pipeline.drain()
    pipeline.maintain()
    pipeline.drain()
    assert counts(breakdowns.of_rows(key, "device")) == {"null": (1, 0), '"pc"': (1, 0)}
    assert breakdowns.of_units(key, "device") == breakdowns.of_rows(key, "device")
    assert not breakdowns.sums(key, "country")


def test_the_sums_by_value_of_a_deleted_draft_are_not_those_of_its_key(
    gateway: Gateway, pipeline: Pipeline, breakdowns: Breakdowns
) -> None:
    draft = create_in(gateway, "draft", metrics=[ORDERS], dimensions=["country"])
    key = str(draft["key"])
    arrive(gateway, key, {f"{key}-{number}": {"country": f"C{number}"} for number in range(MOST_VALUES + 1)}, ENTRY)
    pipeline.drain()
    assert breakdowns.of_rows(key) is None
    assert gateway.delete(f"{EXPERIMENTS}/{key}").status == 204
    pipeline.drain()
    body = {name: draft[name] for name in ("key", "name", "variants", "metrics", "dimensions")}
    assert gateway.post(EXPERIMENTS, body).status == 201
    assert breakdowns.of_rows(key) == {}
    arrive(gateway, key, {f"{key}-new": {"country": "C1"}}, ENTRY)
    pipeline.drain()
    assert counts(breakdowns.of_rows(key)) == {'"C1"': (1, 0)}


def test_too_many_values_are_refused_and_the_main_sums_stay(
    gateway: Gateway, pipeline: Pipeline, later: Wait, breakdowns: Breakdowns
) -> None:
    key = str(create_in(gateway, "active", metrics=[ORDERS], dimensions=["plan", "user"])["key"])
    people = {f"{key}-{number}": {"user": f"u{number}", "plan": "free"} for number in range(MOST_VALUES + 1)}
    arrive(gateway, key, people, ENTRY)
    send(gateway, [event(unit, ENTRY) for unit in people])
    for _ in range(2):
        pipeline.drain()
        assert breakdowns.of_rows(key, "user") is None
        assert breakdowns.of_units(key, "user") is None
        assert counts(breakdowns.of_rows(key, "plan")) == {'"free"': (len(people), len(people))}
        assert units(results(gateway, key))["green"] == len(people)
        later(SETTLED)
        pipeline.maintain()


def test_values_that_are_too_many_over_all_days_are_refused_too(
    gateway: Gateway, pipeline: Pipeline, breakdowns: Breakdowns
) -> None:
    """No row has more than it may."""
    key = str(create_in(gateway, "active", metrics=[ORDERS], dimensions=["user"])["key"])
    half = MOST_VALUES // 2 + 1
    for days in (0, 1):
        people = {f"{key}-{days}-{number}": {"user": f"{days}-{number}"} for number in range(half)}
        arrive(gateway, key, people, ENTRY + days * DAY)
    pipeline.drain()
    assert len(counts(breakdowns.of_rows(key, "user", last=ENTRY.date()))) == half
    assert breakdowns.of_rows(key, "user") is None
    assert breakdowns.of_units(key, "user") is None


def test_a_long_life_ends_with_the_same_sums(
    key: str, gateway: Gateway, pipeline: Pipeline, later: Wait, breakdowns: Breakdowns
) -> None:
    """Units come again after their erasure, events come late, and the experiment ends."""
    for round_ in range(3):
        later(SETTLED)
        pipeline.maintain()
        gateway.delete(f"/v1/units/{key}-fr")
        arrive(gateway, key, {f"{key}-fr": {"country": "IT" if round_ else "FR"}}, ENTRY)
        send(gateway, [event(f"{key}-{name}", ENTRY) for name in PEOPLE])
        pipeline.drain()
    gateway.post(f"{EXPERIMENTS}/{key}/transitions", {"to": "completed"})
    pipeline.maintain()
    pipeline.maintain()
    pipeline.drain()
    assert breakdowns.complete_epoch(key) == 2
    assert counts(breakdowns.of_rows(key)) == {'"DE"': (2, 9), '"IT"': (1, 1), "null": (2, 15)}
    assert everything(breakdowns.of_rows(key)) == breakdowns.main(key)
    assert breakdowns.of_units(key) == breakdowns.of_rows(key)
