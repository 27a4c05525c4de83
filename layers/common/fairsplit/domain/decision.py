"""What to do with an experiment, and why, in words for whoever has to decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LEAST_DAYS = 7
MOST_MIXED = 0.01


@dataclass(frozen=True, slots=True)
class Judged:
    """One comparison as the decision needs it.

    `verdict` is better, worse, unclear or unknown, in the metric's direction; `lift`, `interval` and `margin` are
    fractions, `guardrail` is pass, fail, undecided, or None where it cannot be judged.
    """

    metric: str
    variant: str
    role: str
    verdict: str
    lift: float | None
    interval: tuple[float, float] | None
    guardrail: str | None
    margin: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a decision rests on.

    `units_needed` is None where it cannot be told; `any_time` says that the method may be looked at every day;
    `mde` is the smallest lift worth finding; `ended` that no more data come.
    """

    judged: tuple[Judged, ...]
    split_p_value: float | None
    split_broken: bool
    drifting: bool
    recounting: bool
    mixed_share: float
    full_days: int
    units_now: int
    units_needed: int | None
    any_time: bool
    mde: float
    ended: bool

    @property
    def treatments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.variant for one in self.judged))

    @property
    def has_units(self) -> bool:
        """Whether the units are in that it takes."""
        return self.units_needed is not None and self.units_now >= self.units_needed

    def of(self, variant: str, role: str) -> list[Judged]:
        """A treatment's comparisons of metrics in that role."""
        return [one for one in self.judged if (one.variant, one.role) == (variant, role)]


@dataclass(frozen=True, slots=True)
class Decision:
    """ship (the `winner`), stop, no_effect, keep_running or investigate; None of an experiment that never started."""

    decision: str | None
    winner: str | None
    reasons: tuple[str, ...]


def decide(evidence: Evidence) -> Decision:
    """The decision, its rules tried in this order: investigate, stop, ship, no effect; else keep running."""
    faults = list(_faults(evidence))
    if faults:
        return Decision("investigate", None, tuple(faults))
    bad = {variant: losses for variant in evidence.treatments if (losses := list(_losses(evidence, variant)))}
    losses = [reason for reasons in bad.values() for reason in reasons]
    if bad and len(bad) == len(evidence.treatments):
        return Decision("stop", None, tuple(losses))
    left = [variant for variant in evidence.treatments if variant not in bad]
    ready = [variant for variant in left if not list(_missing(evidence, variant))]
    if ready:
        winner = _best(evidence, ready)
        others = [one for variant in ready if variant != winner for one in _gains(evidence, variant)]
        return Decision("ship", winner, (*_gains(evidence, winner), *_passed(evidence, winner), *others, *losses))
    if left and evidence.has_units and all(_is_without_effect(evidence, variant) for variant in left):
        return Decision("no_effect", None, (*_nothing(evidence, left), *losses))
    return Decision("keep_running", None, tuple(_waiting(evidence, left)) + tuple(losses))


def _faults(evidence: Evidence) -> Iterator[str]:
    """What makes every number doubtful."""
    if evidence.split_broken:
        p_value = "" if evidence.split_p_value is None else f" (p = {evidence.split_p_value:.2g})"
        yield f"The split is not as planned{p_value}: find out why before you believe any number."
    if evidence.drifting:
        yield "A check found sums that were wrong. They are being counted anew: wait until that is through."
    if evidence.mixed_share > MOST_MIXED:
        share = _percent(evidence.mixed_share)
        yield f"{share} of the units met more than one variant: find out how before you believe any number."


def _losses(evidence: Evidence, variant: str) -> Iterator[str]:
    """Why a treatment cannot win any more."""
    for one in evidence.of(variant, "primary"):
        if one.verdict == "worse":
            yield f"{_effect(one)} That is worse."
    for one in evidence.of(variant, "guardrail"):
        if one.guardrail == "fail":
            yield f"{_effect(one)} The guardrail fails: it may lose {_percent(one.margin or 0)}."


