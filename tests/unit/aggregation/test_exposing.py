"""Exposing over stores in memory: who is assigned, with what, and what a busy store leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.eligibility import hash_choice
from fairsplit.domain.event import Event
from fairsplit.domain.exposure import Exposure
from fairsplit.domain.folding import fold
from fairsplit.domain.totals import NO_TOTALS
from fairsplit.services import attributing
from fairsplit.services.exposing import Exposed, Exposing
from tests.unit.aggregation.fake_units import BUSY, NOW, ONE, World, attribution
from tests.unit.making import ENTRY, ORDERS, assignment, event, experiment, exposure

MINE = hash_choice(ONE, "u").variant or ""


@dataclass
class Scene:
    """A unit without assignments, and what it has met, each exposure in an item of its own."""

    world: World = field(default_factory=lambda: World(known={"a": ONE}))
    busy: bool = False
    gone: set[str] = field(default_factory=set)  # items that are erased after they were read
    stored: dict[str, Assignment] = field(default_factory=dict)  # by the exposure's id

    def read(self, places: Sequence[tuple[str, str]]) -> list[Exposure]:
        self.world.calls.append("exposures")
        if self.busy:
            raise BUSY
        wanted = {item for _, item in places}
        return [Exposure(one, one.event_id) for one in self.world.sent if one.is_exposure and one.event_id in wanted]

    def assign(self, wanted: Assignment, exposure: Exposure) -> bool:
        self.world.calls.append("assign")
        if exposure.item in self.gone or (wanted.unit_id, wanted.experiment) in self.world.items:
            return False
        self.world.keep(wanted)
        self.stored[exposure.event.event_id] = wanted
        return True

    def meet(self, *events: Event) -> Exposed:
        """Bring the exposures among these events to attribution."""
        self.world.sent += events
        places = [(one.unit_id, one.event_id) for one in events if one.is_exposure]
        return Exposing(self, attribution(self.world), lambda: "nonce").assign_all(places)

    def unit(self, key: str = "a") -> Assignment:
        return self.world.unit("u", key)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def with_attributes(one: Event, attributes: Mapping[str, Any]) -> Event:
    return replace(one, properties={**one.properties, "attributes": attributes})


def test_the_earliest_exposure_makes_an_assignment_of_the_hashs_variant(scene: Scene) -> None:
    scene.meet(exposure(3), exposure(-2, "control", event_id="first"), exposure(1))
    unit = scene.unit()
    assert list(scene.stored) == ["first"]
    assert (unit.variant, unit.bucket, unit.version, unit.incarnation) == (
        MINE,
        hash_choice(ONE, "u").bucket,
        1,
        "nonce",
    )
    assert unit.assigned_at == unit.entered_at == ENTRY - timedelta(hours=2)


def test_the_assignment_is_stored_with_its_totals(scene: Scene) -> None:
    scene.world.sent += [event(-3), event(1), event(2)]
    scene.meet(exposure(0, MINE))
    assert scene.unit().totals == fold(scene.unit(), ONE, scene.world.sent) != NO_TOTALS
    assert scene.world.calls == ["exposures", "experiments", "assignments", "events", "assign"]


def test_a_unit_of_too_many_events_is_stored_as_heavy(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attributing, "HEAVY_EVENTS", 3)
    scene.meet(exposure(0, MINE), event(1), event(2), event(3))
    assert (scene.unit().heavy, scene.unit().totals) == (True, NO_TOTALS)


def test_all_that_a_unit_met_is_folded_from_one_reading_of_its_events(scene: Scene) -> None:
    scene.world.known["b"] = experiment(ORDERS, key="b")
    scene.meet(exposure(0), exposure(1, experiment="b"), exposure(2, experiment="c"))
    assert {key for _, key in scene.world.items} == {"a", "b"}
    assert [scene.world.calls.count(name) for name in ("experiments", "assignments", "events")] == [1, 1, 1]


def test_what_a_unit_had_before_is_handed_on_as_it_was_read(scene: Scene) -> None:
    scene.world.known["b"] = experiment(ORDERS, key="b")
    scene.world.keep(assignment(experiment="b"))
    assert scene.meet(exposure(0)) == Exposed({"u": [assignment(experiment="b")]}, frozenset())


def test_a_unit_that_had_nothing_is_not_read_again_to_be_folded(scene: Scene) -> None:
    exposed = scene.meet(exposure(0))
    scene.world.calls.clear()
    assert attribution(scene.world).fold_units(["u"], exposed.assignments) == set()
    assert scene.world.calls == []


@pytest.mark.parametrize("there", [{}, {"erased": True}, {"merged": True}, {"heavy": True}])
def test_where_there_is_an_assignment_none_is_stored(scene: Scene, there: dict[str, Any]) -> None:
    scene.world.keep(assignment(**there))
    scene.meet(exposure(-1))
    assert "assign" not in scene.world.calls


@pytest.mark.parametrize(
    "settings",
    [
        {"overrides": {"u": "green"}},
        {"coverage": 0},
        {"started_at": None, "status": "draft"},
        {"started_at": ENTRY + timedelta(hours=1)},
        {"completed_at": ENTRY - timedelta(hours=1), "status": "completed"},
        {"paused_at": ENTRY, "status": "paused"},
        {"paused_at": ENTRY - timedelta(hours=1), "status": "paused"},
        {"completed_at": NOW - timedelta(days=91), "started_at": ENTRY - timedelta(days=200), "status": "completed"},
    ],
)
def test_who_may_not_be_in_is_not_stored(scene: Scene, settings: dict[str, Any]) -> None:
    scene.world.known["a"] = experiment(ORDERS, **settings)
    scene.meet(exposure(0))
    assert scene.world.items == {}


@pytest.mark.parametrize(
    "settings",
    [
        {"started_at": ENTRY},
        {"completed_at": ENTRY, "status": "completed"},
        {"completed_at": ENTRY, "status": "archived", "winner": "green"},
        {"paused_at": ENTRY + timedelta(milliseconds=1), "status": "paused"},
        {"paused_at": ENTRY - timedelta(hours=1), "status": "active"},
        {"targeting": {"country": "DE"}},
    ],
)
def test_who_may_be_in_is_stored(scene: Scene, settings: dict[str, Any]) -> None:
    scene.world.known["a"] = experiment(ORDERS, **settings)
    scene.meet(exposure(0))
    assert scene.unit().assigned_at == ENTRY


def test_the_earliest_that_may_assign_does_and_an_earlier_one_is_no_entry_out_of_the_run(scene: Scene) -> None:
    scene.world.known["a"] = experiment(ORDERS, started_at=ENTRY)
    scene.meet(exposure(-1), exposure(2), exposure(1))
    assert scene.unit().entered_at == ENTRY + timedelta(hours=1)
    assert scene.unit().totals.exposures_outside_run == 1


def test_an_exposure_whose_id_another_event_had_before_assigns_nobody_and_the_next_does(scene: Scene) -> None:
    scene.world.sent.append(event(-5, event_id="same"))
    scene.meet(exposure(0, event_id="same"))
    assert scene.world.items == {}
    scene.meet(exposure(1, event_id="same"), exposure(2))
    assert scene.unit().assigned_at == ENTRY + timedelta(hours=2)


def test_values_of_dimensions_are_those_that_the_exposure_tells(scene: Scene) -> None:
    scene.world.known["a"] = experiment(ORDERS, dimensions=("country", "device"))
    scene.meet(
        with_attributes(exposure(0), {"country": "DE", "age": 41}), with_attributes(exposure(1), {"device": "pc"})
    )
    assert scene.unit().dimensions == {"country": "DE", "device": None}


def test_an_exposure_that_was_erased_meanwhile_assigns_nobody(scene: Scene) -> None:
    scene.gone = {"erased"}
    scene.meet(exposure(0, event_id="erased"))
    assert scene.world.items == {}


def test_without_exposures_nothing_is_read(scene: Scene) -> None:
    assert scene.meet(event(1)) == Exposed({}, frozenset())
    assert scene.world.calls == []


def test_units_that_the_store_is_too_busy_for_come_again_and_the_others_are_assigned(scene: Scene) -> None:
    scene.world.busy_units = {"v"}
    exposed = scene.meet(replace(exposure(0), unit_id="v"), exposure(0))
    assert exposed.busy == frozenset({"v"})
    assert list(exposed.assignments) == ["u"]
    assert scene.unit()


def test_all_units_come_again_where_exposures_cannot_be_read(scene: Scene) -> None:
    scene.busy = True
    assert scene.meet(replace(exposure(0), unit_id="v"), exposure(0)) == Exposed({}, frozenset({"u", "v"}))


def test_who_comes_again_after_being_stored_is_stored_once(scene: Scene) -> None:
    met = exposure(0)
    scene.meet(met)
    stored = scene.unit()
    scene.meet(met)
    assert scene.unit() == stored
    assert scene.world.calls.count("assign") == 1
