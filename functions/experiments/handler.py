"""Experiments, event types, tokens, recounts and erasures: what admins change and analysts read of the Catalog."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from fairsplit.domain.audit import Actor, Entry
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.event_type import EventType
from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.job import Job, JobKind
from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role, Token
from fairsplit.http.app import answer, create_app, no_content
from fairsplit.http.auth import Door
from fairsplit.http.body import read_object
from fairsplit.http.etags import check_match, etag_of
from fairsplit.http.paths import unit_id_of
from fairsplit.http.queries import choice, limit_of, page_that_fits, place_before, text_of
from fairsplit.services import event_types, experimenting, tokens
from fairsplit.services.erasing import Erasing
from fairsplit.services.experimenting import Experimenting, find
from fairsplit.storage import audit_trail, experiment_items
from fairsplit.storage.client import dynamodb
from fairsplit.storage.erasing import ErasableAssignments, ErasableEvents
from fairsplit.storage.event_types import EventTypes
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.jobs import Jobs
from fairsplit.storage.recounts import Recounts
from fairsplit.storage.tokens import Tokens
from fairsplit.storage.unit_index import UnitIndex

SPARE_MILLISECONDS = 3_000
RETENTION_DAYS = int(os.environ["EVENT_RETENTION_DAYS"])
EXPERIMENT = "/v1/experiments/<key>"

client = dynamodb()
logger = Logger(service="experiments")
app = create_app(logger)
catalog = os.environ["CATALOG_TABLE"]
assignments_table = os.environ["ASSIGNMENTS_TABLE"]
token_store = Tokens(client, catalog)
door = Door(token_store)
store = Experiments(client, catalog)
recounts = Recounts(client, catalog)
event_type_store = EventTypes(client, catalog)
erasing = partial(
    Erasing,
    ErasableAssignments(client, assignments_table),
    ErasableEvents(client, os.environ["EVENTS_TABLE"]),
    UnitIndex(client, assignments_table),
    Jobs(client, catalog),
)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)


def admit(role: Role) -> Token:
    return door.admit(app.current_event.raw_event, role)


def admin() -> Experimenting:
    """The use-cases, in the name of an admin's token."""
    token = admit(Role.ADMIN)
    return Experimenting(store, recounts, Actor(token.id, token.name), now(), RETENTION_DAYS)


def check(version: int) -> None:
    """The request's If-Match against the version that it would change."""
    check_match(app.current_event.raw_event, version)


def body() -> dict[str, Any]:
    return read_object(app.current_event.raw_event)


def shown(experiment: Experiment, status: int = 200, **headers: str) -> Response[str]:
    return answer(experiment.as_json(), status, ETag=etag_of(experiment.version), **headers)


@app.post("/v1/experiments")
def create_experiment() -> Response[str]:
    experiment = admin().create(body(), seed=secrets.token_hex(8))
    return shown(experiment, 201, Location=f"/v1/experiments/{experiment.key}")


@app.get("/v1/experiments")
def list_experiments() -> Response[str]:
    admit(Role.ANALYST)
    event = app.current_event.raw_event
    status = choice(event, "status", Status)
    found, following = store.page(limit_of(event), place_before(event), status, text_of(event, "tag", 64))
    return answer(page_that_fits(found, following, show=Experiment.as_json, place=experiment_items.place_of))


@app.get(EXPERIMENT)
def read_experiment(key: str) -> Response[str]:
    admit(Role.ANALYST)
    return shown(find(store, key))


@app.patch(EXPERIMENT)
def patch_experiment(key: str) -> Response[str]:
    return shown(admin().patch(key, body(), check))


@app.delete(EXPERIMENT)
def delete_experiment(key: str) -> Response[str]:
    """The draft is gone at once; what it had imported is removed now, or by maintenance where that takes long."""
    job = admin().delete(key, check)
    with suppress(ThrottledError):
        erasing(has_time).go_on(job)
    return no_content()


@app.post(f"{EXPERIMENT}/transitions")
def transition_experiment(key: str) -> Response[str]:
    return shown(admin().transition(key, body(), check))


@app.get(f"{EXPERIMENT}/history")
def read_history(key: str) -> Response[str]:
    admit(Role.ANALYST)
    event = app.current_event.raw_event
    found, following = experimenting.read_history(store, key, limit_of(event), place_before(event))
    return answer(page_that_fits(found, following, show=Entry.as_json, place=audit_trail.place_of))


@app.post(f"{EXPERIMENT}/recount")
def request_recount(key: str) -> Response[str]:
    """Every unit is folded again, from the next maintenance on."""
    experiment = admin().request_recount(key, "requested")
    recount = recounts.read(experiment.key)
    progress = {"state": recount.state, "reason": recount.reason, "units_done": recount.walked}
    return answer({"experiment": experiment.key, **progress}, 202)


@app.delete("/v1/units/<segment>")
def erase_unit(segment: str) -> Response[str]:
    """204 when the unit is erased, 202 when maintenance has to go on with it."""
    admit(Role.ADMIN)
    job = Job(JobKind.ERASE_UNIT, unit_id_of(segment), now())
    return no_content() if erasing(has_time).promise(job) else answer({"state": "queued"}, 202)


@app.post("/v1/tokens")
def create_token() -> Response[str]:
    admit(Role.ADMIN)
    secret = f"fs_{secrets.token_urlsafe(32)}"
    token = tokens.create(token_store, body(), token_id=secrets.token_hex(8), secret=secret, now=now())
    return answer(tokens.as_json(token) | {"token": secret}, 201)


@app.get("/v1/tokens")
def list_tokens() -> Response[str]:
    admit(Role.ADMIN)
    event = app.current_event.raw_event
    found, following = token_store.page(limit_of(event), place_before(event))
    return answer(page_that_fits(found, following, show=tokens.as_json, place=lambda token: token.id))


@app.delete("/v1/tokens/<token_id>")
def revoke_token(token_id: str) -> Response[str]:
    admit(Role.ADMIN)
    tokens.revoke(token_store, token_id)
    return no_content()


@app.put("/v1/event-types/<name>")
def put_event_type(name: str) -> Response[str]:
    admit(Role.ADMIN)
    return answer(event_types.put(event_type_store, name, body()).as_json())


@app.get("/v1/event-types")
def list_event_types() -> Response[str]:
    admit(Role.ANALYST)
    event = app.current_event.raw_event
    found, following = event_type_store.page(limit_of(event), place_before(event))
    return answer(page_that_fits(found, following, show=EventType.as_json, place=lambda one: one.type))


@app.get("/v1/event-types/<name>")
def read_event_type(name: str) -> Response[str]:
    admit(Role.ANALYST)
    return answer(event_types.find(event_type_store, name).as_json())


@app.delete("/v1/event-types/<name>")
def delete_event_type(name: str) -> Response[str]:
    admit(Role.ADMIN)
    event_types.delete(event_type_store, name)
    return no_content()


def has_time() -> bool:
    return bool(app.lambda_context.get_remaining_time_in_millis() > SPARE_MILLISECONDS)
