"""The worked examples of docs/statistics.md print what the page shows; it is the experiment of `make replay`."""

from __future__ import annotations

import contextlib
import io

import pytest

from local.hillstrom import EXPECTED
from tests.docs.markdown import README, ROOT, STATISTICS

EXAMPLES = list(zip(STATISTICS.blocks("python"), STATISTICS.blocks("text"), strict=True))
EXAMPLE, SHOWN = EXAMPLES[0]


@pytest.mark.parametrize(("example", "shown"), EXAMPLES, ids=["by hand", "by every method"])
def test_an_example_prints_what_is_shown(example: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, "docs/statistics.md", "exec"), {})  # noqa: S102 - the page is ours
    assert printed.getvalue() == shown


def test_the_numbers_by_hand_are_those_of_the_code() -> None:
    by_hand = STATISTICS.section("A worked example")
    for number in SHOWN.replace("37486.7", "37,486.7").split():
        if number[0].isdigit():
            assert number in by_hand, number


def test_the_example_is_hillstroms_test() -> None:
    control, treatment = EXPECTED["no-email"], EXPECTED["mens-email"]
    assert f"units={control.units:_}, sum={control.conversions}," in EXAMPLE
    assert f"units={treatment.units:_}, sum={treatment.conversions}," in EXAMPLE


def test_the_readme_has_the_numbers_that_replay_checks() -> None:
    for arm in EXPECTED.values():
        assert f"| {arm.units:,} | {arm.visits:,} | {arm.conversions} | {arm.spend:,} |" in README.text
