"""Tokens of POST /v1/events, and where they may stand."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role, Token, digest
from fairsplit.storage.tokens import Tokens
from local.payloads import Request, to_event
from tests.gateway import REQUEST_ID
from tests.integration.events.sending import CLIENT_TOKEN, EVENTS, Sender, fresh_unit
from tests.integration.events.stored import Stored

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
EVENT: dict[str, Any] = {"unit_id": "u-1", "type": "visit"}
BEACON = {"content-type": "text/plain;charset=UTF-8"}


@pytest.mark.parametrize("kind", ["text/plain;charset=UTF-8", "Text/Plain", "text/plain"])
def test_a_beacon_carries_its_token_in_the_query(sender: Sender, stored: Stored, kind: str) -> None:
    event = EVENT | {"unit_id": fresh_unit()}
    answer = sender.post(event, token=None, headers={"content-type": kind}, query={"token": CLIENT_TOKEN})
    assert answer.status == 202
    assert len(stored.events(event["unit_id"])) == 1


def test_a_beacon_may_come_as_base64(sender: Sender) -> None:
    request = Request("POST", f"{EVENTS}?token={CLIENT_TOKEN}", BEACON.items(), b"", id=REQUEST_ID)
    body = base64.b64encode(json.dumps(EVENT).encode()).decode()
    event = to_event(request, "$default", {}) | {"body": body, "isBase64Encoded": True}
    assert sender.gateway.send_event(event).status == 202


def test_a_token_in_the_query_is_for_beacons_alone(sender: Sender) -> None:
    assert sender.post(EVENT, token=None, query={"token": CLIENT_TOKEN}).status == 401


@pytest.fixture(scope="module", autouse=True)
def _expired_token(client: DynamoDBClient, tables: dict[str, str]) -> None:
    past = now() - timedelta(seconds=1)
    token = Token(id="expired", name="expired", role=Role.CLIENT, created_at=past, expires_at=past)
    Tokens(client, tables["CatalogTable"]).put(token, digest("expired-token"))


@pytest.mark.parametrize("token", [None, "unknown", "Ünknown", "expired-token"])
def test_without_a_valid_token_nothing_is_taken(sender: Sender, stored: Stored, token: str | None) -> None:
    before = stored.count()
    assert sender.post(EVENT, token=token).status == 401
    assert stored.count() == before


def test_an_analyst_may_not_send_events(sender: Sender, stored: Stored) -> None:
    before = stored.count()
    assert sender.post(EVENT, token="local-analyst").status == 403
    assert stored.count() == before


@pytest.mark.parametrize("name", ["x-api-key", "X-API-Key"])
def test_the_key_header_carries_a_token_too(sender: Sender, name: str) -> None:
    assert sender.post(EVENT, token=None, headers={name: CLIENT_TOKEN}).status == 202


def test_the_log_never_shows_tokens_values_or_properties(sender: Sender, capfd: pytest.CaptureFixture[str]) -> None:
    event = EVENT | {"value": 31415.9265, "properties": {"secret": "swordfish"}}
    sender.post(event)
    sender.post(event | {"price": 1})
    sender.post(event, token="a-wrong-token")
    sender.post(event, token=None, headers=BEACON, query={"token": "another-wrong-token"})
    shown = "".join(capfd.readouterr())
    assert not [word for word in ("31415", "swordfish", CLIENT_TOKEN, "wrong-token") if word in shown]
