"""Assignments: a unit gets its variant, the same for ever, in one experiment or many; admins import, analysts list."""

from __future__ import annotations

import os
import secrets
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from fairsplit.domain.assignment_requests import read_assignment_request, read_decision_request
from fairsplit.domain.errors import NotFoundError
from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role
from fairsplit.http.app import answer, answer_that_fits, create_app
from fairsplit.http.auth import Door
from fairsplit.http.body import read_object
from fairsplit.http.paths import unit_id_of
from fairsplit.http.queries import cursor_of, limit_of, page_of, page_that_fits, place_before
from fairsplit.services.answers import Answer, of_stored
from fairsplit.services.assigning import Assigning, experiment_of
from fairsplit.services.deciding import Deciding, decisions_of
from fairsplit.services.importing import Importing
from fairsplit.services.known_assignments import Known
from fairsplit.storage.assignments import Assignments
from fairsplit.storage.client import dynamodb
from fairsplit.storage.experiment_cache import CachedExperiments
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.tokens import Tokens

ASSIGNMENTS = "/v1/experiments/<key>/assignments"
ONE_ASSIGNMENT = f"{ASSIGNMENTS}/<segment>"
TOO_MUCH = "The values are more than one answer holds: name fewer experiments at a time, or hand out smaller values."


def nonce() -> str:
    return secrets.token_hex(5)


client = dynamodb()
logger = Logger(service="assignments")
app = create_app(logger)
catalog = os.environ["CATALOG_TABLE"]
door = Door(Tokens(client, catalog))
experiments = Experiments(client, catalog)
assignments = Assignments(client, os.environ["ASSIGNMENTS_TABLE"])
cached = CachedExperiments(experiments, now)
assigning = Assigning(assignments, cached, Known(), now, nonce)
deciding = Deciding(assigning)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)


def admit(role: Role) -> None:
    door.admit(app.current_event.raw_event, role)


@app.put(ONE_ASSIGNMENT)
def assign(key: str, segment: str) -> Response[str]:
    admit(Role.CLIENT)
    unit_id = unit_id_of(segment)
    asked = read_assignment_request(read_object(app.current_event.raw_event, optional=True), unit_id)
    return answer(assigning.assign(key, unit_id, asked.attributes, asked.fallback_unit_id).as_json())


@app.post("/v1/decisions")
def decide() -> Response[str]:
    """The unit's variants in the experiments that are named, or in all that are active."""
    admit(Role.CLIENT)
    asked = read_decision_request(read_object(app.current_event.raw_event))
    return answer_that_fits({"decisions": decisions_of(deciding, asked, cached)}, TOO_MUCH)


@app.get(ONE_ASSIGNMENT)
def read_assignment(key: str, segment: str) -> Response[str]:
    """What is stored, and not what this process remembers: the unit may have been erased since.

    Raises:
        NotFoundError: nothing is stored, or it is being erased.
    """
    admit(Role.ANALYST)
    unit_id = unit_id_of(segment)
    experiment = experiment_of(cached, key)
    stored = assignments.find(unit_id, key)
    if stored is None or stored.erased:
        raise NotFoundError("assignment_not_found", "The unit has no assignment in this experiment.")
    return answer(of_stored(experiment, stored).as_json() | {"hash": stored.bucket / 10_000})


@app.post(ASSIGNMENTS)
def import_assignments(key: str) -> Response[str]:
    admit(Role.ADMIN)
    importing = Importing(assignments, experiments, experiment_of(experiments, key), now(), nonce)
    done = importing.import_all(read_object(app.current_event.raw_event))
    return answer({"created": done.created, "existing": done.existing, "rejected": done.rejected})


@app.get(ASSIGNMENTS)
def list_assignments(key: str) -> Response[str]:
    admit(Role.ANALYST)
    experiment_of(cached, key)
    event = app.current_event.raw_event
    part, after = cursor_of(event, int, str) or (0, None)
    items, following = assignments.page_of_experiment(key, limit_of(event, 1_000), (part, after))
    return answer(page_of(items, following))


@app.get("/v1/units/<segment>/assignments")
def list_assignments_of_unit(segment: str) -> Response[str]:
    admit(Role.ANALYST)
    event = app.current_event.raw_event
    found, following = assignments.page_of_unit(unit_id_of(segment), limit_of(event), place_before(event))
    known = experiments.read_many([one.experiment for one in found])
    answers = [of_stored(known[one.experiment], one) for one in found if one.experiment in known]
    return answer(page_that_fits(answers, following, show=Answer.as_json, place=lambda one: one.experiment.key))
