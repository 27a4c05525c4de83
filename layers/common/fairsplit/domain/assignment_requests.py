"""What clients ask for: an assignment in one experiment, or decisions over many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from fairsplit.domain.attributes import read_attributes
from fairsplit.domain.errors import InvalidError
from fairsplit.domain.experiment import Value
from fairsplit.domain.reading_models import read_model
from fairsplit.domain.unit_ids import is_unit_id

MOST_EXPERIMENTS = 200
UNIT_ID_RULE = "has to be 1 to 256 characters, none of them a control character or half of a surrogate pair."


@dataclass(frozen=True, slots=True)
class AssignmentRequest:
    """A unit's attributes, and who it was before."""

    attributes: Mapping[str, Any]
    fallback_unit_id: str | None


class DecisionRequest(Value):
    """Which experiments to decide for a unit, by their keys; None are all that are active.

    Without `record` nothing is stored; `explain` adds why, and stores nothing either.
    """

    unit_id: str
    attributes: Any = None
    experiments: (
        Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=MOST_EXPERIMENTS)] | None
    ) = None
    record: bool = True
    explain: bool = False


def read_assignment_request(body: Mapping[str, Any], unit_id: str) -> AssignmentRequest:
    """The request of an assignment's body.

    Raises:
        InvalidError: a field is unknown or breaks its rule.
    """
    if unknown := sorted(body.keys() - {"attributes", "fallback_unit_id"}):
        message = "An assignment's body has the fields attributes and fallback_unit_id."
        raise InvalidError.at((unknown[0],), "unknown_field", message)
    fallback = body.get("fallback_unit_id")
    if fallback is not None:
        _check_unit_id("fallback_unit_id", fallback)
    return AssignmentRequest(read_attributes(body.get("attributes")), None if fallback == unit_id else fallback)


def read_decision_request(body: Mapping[str, Any]) -> DecisionRequest:
    """The request of a decisions' body; each experiment stands in it once.

    Raises:
        InvalidError: a field is unknown or breaks its rule.
    """
    request = read_model(DecisionRequest, body)
    _check_unit_id("unit_id", request.unit_id)
    keys = None if request.experiments is None else tuple(dict.fromkeys(request.experiments))
    return request.model_copy(update={"attributes": read_attributes(request.attributes), "experiments": keys})


def _check_unit_id(name: str, value: Any) -> None:
    if not isinstance(value, str) or not is_unit_id(value):
        raise InvalidError.at((name,), f"{name}_invalid", f"{name} {UNIT_ID_RULE}")
