"""Checkpoints survive the process, and a stop in the middle of writing them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local.streams.checkpoints import Checkpoints


def test_places_are_there_again_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.json"
    Checkpoints(path).put("a", "1")
    Checkpoints(path).put("b", "2")
    again = Checkpoints(path)
    assert (again.get("a"), again.get("b"), again.get("c")) == ("1", "2", None)


def test_a_stop_before_the_new_file_is_in_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoints.json"
    places = Checkpoints(path)
    places.put("a", "1")

    def stop(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        places.put("a", "2")
    assert Checkpoints(path).get("a") == "1"
