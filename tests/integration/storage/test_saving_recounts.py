"""Recounts: queued with the change that needs them, saved by nobody but the last holder of the lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fairsplit.domain.experiment import Metric
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.recount import Recount, RecountState
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.recounts import Recounts
from tests.engines import Store
from tests.integration.storage.making import NOW, entry, experiment, fresh_key

pytestmark = pytest.mark.engine


@pytest.fixture
def recounts(store: Store) -> Recounts:
    return Recounts(store.client, store.tables["CatalogTable"])


@pytest.fixture
def queued(recounts: Recounts) -> Recount:
    """The recount of an experiment that came to its second epoch."""
    experiments, first = Experiments(recounts.client, recounts.table), experiment()
    second = first.model_copy(update={"version": 2, "epoch": 2})
    assert experiments.create(first, entry(first))
    assert experiments.replace(first, second, entry(second), "metrics_changed")
    return recounts.read(first.key)


def test_an_experiment_that_never_had_one_has_the_first_epoch_complete(recounts: Recounts) -> None:
    key = fresh_key()
    assert recounts.read(key) == Recount(experiment=key)


def test_a_queued_recount_knows_the_epoch_before_as_complete(queued: Recount) -> None:
    assert (queued.epoch, queued.complete_epoch, queued.state) == (2, 1, RecountState.QUEUED)
    assert (queued.reason, queued.requested_at, queued.uncounted) == ("metrics_changed", NOW, frozenset())


def test_progress_is_saved_and_read_back_whole(recounts: Recounts, queued: Recount) -> None:
    walking = replace(queued, state=RecountState.WALKING, shard=7, after="🙂" * 256, walked=10**9, passes=2)
    draining = replace(walking, state=RecountState.DRAINING, drained_from=NOW, after=None)
    done = replace(draining, state=RecountState.DONE, finished_at=NOW, drifted=True)
    for progress in (walking, replace(draining, uncounted=frozenset("ab")), done):
        assert recounts.save(progress, fence=3)
        assert recounts.read(queued.experiment) == progress


def test_a_holder_of_the_lease_before_saves_nothing_more(recounts: Recounts, queued: Recount) -> None:
    later = replace(queued, walked=5)
    assert recounts.save(later, fence=4)
    assert not recounts.save(replace(queued, walked=3), fence=3)
    assert recounts.read(queued.experiment) == later
    assert recounts.save(replace(queued, walked=6), fence=4)


def test_progress_of_an_older_epoch_is_refused(recounts: Recounts, queued: Recount) -> None:
    assert not recounts.save(replace(queued, epoch=1), fence=9)
    assert not recounts.save(replace(queued, epoch=3), fence=9)
    assert not recounts.save(Recount(experiment=fresh_key()), fence=9)
    assert recounts.read(queued.experiment) == queued


def test_a_newer_recount_begins_anew_and_keeps_what_is_complete(recounts: Recounts, queued: Recount) -> None:
    recounts.save(replace(queued, state=RecountState.WALKING, shard=5, after="u", walked=50, passes=1), fence=2)
    experiments = Experiments(recounts.client, recounts.table)
    second = experiments.read(queued.experiment)
    assert second
    third = second.model_copy(update={"version": 3, "epoch": 3, "updated_at": NOW + timedelta(hours=1)})
    assert experiments.replace(second, third, entry(third), "requested")
    expected = replace(queued, epoch=3, reason="requested", requested_at=NOW + timedelta(hours=1))
    assert recounts.read(queued.experiment) == expected


def test_a_metric_that_was_changed_and_changed_back_is_not_whole_until_the_recount_is_through(
    recounts: Recounts, queued: Recount
) -> None:
    """Units of the epoch in between have no sums under its name: the complete epoch's alone would be too few."""
    experiments = Experiments(recounts.client, recounts.table)
    metric = Metric(key="orders", kind="count", event_type="order", role="primary")
    for number, window in enumerate((None, 24, None), start=3):
        old = experiments.read(queued.experiment)
        assert old
        metrics = (metric.model_copy(update={"window_hours": window}),)
        new = old.model_copy(update={"version": number, "epoch": number, "metrics": metrics})
        assert experiments.replace(old, new, entry(new), "metrics_changed")
    assert set(fingerprints(new).values()) < recounts.read(new.key).uncounted
    assert recounts.read(new.key).complete_epoch == 1
