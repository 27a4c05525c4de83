"""The figures as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.statistics.judging import ALPHA
from benchmarks.statistics.scenarios import Scenario
from benchmarks.statistics.simulating import Tally
from benchmarks.statistics.table import Tallies

COLOURS = {
    "Fairsplit": "#2563eb",
    "Fairsplit, CUPED": "#7c3aed",
    "Fairsplit, planned end": "#2563eb",
    "Fairsplit, no plan": "#0891b2",
    "Fairsplit, one look at the end": "#111827",
    "Welch's test alone": "#9ca3af",
    "Fairsplit, Bayesian": "#16a34a",
    "fixed test, peeked at": "#dc2626",
    "Bayesian, peeked at": "#16a34a",
    "gbstats": "#d97706",
    "gbstats, sequential": "#d97706",
}
DASHED = {"gbstats, sequential"}  # it may lie on another line


def plot(scenarios: Sequence[Scenario], tallies: Tallies, path: Path) -> None:
    """One look above, with a dot for each judge; below, how many experiments were significant by each look."""
    figure = Figure(figsize=(12.5, 8.5), dpi=80, layout="constrained")
    (above,), (below,) = figure.subfigures(2, squeeze=False)
    dots, lines = above.subplots(1, 2), below.subplots(1, 2)
    once = [one for one in scenarios if one.looks == 1]
    often = sorted((one for one in scenarios if one.looks > 1 and one.control.mean), key=lambda one: -one.looks)
    _dots(dots[0], "False positives", [one for one in once if one.is_null], tallies, share=_significant, nominal=ALPHA)
    _dots(dots[1], "The lift's interval holds the truth", once, tallies, share=_coverage, nominal=1 - ALPHA)
    _lines(lines[0], "Any false positive so far", [one for one in often if one.is_null], tallies)
    _lines(lines[1], "Effect found so far", [one for one in often if not one.is_null], tallies)
    lines[0].axhline(100 * ALPHA, color="black", linewidth=0.8, linestyle=":")
    figure.savefig(path, metadata={"Software": None}, pil_kwargs={"optimize": True})


def _dots(
    axes: Axes,
    title: str,
    scenarios: Sequence[Scenario],
    tallies: Tallies,
    *,
    share: Callable[[Tally], float | None],
    nominal: float,
) -> None:
    """One line for each scenario; an error bar is two standard errors."""
    axes.set_title(title)
    axes.axvline(100 * nominal, color="black", linewidth=0.8, linestyle=":")
    for height, scenario in enumerate(scenarios):
        for panel, tally in zip(scenario.panels, tallies[scenario.name], strict=True):
            value = share(tally)
            if value is not None:
                error = 200 * (value * (1 - value) / tally.runs) ** 0.5
                axes.errorbar(100 * value, height, xerr=error, fmt="o", color=COLOURS[panel.judge.name], alpha=0.8)
    axes.set_yticks(range(len(scenarios)), [one.name for one in scenarios], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("% of experiments")
    names = dict.fromkeys(panel.judge.name for one in scenarios for panel in one.panels)
    axes.legend(handles=[axes.plot([], [], "o", color=COLOURS[name], label=name)[0] for name in names], fontsize=8)


def _lines(axes: Axes, title: str, scenarios: Sequence[Scenario], tallies: Tallies) -> None:
    """Of the first scenario, the one with the most looks."""
    axes.set_title(title)
    for scenario in scenarios[:1]:
        axes.set_title(f"{title}: {scenario.name}")
        for panel, tally in zip(scenario.panels, tallies[scenario.name], strict=True):
            name, looks = panel.judge.name, range(1, scenario.looks + 1)
            shares = [100 * found / tally.runs for found in accumulate(tally.stops[look] for look in looks)]
            style = "o" if panel.judge.once else "--" if name in DASHED else "-"
            last = -1 if panel.judge.once else 0
            axes.plot(looks[last:], shares[last:], style, color=COLOURS[name], label=name)
        axes.legend(fontsize=8)
    axes.set_xlabel("look")
    axes.set_ylabel("% of experiments")


def _significant(tally: Tally) -> float | None:
    return tally.significant


def _coverage(tally: Tally) -> float | None:
    return tally.lift_coverage
