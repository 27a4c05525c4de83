"""GET /api/features/{client_key}: what GrowthBook's SDKs load, by a token that stands in the path."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from growthbook import GrowthBook

from fairsplit.domain.token import Role
from local.tokens import SECRETS
from tests.gateway import Gateway
from tests.integration.assignments.asking import Stored
from tests.integration.experiments.making import create_in, move
from tests.integration.flags.evaluating import Flags

pytestmark = pytest.mark.engine
GERMAN = {"country": {"$in": ["DE", "AT"]}}
CHECKOUT = {"key": "checkout", "from": 25, "to": 75}


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> str:
    """An active experiment with all that a rule can have."""
    values: list[dict[str, Any]] = [
        {"key": "control", "weight": 33.3, "value": 0.0},
        {"key": "green", "weight": 33.3, "value": 1.0},
        {"key": "red", "weight": 33.4, "value": {"color": "red"}},
    ]
    fields = {"variants": values, "coverage": 61.7, "targeting": GERMAN, "namespace": CHECKOUT}
    return str(create_in(gateway, "active", **fields)["key"])


def features(flags: Flags, token: str) -> dict[str, Any]:
    """The features, in a process that knows nothing yet."""
    flags.start_anew()
    found: dict[str, Any] = flags.features(token).body["features"]
    return found


def test_the_answer_is_what_sdks_read(flags: Flags, sdk_token: str, key: str) -> None:
    flags.start_anew()
    answer = flags.features(sdk_token)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.body.keys() == {"status", "features"}
    assert (answer.body["status"], list(answer.body["features"])) == (200, [key])


def test_an_sdk_chooses_what_put_assigns(gateway: Gateway, flags: Flags, sdk_token: str, key: str) -> None:
    loaded = features(flags, sdk_token)
    seen = set()
    for number in range(150):
        attributes = {"country": ["DE", "AT", "FR"][number % 3]}
        unit_id = f"unit {number}/ä" if number % 7 == 0 else f"u-{number}"
        result = GrowthBook(attributes={"id": unit_id, **attributes}, features=loaded).eval_feature(key)
        told = gateway.post("/v1/decisions", {"unit_id": unit_id, "attributes": attributes, "experiments": [key]})
        (entry,) = told.body["decisions"]
        chosen = result.experimentResult.key if result.experimentResult else None
        assert (chosen, result.value) == (entry["variant"], entry["value"] if entry["variant"] else 0.0)
        seen.add(entry["reason"] if chosen is None else chosen)
    assert seen == {"control", "green", "red", "not_covered", "not_in_namespace", "not_targeted"}


def test_nothing_is_stored(flags: Flags, sdk_token: str, gateway: Gateway, stored: Stored) -> None:
    new = create_in(gateway, "active")["key"]
    assert new in features(flags, sdk_token)
    assert stored.units(new) == set()


def test_a_life_of_an_experiment_is_seen(gateway: Gateway, flags: Flags, sdk_token: str) -> None:
    key = create_in(gateway, "draft")["key"]
    seen = [features(flags, sdk_token).get(key)]
    for to, fields in (("active", {}), ("paused", {}), ("active", {}), ("completed", {"winner": "green"})):
        move(gateway, key, to, **fields)
        seen.append(features(flags, sdk_token).get(key))
    move(gateway, key, "archived")
    assert [feature is None for feature in seen] == [True, False, True, False, False]
    assert seen[-1] == {"defaultValue": "green", "rules": [{"force": "green"}]}
    assert key not in features(flags, sdk_token)


def test_caches_may_keep_it_for_half_a_minute_and_ask_by_its_tag(flags: Flags, sdk_token: str, key: str) -> None:
    first = flags.features(sdk_token)
    again = flags.features(sdk_token, headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, None)
    for answer in (first, again):
        assert answer.headers["cache-control"] == "public, max-age=30"
        assert answer.headers["etag"] == first.headers["etag"]


def test_a_change_is_another_tag(gateway: Gateway, flags: Flags, sdk_token: str) -> None:
    key = create_in(gateway, "active", coverage=10)["key"]
    flags.start_anew()
    tag = flags.features(sdk_token).headers["etag"]
    gateway.patch(f"/v1/experiments/{key}", {"coverage": 20})
    flags.start_anew()
    assert flags.features(sdk_token, headers={"if-none-match": tag}).status == 200


@pytest.mark.parametrize("secret", [*SECRETS.values()])
def test_a_token_of_another_kind_is_refused_in_a_path(flags: Flags, secret: str) -> None:
    answer = flags.features(secret)
    assert (answer.status, answer.code) == (403, "forbidden")
    assert "POST /v1/tokens" in answer.body["detail"]
    assert secret not in json.dumps(answer.body)


@pytest.mark.parametrize("secret", ["unknown", "x" * 600, "%C3%BC", "~", "fs_"])
def test_an_unknown_token_is_refused(flags: Flags, secret: str) -> None:
    answer = flags.features(secret)
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert "cache-control" not in answer.headers


def test_no_header_opens_it(gateway: Gateway) -> None:
    assert gateway.get("/api/features/unknown", token=SECRETS[Role.ADMIN]).status == 401


def test_an_sdk_token_opens_what_clients_may_and_no_more(gateway: Gateway, flags: Flags, sdk_token: str) -> None:
    assert flags.all(token=sdk_token).status == 200
    assert gateway.get("/v1/experiments", token=sdk_token).status == 403


def test_a_revoked_token_is_refused(gateway: Gateway, flags: Flags) -> None:
    token = gateway.post("/v1/tokens", {"name": "t", "role": "client", "kind": "sdk"}).body
    assert flags.features(token["token"]).status == 200
    gateway.delete(f"/v1/tokens/{token['id']}")
    flags.start_anew()
    assert flags.features(token["token"]).status == 401


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """What reaches the log of a function; Powertools hands what it says of itself to nobody."""
    return "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("aws_lambda_powertools"))


def test_a_secret_of_a_path_is_never_logged(flags: Flags, sdk_token: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for secret in (sdk_token, SECRETS[Role.ADMIN], "swordfish"):
        flags.features(secret)
    seen = logged(caplog)
    assert [word for word in (sdk_token, SECRETS[Role.ADMIN], "swordfish") if word in seen] == []


def test_features_that_no_answer_holds_are_an_error_that_says_what_to_do(
    gateway: Gateway, flags: Flags, sdk_token: str
) -> None:
    huge = gateway.globals_of("flags")["experiments"].live()[0].model_copy(update={"name": "x" * 5_000_000})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateway.globals_of("flags")["experiments"], "live", lambda: [huge])
        answer = flags.features(sdk_token)
    assert (answer.status, answer.code) == (413, "answer_too_large")
    assert "archive" in answer.body["detail"]
