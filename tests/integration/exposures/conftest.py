from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.gateway import Gateway
from tests.integration.exposures.stage import Stage
from tests.pipeline import Pipeline


@pytest.fixture
def stage(gateway: Gateway, pipeline: Pipeline, later: Callable[[timedelta], None]) -> Stage:
    """An experiment that has run for two days."""
    stage = Stage(gateway, pipeline)
    stage.key = stage.start()
    later(timedelta(days=2))
    return stage
