"""Values of results as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairsplit.domain.stats.guardrails import Guardrail
from fairsplit.domain.stats.lift import Lift
from fairsplit.domain.stats.means import Difference
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.small_counts import Exact
from fairsplit.domain.totals import SCALE


def plain(value: int) -> int | float:
    """A sum in ten-thousandths as a JSON number, whole where it is."""
    return value // SCALE if value % SCALE == 0 else value / SCALE


def notes_json(notes: Sequence[Note]) -> list[dict[str, str]]:
    return [{"code": note.code, "detail": note.detail} for note in notes]


def estimate_json(found: Difference | Lift | None) -> dict[str, Any]:
    if found is None:
        return {"estimate": None, "ci": None}
    return {"estimate": found.estimate, "ci": list(found.ci) if found.ci else None}


def exact_json(found: Exact | None) -> dict[str, Any] | None:
    return {"method": found.method, "p_value": found.p_value, "ci": list(found.ci)} if found else None


def guardrail_json(found: Guardrail | None) -> dict[str, Any] | None:
    return {"status": found.status, "p_value": found.p_value, "bound": found.bound} if found else None
