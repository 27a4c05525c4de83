"""GrowthBook's SDKs, in Python and in Node, load the running service's features and choose as the service assigns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from growthbook import GrowthBook
from growthbook.common_types import FeatureResult

from local.http_client import Service
from tests.clients import node
from tests.clients.audience import EXPERIMENTS, make_experiments, users
from tests.clients.making import HALVES, in_path, sdk_token

pytestmark = pytest.mark.engine

SCRIPT = (Path(__file__).parent / "evaluate_users.mjs").read_text()
KEYS = list(EXPERIMENTS)
STATES = ["won", "over", "paused"]
CONNECTIONS = 4
DECIDED = 5  # every fifth user is told of all experiments
Choices = list[dict[str, str | None]]  # of each user: experiment → variant


@pytest.fixture(scope="module")
def token(service: Service) -> str:
    make_experiments(service)
    return sdk_token(service)


@pytest.fixture(scope="module")
def assigned(service: Service, token: str) -> Choices:
    """What the service says: each user is assigned in one experiment, in turn; some are told of the others too."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(lambda numbered: _ask(service, *numbered), enumerate(users())))


@pytest.fixture(scope="module", params=["python", "node"])
def evaluated(service: Service, token: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the SDK of that language says."""
    if request.param == "python":
        return _by_python(service.url, token)
    request.getfixturevalue("npm")
    given = {"url": service.url, "token": token, "keys": KEYS, "states": STATES, "users": users()}
    found: dict[str, Any] = node.run(SCRIPT, given)
    return found


@pytest.mark.parametrize("key", KEYS)
def test_every_user_gets_the_same_variant_or_none(key: str, assigned: Choices, evaluated: dict[str, Any]) -> None:
    pairs = zip(users(), assigned, evaluated["choices"], strict=True)
    asked = [(user, ours[key], theirs[key]) for user, ours, theirs in pairs if key in ours]
    assert len(asked) > 1_500
    assert [one for one in asked if one[1] != one[2]] == []


def test_a_winner_is_forced_and_what_only_the_store_knows_is_left_out(evaluated: dict[str, Any]) -> None:
    assert evaluated["states"] == {
        "won": ["force", "green"],
        "over": ["unknownFeature", None],
        "paused": ["unknownFeature", None],
    }


@pytest.mark.parametrize("key", KEYS)
def test_the_users_are_of_every_kind(key: str, assigned: Choices) -> None:
    variants = {one["key"] for one in EXPERIMENTS[key].get("variants", HALVES)}
    assert {choices[key] for choices in assigned if key in choices} == (
        variants if key == "uneven" else {*variants, None}
    )


def _ask(service: Service, number: int, user: dict[str, Any]) -> dict[str, str | None]:
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


def _by_python(url: str, token: str) -> dict[str, Any]:
    growthbook = GrowthBook(api_host=url, client_key=token)
    growthbook.load_features()
    choices = []
    for user in users():
        growthbook.set_attributes(user)
        choices.append({key: _variant(growthbook.eval_feature(key)) for key in KEYS})
    results = {key: growthbook.eval_feature(key) for key in STATES}
    growthbook.destroy()
    return {"choices": choices, "states": {key: [one.source, one.value] for key, one in results.items()}}


def _variant(result: FeatureResult[Any]) -> str | None:
    return result.experimentResult.key if result.experimentResult else None
