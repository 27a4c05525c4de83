"""Experiments in the Catalog: document, place in the list and audit trail change together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fairsplit.domain.audit import Entry
from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.job import Job, JobKind
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.timestamps import to_text
from fairsplit.storage.client import code_of, patience
from fairsplit.storage.jobs import no_job_action, put_job_action
from fairsplit.storage.keys import CURRENT, EXPERIMENTS, audit_pk, experiment_pk
from fairsplit.storage.packing import pack, unpack
from fairsplit.storage.recounts import close_action, queue_recount_action

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

BATCH = 100  # items a batched read may ask for


@dataclass(frozen=True)
class Experiments:
    """The experiments of the Catalog. All reads are consistent."""

    client: DynamoDBClient
    table: str

    def read(self, key: str) -> Experiment | None:
        """One experiment; None where there is none of that key."""
        with patience():
            answer = self.client.get_item(TableName=self.table, Key=_current(key), ConsistentRead=True)
        item = answer.get("Item")
        return from_item(item) if item else None

    def read_many(self, keys: Collection[str]) -> dict[str, Experiment]:
        """Those of the experiments that exist, by key."""
        wanted = list(keys)
        found: dict[str, Experiment] = {}
        for start in range(0, len(wanted), BATCH):
            for item in self._batch([_current(key) for key in wanted[start : start + BATCH]]):
                experiment = from_item(item)
                found[experiment.key] = experiment
        return found

    def open_experiments(self) -> Iterator[Experiment]:
        """All experiments that are not archived, newest first."""
        after = None
        while True:
            pointers, after = self.page(BATCH, after)
            yield from pointers
            if after is None:
                return

    def page(
        self, limit: int, after: str | None, status: str | None = None, tag: str | None = None
    ) -> tuple[list[Experiment], str | None]:
        """Up to `limit` experiments, newest first, behind the place `after`; and where the next page begins, if any.

        The archived are left out unless `status` asks for them.
        """
        found: list[Experiment] = []
        places: list[str] = []
        while len(found) < limit:
            pointers, after = self._pointers(limit, after)
            wanted = [item for item in pointers if _is_listed(item, status, tag)]
            documents = self.read_many([item["key"]["S"] for item in wanted])
            for item in wanted:
                if item["key"]["S"] in documents:
                    found.append(documents[item["key"]["S"]])
                    places.append(item["sk"]["S"])
            if after is None:
                break
        if len(found) > limit:
            return found[:limit], places[limit - 1]
        return found, after

    def create(self, experiment: Experiment, entry: Entry) -> bool:
        """Store a new experiment with its first audit entry; False where its key is taken.

        A key is also taken while what a deleted draft had imported is still being removed.
        """
        return self._write(
            [
                self._put_document(experiment, None),
                self._put_pointer(experiment),
                self._put_entry(experiment.key, entry),
                no_job_action(self.table, JobKind.REMOVE_EXPERIMENT, experiment.key),
            ]
        )

    def replace(self, old: Experiment, new: Experiment, entry: Entry, recount_reason: str | None = None) -> bool:
        """Store the next version with its audit entry; False where `old` is not the current version any more.

        With `recount_reason` a recount under the new version's epoch is queued in the same transaction.
        """
        writes = [self._put_document(new, old.version), self._put_entry(new.key, entry)]
        if (old.status, old.tags) != (new.status, new.tags):
            writes.append(self._put_pointer(new))
        if recount_reason:
            before = fingerprints(old).values()
            writes.append(
                queue_recount_action(
                    self.table, new.key, epoch=new.epoch, fingerprints=before, reason=recount_reason, now=new.updated_at
                )
            )
        return self._write(writes)

    def delete(self, experiment: Experiment, entry: Entry, job: Job) -> bool:
        """Delete an experiment, and promise that its assignments go; False where it is of another version by now.

        Its recount stays, closed behind its epoch: one of the same key begins there, and never sees its sums.
        """
        return self._write(
            [
                {
                    "Delete": {
                        "TableName": self.table,
                        "Key": _current(experiment.key),
                        **_of_version(experiment.version),
                    }
                },
                {"Delete": {"TableName": self.table, "Key": _pointer_key(experiment)}},
                self._put_entry(experiment.key, entry),
                close_action(self.table, experiment.key, epoch=experiment.epoch + 1),
                put_job_action(self.table, job),
            ]
        )

    def history(self, key: str, limit: int, after: str | None) -> tuple[list[Entry], str | None]:
        """The audit trail, newest first, behind the place `after`; and where the next page begins, if any."""
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": audit_pk(key)}},
            "ScanIndexForward": False,
            "Limit": limit,
            "ConsistentRead": True,
        }
        if after is not None:
            query["ExclusiveStartKey"] = {"pk": {"S": audit_pk(key)}, "sk": {"S": after}}
        with patience():
            page = self.client.query(**query)
        last = page.get("LastEvaluatedKey")
        items: list[Any] = page["Items"]
        return [Entry.from_json(unpack(item["entry"])) for item in items], last["sk"]["S"] if last else None

    def _pointers(self, limit: int, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": EXPERIMENTS}},
            "ScanIndexForward": False,
            "Limit": limit,
            "ConsistentRead": True,
        }
        if after is not None:
            query["ExclusiveStartKey"] = {"pk": {"S": EXPERIMENTS}, "sk": {"S": after}}
        with patience():
            page = self.client.query(**query)
        last = page.get("LastEvaluatedKey")
        return list(page["Items"]), last["sk"]["S"] if last else None

    def _batch(self, keys: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        waiting: Any = {self.table: {"Keys": keys, "ConsistentRead": True}} if keys else {}
        while waiting:
            with patience():
                answer = self.client.batch_get_item(RequestItems=waiting)
            yield from answer["Responses"].get(self.table, [])
            waiting = answer.get("UnprocessedKeys")

    def _put_document(self, experiment: Experiment, version: int | None) -> dict[str, Any]:
        condition = {"ConditionExpression": "attribute_not_exists(pk)"} if version is None else _of_version(version)
        return {"Put": {"TableName": self.table, "Item": to_item(experiment), **condition}}

    def _put_pointer(self, experiment: Experiment) -> dict[str, Any]:
        item = _pointer_key(experiment) | {
            "key": {"S": experiment.key},
            "status": {"S": experiment.status},
            "tags": pack(list(experiment.tags)),
        }
        return {"Put": {"TableName": self.table, "Item": item}}

    def _put_entry(self, key: str, entry: Entry) -> dict[str, Any]:
        place = f"{to_text(entry.at)}#{entry.version:08d}"
        item = {"pk": {"S": audit_pk(key)}, "sk": {"S": place}, "entry": pack(entry.as_json())}
        return {"Put": {"TableName": self.table, "Item": item}}

    def _write(self, writes: Sequence[Any]) -> bool:
        try:
            with patience():
                self.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if code_of(error) == "TransactionCanceledException":
                return False
            raise
        return True


def to_item(experiment: Experiment) -> dict[str, Any]:
    """An experiment as DynamoDB's typed map."""
    return _current(experiment.key) | {
        "document": pack(experiment.model_dump(mode="json", by_alias=True)),
        "version": {"N": str(experiment.version)},
        "status": {"S": experiment.status},
        "epoch": {"N": str(experiment.epoch)},
    }


def from_item(item: dict[str, Any]) -> Experiment:
    """A stored experiment."""
    return Experiment.model_validate(unpack(item["document"]))


def _is_listed(item: dict[str, Any], status: str | None, tag: str | None) -> bool:
    if tag is not None and tag not in unpack(item["tags"]):
        return False
    is_status: str = item["status"]["S"]
    return is_status == status if status else is_status != Status.ARCHIVED


def _current(key: str) -> dict[str, Any]:
    return {"pk": {"S": experiment_pk(key)}, "sk": {"S": CURRENT}}


def _pointer_key(experiment: Experiment) -> dict[str, Any]:
    created: datetime = experiment.created_at
    return {"pk": {"S": EXPERIMENTS}, "sk": {"S": f"{to_text(created)}#{experiment.key}"}}


def _of_version(version: int) -> dict[str, Any]:
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }
