"""Bodies of POST /v1/events that are no events: refused, and never an error of ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.events.sending import Sender
from tests.integration.events.stored import Stored

pytestmark = pytest.mark.engine
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
FIELDS = st.sampled_from(["unit_id", "type", "event_id", "timestamp", "value", "properties", "x", ""])
UNREADABLE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"unit_id": "u", "type": "t", "value": NaN}',
    b'{"unit_id": "u", "type": "t", "value": 1e999}',
    b'{"unit_id": "\\ud800", "type": "t"}',
    b'{"unit_id": "u", "type": "t", "value": ' + b"9" * 5_000 + b"}",
    b'{"unit_id": "u", "type": "t", "properties": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    b"[" * 100_000,
    b"\xff\xfe{}",
]


@pytest.mark.parametrize("raw", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_body_that_cannot_be_read_is_refused(sender: Sender, stored: Stored, raw: bytes) -> None:
    before = stored.count()
    answer = sender.post(raw=raw)
    assert (answer.status, answer.code) == (400, "malformed_json")
    assert stored.count() == before


def test_a_body_over_a_megabyte_is_too_large(sender: Sender) -> None:
    answer = sender.post({"unit_id": "x" * 1_000_000})
    assert (answer.status, answer.code) == (413, "too_large")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(FIELDS, JSON).map(lambda event: json.dumps({"unit_id": "u", "type": "t"} | event).encode())
    | st.lists(JSON, max_size=3).map(lambda events: json.dumps({"events": events}).encode())
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.text().map(str.encode)
    | st.binary()
)
def test_whatever_is_sent_the_answer_is_never_a_server_error(sender: Sender, raw: bytes) -> None:
    assert sender.post(raw=raw).status in {202, 400, 422}
