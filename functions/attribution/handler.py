"""Attribution: new events, and new assignments with the events that came before them, become units' totals.

Exposures assign the units that have no assignment yet.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

from aws_lambda_powertools import Logger

from fairsplit.domain.timestamps import now
from fairsplit.services.attributing import Attribution
from fairsplit.services.exposing import Exposing
from fairsplit.storage.client import dynamodb
from fairsplit.storage.events import UnitEvents
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.exposures import Exposures
from fairsplit.storage.heartbeats import is_from_events, is_heartbeat, pass_on
from fairsplit.storage.stream_records import exposure_items, inserted_items, unit_ids, unit_of
from fairsplit.storage.unit_totals import UnitTotals

client = dynamodb()
logger = Logger(service="attribution")
assignments = UnitTotals(client, os.environ["ASSIGNMENTS_TABLE"])
events = UnitEvents(client, os.environ["EVENTS_TABLE"])
experiments = Experiments(client, os.environ["CATALOG_TABLE"])
exposures = Exposures(client, os.environ["EVENTS_TABLE"], os.environ["ASSIGNMENTS_TABLE"])


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Fold each unit of the batch once. What the store was too busy for comes again, from its first record on."""
    records = [record for record in event["Records"] if not is_heartbeat(record)]
    for beat in event["Records"]:
        if is_heartbeat(beat) and is_from_events(beat):
            pass_on(client, os.environ["ASSIGNMENTS_TABLE"], beat)
    busy = fold(records)
    if busy:
        logger.warning("units to be folded again", extra={"units": len(busy)})
    again = [record["dynamodb"]["SequenceNumber"] for record in records if unit_of(record) in busy]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in again]}


def fold(records: list[dict[str, Any]]) -> set[str]:
    """Assign whom the exposures among the records assign, and fold all units; those that the store was too busy for."""
    attribution = Attribution(assignments, events, experiments, now())
    exposing = Exposing(exposures, attribution, lambda: uuid.uuid4().hex)
    exposed = exposing.assign_all(exposure_items(records))
    units = [unit_id for unit_id in unit_ids(records) if unit_id not in exposed.busy]
    return attribution.fold_units(units, {**inserted_items(records), **exposed.assignments}) | exposed.busy
