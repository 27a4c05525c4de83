"""What CloudWatch Evidently's evaluations ask: a feature is an experiment, an entity a unit, the context attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fairsplit.domain.attributes import LARGEST
from fairsplit.domain.errors import FairsplitError, InvalidError
from fairsplit.domain.event_chunks import json_size
from fairsplit.domain.evidently_names import key_of_feature
from fairsplit.domain.unit_ids import is_unit_id
from fairsplit.http.body import parse
from fairsplit.services.evaluating import Question

MOST = 20  # evaluations a call
FEATURE = re.compile(r"[-a-zA-Z0-9._]{1,127}", re.ASCII)


def read_question(feature: Any, raw: Mapping[str, Any], place: str = "") -> Question:
    """What an evaluation asks. Other fields than Evidently's are ignored.

    Raises:
        InvalidError: a field breaks its rule; the place says which one's.
    """
    if not isinstance(feature, str) or not FEATURE.fullmatch(feature):
        raise InvalidError("invalid_format", f"{place}feature has to be 1 to 127 of A-Z a-z 0-9 . _ -")
    entity_id = raw.get("entityId")
    if not isinstance(entity_id, str) or not is_unit_id(entity_id):
        rule = "has to be a text of 1 to 256 characters, none of them a control character."
        raise InvalidError("unit_id_invalid", f"{place}entityId {rule}")
    return Question(key_of_feature(feature), entity_id, _attributes(raw.get("evaluationContext"), place))


def _attributes(context: Any, place: str) -> dict[str, Any]:
    """SDKs send the context as a text of JSON; an object is taken, too."""
    value = json_of(context, f"{place}evaluationContext") if context else {}
    if not isinstance(value, dict):
        raise InvalidError("invalid_type", f"{place}evaluationContext has to be a JSON object.")
    if json_size(value) > LARGEST:
        raise InvalidError(
            "attributes_too_large", f"{place}evaluationContext may have {LARGEST} bytes of JSON at most."
        )
    return value


def json_of(value: Any, place: str) -> Any:
    """The value of a field that SDKs send as a text of JSON.

    Raises:
        InvalidError: it is no JSON.
    """
    if not isinstance(value, str):
        return value
    try:
        return parse(value.encode("utf-8", "surrogatepass"))
    except FairsplitError as error:
        raise InvalidError("invalid_type", f"{place} has to be JSON. {error.detail}") from error


def read_batch(body: Mapping[str, Any]) -> list[tuple[str, Question]]:
    """The names of the features of a batch, each with what is asked.

    Raises:
        InvalidError: it has none or more than 20, or one breaks a rule.
    """
    requests = body.get("requests")
    if not isinstance(requests, list) or not 1 <= len(requests) <= MOST:
        raise InvalidError("out_of_range", f"requests has to be a list of 1 to {MOST} evaluations.")
    return [_one_of_batch(raw, f"requests[{index}].") for index, raw in enumerate(requests)]


def _one_of_batch(raw: Any, place: str) -> tuple[str, Question]:
    if not isinstance(raw, dict):
        raise InvalidError("invalid_type", f"{place[:-1]} has to be an object with entityId and feature.")
    feature = raw.get("feature")
    return str(feature), read_question(feature, raw, place)
