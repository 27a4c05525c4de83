"""Stream records, as Lambda hands them over, as values of the domain."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from fairsplit.domain.aggregate import Record
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.timestamps import cut
from fairsplit.storage.assignment_items import from_item
from fairsplit.storage.keys import holds_exposures

SEQ_DIGITS = 40  # sequence numbers are digit strings of varying length
READING_ERRORS = (KeyError, ValueError, TypeError, AttributeError, IndexError, zlib.error, binascii.Error)


class UnreadableRecordError(Exception):
    """A record that is no assignment; `experiment` is None where not even its key can be read."""

    def __init__(self, experiment: str | None) -> None:
        super().__init__(f"unreadable record of the experiment {experiment}")
        self.experiment = experiment


def unit_ids(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The units whose items the records name, each once, in their order."""
    return list(dict.fromkeys(unit_of(record) for record in records))


def unit_of(record: Mapping[str, Any]) -> str:
    """The unit whose item the record names."""
    return str(record["dynamodb"]["Keys"]["unit_id"]["S"])


def exposure_items(records: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Unit and key of the items with exposures that the records name."""
    keys = (record["dynamodb"]["Keys"] for record in records)
    places = [(key["unit_id"]["S"], key["day_digest"]["S"]) for key in keys if "day_digest" in key]
    return [place for place in places if holds_exposures(place[1])]


def inserted_items(records: Iterable[Mapping[str, Any]]) -> dict[str, list[Assignment]]:
    """The assignments whose inserts the records tell, by unit; a unit of which one cannot be read is left out."""
    found: dict[str, list[Assignment]] = {}
    unreadable = set()
    for record in records:
        try:
            image = _image(record["dynamodb"].get("NewImage"))
        except READING_ERRORS:
            unreadable.add(unit_of(record))
        else:
            found.setdefault(unit_of(record), []).extend([image] if image else [])
    return {unit_id: items for unit_id, items in found.items() if items and unit_id not in unreadable}


def seq_of(record: Mapping[str, Any]) -> str:
    """The record's sequence number, padded so that text order is its order."""
    return str(record["dynamodb"]["SequenceNumber"]).zfill(SEQ_DIGITS)


def time_of(record: Mapping[str, Any]) -> datetime:
    """About when the change was made."""
    return cut(datetime.fromtimestamp(float(record["dynamodb"]["ApproximateCreationDateTime"]), UTC))


def is_change(record: Mapping[str, Any]) -> bool:
    """Whether anything changed; some engines send records whose images are equal."""
    return bool(record["dynamodb"].get("OldImage") != record["dynamodb"].get("NewImage"))


def to_record(record: Mapping[str, Any]) -> Record:
    """A record of the Assignments stream.

    Raises:
        UnreadableRecordError: the record is no assignment, or not as this version writes it.
    """
    try:
        change = record["dynamodb"]
        return Record(
            seq=seq_of(record),
            at=time_of(record),
            unit_id=unit_of(record),
            experiment=change["Keys"]["experiment"]["S"],
            old=_image(change.get("OldImage")),
            new=_image(change.get("NewImage")),
        )
    except READING_ERRORS as error:
        raise UnreadableRecordError(_experiment_of(record)) from error


def _image(image: Mapping[str, Any] | None) -> Assignment | None:
    if not image:
        return None
    return from_item({name: _from_stream(value) for name, value in image.items()})


def _from_stream(attribute: Mapping[str, Any]) -> dict[str, Any]:
    """Binary values come as base64 in an event, as bytes from the SDK."""
    if isinstance(attribute.get("B"), str):
        return {"B": base64.b64decode(attribute["B"], validate=True)}
    return dict(attribute)


def _experiment_of(record: Mapping[str, Any]) -> str | None:
    try:
        return str(record["dynamodb"]["Keys"]["experiment"]["S"])
    except READING_ERRORS:
        return None
