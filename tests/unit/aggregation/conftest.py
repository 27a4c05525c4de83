from __future__ import annotations

import pytest

from tests.unit.aggregation.fake_units import ONE, World
from tests.unit.making import assignment, event


@pytest.fixture
def world() -> World:
    """A unit in one experiment, with one event."""
    world = World(sent=[event(1)], known={"a": ONE})
    world.keep(assignment())
    return world
