"""The simulation draws what it says, and shows what it found; a few experiments tell no more than that."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks.statistics.__main__ import main
from benchmarks.statistics.judging import Judge, Look, Verdict, planned
from benchmarks.statistics.populations import Clicks, Conversions, Normal, Population, Revenue, Sums
from benchmarks.statistics.scenarios import SCENARIOS, Panel, Scenario
from benchmarks.statistics.simulating import Part, Tally, simulate_part
from benchmarks.statistics.table import broken
from fairsplit.domain.stats.comparison import compare
from fairsplit.domain.stats.plan import Plan, PlannedLook
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.totals import SCALE

ROOT = Path(__file__).parents[3]
POPULATIONS = [Conversions(0.1), Normal(10.5, 5, correlation=0.7), Revenue(0.1), Clicks(0.2)]
FEW = ["--runs", "8", "--processes", "1"]


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulation") / "picture.png"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) in {0, 1}
    return capsys.readouterr().out


def test_the_command_shows_every_experiment_and_judge_and_draws_them(
    capsys: pytest.CaptureFixture[str], picture: Path
) -> None:
    before = dict(os.environ)
    main([*FEW, "--out", str(picture)])
    output = capsys.readouterr()
    rows = [line.strip("| ").split(" | ") for line in output.out.split("\n\n")[0].splitlines()[2:]]
    assert [row[:2] for row in rows] == [[one.name, panel.judge.name] for one in SCENARIOS for panel in one.panels]
    assert {row[2] for row in rows} == {"8", "2"}  # fewer where there are many looks
    assert "100%" in output.err
    assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert dict(os.environ) == before


def test_the_same_seed_gives_the_same_figures_in_any_number_of_processes(
    capsys: pytest.CaptureFixture[str], picture: Path
) -> None:
    few = "--runs", "600", "--only", "A/A clicks", "--out", str(picture)
    one = run(capsys, *few, "--seed", "7", "--processes", "1")
    assert run(capsys, *few, "--seed", "7", "--processes", "2") == one
    assert run(capsys, *few, "--seed", "8", "--processes", "1") != one


def test_each_part_has_experiments_of_its_own() -> None:
    name = next(one.name for one in SCENARIOS if "correlated" in one.name)
    parts = Part(name, 0, 5, seed=1), Part(name, 1, 5, seed=1), Part(name, 0, 5, seed=2)
    saved = [simulate_part(part)[-1].reductions for part in parts]
    assert len(set(saved)) == 3
    assert simulate_part(parts[0])[-1].reductions == saved[0]


def test_a_judge_stops_at_the_first_look_that_is_significant_or_looks_once() -> None:
    scenario = next(one for one in SCENARIOS if one.looks == 14)
    tallies = simulate_part(Part(scenario.name, 0, 60, seed=1))
    by_judge = {panel.judge.name: tally for panel, tally in zip(scenario.panels, tallies, strict=True)}
    peeked, once = by_judge["fixed test, peeked at"], by_judge["Fairsplit, one look at the end"]
    assert set(once.stops) == {14}
    assert min(peeked.stops) < 14
    assert peeked.stops.total() > once.stops.total()


def test_the_bounds_without_a_p_value_judge_as_the_planned_looks_of_results_do() -> None:
    generator = np.random.default_rng(1)
    for number in range(1, 6):
        controls, treatments = (samples(Normal(mean, 5), generator, 100 * number) for mean in (10.0, 11.0))
        verdicts = [planned("mean").verdict(*both, Look(number, 5)) for both in zip(controls, treatments, strict=True)]
        look = PlannedLook((0.2, 0.4, 0.6, 0.8, 1.0), number - 1)
        found = [
            compare(*both, kind="mean", plan=Plan(method="sequential"), look=look)
            for both in zip(controls, treatments, strict=True)
        ]
        assert [one.absolute for one in verdicts] == [one.absolute.ci for one in found]
        assert [one.lift for one in verdicts] == [one.relative.ci for one in found]
        assert [one.significant for one in verdicts] == [
            one.p_value is not None and one.p_value < 0.05 for one in found
        ]
        assert number == 1 or {one.significant for one in verdicts} == {False, True}


def samples(population: Population, generator: np.random.Generator, units: int) -> list[Sample]:
    sums = population.draw(generator, units, (30,))
    return [Sample(**{name: int(values[place]) for name, values in sums.items()}) for place in range(30)]


def test_hillstrom_is_adjusted_as_tea_tasting_does(capsys: pytest.CaptureFixture[str], picture: Path) -> None:
    printed = run(capsys, *FEW, "--only", "A/A clicks", "--out", str(picture))
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if "Hillstrom" in line]
    assert [row[1] for row in rows] == ["Fairsplit", "tea-tasting"] * 2
    assert rows[0][2:] == rows[1][2:]
    assert rows[2][2:] == rows[3][2:]


def test_an_unknown_experiment_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "no such experiment"])
    assert "no experiment has" in capsys.readouterr().err


def test_few_conversions_are_judged_by_the_exact_test_and_its_interval(
    capsys: pytest.CaptureFixture[str], picture: Path
) -> None:
    printed = run(capsys, "--runs", "400", "--processes", "1", "--only", "200 against", "--out", str(picture))
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines()[2:4]]
    (ours, held), (welch, less_held) = ([float(row[at].partition(" ")[0]) for at in (3, 5)] for row in rows)
    assert 1 < ours < 8 < welch < 22
    assert 78 < less_held < 92 < held < 99


@pytest.mark.parametrize("population", POPULATIONS)
def test_a_population_has_the_mean_that_it_says(population: Population) -> None:
    sums = population.draw(np.random.default_rng(1), 1_000, (200, 5))
    below = sums.get("denominator_sum", sums["units"] * SCALE)
    assert sums["sum"].sum() / below.sum() == pytest.approx(population.mean, rel=0.02)


@pytest.mark.parametrize("population", POPULATIONS)
def test_sums_of_many_units_are_spread_as_those_of_single_ones_added_up(population: Population) -> None:
    at_once = population.draw(np.random.default_rng(1), 40, (20_000,))
    added = {
        name: values.sum(axis=0) for name, values in population.draw(np.random.default_rng(2), 4, (10, 20_000)).items()
    }
    for name in set(at_once) - {"units"}:
        one, other = at_once[name], added[name]
        assert one.mean() == pytest.approx(other.mean(), rel=0.05), name
        assert np.quantile(one, [0.25, 0.75]) == pytest.approx(np.quantile(other, [0.25, 0.75]), rel=0.1), name
        assert spread(at_once, name) == pytest.approx(spread(added, name), abs=0.05), name


def spread(sums: Sums, name: str) -> float:
    """How far the sum moves with the first one."""
    return float(np.corrcoef(sums["sum"], sums[name])[0, 1])


def test_values_before_the_assignment_are_correlated_as_they_say() -> None:
    sums = Normal(20, 5, correlation=0.7).draw(np.random.default_rng(1), 1_000_000, (1,))
    n, y, x = (int(sums[name][0]) for name in ("units", "sum", "pre_sum"))
    yy, xx, xy = (
        int(sums[name][0]) - one * other // n
        for name, one, other in (
            ("sum_of_squares", y, y),
            ("pre_sum_of_squares", x, x),
            ("pre_cross_product_sum", x, y),
        )
    )
    assert (yy / n) ** 0.5 / SCALE == pytest.approx(5, rel=0.01)
    assert xy / (xx * yy) ** 0.5 == pytest.approx(0.7, abs=0.005)


def test_what_is_not_as_promised_is_said() -> None:
    panels = tuple(Panel(Judge("somebody", never), *promised) for promised in (((0.4, 0.6), None), ((0.6, 1.0), None)))
    scenario = Scenario("A/A", Conversions(0.1), Conversions(0.1), (10, 10), panels)
    tally = Tally()
    for significant in (True, False):
        tally.count(scenario, Verdict(significant), look=1)
    assert broken([scenario], {"A/A": [tally, tally]}) == ["Not as promised: A/A, somebody: significant 50.00 %."]


def test_a_judge_may_be_behind_another_by_so_much_and_no_more() -> None:
    judges = Panel(Judge("one", never)), Panel(Judge("other", never), behind=("one", 0.3))
    scenario = Scenario("A/B", Conversions(0.1), Conversions(0.2), (10, 10), judges)
    one, other = Tally(runs=10, stops=Counter({1: 8})), Tally(runs=10, stops=Counter({1: 6}))
    assert broken([scenario], {"A/B": [one, other]}) == []
    other.stops[1] = 4
    assert broken([scenario], {"A/B": [one, other]}) == ["Not as promised: A/B, other: significant 40.00 %."]


def test_an_interval_that_is_refused_holds_the_truth_and_one_that_leaves_it_out_does_not() -> None:
    scenario = Scenario("A/B", Conversions(0.1), Conversions(0.2), (10, 10), ())
    tally = Tally()
    for lift in (None, (0.9, 1.1), (1.1, 1.2)):
        tally.count(scenario, Verdict(significant=False, absolute=(0.05, 0.15), lift=lift), look=1)
    assert (tally.absolute, tally.lift, tally.without_lift) == (3, 2, 1)


def test_the_docs_show_every_experiment_and_a_small_picture() -> None:
    text = (ROOT / "docs/benchmarks.md").read_text()
    assert [one.name for one in SCENARIOS if f"| {one.name} |" not in text] == []
    assert (ROOT / "docs/statistics-simulation.png").stat().st_size < 150_000


def never(_control: Sample, _treatment: Sample, _look: Look) -> Verdict:
    return Verdict(significant=False)
