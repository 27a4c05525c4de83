"""Many ask for the same assignments at once: one of each is stored, and everybody is told of that one."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import TypeVar

import pytest

from fairsplit.domain.audit import Actor
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.timestamps import now, to_text
from fairsplit.services.answers import Answer
from fairsplit.services.assigning import Assigning
from fairsplit.services.experimenting import Experimenting
from fairsplit.services.importing import Imported, Importing
from fairsplit.services.known_assignments import Known
from fairsplit.storage.assignments import Assignments
from fairsplit.storage.experiment_cache import CachedExperiments
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.recounts import Recounts
from tests.engines import Store
from tests.integration.experiments.making import body

T = TypeVar("T")
pytestmark = pytest.mark.engine
CALLERS = 64
UNITS = 200


@dataclass(frozen=True)
class Race:
    """An active experiment, and units that nobody has asked for yet."""

    store: Store
    experiment: Experiment
    units: list[str]

    @property
    def assignments(self) -> Assignments:
        return Assignments(self.store.client, self.store.tables["AssignmentsTable"])

    @property
    def experiments(self) -> Experiments:
        return Experiments(self.store.client, self.store.tables["CatalogTable"])

    def assign_all(self) -> list[Answer]:
        """Ask for each unit, as an execution environment does that knows no assignment yet."""
        assigning = Assigning(self.assignments, CachedExperiments(self.experiments, now), Known(), now, nonce)
        return [assigning.assign(self.experiment.key, unit, {}) for unit in self.units]

    def import_all(self) -> Imported:
        """Import all units in one call."""
        importing = Importing(self.assignments, self.experiments, self.experiment, now(), nonce)
        return importing.import_all({"items": [{"unit_id": unit} for unit in self.units]})

    def stored(self) -> dict[str, tuple[str, str]]:
        """Each unit's stored variant and time."""
        pages = self.store.client.get_paginator("scan").paginate(TableName=self.assignments.table, ConsistentRead=True)
        items = [item for page in pages for item in page["Items"] if item["experiment"]["S"] == self.experiment.key]
        assert len(items) == len({item["unit_id"]["S"] for item in items})
        return {item["unit_id"]["S"]: (item["variant"]["S"], item["assigned_at"]["S"]) for item in items}


def nonce() -> str:
    return secrets.token_hex(5)


def race(store: Store, units: int) -> Race:
    """A race that is about to begin."""
    catalog = store.tables["CatalogTable"]
    experiments = Experiments(store.client, catalog)
    desk = Experimenting(experiments, Recounts(store.client, catalog), Actor("t", "a test"), now(), 480)
    key = desk.create(body(), "seed").key
    started = desk.transition(key, {"to": "active"}, lambda _version: None)
    return Race(store, started, [f"unit-{number}" for number in range(units)])


def at_once(callers: int, call: Callable[[int], T]) -> list[T]:
    """What each caller got, when all start together."""
    barrier = Barrier(callers)

    def start(number: int) -> T:
        barrier.wait()
        return call(number)

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(start, range(callers)))


def shown(answer: Answer) -> tuple[str, tuple[str | None, str]]:
    """The unit, and what is told of it."""
    assert answer.assigned_at
    return answer.unit_id, (answer.variant, to_text(answer.assigned_at))


@pytest.mark.parametrize("store", ["dynoxide", "ministack"], indirect=True)
def test_of_64_callers_exactly_one_stores_each_unit_and_all_are_told_of_it(store: Store) -> None:
    contest = race(store, UNITS)
    told = [answer for answers in at_once(CALLERS, lambda _: contest.assign_all()) for answer in answers]
    assert len(told) == CALLERS * UNITS
    assert Counter(answer.unit_id for answer in told if answer.new) == dict.fromkeys(contest.units, 1)
    assert {shown(answer) for answer in told} == set(contest.stored().items())


@pytest.mark.parametrize("store", ["dynoxide", "ministack"], indirect=True)
def test_imports_and_callers_at_once_store_each_unit_once_between_them(store: Store) -> None:
    contest = race(store, 40)
    told: list[Answer] = []
    counts: list[Imported] = []

    def call(number: int) -> None:
        if number % 2:
            told.extend(contest.assign_all())
        else:
            counts.append(contest.import_all())

    at_once(16, call)
    assert sum(one.created for one in counts) + sum(answer.new for answer in told) == 40
    assert {one.created + one.existing for one in counts} == {40}
    assert {shown(answer) for answer in told} == set(contest.stored().items())
