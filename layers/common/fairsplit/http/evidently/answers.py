"""How CloudWatch Evidently answers an evaluation: a variation, its value under the name of its type, and why."""

from __future__ import annotations

import json
from typing import Any

from fairsplit.domain.eligibility import OVER, Reason
from fairsplit.services.answers import Answer
from fairsplit.services.evaluating import Question

LARGEST_LONG = 2**53 - 1
EXPERIMENT, LAUNCH = "EXPERIMENT_RULE_MATCH", "LAUNCH_RULE_MATCH"
OVERRIDE, DEFAULT = "ENTITY_OVERRIDES_MATCH", "DEFAULT"
DETAILS = {EXPERIMENT: ("experiment", "treatment"), LAUNCH: ("launch", "group")}


def evaluation(answer: Answer) -> dict[str, Any]:
    """A unit's answer as Evidently gives it; who gets no variant is told the control's.

    A value that is null is left out, because Evidently has no such value.
    """
    key = answer.variant or answer.experiment.control
    variant, reason = answer.experiment.variant(key), reason_of(answer)
    result = {"variation": key, "reason": reason, "details": json.dumps(_details(answer, reason), ensure_ascii=False)}
    return result | ({} if variant is None or variant.value is None else {"value": typed(variant.value)})


def result_of_batch(project: str, feature: str, question: Question, answer: Answer | None) -> dict[str, Any]:
    """One result of a batch; without a variation where there is no such feature, so that the others have theirs."""
    asked = {"project": project, "feature": feature, "entityId": question.unit_id}
    return asked | (evaluation(answer) if answer else {})


def reason_of(answer: Answer) -> str:
    """Evidently's word for why a unit has its variant."""
    if answer.reason is Reason.OVERRIDE:
        return OVERRIDE
    if answer.variant is None:
        return DEFAULT
    over = answer.experiment.status in OVER and answer.experiment.winner
    return LAUNCH if over else EXPERIMENT


def _details(answer: Answer, reason: str) -> dict[str, str | None]:
    first, second = DETAILS.get(reason, ("", ""))
    return {first: answer.experiment.name, second: answer.variant} if first else {}


def typed(value: Any) -> dict[str, Any]:
    """A value under the name of its type; what Evidently has no type for is a text of JSON."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int) and abs(value) <= LARGEST_LONG:
        return {"longValue": value}
    if isinstance(value, int | float):
        return {"doubleValue": float(value)}
    return {"stringValue": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}
