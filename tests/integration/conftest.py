from __future__ import annotations

from collections.abc import Iterator

import pytest

from local import engine
from tests.engines import ENGINES, Store, moto, tables_in


@pytest.fixture(scope="session")
def ministack_url() -> Iterator[str]:
    """The address of the fallback engine, which lives as long as the session."""
    with engine.start(kind="ministack") as running:
        yield running.endpoint_url


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest, engine_url: str) -> Iterator[Store]:
    """The module's own tables in each of the engines in turn."""
    if request.param == "moto":
        with moto() as store:
            yield store
    else:
        url = engine_url if request.param == "dynoxide" else request.getfixturevalue("ministack_url")
        yield tables_in(request.param, url)
