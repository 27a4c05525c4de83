"""What to do with an experiment, and why, in words for whoever has to decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fairsplit.domain.results.reasons import Judged, between, effect, margin, p_value, percent, unclear, undecided
from fairsplit.domain.stats.srm import THRESHOLD

LEAST_DAYS = 7
MOST_MIXED = 0.01
NO_PRIMARY = "There is no primary metric that says what is better."


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
    if faults := tuple(_faults(evidence)):
        return Decision("investigate", None, faults)
    left = [variant for variant in evidence.treatments if not any(_losses(evidence, variant))]
    losses = tuple(reason for variant in evidence.treatments for reason in _losses(evidence, variant))
    if losses and not left:
        return Decision("stop", None, losses)
    if ready := [variant for variant in left if not any(_missing(evidence, [variant]))]:
        winner = _best(evidence, ready)
        return Decision("ship", winner, (*_why(evidence, winner, ready), *losses))
    if left and evidence.has_units and all(_is_without_effect(evidence, variant) for variant in left):
        return Decision("no_effect", None, (*_nothing(evidence, left), *losses))
    return Decision("keep_running", None, (*_waiting(evidence, left), *losses))


def _faults(evidence: Evidence) -> Iterator[str]:
    """What makes every number doubtful."""
    if evidence.split_broken:
        p = evidence.split_p_value
        shown = "" if p is None or p >= THRESHOLD else f" ({p_value(p)})"
        yield f"The split is not as planned{shown}: find out why before you believe any number."
    if evidence.drifting:
        yield "A check found sums that were wrong. They are being counted anew: wait until that is through."
    if evidence.mixed_share > MOST_MIXED:
        share = percent(evidence.mixed_share)
        yield f"{share} of the units met more than one variant: find out how before you believe any number."


def _losses(evidence: Evidence, variant: str) -> Iterator[str]:
    """Why a treatment cannot win any more."""
    for one in evidence.of(variant, "primary"):
        if one.verdict == "worse":
            yield f"{effect(one)} That is worse."
    for one in evidence.of(variant, "guardrail"):
        if one.guardrail == "fail":
            yield f"{effect(one)} The guardrail fails: the loss is above {margin(one)}."


def _missing(evidence: Evidence, variants: Sequence[str]) -> Iterator[str]:
    """What each of these treatments still needs to be shipped: metrics, guardrails, then days and units."""
    if evidence.units_now:
        for variant in variants:
            yield from _open_primaries(evidence, variant)
        for variant in variants:
            yield from (undecided(one) for one in evidence.of(variant, "guardrail") if one.guardrail != "pass")
    if evidence.full_days < LEAST_DAYS:
        yield f"{evidence.full_days} of {LEAST_DAYS} full days have passed."
    if not evidence.units_now:
        yield "No units are in yet."
    elif not evidence.any_time and not evidence.has_units:
        yield _units(evidence)


def _open_primaries(evidence: Evidence, variant: str) -> Iterator[str]:
    """One that is better is enough; but what a recount still hides may be worse."""
    primaries = evidence.of(variant, "primary")
    if not primaries:
        yield NO_PRIMARY
    if not any(one.verdict == "better" for one in primaries):
        yield from map(unclear, primaries)
    elif evidence.recounting:
        yield from (unclear(one) for one in primaries if one.verdict == "unknown")


def _waiting(evidence: Evidence, left: Sequence[str]) -> Iterator[str]:
    """What is missing, each thing once, and then what is known already."""
    if evidence.ended:
        yield "The experiment has ended without enough evidence for a decision."
    if evidence.recounting:
        yield "A metric has changed, and is being counted anew."
    if not left:
        yield NO_PRIMARY
    yield from dict.fromkeys(_missing(evidence, left))
    for variant in left:
        yield from _gains(evidence, variant)


def _why(evidence: Evidence, winner: str, ready: Sequence[str]) -> Iterator[str]:
    """Why the winner may be shipped, and which others might be, too."""
    yield from _gains(evidence, winner)
    yield from (unclear(one) for one in evidence.of(winner, "primary") if one.verdict != "better")
    if names := [one.metric for one in evidence.of(winner, "guardrail")]:
        yield f"{'All guardrails pass' if len(names) > 1 else 'The guardrail passes'}: {', '.join(names)}."
    yield f"{evidence.units_now:,} units are in after {evidence.full_days} full days."
    for variant in ready:
        if variant != winner:
            yield f"`{variant}` could be shipped, too."
            yield from _gains(evidence, variant)


def _gains(evidence: Evidence, variant: str) -> Iterator[str]:
    return (effect(one) for one in evidence.of(variant, "primary") if one.verdict == "better")


def _best(evidence: Evidence, ready: Sequence[str]) -> str:
    """The treatment that gains most in the first primary metric; where that is the same, in the next."""
    metrics = dict.fromkeys(one.metric for one in evidence.judged if one.role == "primary")

    def gains(variant: str) -> list[float]:
        better = [one for one in evidence.of(variant, "primary") if one.verdict == "better"]
        sizes = {one.metric: abs(one.lift or 0.0) for one in better}
        return [sizes.get(metric, 0.0) for metric in metrics]

    return max(ready, key=gains)


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
    yield _units(evidence)
    most = percent(evidence.mde)
    for one in (one for variant in left for one in evidence.of(variant, "primary")):
        if one.interval:
            yield f"`{one.variant}` changes {one.metric} by no more than {most} either way ({between(one.interval)})."


def _units(evidence: Evidence) -> str:
    if evidence.units_needed is None:
        return "How many units it takes cannot be told yet."
    return f"{evidence.units_now:,} of {evidence.units_needed:,} units are in."
