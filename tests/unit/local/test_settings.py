"""Settings come from the environment, and say what is wrong with them; logs stay small."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from local.logs import keep_small
from local.settings import SettingError, Settings, lock_first, locked


def test_without_variables_the_defaults_hold() -> None:
    assert Settings.of({}) == Settings(8000, Path(".fairsplit"), None, None)


def test_variables_say_where_to_listen_and_to_keep_data() -> None:
    found = Settings.of({"FAIRSPLIT_PORT": "81", "FAIRSPLIT_DATA_DIR": "d", "FAIRSPLIT_ENDPOINT_URL": "http://e"})
    assert found == Settings(81, Path("d"), "http://e", None)


@pytest.mark.parametrize("port", ["x", "0", "-1", "65536", "8000.0"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(SettingError, match="FAIRSPLIT_PORT"):
        Settings.of({"FAIRSPLIT_PORT": port})


def test_parameters_of_the_template_are_names_with_values() -> None:
    assert Settings.of({"FAIRSPLIT_PARAMETERS": "A=b  C=d=e F="}).parameters == {"A": "b", "C": "d=e", "F": ""}


@pytest.mark.parametrize("text", ["A", "=b", "A=b C"])
def test_parameters_without_a_name_or_a_value_are_refused(text: str) -> None:
    with pytest.raises(SettingError, match="FAIRSPLIT_PARAMETERS"):
        Settings.of({"FAIRSPLIT_PARAMETERS": text})


def test_data_is_one_services_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(SettingError, match="FAIRSPLIT_DATA_DIR"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_a_service_beside_another_gets_a_folder_of_its_own_and_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = Settings(8010).folders
    with ExitStack() as first, ExitStack() as second:
        assert lock_first(Settings(8000).folders, first) == Path(".fairsplit")
        assert lock_first(folders, second) == Path(".fairsplit/port-8010")
    with ExitStack() as alone:
        assert lock_first(Settings(8010).folders, alone) == Path(".fairsplit/port-8010")


def test_a_folder_that_was_asked_for_is_the_only_one() -> None:
    assert Settings(8010, Path("d")).folders == [Path("d")]


def test_a_log_that_has_grown_moves_aside_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "F.log"
    with path.open("a") as stream:
        stream.write("old\n" * 10)
        stream.flush()
        keep_small(path, largest=20)
        stream.write("new\n")
    assert path.read_text() == "new\n"
    assert path.with_suffix(".log.1").read_text() == "old\n" * 10


def test_a_small_log_stays(tmp_path: Path) -> None:
    path = tmp_path / "F.log"
    path.write_text("old\n")
    keep_small(path, largest=20)
    keep_small(tmp_path / "none.log", largest=20)
    assert path.read_text() == "old\n"
