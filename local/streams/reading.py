"""A stream of a real engine, and its records as Lambda sends them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from local.streams.source import Page, Record, Shard, seq_of
from local.streams.streams_api import StreamError, StreamsApi
from local.templates import REGION

FIND_SHARDS_SECONDS = 2.0
MOST_RECORDS = 1_000  # DynamoDB's own limit of a page
LOST_PLACE = frozenset({"ExpiredIteratorException", "TrimmedDataAccessException"})


class EngineSource:
    """A stream, read with iterators that are kept between pages."""

    def __init__(self, endpoint_url: str, arn: str) -> None:
        self.arn = arn
        self.api = StreamsApi(endpoint_url)
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
        """Up to `most` records behind that sequence number.

        Raises:
            StreamError: the engine does not give them.
        """
        place, iterator = self.iterators.pop(shard_id, (None, None))
        if iterator is None or place != after:
            iterator = self._iterator(shard_id, after)
        try:
            page = self.api.call("GetRecords", ShardIterator=iterator, Limit=min(most, MOST_RECORDS))
        except StreamError as error:
            if error.code in LOST_PLACE:
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
            description = self.api.call("DescribeStream", **question)["StreamDescription"]
            shards += [Shard(one["ShardId"], one.get("ParentShardId")) for one in description["Shards"]]
            if not description.get("LastEvaluatedShardId"):
                return shards
            question["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]

    def _iterator(self, shard_id: str, after: str | None) -> str:
        question: dict[str, Any] = {"StreamArn": self.arn, "ShardId": shard_id}
        oldest = {**question, "ShardIteratorType": "TRIM_HORIZON"}
        if after is None:
            return str(self.api.call("GetShardIterator", **oldest)["ShardIterator"])
        question |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        try:
            return str(self.api.call("GetShardIterator", **question)["ShardIterator"])
        except StreamError as error:
            if error.code not in LOST_PLACE:
                raise
            return str(self.api.call("GetShardIterator", **oldest)["ShardIterator"])


def to_lambda(record: Record, stream_arn: str) -> Record:
    """A record of the engine with what Lambda adds to it."""
    return {
        "eventVersion": "1.1",
        "awsRegion": REGION,
        **record,
        "eventSource": "aws:dynamodb",
        "eventSourceARN": stream_arn,
    }
