"""Experiments in the Catalog: document, place in the list and audit trail change together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.domain.audit import Entry
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.job import Job, JobKind
from fairsplit.domain.keys import is_key
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.namespaces import Taken
from fairsplit.storage import batches
from fairsplit.storage.audit_trail import put_entry_action, read_trail
from fairsplit.storage.client import patience
from fairsplit.storage.experiment_items import (
    from_item,
    is_listed,
    key_of,
    place_of,
    pointer_key,
    to_item,
    to_pointer,
)
from fairsplit.storage.jobs import no_job_action, put_job_action
from fairsplit.storage.keys import EXPERIMENTS
from fairsplit.storage.live_list import live_actions, read_live_versions
from fairsplit.storage.namespaces import put_taken_action, read_taken
from fairsplit.storage.pages import read_page
from fairsplit.storage.recounts import close_action, queue_recount_action
from fairsplit.storage.transactions import write_all

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Experiments:
    """The experiments of the Catalog. All reads are consistent."""

    client: DynamoDBClient
    table: str

    def read(self, key: str) -> Experiment | None:
        """One experiment; None where there is none of that key, or it could be no key."""
        if not is_key(key):
            return None
        with patience():
            answer = self.client.get_item(TableName=self.table, Key=key_of(key), ConsistentRead=True)
        item = answer.get("Item")
        return from_item(item) if item else None

    def read_many(self, keys: Collection[str]) -> dict[str, Experiment]:
        """Those of the experiments that exist, by key."""
        wanted = [key for key in dict.fromkeys(keys) if is_key(key)]
        items = batches.read_many(self.client, self.table, [key_of(key) for key in wanted])
        return {experiment.key: experiment for experiment in map(from_item, items)}

    def live_versions(self) -> dict[str, int]:
        """The version of each experiment that is active, paused or completed, by key."""
        return read_live_versions(self.client, self.table)

    def all_experiments(self) -> Iterator[Experiment]:
        """Every experiment, the archived ones too, newest first."""
        after = None
        while True:
            pointers, after = read_page(self.client, self.table, EXPERIMENTS, batches.BATCH, after, newest_first=True)
            keys = [pointer["key"]["S"] for pointer in pointers]
            documents = self.read_many(keys)
            yield from (documents[key] for key in keys if key in documents)
            if after is None:
                return

    def page(
        self, limit: int, after: str | None, status: str | None = None, tag: str | None = None
    ) -> tuple[list[Experiment], str | None]:
        """Up to `limit` experiments, newest first, behind the place `after`; and where the next page begins, if any.

        The archived are left out unless `status` asks for them.
        """
        found: list[Experiment] = []
        while len(found) < limit:
            pointers, after = read_page(self.client, self.table, EXPERIMENTS, limit, after, newest_first=True)
            wanted = [pointer["key"]["S"] for pointer in pointers if is_listed(pointer, status, tag)]
            documents = self.read_many(wanted)
            found += [documents[key] for key in wanted if key in documents]
            if after is None:
                break
        if len(found) > limit:
            return found[:limit], place_of(found[limit - 1])
        return found, after

    def taken(self, namespace: str) -> Taken:
        """The ranges of a namespace that are taken."""
        return read_taken(self.client, self.table, namespace)

    def create(self, experiment: Experiment, entry: Entry, namespaces: Sequence[Taken] = ()) -> bool:
        """Store a new experiment with its first audit entry; False where its key is taken.

        A key is also taken while what a deleted draft had imported is still being removed. `namespaces` are those whose
        ranges change with it: False, too, where one of them is another by now.
        """
        return write_all(
            self.client,
            [
                self._put(to_item(experiment), ConditionExpression="attribute_not_exists(pk)"),
                self._put(to_pointer(experiment)),
                put_entry_action(self.table, experiment.key, entry),
                no_job_action(self.table, JobKind.REMOVE_EXPERIMENT, experiment.key),
                *(put_taken_action(self.table, one) for one in namespaces),
            ],
        )

    def replace(
        self,
        old: Experiment,
        new: Experiment,
        entry: Entry,
        recount_reason: str | None = None,
        namespaces: Sequence[Taken] = (),
    ) -> bool:
        """Store the next version with its audit entry; False where `old` is not the current version any more.

        False, too, where one of the `namespaces`, whose ranges change with it, is another by now. With
        `recount_reason` a recount under the new version's epoch is queued in the same transaction.
        """
        writes = [self._put(to_item(new), **_of_version(old)), put_entry_action(self.table, new.key, entry)]
        if (old.status, old.tags) != (new.status, new.tags):
            writes.append(self._put(to_pointer(new)))
        writes += live_actions(self.table, old, new)
        writes += [put_taken_action(self.table, one) for one in namespaces]
        if recount_reason:
            uncounted = set(fingerprints(new).values()) - set(fingerprints(old).values())
            writes.append(
                queue_recount_action(
                    self.table, new.key, epoch=new.epoch, uncounted=uncounted, reason=recount_reason, now=new.updated_at
                )
            )
        return write_all(self.client, writes)

    def delete(self, experiment: Experiment, entry: Entry, job: Job, namespaces: Sequence[Taken] = ()) -> bool:
        """Delete an experiment, and promise that its assignments go; False where it is of another version by now.

        False, too, where one of the `namespaces`, whose ranges change with it, is another by now.

        Its recount stays, closed behind its epoch: one of the same key begins there, and never sees its sums.
        """
        return write_all(
            self.client,
            [
                {"Delete": {"TableName": self.table, "Key": key_of(experiment.key), **_of_version(experiment)}},
                {"Delete": {"TableName": self.table, "Key": pointer_key(experiment)}},
                put_entry_action(self.table, experiment.key, entry),
                close_action(self.table, experiment.key, epoch=experiment.epoch + 1),
                put_job_action(self.table, job),
                *(put_taken_action(self.table, one) for one in namespaces),
            ],
        )

    def history(self, key: str, limit: int, after: str | None) -> tuple[list[Entry], str | None]:
        """The audit trail, newest first, behind the place `after`; and where the next page begins, if any.

        A deleted experiment has one still.
        """
        return read_trail(self.client, self.table, key, limit, after) if is_key(key) else ([], None)

    def _put(self, item: dict[str, Any], **condition: Any) -> dict[str, Any]:
        return {"Put": {"TableName": self.table, "Item": item, **condition}}


def _of_version(experiment: Experiment) -> dict[str, Any]:
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": {"N": str(experiment.version)}},
    }
