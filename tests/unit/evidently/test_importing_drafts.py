"""`make import-evidently` makes each draft once, and says what became of each thing of the file."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from local.evidently.__main__ import main, make
from local.evidently.drafts import Line
from local.http_client import CallError
from tests.evidently_export import FILE
from tests.unit.local_clients.fake_service import FakeService, connected

LINES = [
    Line("experiment", "Green-Button", {"key": "button", "name": "Green-Button"}, notes=("a note",)),
    Line("launch", "Rollout", refusal="launches are not taken over", skipped=True),
]


def test_a_draft_is_made_and_all_else_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with connected(fake := FakeService()) as service:
        assert make(service, LINES) == 0
    assert fake.experiments == {"button": {"status": "draft", "key": "button", "name": "Green-Button"}}
    assert capsys.readouterr().out.splitlines() == [
        "what        name          key     outcome",
        "experiment  Green-Button  button  made, a draft",
        "    a note",
        "launch      Rollout       –       skipped",
        "    launches are not taken over",
    ]


def test_what_is_there_already_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with connected(fake := FakeService()) as service:
        make(service, LINES[:1])
        fake.experiments["button"]["status"] = "active"
        assert make(service, LINES[:1]) == 0
    assert fake.experiments["button"]["status"] == "active"
    assert "button  is there already, and stays" in capsys.readouterr().out


class Refusing(FakeService):
    """Answers each draft with a status and a problem."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, json={"code": "unit_id_invalid", "detail": "A unit id is shorter."})


def test_a_draft_that_the_service_refuses_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with connected(Refusing(422)) as service:
        assert make(service, LINES[:1]) == 1
    assert "422 unit_id_invalid: A unit id is shorter." in capsys.readouterr().out


def test_a_token_that_may_not_ends_the_command() -> None:
    with connected(Refusing(403)) as service, pytest.raises(CallError):
        make(service, LINES)


def test_a_dry_run_calls_nothing_and_goes_by_the_services_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(FILE), "--dry-run", "--url", "http://127.0.0.1:9"]) == 1
    assert "checkout-button  would be made" in capsys.readouterr().out
    variations = [{"name": name, "value": {"longValue": 1}} for name in "ab"]
    feature = {"name": "f", "entityOverrides": {"x" * 300: "a"}, "defaultVariation": "a", "variations": variations}
    (tmp_path / "export.json").write_text(json.dumps(feature))
    assert main([str(tmp_path / "export.json"), "--dry-run"]) == 1
    assert "unit_id_invalid" in capsys.readouterr().out


def test_a_file_that_is_no_export_fails_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json")]) == 1
    assert "none.json cannot be read" in capsys.readouterr().err
