"""The figures as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.statistics.hillstrom import Adjusted
from benchmarks.statistics.scenarios import Panel, Range, Scenario
from benchmarks.statistics.simulating import Tally

Tallies = Mapping[str, Sequence[Tally]]
HEADINGS = (
    "experiment",
    "judged by",
    "runs",
    "significant",
    "promised",
    "difference's interval holds",
    "lift's interval holds",
    "promised",
    "no lift interval",
)


def table(scenarios: Sequence[Scenario], tallies: Tallies) -> str:
    """One row for each scenario and judge."""
    return _markdown(HEADINGS, [_row(*one) for one in _each(scenarios, tallies)])


def adjustments(scenarios: Sequence[Scenario], tallies: Tallies, found: Sequence[Adjusted]) -> str:
    """What CUPED saved: in simulated experiments on average, and in real ones with their estimates."""
    rows = [
        [scenario.name, panel.judge.name, _percent(tally.variance_reduction), "–", "–", "–"]
        for scenario, panel, tally in _each(scenarios, tallies)
        if tally.variance_reduction
    ]
    for one in found:
        interval = f"{one.low:.4f} to {one.high:.4f}"
        rows.append(
            [one.name, one.by, _percent(one.reduction), f"{one.difference:.4f}", interval, f"{one.p_value:.2e}"]
        )
    return _markdown(("CUPED", "by", "variance saved", "difference", "interval", "p"), rows)


def broken(scenarios: Sequence[Scenario], tallies: Tallies) -> list[str]:
    """The promises that do not hold, one sentence each."""
    return [
        f"Not as promised: {scenario.name}, {panel.judge.name}: {what} {_percent(value)}."
        for scenario, panel, tally in _each(scenarios, tallies)
        for what, value, promise in (
            ("significant", tally.significant, panel.significant),
            ("significant", tally.significant, _ahead_of(scenario, panel, tallies)),
            ("the difference's interval holds", tally.absolute_coverage, panel.coverage),
            ("the lift's interval holds", tally.lift_coverage, panel.coverage),
        )
        if promise and value is not None and not promise[0] <= value <= promise[1]
    ]


def _ahead_of(scenario: Scenario, panel: Panel, tallies: Tallies) -> Range | None:
    """What the judge has to reach, from what another one found."""
    if panel.behind is None:
        return None
    name, allowed = panel.behind
    other = next(
        tally for one, tally in zip(scenario.panels, tallies[scenario.name], strict=True) if one.judge.name == name
    )
    return other.significant - allowed, 1.0


def _each(scenarios: Sequence[Scenario], tallies: Tallies) -> Iterator[tuple[Scenario, Panel, Tally]]:
    for scenario in scenarios:
        for panel, tally in zip(scenario.panels, tallies[scenario.name], strict=True):
            yield scenario, panel, tally


def _row(scenario: Scenario, panel: Panel, tally: Tally) -> list[str]:
    return [
        scenario.name,
        panel.judge.name,
        f"{tally.runs:,}",
        _rate(tally.significant, tally.runs),
        _behind(panel) or _promise(panel.significant),
        _rate(tally.absolute_coverage, tally.runs),
        _rate(tally.lift_coverage, tally.runs),
        _promise(panel.coverage),
        "–" if tally.lift_coverage is None else _percent(tally.without_lift / tally.runs),
    ]


def _rate(share: float | None, runs: int) -> str:
    """With its standard error."""
    return "–" if share is None else f"{100 * share:.2f} ± {100 * math.sqrt(share * (1 - share) / runs):.2f} %"


def _promise(promise: Range | None) -> str:
    if promise is None:
        return ""
    low, high = promise
    if low == 0:
        return f"at most {100 * high:g} %"
    return f"at least {100 * low:g} %" if high == 1 else f"{100 * low:g} to {100 * high:g} %"


def _behind(panel: Panel) -> str:
    if panel.behind is None:
        return ""
    name, allowed = panel.behind
    return f"at most {100 * allowed:g} points below “{name}”" if allowed else f"no less than “{name}”"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
