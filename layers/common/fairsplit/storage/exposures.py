"""Exposures as attribution uses them: what just came, and the assignments that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.event_chunks import from_row
from fairsplit.domain.exposure import Exposure
from fairsplit.storage import batches
from fairsplit.storage.assignment_items import insert_action
from fairsplit.storage.backing_off import ATTEMPTS, back_off
from fairsplit.storage.client import STORE_BUSY
from fairsplit.storage.packing import unpack
from fairsplit.storage.transactions import CONDITION, refusals

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
IS_THERE = "attribute_exists(unit_id)"


@dataclass(frozen=True)
class Exposures:
    """Stored exposures, and the Assignments table beside them."""

    client: DynamoDBClient
    events: str
    assignments: str

    def read(self, places: Sequence[tuple[str, str]]) -> list[Exposure]:
        """The exposures of items by their keys, unit and day_digest, as they are now; erased ones are not there.

        Raises:
            ThrottledError: DynamoDB throttles.
        """
        keys = [_key(*place) for place in dict.fromkeys(places)]
        return [
            Exposure(from_row(item["unit_id"]["S"], row), item["day_digest"]["S"])
            for item in batches.read_many(self.client, self.events, keys)
            for row in unpack(item["events"])
        ]

    def assign(self, wanted: Assignment, exposure: Exposure) -> bool:
        """Store the assignment where there is none, if the exposure that makes it is still there; whether it was.

        Both in one transaction, so that a unit which is being erased does not come back by what it met before.

        Raises:
            ThrottledError: the store is busy. Nothing is stored.
        """
        writes = [insert_action(self.assignments, wanted), self._is_there(exposure)]
        for attempt in range(1, ATTEMPTS + 1):
            refused = refusals(self.client, writes)
            if not refused:
                return True
            if any(one["Code"] == CONDITION for one in refused):
                return False
            back_off(attempt)
        raise ThrottledError("store_busy", STORE_BUSY)

    def _is_there(self, exposure: Exposure) -> dict[str, Any]:
        return {
            "ConditionCheck": {
                "TableName": self.events,
                "Key": _key(exposure.event.unit_id, exposure.item),
                "ConditionExpression": IS_THERE,
            }
        }


def _key(unit_id: str, day_digest: str) -> dict[str, Any]:
    return {"unit_id": {"S": unit_id}, "day_digest": {"S": day_digest}}
