"""The body of a transition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.experiment import Status, Value
from fairsplit.domain.reading_models import read_model


class Transition(Value):
    """Where an experiment should go, why, and which variant won, if it completes."""

    to: Status
    reason: Annotated[str, Field(max_length=2_000)] | None = None
    winner: str | None = None


def read_transition(body: Mapping[str, Any]) -> Transition:
    """The transition that a client's JSON asks for.

    Raises:
        InvalidError: a field is unknown, missing, or of another type.
    """
    if "to" in body and not (isinstance(body["to"], str) and body["to"] in set(Status)):
        raise InvalidError.at(("to",), "unknown_status", f"to has to be one of: {', '.join(Status)}.")
    return read_model(Transition, body)
