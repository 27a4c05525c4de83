"""The commands find the service that is meant, and say what to do where there is none."""

from __future__ import annotations

import pytest

from local.command_line import parser, run, service_url
from local.engine import free_port


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"FAIRSPLIT_PORT": "8123"}, "http://127.0.0.1:8123"),
        ({"FAIRSPLIT_PORT": "8123", "FAIRSPLIT_URL": "https://split.example"}, "https://split.example"),
    ],
    ids=["default", "port", "url"],
)
def test_the_service_is_the_one_that_the_environment_names(environment: dict[str, str], url: str) -> None:
    assert service_url(environment) == url


def test_a_service_that_does_not_run_fails_the_command_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = parser("A command.").parse_args(["--url", f"http://127.0.0.1:{free_port()}"])
    assert run(lambda _service: 0, chosen) == 1
    assert "Start the service with `make run`" in capsys.readouterr().err
