"""A stream of a real engine, and its records as Lambda sends them."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.streams.source import Page, Record, Shard, seq_of
from local.tables import CREDENTIALS

FIND_SHARDS_SECONDS = 2.0
MOST_RECORDS = 1_000  # DynamoDB's own limit of a page
LOST_PLACE = frozenset({"ExpiredIteratorException", "TrimmedDataAccessException"})


class EngineSource:
    """A stream, read with iterators that are kept between pages."""

    def __init__(self, endpoint_url: str, arn: str) -> None:
        self.arn = arn
        # Some engines' shard ids are shorter than the SDK's own rule for them.
        config = Config(parameter_validation=False, retries={"mode": "standard", "total_max_attempts": 3})
        self.client: Any = boto3.client("dynamodbstreams", endpoint_url=endpoint_url, config=config, **CREDENTIALS)
        self.iterators: dict[str, tuple[str | None, str | None]] = {}  # shard → (after, iterator)
        self.found: list[Shard] = []
        self.looked = float("-inf")

    def shards(self) -> Sequence[Shard]:
        """The shards, asked for every two seconds."""
        if time.monotonic() - self.looked > FIND_SHARDS_SECONDS:
            self.found = self._find()
            self.looked = time.monotonic()
        return self.found

    def read(self, shard_id: str, after: str | None, most: int) -> Page:
        """Up to `most` records behind that sequence number."""
        place, iterator = self.iterators.get(shard_id, (None, None))
        if iterator is None or place != after:
            iterator = self._iterator(shard_id, after)
        try:
            page = self.client.get_records(ShardIterator=iterator, Limit=min(most, MOST_RECORDS))
        except ClientError as error:
            self.iterators.pop(shard_id, None)
            if error.response["Error"]["Code"] in LOST_PLACE:
                return Page([])
            raise
        records = [to_lambda(record, self.arn) for record in page["Records"]]
        following = page.get("NextShardIterator")
        self.iterators[shard_id] = (seq_of(records[-1]) if records else after, following)
        return Page(records, is_last=following is None)

    def _find(self) -> list[Shard]:
        shards: list[Shard] = []
        question: dict[str, Any] = {"StreamArn": self.arn}
        while True:
            description = self.client.describe_stream(**question)["StreamDescription"]
            shards += [Shard(one["ShardId"], one.get("ParentShardId")) for one in description["Shards"]]
            if not description.get("LastEvaluatedShardId"):
                return shards
            question["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]

    def _iterator(self, shard_id: str, after: str | None) -> str:
        question: dict[str, Any] = {"StreamArn": self.arn, "ShardId": shard_id}
        oldest = {**question, "ShardIteratorType": "TRIM_HORIZON"}
        if after is None:
            return str(self.client.get_shard_iterator(**oldest)["ShardIterator"])
        question |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        try:
            return str(self.client.get_shard_iterator(**question)["ShardIterator"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in LOST_PLACE:
                raise
            return str(self.client.get_shard_iterator(**oldest)["ShardIterator"])


def to_lambda(record: Any, stream_arn: str) -> Record:
    """A record of the SDK as Lambda sends it: times as numbers, binary as base64."""
    change = dict(record["dynamodb"])
    moment = change.get("ApproximateCreationDateTime")
    if isinstance(moment, datetime):
        change["ApproximateCreationDateTime"] = moment.timestamp()
    for name in ("Keys", "NewImage", "OldImage"):
        if name in change:
            change[name] = {field: _plain(value) for field, value in change[name].items()}
    return {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record.get("eventVersion", "1.1"),
        "eventSource": "aws:dynamodb",
        "awsRegion": record.get("awsRegion", CREDENTIALS["region_name"]),
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }


def _plain(attribute: Any) -> Any:
    kind, value = next(iter(attribute.items()))
    if kind == "B":
        return {"B": base64.b64encode(value).decode()}
    if kind == "BS":
        return {"BS": [base64.b64encode(one).decode() for one in value]}
    if kind == "M":
        return {"M": {name: _plain(one) for name, one in value.items()}}
    return {"L": [_plain(one) for one in value]} if kind == "L" else attribute
