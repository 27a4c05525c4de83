"""Units that met another variant than their own, and exposures that are out of the run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.integration.experiments.making import EXPERIMENTS, move
from tests.integration.exposures.stage import Stage
from tests.traffic import results

pytestmark = pytest.mark.engine
Wait = Callable[[timedelta], None]


def note_of(stage: Stage) -> list[tuple[str, bool]]:
    """The codes of the summary's notes, and whether each says 2."""
    return [(one["code"], one["detail"].endswith(" 2.")) for one in stage.results()["summary"]["notes"]]


def mixed(stage: Stage) -> tuple[int, int]:
    """Units that count, and mixed ones."""
    return stage.counted()[0], stage.results()["summary"]["mixed_units"]


def test_a_unit_whose_first_exposure_names_another_variant_is_stored_and_mixed(stage: Stage) -> None:
    unit = stage.unit()
    stage.send(stage.exposure(unit, hours=3, variant=stage.other_variant(unit)), stage.order(unit, hours=2))
    assert stage.stored(unit)["variant"] == stage.hash_variant(unit)
    assert (mixed(stage), stage.results()["summary"]["events"]) == ((0, 1), 0)


def test_a_unit_becomes_mixed_when_it_meets_another_variant_and_leaves_the_sums(stage: Stage) -> None:
    unit, other = stage.unit(), stage.unit()
    for one in (unit, other):
        stage.send(stage.exposure(one, hours=5), stage.order(one, hours=4))
    assert (mixed(stage), stage.counted()) == ((2, 0), (2, 2))
    stage.send(stage.exposure(unit, hours=3, variant=stage.other_variant(unit)))
    assert (mixed(stage), stage.counted()) == ((1, 1), (1, 1))


def test_it_is_the_stored_variant_that_counts_and_not_the_hashs(stage: Stage) -> None:
    unit = stage.unit()
    mine = stage.other_variant(unit)
    items = [{"unit_id": unit, "variant": mine, "assigned_at": stage.text_of(20)}]
    stage.gateway.post(f"{EXPERIMENTS}/{stage.key}/assignments", {"items": items})
    stage.send(stage.exposure(unit, hours=3, variant=mine))
    assert mixed(stage) == (1, 0)
    stage.send(stage.exposure(unit, hours=2, variant=stage.stored(unit)["variant"]))
    assert mixed(stage) == (1, 0)
    stage.send(stage.exposure(unit, hours=1, variant={"green": "control", "control": "green"}[mine]))
    assert mixed(stage) == (0, 1)


def test_exposures_out_of_the_run_mix_nothing_and_are_told(stage: Stage, later: Wait) -> None:
    unit = stage.unit()
    stage.send(stage.exposure(unit, hours=3))
    assert note_of(stage) == []
    stage.send(stage.exposure(unit, hours=49, variant="blue"))
    move(stage.gateway, stage.key, "completed")
    stage.pipeline.maintain()
    later(timedelta(hours=1))
    stage.send(stage.exposure(unit, hours=0.5, variant="blue"))
    assert (mixed(stage), note_of(stage)) == ((1, 0), [("exposures_outside_run", True)])
    from_units = results(stage.gateway, stage.key, first="2020-01-01")
    assert from_units["summary"]["notes"] == stage.results()["summary"]["notes"]
