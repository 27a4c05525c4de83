"""`make export` joins all pages of a running service into one file."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import export as export_command
from local import service as local_service
from local.experiments import activate, create_or_read
from local.http_client import Service, connect

ROOT = Path(__file__).parents[2]
KEY = "exported"
UNITS = [f"unit,{number}" for number in range(1_500)]
VARIANTS = [{"key": "a", "weight": 50}, {"key": "b", "weight": 50}]

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose experiment has more units than one page holds."""
    with local_service.start(tmp_path_factory.mktemp("export")) as running, connect(running.url) as client:
        create_or_read(client, {"key": KEY, "name": "Exported", "variants": VARIANTS})
        activate(client, KEY)
        for start in (0, 1_000):
            items = [{"unit_id": unit} for unit in UNITS[start : start + 1_000]]
            client.call("admin", "POST", f"/v1/experiments/{KEY}/assignments", {"items": items})
        yield client


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "export", *arguments]
    variables = os.environ | environment
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120, check=False)


def test_all_pages_are_in_one_file_under_one_line_of_names(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    done = make(f"EXPERIMENT={KEY}", f"FILE={file}", FAIRSPLIT_URL=service.url)
    assert (done.returncode, done.stdout) == (0, f"{len(UNITS)} rows are in {file}.\n")
    with file.open(newline="") as opened:
        assert sorted(row["unit_id"] for row in csv.DictReader(opened)) == sorted(UNITS)
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_there_stays_and_a_refusal_leaves_none(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine")
    options = ["--what", "events", "--url", service.url, "--file"]
    assert export_command.main([KEY, *options, str(there)]) == 1
    assert there.read_text() == "mine"
    assert export_command.main(["no-such-one", *options, str(tmp_path / "other.csv")]) == 1
    assert "experiment_not_found" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [there]
