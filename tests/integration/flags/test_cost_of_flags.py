"""What flags and features cost in calls and consumed capacity, with twenty active experiments."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.counting import Counts, counted
from tests.gateway import Gateway
from tests.integration.experiments.making import create_in
from tests.integration.flags.evaluating import Flags

pytestmark = pytest.mark.engine
MANY = 20
IN = {"targetingKey": "in"}  # a unit that is in all experiments


@pytest.fixture(scope="module")
def keys(gateway: Gateway) -> list[str]:
    """All experiments that there are."""
    keys = [str(create_in(gateway, "active")["key"]) for _ in range(MANY)]
    gateway.post("/v1/decisions", {"unit_id": "in"})
    return keys


@pytest.fixture
def warm(
    gateway: Gateway, flags: Flags, sdk_token: str, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Counts]:
    """A process that knows both tokens and the experiments, and does not grow older; what it asks for is counted."""
    flags.start_anew()
    flags.all()
    module = gateway.globals_of("flags")
    still = module["now"]()
    for holder in (module["experiments"], module["door"]):
        monkeypatch.setattr(holder, "clock", lambda: still)
    flags.all()
    flags.features(sdk_token)
    with counted(flags.client) as counts:
        yield counts


def test_features_cost_nothing(flags: Flags, sdk_token: str, warm: Counts) -> None:
    for _ in range(3):
        assert len(flags.features(sdk_token).body["features"]) == MANY
    assert warm.calls == {}


def test_all_flags_of_a_unit_are_one_query(flags: Flags, warm: Counts) -> None:
    assert len(flags.all(IN).body["flags"]) == MANY
    assert (warm.calls, warm.write_units) == ({"Query": 1}, 0)


def test_all_flags_of_a_unit_that_is_known_cost_nothing(flags: Flags, warm: Counts) -> None:
    flags.all(IN)
    warm.calls.clear()
    tag = flags.all(IN).headers["etag"]
    assert flags.all(IN, headers={"if-none-match": tag}).status == 304
    assert warm.calls == {}


def test_one_flag_costs_what_an_assignment_costs(flags: Flags, keys: list[str], warm: Counts) -> None:
    flags.one(keys[0], {"targetingKey": "new"})
    assert (warm.calls, warm.read_units, warm.write_units) == ({"GetItem": 1, "PutItem": 1}, 0.5, 2)
    flags.one(keys[0], {"targetingKey": "new"})
    assert warm.calls == {"GetItem": 1, "PutItem": 1}


def test_a_process_that_knows_nothing_reads_token_list_and_documents(
    flags: Flags, sdk_token: str, keys: list[str]
) -> None:
    flags.start_anew()
    with counted(flags.client) as counts:
        flags.features(sdk_token)
    assert counts.calls == {"GetItem": 1, "Query": 1, "BatchGetItem": 1}
