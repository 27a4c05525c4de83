"""Query parameters, cursors and pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairsplit.domain.errors import InvalidError
from fairsplit.http.queries import LARGEST_PAGE, cursor_of, limit_of, page_of, page_that_fits, place_before, to_cursor
from tests.outcomes import FINE, outcome_of


def event(**query: str) -> dict[str, Any]:
    return {"queryStringParameters": query}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256), st.integers(0, 15))
def test_a_cursor_is_read_back(text: str, number: int) -> None:
    assert cursor_of(event(cursor=to_cursor([number, text])), int, str) == [number, text]
    assert place_before(event(cursor=to_cursor([text]))) == text


def test_a_cursor_of_the_longest_ids_is_short_enough_for_a_url() -> None:
    ids = ["\U0001f388" * 256, "\u00fc" * 256]
    cursor = to_cursor(ids)
    assert len(cursor) < 2_100
    assert cursor_of(event(cursor=cursor), str, str) == ids


@given(st.text())
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    assert outcome_of(lambda: cursor_of(event(cursor=text), int, str)) in {FINE, "cursor_invalid"}
    assert outcome_of(lambda: place_before(event(cursor=text))) in {FINE, "cursor_invalid"}


@pytest.mark.parametrize(
    "values", [[], ["a"], [-1, "a"], [1 << 31, "a"], [True, "a"], ["a", 1], [1, ""], [1, "x" * 1_025]]
)
def test_a_cursor_of_another_shape_is_refused(values: list[Any]) -> None:
    with pytest.raises(InvalidError) as caught:
        cursor_of(event(cursor=to_cursor(values)), int, str)
    assert [fault.loc for fault in caught.value.faults] == [("query", "cursor")]


def test_the_first_page_has_no_cursor() -> None:
    assert cursor_of({}, str) is None
    assert place_before({"queryStringParameters": None}) is None


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("50", 50), ("100", 100), ("007", 7)])
def test_a_limit_is_a_whole_number(text: str, limit: int) -> None:
    assert limit_of(event(limit=text)) == limit


@given(st.text())
def test_any_text_is_a_limit_or_refused(text: str) -> None:
    assert outcome_of(lambda: limit_of(event(limit=text))) in {FINE, "limit_invalid"}


def test_the_limit_is_fifty_unless_said_otherwise() -> None:
    assert limit_of({}) == 50
    assert limit_of(event(limit="1000"), 1_000) == 1_000


def test_a_page_says_where_the_next_one_begins() -> None:
    assert page_of([1], None) == {"items": [1], "next_cursor": None}
    assert cursor_of(event(cursor=page_of([1], ["a"])["next_cursor"]), str) == ["a"]


def page(sizes: list[int], following: str | None) -> dict[str, Any]:
    return page_that_fits(
        list(enumerate(sizes)), following, show=lambda one: "x" * one[1], place=lambda one: str(one[0])
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 2_000_000), max_size=12), st.none() | st.just("next"))
def test_a_page_ends_before_it_is_too_large_and_loses_nothing(sizes: list[int], following: str | None) -> None:
    found = page(sizes, following)
    count = len(found["items"])
    assert len(json.dumps(json.dumps(found))) < LARGEST_PAGE + 10_000
    assert count >= min(len(sizes), 1)
    place = place_before(event(cursor=found["next_cursor"])) if found["next_cursor"] else None
    assert place == (following if count == len(sizes) else str(count - 1))


def test_what_is_larger_than_a_page_stands_alone() -> None:
    found = page([LARGEST_PAGE, 1], None)
    assert (len(found["items"]), place_before(event(cursor=found["next_cursor"]))) == (1, "0")
