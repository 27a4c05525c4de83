"""How an export can be asked for, and how not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import CLIENT
from tests.integration.experiments.making import create
from tests.integration.export.exporting import Exports
from tests.traffic import enter, noon

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> str:
    made = str(create(gateway)["key"])
    enter(gateway, made, {f"u-{number}": "green" for number in range(3)}, noon(1))
    return made


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ({}, "what", "required"),
        ({"what": "units"}, "what", "unknown_what"),
        ({"what": "events", "limit": 1_001}, "limit", "limit_invalid"),
        ({"what": "events", "limit": 0}, "limit", "limit_invalid"),
        ({"what": "events", "raw": "yes"}, "raw", "unknown_raw"),
        ({"what": "events", "cursor": "x"}, "cursor", "cursor_invalid"),
        ({"what": "events", "cursor": "W10"}, "cursor", "cursor_invalid"),
        ({"what": "events", "since": "x"}, "since", "unknown_parameter"),
    ],
)
def test_a_bad_parameter_is_named(exports: Exports, key: str, query: dict[str, Any], name: str, code: str) -> None:
    answer = exports.page(key, **query)
    assert (answer.status, answer.faults) == (422, [(["query", name], code)])


def test_only_analysts_may_and_only_of_what_there_is(exports: Exports, key: str) -> None:
    assert exports.page(key, what="events", token=CLIENT).status == 403
    assert exports.page("no-such-one", what="events").code == "experiment_not_found"


def test_the_link_is_relative_and_has_all_parameters(exports: Exports, key: str) -> None:
    answer = exports.page(key, what="assignments", limit=2, raw="true")
    target = answer.headers["link"]
    assert target.startswith("<export?what=assignments&limit=2&raw=true&cursor=")
    assert exports.follow(key, answer).body.count("\r\n") == 2


def test_a_cursor_is_of_one_kind_of_export(exports: Exports, key: str) -> None:
    target = exports.page(key, what="assignments", limit=1).headers["link"]
    cursor = target.partition("cursor=")[2].partition(">")[0]
    answer = exports.page(key, what="events", cursor=cursor)
    assert (answer.status, answer.faults) == (422, [(["query", "cursor"], "cursor_invalid")])
