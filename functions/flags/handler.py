"""Flags: experiments as the clients of OpenFeature's remote evaluation (OFREP) and GrowthBook's SDKs ask for them."""

from __future__ import annotations

import os
import secrets
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from fairsplit.domain.growthbook import features_of
from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role
from fairsplit.http import ofrep_errors
from fairsplit.http.app import answer, answer_if_changed, create_app
from fairsplit.http.auth import Door
from fairsplit.http.ofrep import evaluation, read_context
from fairsplit.services.assigning import Assigning
from fairsplit.services.deciding import Deciding
from fairsplit.services.known_assignments import Known
from fairsplit.storage.assignments import Assignments
from fairsplit.storage.client import dynamodb
from fairsplit.storage.experiment_cache import CachedExperiments
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.tokens import Tokens

# Nothing in it is about anybody, and who has its address has the token: any cache may keep it. So short, because a
# revoked token works on in a cache, as it does for 30 seconds here: a minute in all.
CACHED = "public, max-age=30"


def nonce() -> str:
    return secrets.token_hex(5)


client = dynamodb()
logger = Logger(service="flags")
app = create_app(logger, ofrep_errors.of_any)
catalog = os.environ["CATALOG_TABLE"]
door = Door(Tokens(client, catalog))
experiments = CachedExperiments(Experiments(client, catalog), now)
assigning = Assigning(Assignments(client, os.environ["ASSIGNMENTS_TABLE"]), experiments, Known(), now, nonce)
deciding = Deciding(assigning)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)


@app.post("/ofrep/v1/evaluate/flags/<key>")
def evaluate_flag(key: str) -> Response[str]:
    """An assignment: who asks for one flag is about to meet its variant."""
    event = app.current_event.raw_event
    door.admit(event, Role.CLIENT)
    unit_id, attributes = read_context(event)
    return answer(evaluation(assigning.assign(unquote(key), unit_id, attributes)))


@app.post("/ofrep/v1/evaluate/flags")
def evaluate_all_flags() -> Response[str]:
    """All live experiments, and no assignment: who asks for all flags may never meet most of them."""
    event = app.current_event.raw_event
    door.admit(event, Role.CLIENT)
    unit_id, attributes = read_context(event)
    answers = deciding.decide(unit_id, attributes, experiments.live(), record=False)
    return answer_if_changed(event, {"flags": [evaluation(one) for one in answers]})


@app.get("/api/features/<client_key>")
def read_features(client_key: str) -> Response[str]:
    """What the SDKs decide by; no date with it, because an archived experiment would turn it back."""
    door.admit_sdk(client_key)
    event = app.current_event.raw_event
    return answer_if_changed(event, {"status": 200, "features": features_of(experiments.live())}, Cache_Control=CACHED)
