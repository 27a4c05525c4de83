"""`make export` joins pages by their links, and leaves a whole file or none."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import httpx
import pytest

from local.export import export, main
from local.http_client import CallError
from tests.unit.local_clients.fake_service import connected

BUSY = httpx.Response(429, headers={"retry-after": "1"})
REFUSED = httpx.Response(403, json={"code": "forbidden", "detail": "No."})


def page(text: str, cursor: str = "") -> httpx.Response:
    """A page, and a link to that cursor."""
    link = {"link": f'<export?what=events&cursor={cursor}>; rel="next"'} if cursor else {}
    return httpx.Response(200, text=text, headers={"content-type": "text/csv; charset=utf-8"} | link)


def exported(target: Path, answers: dict[str, list[httpx.Response]], *, force: bool = False) -> int:
    """Export to a file from a service that answers each cursor with these, one after the other."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/experiments/mine/export"
        return answers[request.url.params.get("cursor", "")].pop(0)

    with connected(answer) as service:
        return export(service, Namespace(experiment="mine", what="events", file=str(target), raw=False, force=force))


def test_pages_are_joined_under_one_line_of_names(tmp_path: Path) -> None:
    answers = {
        "": [BUSY, page("a,b\r\n", "x")],
        "x": [page('a,b\r\n"ü,\r\n",=1\r\n', "y")],
        "y": [page("a,b\r\n1,2\r\n")],
    }
    assert exported(tmp_path / "e.csv", answers) == 0
    assert (tmp_path / "e.csv").read_bytes().decode() == 'a,b\r\n"ü,\r\n",=1\r\n1,2\r\n'


def test_pages_of_other_columns_are_not_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exported(tmp_path / "e.csv", {"": [page("a,b\r\n1,2\r\n", "x")], "x": [page("a,c\r\n1,2\r\n")]}) == 1
    assert "Try again" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="forbidden"):
        exported(tmp_path / "e.csv", {"": [page("a,b\r\n1,2\r\n", "x")], "x": [REFUSED]})
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_written_over_by_force_alone(tmp_path: Path) -> None:
    target, other = tmp_path / "e.csv", tmp_path / "e.csv.part"
    for file in (target, other):
        file.write_text("mine")
    assert exported(target, {}) == 1
    assert exported(target, {"": [page("a\r\n")]}, force=True) == 0
    assert (target.read_text(), other.read_text()) == ("a\n", "mine")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exported(tmp_path / "no" / "e.csv", {}) == 1
    assert "e.csv cannot be written: No such file or directory." in capsys.readouterr().err


def test_without_an_experiment_the_command_asks_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    assert "required: experiment" in capsys.readouterr().err
