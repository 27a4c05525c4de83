"""Real streams: shards are found, read ten times a second, and delivered; parents before their children."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.streams.checkpoints import Checkpoints
from local.streams.delivery import Delivery, InvocationError, Record
from local.streams.mapping import Mapping
from local.tables import CREDENTIALS
from local.workers import Invoker

POLL_SECONDS = 0.1
FIND_SHARDS_SECONDS = 2.0
LONGEST_BACK_OFF = 10.0
READ_AT_ONCE = 1_000


class StoppingError(Exception):
    """The service stops; what was not delivered comes again at the next start."""


class Poller:
    """Reads one stream for one mapping, in a thread of its own."""

    def __init__(
        self,
        mapping: Mapping,
        stream_arn: str,
        *,
        endpoint_url: str,
        invoker: Invoker,
        places: Checkpoints,
        dead: Path,
    ) -> None:
        self.mapping = mapping
        self.stream_arn = stream_arn
        self.invoker = invoker
        self.places = places
        self.dead = dead
        self.stopping = threading.Event()
        # Some engines' shard ids are shorter than the SDK's own rule for them.
        config = Config(parameter_validation=False, retries={"mode": "standard", "total_max_attempts": 3})
        self.streams: Any = boto3.client("dynamodbstreams", endpoint_url=endpoint_url, config=config, **CREDENTIALS)
        self.lanes = ThreadPoolExecutor(max_workers=min(mapping.factor, 2))
        self.thread = threading.Thread(target=self._run, name=mapping.id, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(15)
        self.lanes.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        readers: dict[str, ShardReader] = {}
        looked = 0.0
        while not self.stopping.is_set():
            try:
                if time.monotonic() - looked > FIND_SHARDS_SECONDS:
                    self._find(readers)
                    looked = time.monotonic()
                delivered = sum(reader.step() for reader in list(readers.values()) if reader.is_due(readers))
            except StoppingError:
                return
            except (ClientError, BotoCoreError) as error:
                if not self.stopping.is_set():
                    print(f"{self.mapping.id}: the stream cannot be read: {error}", flush=True)
                delivered = 0
                self.stopping.wait(1)
            if not delivered:
                self.stopping.wait(POLL_SECONDS)

    def _find(self, readers: dict[str, ShardReader]) -> None:
        question: dict[str, Any] = {"StreamArn": self.stream_arn}
        while True:
            description = self.streams.describe_stream(**question)["StreamDescription"]
            for shard in description["Shards"]:
                if shard["ShardId"] not in readers:
                    readers[shard["ShardId"]] = ShardReader(self, shard["ShardId"], shard.get("ParentShardId"))
            if "LastEvaluatedShardId" not in description:
                return
            question["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]

    def call(self, event: dict[str, Any]) -> Any:
        """Invoke the function; its answer."""
        if self.stopping.is_set():
            raise StoppingError
        reply = self.invoker.invoke(self.mapping.function, json.dumps(event).encode())
        if reply.error and self.stopping.is_set():
            raise StoppingError
        if reply.error:
            raise InvocationError(reply.error)
        return json.loads(reply.payload)

    def back_off(self, attempt: int) -> None:
        if self.stopping.wait(min(0.2 * 2 ** min(attempt, 10), LONGEST_BACK_OFF)):
            raise StoppingError

    def bury(self, shard_id: str, records: Sequence[Record], reason: str) -> None:
        """Write what is given up to the dead letters, in the shape in which Lambda sends it to a queue."""
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        letter = {
            "requestContext": {"functionArn": self.mapping.function, "condition": reason},
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(),
            "DDBStreamBatchInfo": {
                "shardId": shard_id,
                "startSequenceNumber": numbers[0],
                "endSequenceNumber": numbers[-1],
                "batchSize": len(records),
                "streamArn": self.stream_arn,
            },
        }
        path = self.dead / f"{self.mapping.dead_letters or self.mapping.id}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as stream:
            stream.write(json.dumps(letter) + "\n")
        print(f"{self.mapping.id}: {len(records)} records are given up ({reason}): {path}", flush=True)


class ShardReader:
    """Reads one shard from its checkpoint on."""

    def __init__(self, poller: Poller, shard_id: str, parent: str | None) -> None:
        self.poller = poller
        self.shard_id = shard_id
        self.parent = parent
        self.iterator: str | None = None
        self.is_done = False
        self.held: list[Record] = []
        self.held_since = 0.0
        mapping = poller.mapping
        self.delivery = Delivery(
            mapping,
            shard_id,
            poller.stream_arn,
            poller.call,
            poller.back_off,
            lambda records, reason: poller.bury(shard_id, records, reason),
        )

    def is_due(self, readers: dict[str, ShardReader]) -> bool:
        """Whether there may be more, and the parent, where it is still to be read, is done."""
        parent = readers.get(self.parent or "")
        return not self.is_done and (parent is None or parent.is_done)

    def step(self) -> int:
        """Read once, and deliver what is due; how many records were read or delivered."""
        records = self._read() if len(self.held) < self.poller.mapping.batch_size else []
        if records and not self.held:
            self.held_since = time.monotonic()
        self.held += records
        if not self.held:
            return 0
        mapping = self.poller.mapping
        is_full = len(self.held) >= mapping.batch_size
        if not is_full and time.monotonic() - self.held_since < mapping.window_seconds and self.iterator:
            return 0
        batch, self.held = self.held[: mapping.batch_size], self.held[mapping.batch_size :]
        self._deliver(batch)
        return len(batch)

    def _deliver(self, batch: list[Record]) -> None:
        lanes = self.delivery.lanes(batch)
        if len(lanes) > 1:
            list(self.poller.lanes.map(self.delivery.deliver, lanes))
        elif lanes:
            self.delivery.deliver(lanes[0])
        self.poller.places.put(self.poller.mapping.id, self.shard_id, batch[-1]["dynamodb"]["SequenceNumber"])

    def _read(self) -> list[Record]:
        if self.iterator is None:
            self.iterator = self._iterator()
        try:
            page = self.poller.streams.get_records(ShardIterator=self.iterator, Limit=READ_AT_ONCE)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"ExpiredIteratorException", "TrimmedDataAccessException"}:
                self.iterator = None
                return []
            raise
        self.iterator = page.get("NextShardIterator")
        self.is_done = self.iterator is None and not page["Records"] and not self.held
        return [to_lambda(record, self.poller.stream_arn) for record in page["Records"]]

    def _iterator(self) -> str:
        place = self.held[-1]["dynamodb"]["SequenceNumber"] if self.held else None
        place = place or self.poller.places.get(self.poller.mapping.id, self.shard_id)
        question: dict[str, Any] = {"StreamArn": self.poller.stream_arn, "ShardId": self.shard_id}
        if place is None:
            start = "TRIM_HORIZON" if self.poller.mapping.from_start else "LATEST"
            return str(self.poller.streams.get_shard_iterator(**question, ShardIteratorType=start)["ShardIterator"])
        try:
            answer = self.poller.streams.get_shard_iterator(
                **question, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=place
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "TrimmedDataAccessException":
                raise
            answer = self.poller.streams.get_shard_iterator(**question, ShardIteratorType="TRIM_HORIZON")
        return str(answer["ShardIterator"])


def to_lambda(record: Any, stream_arn: str) -> Record:
    """A record of the SDK as Lambda sends it: times as numbers, binary as base64."""
    change = dict(record["dynamodb"])
    moment = change.get("ApproximateCreationDateTime")
    change["ApproximateCreationDateTime"] = moment.timestamp() if isinstance(moment, datetime) else moment
    for name in ("Keys", "NewImage", "OldImage"):
        if name in change:
            change[name] = {field: _plain(value) for field, value in change[name].items()}
    return {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record.get("eventVersion", "1.1"),
        "eventSource": "aws:dynamodb",
        "awsRegion": record.get("awsRegion", "us-east-1"),
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }


def _plain(attribute: Any) -> Any:
    kind, value = next(iter(attribute.items()))
    if kind == "B":
        return {"B": base64.b64encode(value).decode()}
    if kind == "M":
        return {"M": {name: _plain(one) for name, one in value.items()}}
    return {"L": [_plain(one) for one in value]} if kind == "L" else attribute
