"""OpenFeature's OFREP provider for pages, in a real browser and from another origin, reads all flags in one call."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from local.http_client import Service
from tests.clients import node
from tests.clients.flags import READS, UNIT, make_flags
from tests.clients.making import stored

pytestmark = pytest.mark.engine

SCRIPT = (Path(__file__).parent / "read_in_page.mjs").read_text()
BULK = "/ofrep/v1/evaluate/flags"
READ = {name: read for name, read in READS.items() if read.unit == UNIT and not name.startswith("one that is a draft")}


@pytest.fixture(scope="module")
def found(service: Service, npm: Path) -> dict[str, Any]:
    make_flags(service)
    reads = {name: asdict(read) for name, read in READ.items()}
    given = {"api": service.url, "token": "local-client", "unit": UNIT, "reads": reads}
    answer: dict[str, Any] = node.run_with_pages(SCRIPT, given)
    return answer


def posts(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls for flags, without preflights: at first, looked at again, after the move, after the reload."""
    return [call for call in found["wire"] if call["method"] == "POST"]


@pytest.mark.parametrize("name", READ)
def test_a_flag_has_its_value_variant_and_reason(name: str, found: dict[str, Any]) -> None:
    read, told = READ[name], found["first"][name]
    assert (told["value"], told.get("variant"), told["reason"], told.get("errorCode")) == (
        *(read.value, read.variant, read.reason, read.error),
    )


def test_all_flags_come_in_one_call_and_its_preflight(found: dict[str, Any]) -> None:
    calls = {(call["method"], call["path"], call["status"]) for call in found["wire"][:2]}
    assert calls == {("OPTIONS", BULK, 204), ("POST", BULK, 200)}


def test_a_page_that_is_looked_at_again_is_told_that_nothing_changed(found: dict[str, Any]) -> None:
    first, again, *_ = posts(found)
    assert first["etag"]
    assert (again["status"], again["ifNoneMatch"]) == (304, first["etag"])


def test_another_context_asks_again(found: dict[str, Any]) -> None:
    assert posts(found)[2]["status"] == 200
    german = found["moved"]["one for others"]
    assert (german["variant"], german["reason"]) == ("on", "SPLIT")


def test_the_providers_cache_hides_the_reason_but_not_ours(found: dict[str, Any]) -> None:
    """So a page that counts exposures by the reason loads over the network first, as docs/clients.md says."""
    text = found["reloaded"]["a text"]
    assert (text["reason"], text["flagMetadata"]) == ("CACHED", {"reason": "assigned"})


def test_the_providers_cache_answers_for_other_attributes(found: dict[str, Any]) -> None:
    """It had asked for a unit in Germany; the page that is loaded again is in France."""
    assert found["reloaded"]["one for others"]["variant"] == "on"
    assert posts(found)[3]["status"] == 200


def test_nothing_is_stored(found: dict[str, Any], service: Service) -> None:
    assert stored(service, UNIT) == {}
