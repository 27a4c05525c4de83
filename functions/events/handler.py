"""Events: each is accepted once, and durable when the answer leaves."""

from __future__ import annotations

import os
import uuid
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role
from fairsplit.http.app import answer, create_app
from fairsplit.http.auth import Door
from fairsplit.http.body import read_object
from fairsplit.services.checking_properties import Schemas
from fairsplit.services.ingesting import events_in, ingest
from fairsplit.storage.client import dynamodb
from fairsplit.storage.event_types import EventTypes
from fairsplit.storage.events import NewEvents
from fairsplit.storage.tokens import Tokens

client = dynamodb()
logger = Logger(service="events")
app = create_app(logger)
catalog = os.environ["CATALOG_TABLE"]
door = Door(Tokens(client, catalog))
schemas = Schemas(EventTypes(client, catalog).read, now)
store = NewEvents(client, os.environ["EVENTS_TABLE"], int(os.environ["EVENT_RETENTION_DAYS"]))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)


@app.post("/v1/events")
def ingest_events() -> Response[str]:
    """One event or many; a page that closes sends text/plain, with its token in the query."""
    event = app.current_event.raw_event
    door.admit(event, Role.CLIENT, query=content_type(event) == "text/plain")
    raw = events_in(read_object(event))
    receipt = ingest(raw, now=now(), new_id=lambda: uuid.uuid4().hex, schemas=schemas, store=store)
    return answer(receipt.as_json(), 202)


def content_type(event: dict[str, Any]) -> str:
    """The request's media type, without its parameters."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return str(headers.get("content-type", "")).partition(";")[0].strip().lower()
