"""BatchEvaluateFeature: many evaluations in one call, with few calls to the store."""

from __future__ import annotations

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Stored
from tests.integration.evidently.asking import Evidently, requests_of
from tests.integration.experiments.making import create_in

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def keys(gateway: Gateway) -> list[str]:
    return [str(create_in(gateway, "active")["key"]) for _ in range(20)]


def test_results_stand_in_the_order_of_the_requests(evidently: Evidently, keys: list[str], stored: Stored) -> None:
    asked = [*requests_of("ada", keys[3:0:-1]), *requests_of("bob", keys[:2]), *requests_of("ada", keys[2:3])]
    results = evidently.batch(asked).body["results"]
    assert [{"entityId": one["entityId"], "feature": one["feature"]} for one in results] == asked
    assert results[1] == results[5]
    assert {one["reason"] for one in results} == {"EXPERIMENT_RULE_MATCH"}
    assert stored.units(keys[1]) == {"ada", "bob"}


def test_each_is_what_a_single_evaluation_says(evidently: Evidently, keys: list[str]) -> None:
    for result in evidently.batch(requests_of("carl", keys)).body["results"]:
        single = evidently.evaluate(result["feature"], "carl").body
        assert {name: result[name] for name in single} == single


def test_an_unknown_feature_has_no_variation_and_the_others_have_theirs(evidently: Evidently, keys: list[str]) -> None:
    unknown, known = evidently.batch(requests_of("dora", ["No.Such", keys[0]]), project="my-shop").body["results"]
    assert unknown == {"project": "my-shop", "feature": "No.Such", "entityId": "dora"}
    assert known["variation"]


def test_each_context_is_asked_about_for_itself(gateway: Gateway, evidently: Evidently) -> None:
    key = create_in(gateway, "active", targeting={"country": "DE"})["key"]
    contexts = ['{"country": "FR"}', '{"country": "DE"}', '{"country": "FR"}']
    asked = [{"entityId": "ada", "feature": key, "evaluationContext": context} for context in contexts]
    reasons = [one["reason"] for one in evidently.batch(asked).body["results"]]
    assert reasons == ["DEFAULT", "EXPERIMENT_RULE_MATCH", "DEFAULT"]


def test_an_arn_is_echoed(evidently: Evidently, keys: list[str]) -> None:
    arn = "arn:aws:evidently:us-east-1:123456789012:project/shop"
    (result,) = evidently.batch(requests_of("ada", keys[:1]), project=arn.replace("/", "%2F")).body["results"]
    assert result["project"] == arn


def test_values_that_no_answer_holds_are_an_error_that_says_what_to_do(
    evidently: Evidently, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairsplit.http.app.LARGEST_ANSWER", 400)
    assert evidently.batch(requests_of("ada", keys[:1])).status == 200
    answer = evidently.batch(requests_of("ada", keys[:2]))
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert answer.body["message"].startswith("requests: ")
