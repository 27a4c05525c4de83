"""Values of results as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairsplit.domain.stats.beliefs import Belief
from fairsplit.domain.stats.cuped import Adjustment
from fairsplit.domain.stats.difference import Difference
from fairsplit.domain.stats.guardrails import Guardrail
from fairsplit.domain.stats.lift import Lift
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.small_counts import Exact
from fairsplit.domain.stats.srm import RatioMismatch
from fairsplit.domain.totals import SCALE


def plain(value: int, scale: int = SCALE) -> int | float:
    """A sum of whole parts of a scale, ten-thousandths, as a JSON number; whole where it is."""
    return value // scale if value % scale == 0 else value / scale


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


def belief_json(found: Belief | None, direction: str) -> dict[str, Any]:
    if found is None:
        return {"chance_to_win": None, "expected_loss": None}
    return {"chance_to_win": found.chance_to_win(direction), "expected_loss": found.lift.expected_loss(direction)}


def cuped_json(found: Adjustment | None) -> dict[str, Any]:
    if found is None:
        return {"used": False, "theta": None, "variance_reduction": None}
    return {"used": True, "theta": found.theta, "variance_reduction": found.variance_reduction}


def split_json(found: RatioMismatch) -> dict[str, Any]:
    return {
        "p_value": found.p_value,
        "sequential_p_value": found.sequential_p_value,
        "flagged": found.flagged,
        "alert": found.alert,
        "observed": dict(found.observed),
        "expected": dict(found.expected),
    }
