"""What is given up, kept in files in the shape in which Lambda sends it to a queue."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.streams.delivery import time_of
from local.streams.mapping import Mapping
from local.streams.source import Record, seq_of
from local.templates import function_arn


def letter(mapping: Mapping, stream_arn: str, shard_id: str, records: Sequence[Record], condition: str) -> Any:
    """The message: where the records stand in the stream, never what is in them."""
    return {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": function_arn(mapping.function),
            "condition": condition,
            "approximateInvokeCount": max(mapping.retries, 0) + 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": _iso(datetime.now(UTC).timestamp()),
        "DDBStreamBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": seq_of(records[0]),
            "endSequenceNumber": seq_of(records[-1]),
            "approximateArrivalOfFirstRecord": _iso(time_of(records[0])),
            "approximateArrivalOfLastRecord": _iso(time_of(records[-1])),
            "batchSize": len(records),
            "streamArn": stream_arn,
        },
    }


def append(path: Path, message: Any) -> None:
    """Add a message to a file, durably."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        stream.write(json.dumps(message) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
