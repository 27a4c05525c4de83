"""Rules that experiments and the sums that somebody brings have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairsplit.domain.errors import Fault

Place = tuple[str | int, ...]


def margin_faults(metric: Place, *, role: str, margin: float | None) -> Iterator[Fault]:
    """Whether a metric, which stands at that place, has a margin just when it is a guardrail."""
    place = (*metric, "margin")
    if role == "guardrail" and margin is None:
        message = "A guardrail needs its margin: the relative loss that is tolerated, as 0.02."
        yield Fault(place, "required", message)
    if role != "guardrail" and margin is not None:
        yield Fault(place, "not_for_this_role", "Only a guardrail has a margin: leave it out.")


def repeated(values: Sequence[str], field: str, code: str, part: str | None = None) -> Iterator[Fault]:
    """Each value of a field's list that stood there before; `part` names it where the list holds objects."""
    for index, value in enumerate(values):
        if value in values[:index]:
            loc = (field, index) if part is None else (field, index, part)
            yield Fault(loc, code, f"{value} stands twice; each may stand once.")


def control_faults(control: str, keys: Sequence[str]) -> Iterator[Fault]:
    """Whether the control is one of the variants."""
    if control not in keys:
        yield Fault(("control",), "unknown_variant", f"control has to be one of: {', '.join(keys)}.")