def _missing(evidence: Evidence, variant: str) -> Iterator[str]:
    """What a treatment still needs to be shipped."""
    primaries = evidence.of(variant, "primary")
    if not any(one.verdict == "better" for one in primaries):
        yield from (_unclear(one) for one in primaries)
    for one in evidence.of(variant, "guardrail"):
        if one.guardrail != "pass":
            margin = _percent(one.margin or 0)
            yield f"The guardrail {one.metric} of `{variant}` is undecided: its loss may be above {margin}."
    yield from _time_missing(evidence)
    if not primaries:
        yield "No primary metric says what is better."


def _time_missing(evidence: Evidence) -> Iterator[str]:
    if evidence.full_days < LEAST_DAYS:
        yield f"{evidence.full_days} of {LEAST_DAYS} full days have passed."
    if not evidence.any_time and not evidence.has_units:
        if evidence.units_needed is None:
            yield "How many units it takes cannot be told yet."
        else:
            yield f"{evidence.units_now:,} of {evidence.units_needed:,} units are in."


def _waiting(evidence: Evidence, left: Sequence[str]) -> Iterator[str]:
    """What is missing, of all treatments that can still win, each thing once."""
    if evidence.ended:
        yield "The experiment has ended without enough evidence for a decision."
    if evidence.recounting:
        yield "A metric has changed, and is being counted anew."
    if not evidence.judged:
        yield "There is no metric that says what is better."
    yield from dict.fromkeys(reason for variant in left for reason in _missing(evidence, variant))
    for variant in left:
        if any(one.verdict == "better" for one in evidence.of(variant, "primary")):
            yield from _gains(evidence, variant)


def _gains(evidence: Evidence, variant: str) -> Iterator[str]:
    return (_effect(one) for one in evidence.of(variant, "primary") if one.verdict == "better")


def _passed(evidence: Evidence, variant: str) -> Iterator[str]:
    names = [one.metric for one in evidence.of(variant, "guardrail")]
    if names:
        yield f"{'All guardrails pass' if len(names) > 1 else 'The guardrail passes'}: {', '.join(names)}."


def _best(evidence: Evidence, ready: Sequence[str]) -> str:
    """Of the treatments that may be shipped the one with the largest lift in the first primary metric."""
    first = next(one.metric for one in evidence.judged if one.role == "primary")

    def size(variant: str) -> float:
        mine = next(one for one in evidence.of(variant, "primary") if one.metric == first)
        lift = abs(mine.lift or 0.0)
        return lift if mine.verdict == "better" else 0.0

    return max(ready, key=size)


def _is_without_effect(evidence: Evidence, variant: str) -> bool:
    """Whether every primary metric's lift is known to lie within what is worth finding."""
    primaries = evidence.of(variant, "primary")
    return bool(primaries) and all(
        one.verdict == "unclear"
        and one.interval is not None
        and -evidence.mde <= one.interval[0]
        and one.interval[1] <= evidence.mde
        for one in primaries
    )


def _nothing(evidence: Evidence, left: Sequence[str]) -> Iterator[str]:
    yield f"All {evidence.units_needed:,} units are in, and every effect lies within ±{_percent(evidence.mde)}."
    yield from (_unclear(one) for variant in left for one in evidence.of(variant, "primary"))


def _effect(one: Judged) -> str:
    """`green` raises purchased by 12 % (4.1 % to 21 %)."""
    if one.lift is None:
        return f"`{one.variant}` changes {one.metric}, which was 0 in the control."
    word = "raises" if one.lift > 0 else "lowers"
    size = _percent(abs(one.lift))
    if one.interval is None:
        return f"`{one.variant}` {word} {one.metric} by {size}; how far that may be off cannot be told."
    low, high = one.interval if one.lift > 0 else (-one.interval[1], -one.interval[0])
    return f"`{one.variant}` {word} {one.metric} by {size} ({_percent(low)} to {_percent(high)})."


def _unclear(one: Judged) -> str:
    if one.verdict == "unknown" or one.lift is None:
        return f"There are no numbers yet for {one.metric} of `{one.variant}`."
    if one.interval is None:
        return f"The effect of `{one.variant}` on {one.metric} is unclear."
    low, high = one.interval
    return f"The effect of `{one.variant}` on {one.metric} is unclear: {_percent(low)} to {_percent(high)}."


def _percent(fraction: float) -> str:
    """A fraction in percent with two or three digits that matter."""
    value = 100 * fraction
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) >= 10 else f"{value:.2g}"
    return f"{text} %"
