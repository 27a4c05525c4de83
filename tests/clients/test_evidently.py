"""boto3's own client of CloudWatch Evidently calls the running service, after an import of what it had."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local import invoke
from local import service as local_service
from local.evidently.__main__ import main
from local.experiments import activate
from local.http_client import Service, connect
from tests.clients import old_boto3
from tests.clients.making import stored
from tests.docs.markdown import EVIDENTLY
from tests.e2e.local_stack import eventually
from tests.evidently_export import FILE as EVIDENTLY_EXPORT
from tests.samples import SAMPLES

pytestmark = pytest.mark.engine
SCRIPT = (Path(__file__).parent / "call_evidently.py").read_text()
ARN = "arn:aws:evidently:eu-west-1:123456789012:project/shop"
BUTTON = {"project": ARN, "feature": "Checkout.Button"}
GROWN_UP = json.dumps({"continent": "EU", "Age": 40})
Call = tuple[str, dict[str, Any]]
CallAll = Callable[..., list[dict[str, Any]]]
CLIENT = "local-client"


@pytest.fixture(scope="module", autouse=True)
def boto3_of_then(pytestconfig: pytest.Config) -> None:
    """What takes long is said on the terminal."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        old_boto3.install()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that answers Evidently's calls, with the experiment of an export, which runs."""
    enabled = {"FAIRSPLIT_PARAMETERS": "EvidentlyCompatibility=enabled"}
    with (
        local_service.start(tmp_path_factory.mktemp("evidently"), **enabled) as running,
        connect(running.url) as client,
    ):
        main([str(EVIDENTLY_EXPORT), "--url", running.url])
        activate(client, "checkout-button")
        yield client


@pytest.fixture(scope="module")
def call_all(service: Service) -> CallAll:
    """Makes calls by boto3: the answer to each."""

    def call(*calls: Call, token: str = CLIENT) -> list[dict[str, Any]]:
        given = {"url": service.url, "token": token, "calls": calls}
        answers: list[dict[str, Any]] = json.loads(old_boto3.run(SCRIPT, json.dumps(given)))
        return answers

    return call


def evaluate(entity_id: str, **fields: Any) -> Call:
    return "evaluate_feature", BUTTON | {"entityId": entity_id, "evaluationContext": GROWN_UP} | fields


def put(*data: Any) -> Call:
    events = [{"type": "aws.evidently.custom", "data": json.dumps(one)} for one in data]
    return "put_project_events", {"project": "shop", "events": events}


def test_an_evaluation_is_an_assignment(call_all: CallAll, service: Service) -> None:
    answers = call_all(*(evaluate(f"u-{number}") for number in range(20)))
    enrolled = [one for one in answers if one["reason"] == "EXPERIMENT_RULE_MATCH"]
    assert 0 < len(enrolled) < 20
    assert json.loads(enrolled[0]["details"]) == {"experiment": "Green-Button", "treatment": enrolled[0]["variation"]}
    for number, one in enumerate(answers):
        assert one["value"] == {"stringValue": "#0f0" if one["variation"] == "green" else "#00f"}
        assert stored(service, f"u-{number}") == ({"checkout-button": one["variation"]} if one in enrolled else {})


def test_overrides_segments_and_drafts_are_kept(call_all: CallAll) -> None:
    tester, stranger, draft = call_all(
        evaluate("tester-1"),
        evaluate("u-1", evaluationContext='{"continent": "AS", "Age": 40}'),
        ("evaluate_feature", {"project": "shop", "feature": "Timeout", "entityId": "u-1"}),
    )
    assert (tester["variation"], tester["reason"]) == ("red", "ENTITY_OVERRIDES_MATCH")
    assert (stranger["variation"], draft["variation"]) == ("blue", "short")
    assert (draft["reason"], draft["value"]) == ("DEFAULT", {"doubleValue": 0.5})


def test_a_batch_has_its_results_in_order(call_all: CallAll) -> None:
    requests = [{"entityId": f"b-{number}", "feature": "Timeout"} for number in range(19)]
    requests.append({"entityId": "b-0", "feature": "Unknown"})
    (answer,) = call_all(("batch_evaluate_feature", {"project": ARN, "requests": requests}))
    *known, unknown = answer["results"]
    assert [one["entityId"] for one in known] == [f"b-{number}" for number in range(19)]
    assert {one["value"]["doubleValue"] for one in known} == {0.5}
    assert unknown == {"project": ARN, "feature": "Unknown", "entityId": "b-0"}


def test_results_are_the_mean_of_the_values_that_were_sent(call_all: CallAll, service: Service) -> None:
    buyers = [f"buyer-{number}" for number in range(20)]
    enrolled = [one["reason"] == "EXPERIMENT_RULE_MATCH" for one in call_all(*map(evaluate, buyers))]
    buyer = buyers[enrolled.index(True)]
    orders = [{"details": {"orderValue": value}, "userDetails": {"userID": buyer}} for value in (10, 20)]
    (answer,) = call_all(put(*orders, {"details": {"orderValue": 1}}))
    assert (answer["failedEventCount"], answer["eventResults"][2]["errorCode"]) == (1, "ValidationException")

    def means() -> set[float | None]:
        results = service.call("analyst", "GET", "/v1/experiments/checkout-button/results")
        return {one["metrics"]["ordervalue"]["mean"] for one in results["variants"]}

    assert eventually(lambda: 15 in means())


def test_errors_are_the_clients_own_exceptions(call_all: CallAll) -> None:
    unknown, broken = call_all(evaluate("u-1", feature="Unknown"), evaluate("u-1", evaluationContext="{"))
    (denied,) = call_all(evaluate("u-1"), token="unknown")
    found = [(one["error"], one["status"]) for one in (unknown, broken, denied)]
    assert found == [
        ("ResourceNotFoundException", 404),
        ("ValidationException", 400),
        ("AccessDeniedException", 403),
    ]
    assert "evaluationContext" in broken["message"]


def test_a_token_with_a_rate_is_throttled(call_all: CallAll, service: Service) -> None:
    wanted = {"name": "slow", "role": "client", "rate_per_second": 0.01}
    token = service.call("admin", "POST", "/v1/tokens", wanted)["token"]
    first, second = call_all(evaluate("u-1"), evaluate("u-1"), token=token)
    assert "variation" in first
    assert (second["error"], second["status"]) == ("ThrottlingException", 429)


def test_the_import_may_be_run_again(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(EVIDENTLY_EXPORT), "--url", service.url]) == 1
    assert capsys.readouterr().out.count("is there already, and stays") == 2


def test_the_sample_is_answered(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIRSPLIT_PORT", service.url.rpartition(":")[2])
    assert invoke.main(["evidently", str(SAMPLES / "evidently.json")]) == 0
    assert json.loads(capsys.readouterr().out)["statusCode"] == 200


def test_the_client_of_the_page_is_answered(service: Service) -> None:
    (example,) = EVIDENTLY.blocks("python")
    printed = old_boto3.run(example, FAIRSPLIT=service.url, FAIRSPLIT_TOKEN=CLIENT)
    assert printed in {"blue #00f\n", "green #0f0\n"}
