"""Bodies: strict JSON, bounded."""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.errors import MalformedError, TooLargeError
from fairsplit.http.body import DEEPEST, LARGEST, parse, read_object
from tests.outcomes import FINE, outcome_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON))
def test_an_object_is_read_as_it_was_written(value: dict[str, Any]) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert json.dumps(read_object({"body": text})) == json.dumps(value)
        encoded = base64.b64encode(text.encode()).decode()
        assert json.dumps(read_object({"body": encoded, "isBase64Encoded": True})) == json.dumps(value)


@given(st.binary())
def test_any_bytes_are_read_or_malformed(raw: bytes) -> None:
    event = {"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}
    assert outcome_of(lambda: read_object(event)) in {FINE, "malformed_json"}


@given(st.text())
def test_any_text_is_read_or_malformed(text: str) -> None:
    for event in ({"body": text}, {"body": text, "isBase64Encoded": True}):
        assert outcome_of(partial(read_object, event)) in {FINE, "malformed_json"}


@pytest.mark.parametrize("event", [{}, {"body": None}, {"body": ""}, {"body": " \n"}])
def test_no_body_is_malformed_unless_it_is_optional(event: dict[str, Any]) -> None:
    assert read_object(event, optional=True) == {}
    with pytest.raises(MalformedError):
        read_object(event)


def test_one_megabyte_may_be_sent_and_no_byte_more() -> None:
    assert parse(b'"' + b"x" * (LARGEST - 2) + b'"') == "x" * (LARGEST - 2)
    with pytest.raises(TooLargeError) as caught:
        parse(b'"' + b"x" * (LARGEST - 1) + b'"')
    assert caught.value.code == "too_large"


def test_the_deepest_nesting_is_read_and_one_level_more_is_not() -> None:
    parse(b"[" * DEEPEST + b"]" * DEEPEST)
    for levels in (DEEPEST + 1, 500, 200_000):
        with pytest.raises(MalformedError):
            parse(b"[" * levels + b"]" * levels)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 400, "-" + "1" * 5_000])
def test_numbers_that_are_none_elsewhere_are_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse(text.encode())


@pytest.mark.parametrize("text", [r'"\ud800"', r'"\uDFFF"', r'{"\ud83d": 1}', r'"\ud83dx"', r'"\ude00\ud83d"'])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse(text.encode())


def test_a_whole_surrogate_pair_is_one_character() -> None:
    assert parse(rb'"\ud83d\ude00"') == "😀"


def test_what_is_no_utf_8_is_refused() -> None:
    for raw in (b'"\xff"', b'"\xed\xa0\x80"', '"ü"'.encode("latin-1"), '{"a": 1}'.encode("utf-16")):
        with pytest.raises(MalformedError):
            parse(raw)
