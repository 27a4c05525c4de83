"""GrowthBook's SDKs, in Python and in Node, load the running service's features and choose as the service assigns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.http_client import Service
from tests.clients.audience import EXPERIMENTS, FOR_EVERYBODY, make_experiments, users
from tests.clients.making import HALVES, in_path, sdk_token
from tests.clients.sdks import LANGUAGES, Found, evaluate

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]  # on a busy machine the many calls take their time

KEYS = list(EXPERIMENTS)
CONNECTIONS = 4
DECIDED = 9  # every ninth user is told of all experiments
Choices = dict[str, str | None]  # experiment → variant


@pytest.fixture(scope="module")
def token(service: Service) -> str:
    make_experiments(service)
    return sdk_token(service)


@pytest.fixture(scope="module")
def assigned(service: Service, token: str) -> list[Choices]:
    """What the service says: each user is assigned in one experiment, in turn; some are told of the others too."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(lambda numbered: _ask(service, *numbered), enumerate(users())))


@pytest.fixture(scope="module", params=LANGUAGES)
def evaluated(service: Service, token: str, npm: object, request: pytest.FixtureRequest) -> list[Found]:
    """What the SDK of that language says."""
    return evaluate(request.param, service.url, token, [*KEYS, "won", "over", "paused"], users())


@pytest.mark.parametrize("key", KEYS)
def test_every_user_gets_the_same_variant_or_none(key: str, assigned: list[Choices], evaluated: list[Found]) -> None:
    pairs = zip(users(), assigned, evaluated, strict=True)
    asked = [(user, ours[key], theirs[key]["variant"]) for user, ours, theirs in pairs if key in ours]
    assert len(asked) > 1_000
    assert [one for one in asked if one[1] != one[2]] == []


def test_a_winner_is_forced_and_what_only_the_store_knows_is_left_out(evaluated: list[Found]) -> None:
    told = {key: (one["source"], one["value"]) for key, one in evaluated[0].items() if key not in KEYS}
    unknown = ("unknownFeature", None)
    assert told == {"won": ("force", "green"), "over": unknown, "paused": unknown}


@pytest.mark.parametrize("key", KEYS)
def test_the_users_are_of_every_kind(key: str, assigned: list[Choices]) -> None:
    variants = {one["key"] for one in EXPERIMENTS[key].get("variants", HALVES)}
    met = {choices[key] for choices in assigned if key in choices}
    assert met == (variants if key in FOR_EVERYBODY else {*variants, None})


def _ask(service: Service, number: int, user: dict[str, Any]) -> Choices:
    """One assignment; and for some users a decision that has to agree with it, without a record, on all experiments."""
    attributes = {name: value for name, value in user.items() if name != "id"}
    key = KEYS[number % len(KEYS)]
    path = f"/v1/experiments/{key}/assignments/{in_path(user['id'])}"
    choices = {key: service.call("client", "PUT", path, {"attributes": attributes})["variant"]}
    if number % DECIDED:
        return choices
    asked = {"unit_id": user["id"], "attributes": attributes, "experiments": KEYS, "record": False}
    decisions = service.call("client", "POST", "/v1/decisions", asked)["decisions"]
    decided = {one["experiment"]: one["variant"] for one in decisions}
    assert decided[key] == choices[key], decisions
    return decided
