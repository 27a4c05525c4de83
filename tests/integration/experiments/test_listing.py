"""GET /v1/experiments: newest first, by status and tag, page by page."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, VARIANTS, body, create, create_in, fresh_key, move

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", autouse=True)
def _experiments(gateway: Gateway) -> None:
    """Twenty experiments of each of two tags, of several statuses."""
    for index in range(40):
        status = ("draft", "active", "completed", "archived")[index % 4]
        create_in(gateway, status, key=f"listed-{index}", tags=["even" if index % 2 == 0 else "odd"])


def keys(gateway: Gateway, **query: Any) -> list[list[str]]:
    """The keys of each page, from the first to the last."""
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = gateway.get(EXPERIMENTS, query=query | ({"cursor": cursor} if cursor else {}), token="local-analyst")
        assert answer.status == 200
        pages.append([one["key"] for one in answer.body["items"]])
        cursor = answer.body["next_cursor"]
    return pages


def flat(pages: list[list[str]]) -> list[str]:
    return [key for page in pages for key in page]


def listed(*remainders: int, modulus: int = 4) -> list[str]:
    return [f"listed-{index}" for index in reversed(range(40)) if index % modulus in remainders]


def test_the_newest_come_first_and_the_archived_are_left_out(gateway: Gateway) -> None:
    assert flat(keys(gateway)) == listed(0, 1, 2)


@pytest.mark.parametrize("limit", [1, 2, 7, 30, 100])
def test_pages_of_any_size_hold_each_experiment_once(gateway: Gateway, limit: int) -> None:
    pages = keys(gateway, limit=limit)
    assert flat(pages) == listed(0, 1, 2)
    assert all(len(page) == limit for page in pages[:-2])


@pytest.mark.parametrize(
    ("status", "remainder"), [("draft", 0), ("active", 1), ("completed", 2), ("archived", 3), ("paused", 9)]
)
def test_a_status_can_be_asked_for(gateway: Gateway, status: str, remainder: int) -> None:
    assert flat(keys(gateway, status=status, limit=3)) == listed(remainder)


def test_a_tag_can_be_asked_for_alone_and_with_a_status(gateway: Gateway) -> None:
    assert flat(keys(gateway, tag="odd", limit=4)) == listed(1)
    assert flat(keys(gateway, tag="odd", status="archived")) == listed(3)
    assert flat(keys(gateway, tag="unknown")) == []


def test_items_are_whole_experiments(gateway: Gateway) -> None:
    item = gateway.get(EXPERIMENTS, query={"limit": 1}).body["items"][0]
    assert item == gateway.get(f"{EXPERIMENTS}/{item['key']}").body


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "limit_invalid"),
        ({"limit": "101"}, "limit_invalid"),
        ({"limit": "-1"}, "limit_invalid"),
        ({"limit": "ten"}, "limit_invalid"),
        ({"limit": "1.0"}, "limit_invalid"),
        ({"limit": ""}, "limit_invalid"),
        ({"limit": "²"}, "limit_invalid"),
        ({"limit": "9" * 5_000}, "limit_invalid"),
        ({"status": "started"}, "unknown_status"),
        ({"status": ""}, "unknown_status"),
        ({"tag": ""}, "tag_invalid"),
        ({"tag": "x" * 65}, "tag_invalid"),
        ({"cursor": ""}, "cursor_invalid"),
        ({"cursor": "ü"}, "cursor_invalid"),
        ({"cursor": "AAAA"}, "cursor_invalid"),
        ({"cursor": cursor(5)}, "cursor_invalid"),
        ({"cursor": cursor(None)}, "cursor_invalid"),
        ({"cursor": cursor("")}, "cursor_invalid"),
        ({"cursor": cursor("a", "b")}, "cursor_invalid"),
        ({"cursor": cursor("x" * 1_025)}, "cursor_invalid"),
        ({"cursor": cursor("\ud800")}, "cursor_invalid"),
        ({"cursor": base64.urlsafe_b64encode(b"[" * 5_000).decode()}, "cursor_invalid"),
    ],
)
def test_a_bad_query_parameter_is_named(gateway: Gateway, query: dict[str, str], code: str) -> None:
    answer = gateway.get(EXPERIMENTS, query=query)
    (name,) = query
    assert (answer.status, answer.code, answer.faults) == (422, code, [(["query", name], code)])


def test_a_cursor_of_nowhere_gives_a_page(gateway: Gateway) -> None:
    assert gateway.get(EXPERIMENTS, query={"cursor": cursor("0")}).body == {"items": [], "next_cursor": None}


def test_other_query_parameters_are_ignored(gateway: Gateway) -> None:
    assert gateway.get(EXPERIMENTS, query={"colour": "green"}).status == 200


def test_a_changed_tag_moves_an_experiment_between_lists(gateway: Gateway) -> None:
    key = create(gateway, tags=["before"])["key"]
    gateway.patch(f"{EXPERIMENTS}/{key}", {"tags": ["after"]})
    assert (flat(keys(gateway, tag="before")), flat(keys(gateway, tag="after"))) == ([], [key])
    assert move(gateway, key, "active").status == 200
    assert flat(keys(gateway, tag="after", status="draft")) == []


def test_large_experiments_come_in_pages_that_fit_an_answer(gateway: Gateway) -> None:
    sent = [fresh_key() for _ in range(40)]
    for key in sent:
        large = [VARIANTS[0] | {"value": '"' * 90_000}, VARIANTS[1]]
        assert gateway.post(EXPERIMENTS, body(key=key, tags=["large"], variants=large)).status == 201
    first = gateway.get(EXPERIMENTS, query={"tag": "large", "limit": 100})
    assert len(json.dumps(json.dumps(first.body))) < 6_000_000
    assert flat(keys(gateway, tag="large", limit=100)) == sent[::-1]
