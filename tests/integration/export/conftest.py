from __future__ import annotations

import pytest

from tests.gateway import Gateway
from tests.integration.export.exporting import Exports


@pytest.fixture(scope="module")
def exports(gateway: Gateway) -> Exports:
    return Exports(gateway)
