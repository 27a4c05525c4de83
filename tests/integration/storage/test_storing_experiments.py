"""Experiments: document, place in the list and audit trail change together or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.experiment import Experiment
from fairsplit.domain.job import Job, JobKind
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.jobs import Jobs
from tests.engines import Store
from tests.integration.storage.making import NOW, entry, experiment, fresh_key

pytestmark = pytest.mark.engine


@pytest.fixture
def experiments(store: Store) -> Experiments:
    return Experiments(store.client, store.tables["CatalogTable"])


@pytest.fixture
def first(experiments: Experiments) -> Experiment:
    """A stored draft."""
    first = experiment(tags=["first"])
    assert experiments.create(first, entry(first))
    return first


def following(old: Experiment, **changes: Any) -> Experiment:
    """The next version."""
    return old.model_copy(update={"version": old.version + 1, **changes})


def versions(experiments: Experiments, key: str) -> list[int]:
    """Those of the audit trail."""
    return [one.version for one in experiments.history(key, 100, None)[0]]


def removal(key: str) -> Job:
    """The promise that what a deleted draft had imported is removed."""
    return Job(JobKind.REMOVE_EXPERIMENT, key, NOW)


def test_an_experiment_is_read_back_as_it_was(experiments: Experiments, first: Experiment) -> None:
    assert experiments.read(first.key) == first
    assert experiments.read(fresh_key()) is None
    assert versions(experiments, first.key) == [1]


def test_a_key_is_taken_once(experiments: Experiments, first: Experiment) -> None:
    second = experiment(key=first.key, name="Another")
    assert not experiments.create(second, entry(second))
    assert experiments.read(first.key) == first


def test_the_next_version_replaces_the_one_that_was_read(experiments: Experiments, first: Experiment) -> None:
    second = following(first, name="Another")
    assert experiments.replace(first, second, entry(second))
    assert experiments.read(first.key) == second
    assert versions(experiments, first.key) == [2, 1]


def test_who_read_an_older_version_changes_nothing(experiments: Experiments, first: Experiment) -> None:
    second, rival = following(first, name="Another"), following(first, name="Rival", tags=("rival",))
    experiments.replace(first, second, entry(second))
    assert not experiments.replace(first, rival, entry(rival), "requested")
    assert experiments.read(first.key) == second
    assert versions(experiments, first.key) == [2, 1]
    assert experiments.page(100, None, tag="rival") == ([], None)


def test_a_deleted_one_leaves_its_trail_and_its_key_is_free_when_the_job_is_done(
    experiments: Experiments, first: Experiment
) -> None:
    job = removal(first.key)
    assert experiments.delete(first, entry(first), job)
    assert experiments.read(first.key) is None
    assert versions(experiments, first.key)
    assert not experiments.create(first, entry(first))
    Jobs(experiments.client, experiments.table).remove(job)
    assert experiments.create(first, entry(first))


def test_one_that_changed_since_is_not_deleted(experiments: Experiments, first: Experiment) -> None:
    second = following(first)
    experiments.replace(first, second, entry(second))
    assert not experiments.delete(first, entry(first), removal(first.key))
    assert experiments.read(first.key) == second
    assert removal(first.key) not in Jobs(experiments.client, experiments.table).open_jobs()


def test_many_are_read_at_once_however_many(experiments: Experiments, first: Experiment) -> None:
    second = experiment()
    experiments.create(second, entry(second))
    keys = [fresh_key() for _ in range(120)] + [first.key, second.key, first.key, "No key"]
    assert experiments.read_many(keys) == {first.key: first, second.key: second}
