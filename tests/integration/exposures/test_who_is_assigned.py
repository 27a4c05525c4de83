"""An exposure assigns a unit that has no assignment, if it may be in."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from fairsplit.domain.timestamps import to_text
from tests.integration.experiments.making import EXPERIMENTS, create, move
from tests.integration.exposures.stage import Stage
from tests.store_faults import at_first, counting, fault, throttling_all
from tests.traffic import send
from tests.traffic import units as units_of

pytestmark = pytest.mark.engine
Wait = Callable[[timedelta], None]
NAMESPACE = {"namespace": {"key": "page", "from": 0, "to": 0.001}}


def test_a_unit_gets_the_hashs_variant_from_the_time_of_its_exposure_on(stage: Stage) -> None:
    for unit in (stage.unit(), stage.unit(), stage.unit()):
        sent = stage.exposure(unit, hours=3)
        stage.send(sent)
        stored = stage.stored(unit)
        assert (stored["variant"], stored["assigned_at"]) == (stage.hash_variant(unit), sent["timestamp"])


def test_who_asks_afterwards_gets_what_is_stored(stage: Stage) -> None:
    unit = stage.unit()
    stage.send(stage.exposure(unit, hours=3))
    stored = stage.stored(unit)
    answer = stage.assign(unit)
    assert (answer["new"], answer["assigned_at"], answer["variant"]) == (
        False,
        stored["assigned_at"],
        stored["variant"],
    )


def test_of_many_exposures_in_an_item_the_earliest_assigns(stage: Stage) -> None:
    unit = stage.unit()
    noon = stage.ago(24).replace(hour=12)
    times = [to_text(noon + timedelta(hours=hours)) for hours in (3, -5, 0)]
    stage.send(*[stage.exposure(unit, hours=0) | {"timestamp": at} for at in times])
    assert stage.stored(unit)["assigned_at"] == times[1]


def test_a_unit_enters_all_experiments_that_it_met_in_one_call(stage: Stage) -> None:
    unit, other = stage.unit(), stage.start()
    early, late = stage.exposure(unit, hours=5), stage.exposure(unit, hours=0, key=other)
    stage.send(early, stage.exposure(unit, hours=1, key="no-such-experiment", variant="x"), late)
    assert stage.stored(unit)["assigned_at"] == early["timestamp"]
    assert stage.stored(unit, other)["assigned_at"] == late["timestamp"]


def test_values_of_declared_dimensions_alone_are_taken_from_the_exposure(stage: Stage, later: Wait) -> None:
    key = stage.start(dimensions=["country"])
    later(timedelta(hours=1))
    unit = stage.unit()
    stage.send(stage.exposure(unit, hours=0.5, key=key, attributes={"country": "DE", "age": 41}))
    (value,) = stage.results(key, dimension="country")["breakdown"]["values"]
    assert (value["value"], value["units"]) == ("DE", 1)


def test_targeting_is_taken_as_met(stage: Stage, later: Wait) -> None:
    key = stage.start(targeting={"country": "DE"})
    later(timedelta(hours=1))
    unit = stage.unit()
    stage.send(stage.exposure(unit, hours=0.5, key=key, variant="green"))
    assert stage.stored(unit, key)


@pytest.mark.parametrize("settings", [{"coverage": 0}, NAMESPACE], ids=["not covered", "not in the namespace"])
def test_who_gets_no_variant_by_the_hash_is_not_assigned(
    stage: Stage, later: Wait, settings: dict[str, object]
) -> None:
    key = stage.start(**settings)
    later(timedelta(hours=1))
    unit = stage.unit()
    stage.send(stage.exposure(unit, hours=0.5, key=key, variant="green"))
    assert stage.stored(unit, key) is None
    assert stage.counted(key) == (0, 0)


def test_an_exposure_to_a_holdout_assigns_whom_it_holds_out_and_everybody_else(stage: Stage, later: Wait) -> None:
    key = stage.start(kind="holdout", namespace={"key": "shop", "from": 0, "to": 50})
    later(timedelta(hours=1))
    units = [stage.unit() for _ in range(20)]
    stage.send(*[stage.exposure(unit, hours=0.5, key=key) for unit in units])
    assert [stage.stored(unit, key)["variant"] for unit in units] == [stage.hash_variant(unit, key) for unit in units]
    assert set(units_of(stage.results(key))) == {"control", "green"}
    assert stage.counted(key) == (20, 0)


def test_a_unit_with_an_override_is_not_assigned(stage: Stage) -> None:
    unit = stage.unit()
    stage.gateway.patch(f"{EXPERIMENTS}/{stage.key}", {"overrides": {unit: "green"}})
    stage.send(stage.exposure(unit, hours=3, variant="green"))
    stage.gateway.patch(f"{EXPERIMENTS}/{stage.key}", {"overrides": {}})
    assert stage.stored(unit) is None


def test_only_exposures_in_the_run_assign(stage: Stage) -> None:
    early, late = stage.unit(), stage.unit()
    stage.send(stage.exposure(early, hours=49))
    completed_at = move(stage.gateway, stage.key, "completed").body["completed_at"]
    stage.send(stage.exposure(late, hours=-0.05, variant="green"))
    assert (stage.stored(early), stage.stored(late)) == (None, None)
    at_the_end = stage.exposure(late, hours=0, variant="green") | {"timestamp": completed_at}
    stage.send(at_the_end)
    assert stage.stored(late)["assigned_at"] == completed_at


def test_an_exposure_of_a_draft_does_nothing(stage: Stage) -> None:
    key, unit = str(create(stage.gateway)["key"]), stage.unit()
    stage.send(stage.exposure(unit, hours=1, key=key, variant="green"))
    assert stage.stored(unit, key) is None


def test_a_pause_takes_nobody_in_but_who_met_the_variant_before_it(stage: Stage, later: Wait) -> None:
    move(stage.gateway, stage.key, "paused")
    later(timedelta(hours=2))
    before, within = stage.unit(), stage.unit()
    stage.send(stage.exposure(before, hours=3, variant="green"), stage.exposure(within, hours=1, variant="green"))
    assert stage.stored(before)
    assert stage.stored(within) is None


def test_after_the_pause_exposures_assign_again(stage: Stage, later: Wait) -> None:
    for to in ("paused", "active"):
        move(stage.gateway, stage.key, to)
        later(timedelta(hours=1))
    unit = stage.unit()
    stage.send(stage.exposure(unit, hours=0.5))
    assert stage.stored(unit)


def test_who_came_by_an_exposure_that_is_late_counts_in_the_completed_experiment(stage: Stage, later: Wait) -> None:
    move(stage.gateway, stage.key, "completed")
    later(timedelta(days=1))
    unit = stage.unit()
    stage.send(stage.exposure(unit, hours=30, variant="green"), stage.order(unit, hours=29), stage.order(unit, hours=1))
    assert stage.stored(unit)
    assert stage.counted()[0] + stage.results()["summary"]["mixed_units"] == 1


@pytest.mark.parametrize("minutes", [0, 2])
def test_ninety_days_after_its_completion_an_experiment_takes_nobody_in(
    stage: Stage, later: Wait, minutes: float
) -> None:
    """However late the stream is."""
    completed_at = move(stage.gateway, stage.key, "completed").body["completed_at"]
    later(timedelta(days=90, minutes=-1))
    unit = stage.unit()
    send(stage.gateway, [stage.exposure(unit, hours=0, variant="green") | {"timestamp": completed_at}])
    later(timedelta(minutes=minutes))
    stage.pipeline.drain()
    assert (stage.stored(unit) is None) is bool(minutes)


@pytest.mark.parametrize("operation", ["TransactWriteItems", "BatchGetItem"])
def test_what_the_store_is_too_busy_for_comes_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    """The SDK tries three times, and then the batch comes again."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    unit, client = stage.unit(), stage.pipeline.handlers["AttributionFunction"].__globals__["client"]
    happens, met = counting(throttling_all)
    with fault(client, at_first(happens, 6), operation):
        stage.send(stage.exposure(unit, hours=3), stage.order(unit, hours=2))
    assert len(met) == 6
    assert stage.counted() == (1, 1)
