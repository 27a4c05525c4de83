"""Maintenance, every five minutes: by whoever gets the lease, for as long as the function may run."""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger

from fairsplit.domain.audit import Actor
from fairsplit.domain.timestamps import now
from fairsplit.services.attributing import Attribution
from fairsplit.services.checking import Checking
from fairsplit.services.erasing import Erasing
from fairsplit.services.experimenting import Experimenting
from fairsplit.services.maintaining import Maintenance
from fairsplit.services.recounting import Recounting
from fairsplit.storage import heartbeats
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.client import dynamodb
from fairsplit.storage.erasing import ErasableAssignments, ErasableEvents
from fairsplit.storage.events import UnitEvents
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.jobs import Jobs
from fairsplit.storage.leases import Lease
from fairsplit.storage.recounts import Recounts
from fairsplit.storage.unit_index import UnitIndex

LEASE_LENGTH = timedelta(minutes=5)  # longer than the function may run
SPARE_MILLISECONDS = 30_000
LEFT_BY_JOBS = 120_000  # half of the round: a large removal does not keep recounts waiting
ACTOR = Actor("maintenance", "the scheduled maintenance")
RETENTION_DAYS = int(os.environ["EVENT_RETENTION_DAYS"])

client = dynamodb()
logger = Logger(service="maintenance")
catalog = os.environ["CATALOG_TABLE"]
assignments_table = os.environ["ASSIGNMENTS_TABLE"]
events_table = os.environ["EVENTS_TABLE"]
lease = Lease(client, catalog, "maintenance")
jobs = Jobs(client, catalog)
recounts = Recounts(client, catalog)
experiments = Experiments(client, catalog)
index = UnitIndex(client, assignments_table)
assignments = ErasableAssignments(client, assignments_table)
unit_events = UnitEvents(client, events_table)
aggregates = Aggregates(client, os.environ["AGGREGATES_TABLE"])


class MaintenanceError(Exception):
    """Some tasks of a round failed; the log says which and why."""


def lambda_handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do one round where no other is under way."""
    holder = context.aws_request_id
    fence = lease.take(holder, now(), LEASE_LENGTH)
    if fence is None:
        return {"skipped": "another round is under way"}
    try:
        heartbeats.send(client, events_table, now())
        return {"tasks": _do_all(_round(context, fence))}
    finally:
        lease.give_back(holder, now())


def _round(context: Any, fence: int) -> Maintenance:
    def has_time(spare: int = SPARE_MILLISECONDS) -> bool:
        return bool(context.get_remaining_time_in_millis() > spare)

    def has_time_for_jobs() -> bool:
        return has_time(LEFT_BY_JOBS)

    return Maintenance(
        experiments=experiments,
        desk=Experimenting(experiments, recounts, ACTOR, now(), RETENTION_DAYS),
        aggregates=aggregates,
        recounts=recounts,
        recounting=Recounting(experiments, index, recounts, aggregates, _attribution, now, has_time, _pause, fence),
        checking=Checking(index, aggregates, _attribution, _pause, random.Random()),  # noqa: S311 - a sample, no secret
        erasing=Erasing(assignments, ErasableEvents(client, events_table), index, jobs, has_time_for_jobs),
        now=now(),
        retention_days=RETENTION_DAYS,
        has_time=has_time,
        tell=_tell,
    )


def _tell(what: str, known: dict[str, Any]) -> None:
    logger.error(what, extra=known)


def _attribution() -> Attribution:
    return Attribution(assignments, unit_events, experiments, now())


def _pause() -> None:
    time.sleep(0.5)


def _do_all(maintenance: Maintenance) -> int:
    """Do every task, whatever becomes of the others; how many.

    Raises:
        MaintenanceError: some failed.
    """
    done, failed = 0, []
    for name, task in maintenance.tasks():
        try:
            task()
            done += 1
        except Exception:
            logger.exception("a task failed", extra={"task": name})
            failed.append(name)
    if failed:
        raise MaintenanceError(f"{len(failed)} of {done + len(failed)} tasks failed, the first: {failed[0]}")
    return done
