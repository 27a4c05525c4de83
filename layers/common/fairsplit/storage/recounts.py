"""Recounts in the Catalog: queued with the change that needs them, and carried on by whoever holds the lease."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fairsplit.domain.recount import Recount, RecountState
from fairsplit.domain.timestamps import from_text, to_text
from fairsplit.storage.client import patience, written
from fairsplit.storage.keys import experiment_pk

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SK = "RECOUNT"
QUEUE = (
    "SET epoch = :epoch, #state = :queued, reason = :reason, requested_at = :now, walked = :zero, passes = :zero, "
    "#shard = :zero, complete_epoch = if_not_exists(complete_epoch, :before) "
    "REMOVE after_unit, finished_at, drained_from"
)


def queue_recount_action(
    table: str, key: str, *, epoch: int, uncounted: Collection[str], reason: str, now: datetime
) -> dict[str, Any]:
    """The part of a transaction that queues a recount of an experiment under the new `epoch`.

    `uncounted` are the fingerprints that the epoch before does not count; they join those of recounts that were not
    through when another was queued. Where no recount was before, the epoch before is the complete one.
    """
    more: dict[str, Any] = {":uncounted": {"SS": sorted(uncounted)}} if uncounted else {}
    return {
        "Update": {
            "TableName": table,
            "Key": _key(key),
            "UpdateExpression": QUEUE + (" ADD uncounted :uncounted" if more else ""),
            "ExpressionAttributeNames": {"#state": "state", "#shard": "shard"},
            "ExpressionAttributeValues": {
                ":epoch": {"N": str(epoch)},
                ":before": {"N": str(epoch - 1)},
                ":queued": {"S": RecountState.QUEUED},
                ":reason": {"S": reason},
                ":now": {"S": to_text(now)},
                ":zero": {"N": "0"},
            }
            | more,
        }
    }


def close_action(table: str, key: str, *, epoch: int) -> dict[str, Any]:
    """The part of a transaction that leaves a deleted experiment's key with an epoch that has no sums yet."""
    return {"Put": {"TableName": table, "Item": to_item(Recount(experiment=key, epoch=epoch, complete_epoch=epoch))}}


@dataclass(frozen=True)
class Recounts:
    """The recount items of the Catalog."""

    client: DynamoDBClient
    table: str

    def read(self, key: str) -> Recount:
        """The experiment's last recount; where there never was one, epoch 1 is complete."""
        with patience():
            answer = self.client.get_item(TableName=self.table, Key=_key(key), ConsistentRead=True)
        return from_item(key, answer.get("Item"))

    def save(self, recount: Recount, fence: int) -> bool:
        """Save progress; False where another recount was queued since, or a later holder of the lease goes on."""
        item = to_item(recount) | {"fence": {"N": str(fence)}}
        return written(
            self.client.put_item,
            TableName=self.table,
            Item=item,
            ConditionExpression="epoch = :epoch AND (attribute_not_exists(fence) OR fence <= :fence)",
            ExpressionAttributeValues={":epoch": item["epoch"], ":fence": item["fence"]},
        )


def to_item(recount: Recount) -> dict[str, Any]:
    """A recount as DynamoDB's typed map."""
    numbers = ("epoch", "complete_epoch", "shard", "walked", "passes")
    item: dict[str, Any] = _key(recount.experiment) | {name: {"N": str(getattr(recount, name))} for name in numbers}
    item |= {"state": {"S": recount.state}, "reason": {"S": recount.reason}, "drifted": {"BOOL": recount.drifted}}
    for name in ("requested_at", "finished_at", "drained_from"):
        if getattr(recount, name):
            item[name] = {"S": to_text(getattr(recount, name))}
    if recount.after is not None:
        item["after_unit"] = {"S": recount.after}
    if recount.uncounted:
        item["uncounted"] = {"SS": sorted(recount.uncounted)}
    return item


def from_item(key: str, item: Any) -> Recount:
    """A stored recount; None is the one of an experiment that never had any."""
    if not item:
        return Recount(experiment=key)

    def moment(name: str) -> datetime | None:
        return from_text(item[name]["S"]) if name in item else None

    return Recount(
        experiment=key,
        epoch=int(item["epoch"]["N"]),
        complete_epoch=int(item["complete_epoch"]["N"]),
        state=RecountState(item["state"]["S"]),
        reason=item["reason"]["S"],
        requested_at=moment("requested_at"),
        finished_at=moment("finished_at"),
        drained_from=moment("drained_from"),
        shard=int(item["shard"]["N"]),
        after=item["after_unit"]["S"] if "after_unit" in item else None,
        walked=int(item["walked"]["N"]),
        passes=int(item["passes"]["N"]),
        drifted=item.get("drifted", {}).get("BOOL", False),
        uncounted=frozenset(item["uncounted"]["SS"]) if "uncounted" in item else frozenset(),
    )


def _key(key: str) -> dict[str, Any]:
    return {"pk": {"S": experiment_pk(key)}, "sk": {"S": SK}}
