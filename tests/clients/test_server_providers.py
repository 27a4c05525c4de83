"""OpenFeature's OFREP providers for servers, in Python and in Node, read flags of the running service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

from local.http_client import Service
from tests.clients import node
from tests.clients.flags import READS, UNIT, Read, make_flags
from tests.clients.making import stored

pytestmark = pytest.mark.engine

SCRIPT = (Path(__file__).parent / "read_flags.mjs").read_text()
ReadAll = Callable[[dict[str, Read], str], dict[str, dict[str, Any]]]


@pytest.fixture(scope="module", params=["python", "node"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def read_all(language: str, service: Service, request: pytest.FixtureRequest) -> Iterator[ReadAll]:
    """Reads flags with a token, in that language: the details of each."""
    if language == "node":
        request.getfixturevalue("npm")
        yield lambda reads, token: _by_node(service.url, reads, token)
    else:
        yield lambda reads, token: _by_python(service.url, reads, token)
        api.shutdown()


@pytest.fixture(scope="module")
def flags(service: Service) -> None:
    make_flags(service)


@pytest.fixture(scope="module")
def details(read_all: ReadAll, flags: None) -> dict[str, dict[str, Any]]:
    return read_all(READS, "local-client")


@pytest.mark.parametrize("name", READS)
def test_a_flag_has_its_value_variant_and_reason(name: str, details: dict[str, dict[str, Any]]) -> None:
    read, found = READS[name], details[name]
    assert (found["value"], found.get("variant"), found["reason"], found.get("errorCode")) == (
        *(read.value, read.variant, read.reason, read.error),
    )


def test_reading_a_flag_assigns_the_unit(service: Service, details: dict[str, dict[str, Any]]) -> None:
    split = {read.flag: read.variant for read in READS.values() if (read.unit, read.reason) == (UNIT, "SPLIT")}
    assert stored(service, UNIT) == split


def test_a_flag_says_why_in_our_own_words(details: dict[str, dict[str, Any]]) -> None:
    names = ("a boolean", "an override", "one for others", "one that is paused")
    words = [details[name]["flagMetadata"]["reason"] for name in names]
    assert words == ["assigned", "override", "not_targeted", "not_active"]


def test_a_value_of_null_is_the_codes_default(read_all: ReadAll, flags: None, language: str) -> None:
    found = read_all({"null": Read("nothing", "string", "mine", "mine", unit="berta")}, "local-client")["null"]
    assert (found["value"], found.get("errorCode")) == ("mine", None if language == "python" else "GENERAL")


def test_with_a_wrong_token_the_code_has_its_default(read_all: ReadAll, flags: None) -> None:
    found = read_all({"any": Read("color", "string", "mine", "mine")}, "wrong")["any"]
    assert (found["value"], found["reason"], found["errorCode"]) == ("mine", "ERROR", "GENERAL")


def _by_node(url: str, reads: dict[str, Read], token: str) -> dict[str, dict[str, Any]]:
    given = {"url": url, "token": token, "reads": {name: asdict(read) for name, read in reads.items()}}
    found: dict[str, dict[str, Any]] = node.run(SCRIPT, given)
    return found


def _by_python(url: str, reads: dict[str, Read], token: str) -> dict[str, dict[str, Any]]:
    provider = OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {token}"})
    api.set_provider(provider)
    found = {name: _read(api.get_client(), read) for name, read in reads.items()}
    provider.session.close()
    return found


def _read(client: OpenFeatureClient, read: Read) -> dict[str, Any]:
    """The details as Node's SDK names them."""
    method = getattr(client, f"get_{read.kind}_details")
    found = method(read.flag, read.default, EvaluationContext(read.unit, read.attributes))
    return {
        "value": found.value,
        "variant": found.variant,
        "reason": found.reason and str(found.reason),
        "errorCode": found.error_code and found.error_code.value,
        "flagMetadata": found.flag_metadata,
    }
