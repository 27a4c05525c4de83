"""OpenFeature's remote evaluation protocol (OFREP): an experiment is a flag, the context a unit and its attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairsplit.domain.attributes import LARGEST
from fairsplit.domain.eligibility import OVER, Reason
from fairsplit.domain.errors import InvalidError
from fairsplit.domain.event_chunks import json_size
from fairsplit.domain.unit_ids import is_unit_id
from fairsplit.http.body import read_object
from fairsplit.http.ofrep_errors import INVALID_CONTEXT, TARGETING_KEY_MISSING
from fairsplit.services.answers import Answer

MISSING = 'Send the unit that asks as {"context": {"targetingKey": "…"}}.'
NO_UNIT = "targetingKey has to be a text of 1 to 256 characters, none of them a control character."
TOO_LARGE = f"The context may have {LARGEST} bytes of JSON at most beside its targetingKey."


def read_context(event: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The unit and the attributes that a request's context names; whatever else the body has is ignored.

    Raises:
        MalformedError, TooLargeError: the body cannot be read.
        InvalidError: there is no context, or it breaks a rule.
    """
    context = read_object(event, optional=True).get("context")
    if context is None:
        raise InvalidError(TARGETING_KEY_MISSING, MISSING)
    if not isinstance(context, dict):
        raise InvalidError(INVALID_CONTEXT, "context has to be an object.")
    unit_id = context.get("targetingKey")
    if unit_id is None:
        raise InvalidError(TARGETING_KEY_MISSING, MISSING)
    if not isinstance(unit_id, str) or not is_unit_id(unit_id):
        raise InvalidError(INVALID_CONTEXT, NO_UNIT)
    attributes = {name: value for name, value in context.items() if name != "targetingKey"}
    if json_size(attributes) > LARGEST:
        raise InvalidError(INVALID_CONTEXT, TOO_LARGE)
    return unit_id, attributes


def evaluation(answer: Answer) -> dict[str, Any]:
    """A unit's answer as the evaluation of a flag; who gets no variant is told the control's.

    A value that is null is left out: clients then take the default that stands in their own code.
    """
    key = answer.variant or answer.experiment.control
    variant = answer.experiment.variant(key)
    value = {"key": answer.experiment.key, "reason": reason_of(answer), "variant": key}
    if variant and variant.value is not None:
        value["value"] = variant.value
    return value | {"metadata": {"reason": answer.reason}}


def reason_of(answer: Answer) -> str:
    """OpenFeature's word for why a unit has its variant; the metadata has our own, which is finer."""
    if answer.reason is Reason.OVERRIDE:
        return "TARGETING_MATCH"
    if answer.variant is None:
        return "DISABLED" if answer.reason is Reason.NOT_ACTIVE else "DEFAULT"
    return "STATIC" if answer.experiment.status in OVER and answer.experiment.winner else "SPLIT"
