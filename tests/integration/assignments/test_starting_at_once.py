"""An experiment assigns from the moment it is started, whatever was asked of it before."""

from __future__ import annotations

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking
from tests.integration.experiments.making import create_in, fresh_key, move

pytestmark = pytest.mark.engine


def test_who_asked_before_there_was_an_experiment_is_assigned_as_soon_as_it_runs(
    gateway: Gateway, asking: Asking
) -> None:
    key = fresh_key()
    assert asking.assign(key, "u1").status == 404
    create_in(gateway, "active", key=key)
    assert asking.assign(key, "u1").body["new"]


def test_who_asked_a_draft_is_assigned_as_soon_as_it_runs(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "draft")["key"]
    assert asking.assign(key, "u1").body["reason"] == "not_active"
    move(gateway, key, "active")
    assert asking.assign(key, "u1").body["new"]
