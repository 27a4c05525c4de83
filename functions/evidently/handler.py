"""Evidently: evaluations and events as code asks and sends them that was written for Amazon CloudWatch Evidently."""

from __future__ import annotations

import os
import secrets
import uuid
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role
from fairsplit.http.app import answer, answer_that_fits, create_app
from fairsplit.http.auth import Door
from fairsplit.http.aws_credential import access_key_of
from fairsplit.http.body import read_object
from fairsplit.http.evidently import errors
from fairsplit.http.evidently.answers import evaluation, result_of_batch
from fairsplit.http.evidently.events import convert_all, events_in
from fairsplit.http.evidently.questions import read_batch, read_question
from fairsplit.services.assigning import Assigning
from fairsplit.services.checking_properties import Schemas
from fairsplit.services.deciding import Deciding
from fairsplit.services.evaluating import evaluate
from fairsplit.services.known_assignments import Known
from fairsplit.services.putting import put
from fairsplit.storage.assignments import Assignments
from fairsplit.storage.client import dynamodb
from fairsplit.storage.event_types import EventTypes
from fairsplit.storage.events import NewEvents
from fairsplit.storage.experiment_cache import CachedExperiments
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.tokens import Tokens

TOO_MUCH = "requests: the values are more than one answer holds: ask for fewer at a time, or hand out smaller values."
HINT = "The access key id has to be a valid token of the role client."
# A project's ARN has a / before the project's name, which the gateway takes for the path's own.
PROJECT, PROJECT_BY_ARN = "/projects/<project>/evaluations", "/projects/<project>/<name>/evaluations"


def nonce() -> str:
    return secrets.token_hex(5)


client = dynamodb()
logger = Logger(service="evidently")
app = create_app(logger, errors.of_any)
catalog = os.environ["CATALOG_TABLE"]
entity_id_key = os.environ["EVIDENTLY_ENTITY_ID_KEY"]
door = Door(Tokens(client, catalog))
experiments = CachedExperiments(Experiments(client, catalog), now)
assigning = Assigning(Assignments(client, os.environ["ASSIGNMENTS_TABLE"]), experiments, Known(), now, nonce)
deciding = Deciding(assigning)
schemas = Schemas(EventTypes(client, catalog).read, now)
store = NewEvents(client, os.environ["EVENTS_TABLE"], int(os.environ["EVENT_RETENTION_DAYS"]))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)


def read_body() -> dict[str, Any]:
    """The body of a request that a client may send."""
    event = app.current_event.raw_event
    door.admit_secret(access_key_of(event), Role.CLIENT, HINT)
    return read_object(event)


@app.post(f"{PROJECT}/<feature>")
@app.post(f"{PROJECT_BY_ARN}/<feature>")
def evaluate_feature(feature: str, project: str, name: str = "") -> Response[str]:  # noqa: ARG001 - one catalog for all
    """An assignment: who asks for a feature is about to meet its variation."""
    question = read_question(feature, read_body())
    return answer(evaluation(assigning.assign(question.key, question.unit_id, question.attributes)))


@app.post(PROJECT)
@app.post(PROJECT_BY_ARN)
def batch_evaluate_feature(project: str, name: str = "") -> Response[str]:
    """The same many times, with as few calls to the store as there are units."""
    asked = read_batch(read_body())
    answers = evaluate(deciding, experiments, [question for _, question in asked])
    project = f"{project}/{name}" if name else project
    pairs = zip(asked, answers, strict=True)
    return answer_that_fits({"results": [result_of_batch(project, *one, found) for one, found in pairs]}, TOO_MUCH)


@app.post("/events/projects/<project>")
@app.post("/events/projects/<project>/<name>")
def put_project_events(project: str, name: str = "") -> Response[str]:  # noqa: ARG001 - one catalog for all
    """Each event is answered alone, and durable where it has an id."""
    converted = convert_all(events_in(read_body()), entity_id_key)
    groups = [one.events for one in converted]
    rejections = put(groups, now=now(), new_id=lambda: uuid.uuid4().hex, schemas=schemas, store=store)
    results = [one.result(rejection) for one, rejection in zip(converted, rejections, strict=True)]
    return answer({"failedEventCount": sum("errorCode" in one for one in results), "eventResults": results})
