from __future__ import annotations

import pytest

from tests.gateway import Gateway
from tests.integration.results.story import Story, tell
from tests.pipeline import Pipeline


@pytest.fixture(scope="module")
def story(gateway: Gateway, pipeline: Pipeline) -> Story:
    return tell(gateway, pipeline)
