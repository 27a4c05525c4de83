"""Changes of experiments: what they leave behind, in time and among others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairsplit.domain.audit import Actor
from fairsplit.domain.errors import ConflictError, NotFoundError
from fairsplit.domain.experiment import Status
from fairsplit.domain.namespaces import Taken
from fairsplit.domain.recount import Recount
from fairsplit.services.experimenting import ATTEMPTS, Experimenting, find, read_history
from tests.outcomes import FINE, outcome_of
from tests.unit.experiments.fake_store import FakeRecounts, FakeStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY: dict[str, Any] = {
    "key": "a",
    "name": "A",
    "variants": [{"key": "control", "weight": 50}, {"key": "green", "weight": 50}],
}
METRIC = {"key": "visits", "event_type": "visit", "kind": "count", "role": "primary"}


def desk(store: FakeStore, *, days: float = 0, retention: int = 480) -> Experimenting:
    """The use-cases, so many days later."""
    return Experimenting(store, FakeRecounts(store), Actor("t", "a test"), NOW + timedelta(days=days), retention)


def anyway(_version: int) -> None:
    """No If-Match."""


@pytest.fixture
def store() -> FakeStore:
    """A store with a draft."""
    store = FakeStore()
    desk(store).create(BODY, "seed")
    return store


def complete(store: FakeStore) -> None:
    desk(store).move("a", Status.ACTIVE, None)
    desk(store).move("a", Status.COMPLETED, None)


def test_a_new_experiment_begins_in_the_epoch_of_its_key() -> None:
    store = FakeStore(recount=Recount(experiment="a", epoch=7, complete_epoch=7))
    assert desk(store).create(BODY, "seed").epoch == 7


def test_a_seed_is_taken_from_the_body_or_else_as_given() -> None:
    assert desk(FakeStore()).create(BODY, "given").seed == "given"
    assert desk(FakeStore()).create(BODY | {"seed": "mine"}, "given").seed == "mine"


def test_a_creation_that_met_another_is_tried_again() -> None:
    store = FakeStore(intruders=1)
    assert desk(store).create(BODY, "seed") is store.stored


def test_a_key_that_is_being_removed_is_taken() -> None:
    with pytest.raises(ConflictError) as caught:
        desk(FakeStore(intruders=9)).create(BODY, "seed")
    assert caught.value.code == "key_taken"


def test_whose_namespace_others_change_each_time_is_told_so() -> None:
    inside = BODY | {"namespace": {"key": "n", "from": 0, "to": 50}}
    store = FakeStore(intruders=ATTEMPTS, namespaces={"n": Taken("n")})
    assert outcome_of(lambda: desk(store).create(inside, "seed")) == "experiment_contended"
    store.intruders = ATTEMPTS - 1
    assert outcome_of(lambda: desk(store).create(inside, "seed")) == FINE
    being_removed = FakeStore(intruders=ATTEMPTS)
    assert outcome_of(lambda: desk(being_removed).create(inside, "seed")) == "key_taken"


def test_what_others_changed_in_between_is_kept(store: FakeStore) -> None:
    store.intruders = 3
    patched = desk(store).patch("a", {"name": "mine"}, anyway)
    assert (patched.name, patched.description, patched.version) == ("mine", "theirs", 5)


def test_whoever_is_always_too_late_is_told_so(store: FakeStore) -> None:
    for change in (
        lambda: desk(store).patch("a", {"name": "mine"}, anyway),
        lambda: desk(store).delete("a", anyway),
        lambda: desk(store).move("a", Status.ACTIVE, None),
    ):
        store.intruders = ATTEMPTS
        with pytest.raises(ConflictError) as caught:
            change()
        assert caught.value.code == "experiment_contended"


def test_the_reason_of_a_recount_is_what_caused_it(store: FakeStore) -> None:
    desk(store).patch("a", {"metrics": [METRIC]}, anyway)
    desk(store).patch("a", {"dimensions": ["country"]}, anyway)
    desk(store).move("a", Status.ACTIVE, "ready")
    desk(store).request_recount("a", "drift")
    desk(store).move("a", Status.COMPLETED, "enough")
    assert store.recounts == ["metrics_changed", "dimensions_changed", None, "drift", "completed"]
    assert [entry.reason for entry in store.entries] == [None, None, None, "ready", "drift", "enough"]
    assert store.stored
    assert store.stored.epoch == 5


def test_ninety_days_after_completion_nothing_is_recounted_any_more(store: FakeStore) -> None:
    complete(store)
    desk(store, days=90).request_recount("a", "requested")
    with pytest.raises(ConflictError) as caught:
        desk(store, days=90.01).request_recount("a", "requested")
    assert caught.value.code == "not_recountable"


def test_ninety_days_after_completion_metrics_are_frozen_and_names_are_not(store: FakeStore) -> None:
    complete(store)
    with pytest.raises(ConflictError) as caught:
        desk(store, days=91).patch("a", {"metrics": [METRIC]}, anyway)
    assert caught.value.code == "frozen_field"
    assert desk(store, days=91).patch("a", {"name": "B"}, anyway).name == "B"


def test_the_longest_run_follows_from_the_retention() -> None:
    start = {"start_at": "2026-03-01T12:00:00Z"}
    longest = 480 - 90 - 14 - 10
    for days, is_allowed in ((longest, True), (longest + 1, False)):
        end = (NOW + timedelta(days=days)).isoformat()
        sent = BODY | {"schedule": start | {"end_at": end}}
        assert creating(sent) == (FINE if is_allowed else "run_too_long")


def creating(body: dict[str, Any], retention: int = 480) -> str:
    return outcome_of(lambda: desk(FakeStore(), retention=retention).create(body, "seed"))


def test_a_retention_that_leaves_no_day_to_run_is_too_short() -> None:
    assert creating(BODY | {"analysis": {"cuped_days": 19}}, 120) == FINE
    assert creating(BODY | {"analysis": {"cuped_days": 20}}, 120) == "retention_too_short"


def test_dates_at_the_ends_of_the_calendar_are_taken() -> None:
    schedule = {"start_at": "9998-12-31T00:00:00Z", "end_at": "9999-12-31T23:59:59.999Z"}
    assert creating(BODY | {"schedule": schedule}) == FINE
    assert creating(BODY | {"schedule": {"start_at": "0001-01-01T00:00:00Z"}}) == FINE


def test_a_shorter_retention_never_keeps_a_running_experiment_from_completing(store: FakeStore) -> None:
    desk(store).patch("a", {"schedule": {"end_at": "2027-01-01T00:00:00Z"}}, anyway)
    desk(store).move("a", Status.ACTIVE, None)
    later = desk(store, days=1, retention=150)
    assert later.patch("a", {"name": "B"}, anyway).name == "B"
    assert later.move("a", Status.COMPLETED, None).status is Status.COMPLETED


def test_the_trail_of_a_deleted_experiment_goes_on(store: FakeStore) -> None:
    desk(store).delete("a", anyway)
    entries, _ = read_history(store, "a", 50, None)
    assert [(entry.action, entry.version) for entry in entries] == [("delete", 2), ("create", 1)]
    with pytest.raises(NotFoundError):
        find(store, "a")


def test_what_never_was_has_no_trail() -> None:
    with pytest.raises(NotFoundError):
        read_history(FakeStore(), "a", 50, None)
