"""A running service, as `make run` starts it, and clients to call it with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import service as local_service
from local.http_client import Service, connect
from tests.clients import installing


@pytest.fixture(scope="session")
def npm(pytestconfig: pytest.Config) -> Path:
    """The folder of the libraries of npm and of the browser; what takes long is said on the terminal."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        return installing.install()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of the module's own, called in each role."""
    with local_service.start(tmp_path_factory.mktemp("clients")) as running, connect(running.url) as client:
        yield client
