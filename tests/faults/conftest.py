from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.scene import Scene, scene


@pytest.fixture
def stage(engine_url: str) -> Iterator[Scene]:
    """One active experiment with one unit in it, whose first event is counted."""
    with scene(engine_url) as made:
        yield made
