"""The experiments that are simulated, and what is promised of Fairsplit's figures in them."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.statistics.judging import Judge, bayesian, gbstats, once, ours, planned, split, welch
from benchmarks.statistics.populations import Clicks, Conversions, Normal, Population, Revenue, Visitors

Range = tuple[float, float]
ALWAYS = 1.0


@dataclass(frozen=True, slots=True)
class Panel:
    """A judge, and the ranges that its share of significant experiments and its intervals' coverage are promised in.

    `behind` is another judge of the same experiments, and by how much less often this one may find something.
    """

    judge: Judge
    significant: Range | None = None
    coverage: Range | None = None
    behind: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """An experiment of two populations: `units` of control and treatment arrive before each of the looks."""

    name: str
    control: Population
    treatment: Population
    units: tuple[int, int]
    panels: tuple[Panel, ...]
    looks: int = 1

    @property
    def is_null(self) -> bool:
        """Whether there is nothing to find."""
        return self.control == self.treatment

    @property
    def difference(self) -> float:
        """The true one."""
        return self.treatment.mean - self.control.mean

    @property
    def lift(self) -> float:
        """The true one; 0 where there is nothing to find."""
        return 0.0 if self.is_null else self.difference / abs(self.control.mean)


RIGHT = ((0.045, 0.055), (0.945, 0.955))
COVERS = (None, (0.945, 0.955))
GAP = 2.314  # standard errors of the difference at the end: one look then finds it in 63.6 %
DAYS, DAILY = 14, 100


def fixed_horizon() -> list[Scenario]:
    """A/A, looked at once."""
    return [
        *(
            Scenario(f"A/A {title}, {units:,} a side", one, one, (units, units), (Panel(ours("mean"), *RIGHT),))
            for title, one in (("normal value", Normal(10, 5)), ("revenue, 10 % buy", Revenue(0.1)))
            for units in (1_000, 10_000)
        ),
        Scenario(
            "A/A 1 % convert, 1,000 a side",
            Conversions(0.01),
            Conversions(0.01),
            (1_000, 1_000),
            (Panel(ours("conversion"), (0.043, 0.057), (0.943, ALWAYS)), Panel(gbstats("conversion"))),
        ),
        Scenario(
            "A/A 1 % convert, 200 against 1,800",
            Conversions(0.01),
            Conversions(0.01),
            (200, 1_800),
            (Panel(ours("conversion"), (0.0, 0.055)), Panel(welch("conversion")), Panel(gbstats("conversion"))),
        ),
        Scenario(
            "A/A 10 % convert, 5,000 a side",
            Conversions(0.1),
            Conversions(0.1),
            (5_000, 5_000),
            (Panel(ours("conversion"), *RIGHT), Panel(bayesian("conversion")), Panel(gbstats("conversion"))),
        ),
        Scenario(
            "A/A clicks per view, 1,000 a side",
            Clicks(0.2),
            Clicks(0.2),
            (1_000, 1_000),
            (Panel(ours("ratio"), *RIGHT),),
        ),
    ]


def true_effects() -> list[Scenario]:
    """A/B, looked at once: whether the intervals hold the truth."""
    return [
        Scenario(
            "A/B revenue, 10 % against 11 % buy, 10,000 a side",
            Revenue(0.10),
            Revenue(0.11),
            (10_000, 10_000),
            (Panel(ours("mean"), *COVERS),),
        ),
        Scenario(
            "A/B 10 % against 11 % convert, 5,000 a side",
            Conversions(0.10),
            Conversions(0.11),
            (5_000, 5_000),
            (Panel(ours("conversion"), *COVERS), Panel(bayesian("conversion")), Panel(gbstats("conversion"))),
        ),
        Scenario(
            "A/B 1 % against 2 % convert, 1,000 a side",
            Conversions(0.01),
            Conversions(0.02),
            (1_000, 1_000),
            (Panel(ours("conversion"), None, (0.943, ALWAYS)), Panel(gbstats("conversion"))),
        ),
        Scenario(
            "A/B clicks per view, 20 % against 22 %, 1,000 a side",
            Clicks(0.20),
            Clicks(0.22),
            (1_000, 1_000),
            (Panel(ours("ratio"), *COVERS),),
        ),
    ]


def before_the_assignment() -> list[Scenario]:
    """CUPED, with a value before the assignment whose correlation is 0.7."""
    one, other = Normal(10, 5, correlation=0.7), Normal(10.5, 5, correlation=0.7)
    return [
        Scenario(
            "A/A correlated 0.7 with before, 1,000 a side",
            one,
            one,
            (1_000, 1_000),
            (Panel(ours("mean"), *RIGHT), Panel(ours("mean", cuped=True, name="Fairsplit, CUPED"), *RIGHT)),
        ),
        Scenario(
            "A/B correlated 0.7 with before, 1,000 a side",
            one,
            other,
            (1_000, 1_000),
            (Panel(ours("mean"), *COVERS), Panel(ours("mean", cuped=True, name="Fairsplit, CUPED"), *COVERS)),
        ),
    ]


def many_looks() -> list[Scenario]:
    """A/A, looked at again and again until something is significant."""
    value, rate = Normal(10, 5), Conversions(0.1)
    return [
        Scenario("A/A normal value, 14 looks", value, value, (DAILY, DAILY), _looking("mean", null=True), DAYS),
        Scenario("A/A normal value, 100 looks", value, value, (DAILY, DAILY), _looking("mean", null=True), 100),
        Scenario("A/A 10 % convert, 100 looks", rate, rate, (DAILY, DAILY), _looking("conversion", null=True), 100),
    ]


def power() -> list[Scenario]:
    """A/B, looked at again and again: how often a true effect is found."""
    return [
        Scenario(
            f"A/B normal value, {looks} looks",
            Normal(10, 5),
            Normal(10 + GAP * 5 * (2 / (looks * DAILY)) ** 0.5, 5),
            (DAILY, DAILY),
            _looking("mean", null=False),
            looks,
        )
        for looks in (DAYS, 100)
    ]


def _looking(kind: str, *, null: bool) -> tuple[Panel, ...]:
    """Everybody who looks more than once, and who looks once."""
    end = once(ours(kind), "Fairsplit, one look at the end")
    peeking = ours(kind, name="fixed test, peeked at"), bayesian(kind, "Bayesian, peeked at")
    sequential, peer = ours(kind, method="sequential", name="Fairsplit, no plan"), gbstats(kind, sequential=True)
    if null:
        at_most, about = (0.0, 0.05), (0.045, 0.055)
        ours_of_many = Panel(planned(kind), about), Panel(sequential, at_most)
        return Panel(end), *map(Panel, peeking), *ours_of_many, Panel(peer)
    return (
        Panel(end),
        Panel(planned(kind), behind=(end.name, 0.03)),
        Panel(sequential, behind=(peer.name, 0.0)),
        Panel(peer),
    )


def splits() -> list[Scenario]:
    """The units alone, whose weights are equal, at 100 looks."""
    judges = Panel(split(sequential=False)), Panel(split(sequential=True), (0.0, 0.001))
    return [Scenario("Split as planned, 100 looks", Visitors(), Visitors(), (500, 500), judges, 100)]


SCENARIOS: tuple[Scenario, ...] = (
    *fixed_horizon(),
    *true_effects(),
    *before_the_assignment(),
    *many_looks(),
    *power(),
    *splits(),
)
