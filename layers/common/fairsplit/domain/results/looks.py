"""The looks at a sequential experiment that has a planned end: one a day, each with the sums as they stood then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from fairsplit.domain.moments import Moments
from fairsplit.domain.stats.comparison import Comparison
from fairsplit.domain.stats.group_sequential import counted_looks
from fairsplit.domain.stats.guardrails import Guardrail
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.plan import PlannedLook

NO_LOOK = Note("no_look_yet", "The bounds are for one look a day, and the first has not been taken yet.")


@dataclass(frozen=True)
class Look:
    """One look: its day, the sums of then, and which metrics they hold, by their fingerprints."""

    day: date
    moments: Moments
    fingerprints: frozenset[str]

    @cached_property
    def units(self) -> int:
        """How many units were in, of all variants."""
        return self.moments.units("units")

    def fraction(self, planned_units: int) -> float:
        """The share of the planned units that was in, at most 1."""
        return min(1.0, self.units / planned_units)


def look_of(day: date, snapshot: Mapping[str, Any]) -> Look:
    """The look that a daily snapshot was."""
    return Look(day, Moments.from_json(snapshot["moments"]), frozenset(snapshot["fingerprints"]))


def looks_at(fingerprint: str, looks: Iterable[Look], planned_units: int) -> list[tuple[Look, PlannedLook]]:
    """The looks that were taken at a metric, each with its number among those that count."""
    found: dict[float, Look] = {}
    for look in looks:
        if fingerprint in look.fingerprints:
            found.setdefault(look.fraction(planned_units), look)
    fractions = counted_looks(tuple(sorted(found)))
    return [(found[one], PlannedLook(fractions, number)) for number, one in enumerate(fractions)]


def standing(
    taken: Sequence[tuple[Look, PlannedLook]],
    compare: Callable[[Moments, PlannedLook], Comparison | Note],
    *,
    alpha: float,
) -> tuple[Look, Comparison | Note] | None:
    """The look that stands, with its comparison; None before the first.

    A bound that was crossed once stays crossed: of the looks that crossed theirs the one with the smallest p-value
    stands. Without any it is the last one.
    """
    compared = [(look, compare(look.moments, place)) for look, place in taken]
    crossed = [pair for pair in compared if _p_value(pair[1]) < alpha]
    if crossed:
        return min(crossed, key=lambda pair: _p_value(pair[1]))
    return compared[-1] if compared else None


def standing_verdict(
    taken: Sequence[tuple[Look, PlannedLook]],
    compare: Callable[[Moments, PlannedLook], Comparison | Note],
    judge: Callable[[Comparison | Note], Guardrail | None],
) -> tuple[Look, Comparison | Note] | None:
    """The look that stands of a guardrail, with its comparison; None before the first.

    A verdict stays, too, and goes by the guardrail's own bound, whatever the difference alone says: the first look that
    fails stands, else the first that passes, else the last one.
    """
    compared = [(look, compare(look.moments, place)) for look, place in taken]
    verdicts = [verdict.status if (verdict := judge(one)) else None for _, one in compared]
    for status in ("fail", "pass"):
        if status in verdicts:
            return compared[verdicts.index(status)]
    return compared[-1] if compared else None


def standing_note(look: Look, planned_units: int) -> Note:
    """Which look it is that a comparison tells of."""
    share = 100 * look.fraction(planned_units)
    return Note("planned_look", f"This is the look of {look.day.isoformat()}, at {share:.3g} % of the planned units.")


def _p_value(found: Comparison | Note) -> float:
    return 1.0 if isinstance(found, Note) or found.p_value is None else found.p_value
