"""Rollup: what changed in units' totals is added to the aggregates, exactly once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger

from fairsplit.domain.aggregate import ALL_EXPERIMENTS, Record
from fairsplit.domain.timestamps import now
from fairsplit.services.rolling_up import Rollup
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.client import dynamodb
from fairsplit.storage.heartbeats import is_heartbeat, sent_at
from fairsplit.storage.stream_records import UnreadableRecordError, is_change, to_record
from fairsplit.storage.unreadable_records import keep_aside

LONGEST_LAG = timedelta(hours=20)  # a stream keeps its records for 24: some may be gone

logger = Logger(service="rollup")
client = dynamodb()
aggregates = Aggregates(client, os.environ["AGGREGATES_TABLE"])
rollup = Rollup(aggregates)


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Apply the batch whole, or raise: a batch that raised comes again, and changes nothing twice."""
    records = event["Records"]
    rollup.apply(_readable(record for record in records if not is_heartbeat(record)), event["shardId"])
    for record in records:
        if is_heartbeat(record):
            _note_heartbeat(sent_at(record), now())
    return {"state": {}}


def _note_heartbeat(sent: datetime, seen: datetime) -> None:
    aggregates.note_heartbeat(sent, seen)
    if seen - sent > LONGEST_LAG:
        aggregates.mark_for_recount(ALL_EXPERIMENTS, "lag", seen)


def _readable(records: Iterator[Mapping[str, Any]]) -> Iterator[Record]:
    """The records that change anything.

    One that cannot be read is kept aside and asks for a recount, and the shard goes on.
    """
    for record in records:
        try:
            if is_change(record):
                yield to_record(record)
        except UnreadableRecordError as error:
            logger.exception("a record cannot be read", extra={"experiment": error.experiment})
            keep_aside(client, os.environ["AGGREGATES_TABLE"], record, now())
            if error.experiment:
                aggregates.mark_for_recount(error.experiment, "unreadable_record", now())
