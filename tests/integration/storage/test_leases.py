"""A lease has one holder at a time, and a number that grows with each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fairsplit.storage.leases import Lease
from tests.engines import Store
from tests.integration.storage.making import NOW, fresh_key

pytestmark = pytest.mark.engine
LENGTH = timedelta(minutes=5)
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def lease(store: Store) -> Lease:
    return Lease(store.client, store.tables["CatalogTable"], fresh_key())


def test_a_free_lease_is_taken_and_kept_from_others(lease: Lease) -> None:
    assert lease.take("a", NOW, LENGTH) == 1
    assert lease.take("b", NOW + LENGTH, LENGTH) is None
    assert lease.take("b", NOW, LENGTH) is None


def test_one_that_has_run_out_goes_to_the_next_with_a_greater_number(lease: Lease) -> None:
    lease.take("a", NOW, LENGTH)
    assert lease.take("b", NOW + LENGTH + MILLISECOND, LENGTH) == 2
    assert lease.take("a", NOW + LENGTH + MILLISECOND, LENGTH) is None


def test_its_holder_may_renew_it(lease: Lease) -> None:
    lease.take("a", NOW, LENGTH)
    assert lease.take("a", NOW + LENGTH, LENGTH) == 2
    assert lease.take("b", NOW + LENGTH + MILLISECOND, LENGTH) is None


def test_one_that_is_given_back_is_free_at_once(lease: Lease) -> None:
    lease.take("a", NOW, LENGTH)
    lease.give_back("a", NOW)
    assert lease.take("b", NOW + MILLISECOND, LENGTH) == 2


def test_nobody_gives_back_what_another_holds(lease: Lease) -> None:
    lease.take("a", NOW, LENGTH)
    lease.give_back("b", NOW)
    assert lease.take("b", NOW + MILLISECOND, LENGTH) is None


def test_giving_back_what_nobody_ever_had_changes_nothing(lease: Lease) -> None:
    lease.give_back("a", NOW)
    assert lease.take("a", NOW, LENGTH) == 1


def test_leases_of_two_names_are_two(store: Store, lease: Lease) -> None:
    lease.take("a", NOW, LENGTH)
    assert Lease(store.client, store.tables["CatalogTable"], fresh_key()).take("b", NOW, LENGTH) == 1
