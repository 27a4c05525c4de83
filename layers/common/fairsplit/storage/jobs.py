"""Work that was promised and may take several runs: kept in the Catalog until it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from fairsplit.domain.job import Job, JobKind
from fairsplit.domain.timestamps import from_text, to_text
from fairsplit.storage.client import patience
from fairsplit.storage.keys import JOBS

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


def put_job_action(table: str, job: Job) -> dict[str, Any]:
    """The part of a transaction that promises the job."""
    return {"Put": {"TableName": table, "Item": to_item(job)}}


def no_job_action(table: str, kind: JobKind, subject: str) -> dict[str, Any]:
    """The part of a transaction that holds only while no such job is open."""
    key = job_key(kind, subject)
    return {"ConditionCheck": {"TableName": table, "Key": key, "ConditionExpression": "attribute_not_exists(pk)"}}


@dataclass(frozen=True)
class Jobs:
    """The open jobs."""

    client: DynamoDBClient
    table: str

    def put(self, job: Job) -> None:
        with patience():
            self.client.put_item(TableName=self.table, Item=to_item(job))

    def remove(self, job: Job) -> None:
        """The job is done."""
        with patience():
            self.client.delete_item(TableName=self.table, Key=job_key(job.kind, job.subject))

    def open_jobs(self, limit: int = 100) -> list[Job]:
        """Up to `limit` open jobs."""
        with patience():
            page = self.client.query(
                TableName=self.table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :jobs",
                ExpressionAttributeValues={":jobs": {"S": JOBS}},
                Limit=limit,
            )
        return [from_item(item) for item in page["Items"]]


def job_key(kind: JobKind, subject: str) -> dict[str, Any]:
    """The job's key. A sort key has 1,024 bytes, a unit id may have as many: its digest stands for it."""
    return {"pk": {"S": JOBS}, "sk": {"S": f"{kind}#{blake2b(subject.encode(), digest_size=16).hexdigest()}"}}


def to_item(job: Job) -> dict[str, Any]:
    """A job as DynamoDB's typed map."""
    fields = {"kind": {"S": job.kind}, "subject": {"S": job.subject}, "requested_at": {"S": to_text(job.requested_at)}}
    return job_key(job.kind, job.subject) | fields


def from_item(item: dict[str, Any]) -> Job:
    """A stored job."""
    moment: datetime = from_text(item["requested_at"]["S"])
    return Job(JobKind(item["kind"]["S"]), item["subject"]["S"], moment)
