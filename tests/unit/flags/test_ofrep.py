"""OFREP: what a context says, and how an answer becomes the evaluation of a flag."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.eligibility import Reason
from fairsplit.domain.errors import FairsplitError, InvalidError, MalformedError, TooLargeError
from fairsplit.http.ofrep import evaluation, read_context
from fairsplit.services.answers import Answer
from tests.unit.making import experiment

UNIT = {"targetingKey": "u-1"}
VALUES: list[dict[str, Any]] = [
    {"key": "control", "weight": 50, "value": 1.0},
    {"key": "green", "weight": 50, "value": {"color": "green"}},
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def read(body: Any) -> tuple[str, dict[str, Any]]:
    """The context of a JSON body."""
    return read_context({"body": json.dumps(body)})


def code_of(event: dict[str, Any]) -> str:
    """The code of the error that the context is."""
    with pytest.raises(InvalidError) as caught:
        read_context(event)
    assert caught.value.detail
    return caught.value.code


def evaluated(variant: str | None, reason: Reason, **fields: Any) -> dict[str, Any]:
    """The evaluation of an answer."""
    return evaluation(Answer(experiment(**{"variants": VALUES} | fields), "u-1", variant, reason))


def test_the_context_is_the_unit_and_its_attributes() -> None:
    context = UNIT | {"country": "DE", "app": {"version": "1.2"}}
    assert read({"context": context, "other": 1}) == ("u-1", {"country": "DE", "app": {"version": "1.2"}})


@pytest.mark.parametrize("event", [{}, {"body": ""}, {"body": "{}"}, {"body": '{"context": null}'}])
def test_a_context_that_is_not_there_misses_its_targeting_key(event: dict[str, Any]) -> None:
    assert code_of(event) == "TARGETING_KEY_MISSING"


@pytest.mark.parametrize("context", [{}, {"country": "DE"}, {"targetingKey": None}, {"targetingkey": "u"}])
def test_so_does_one_without(context: dict[str, Any]) -> None:
    assert code_of({"body": json.dumps({"context": context})}) == "TARGETING_KEY_MISSING"


@pytest.mark.parametrize("context", ["u-1", 5, [], True, [UNIT]])
def test_a_context_is_an_object(context: Any) -> None:
    assert code_of({"body": json.dumps({"context": context})}) == "INVALID_CONTEXT"


@pytest.mark.parametrize("unit_id", [5, 1.5, True, [], {}, "", "a\n", "\x00", "x" * 257])
def test_a_targeting_key_is_a_unit_id(unit_id: Any) -> None:
    assert code_of({"body": json.dumps({"context": {"targetingKey": unit_id}})}) == "INVALID_CONTEXT"


@pytest.mark.parametrize("unit_id", ["x" * 256, "a/b", "ü🙂", " ", "~"])
def test_any_unit_id_is_a_targeting_key(unit_id: str) -> None:
    assert read({"context": {"targetingKey": unit_id}}) == (unit_id, {})


def test_attributes_have_8_kilobytes_at_most() -> None:
    most = {"x": "y" * (8_192 - len('{"x":""}'))}
    assert read({"context": UNIT | most}) == ("u-1", most)
    assert code_of({"body": json.dumps({"context": UNIT | {"x": most["x"] + "y"}})}) == "INVALID_CONTEXT"


@pytest.mark.parametrize("body", ["[]", "null", "5", "{", '{"context": NaN}', "[" * 10_000, '{"context":' * 10_000])
def test_a_body_that_is_no_object_is_malformed(body: str) -> None:
    with pytest.raises(MalformedError):
        read_context({"body": body})


def test_a_body_over_a_megabyte_is_too_large() -> None:
    with pytest.raises(TooLargeError):
        read({"context": UNIT | {"x": "y" * 1_000_000}})


@given(JSON | JSON.map(lambda value: {"context": value}) | JSON.map(lambda value: {"context": {"targetingKey": value}}))
def test_whatever_is_sent_is_read_or_refused(body: Any) -> None:
    try:
        unit_id, attributes = read(body)
    except FairsplitError:
        return
    assert (isinstance(unit_id, str), isinstance(attributes, dict)) == (True, True)


def test_an_evaluation_has_key_reason_variant_and_value() -> None:
    assert evaluated("green", Reason.ASSIGNED) == {
        "key": "a",
        "reason": "SPLIT",
        "variant": "green",
        "value": {"color": "green"},
        "metadata": {"reason": "assigned"},
    }


@pytest.mark.parametrize(
    ("variant", "reason", "fields", "told"),
    [
        ("green", Reason.ASSIGNED, {"status": "paused"}, "SPLIT"),
        ("green", Reason.ASSIGNED, {"status": "completed"}, "SPLIT"),
        ("green", Reason.ASSIGNED, {"status": "completed", "winner": "green"}, "STATIC"),
        ("green", Reason.ASSIGNED, {"status": "archived", "winner": "green"}, "STATIC"),
        ("green", Reason.OVERRIDE, {}, "TARGETING_MATCH"),
        ("green", Reason.OVERRIDE, {"status": "completed", "winner": "control"}, "TARGETING_MATCH"),
        (None, Reason.NOT_ACTIVE, {"status": "draft"}, "DISABLED"),
        (None, Reason.NOT_ACTIVE, {"status": "completed"}, "DISABLED"),
        (None, Reason.NOT_TARGETED, {}, "DEFAULT"),
        (None, Reason.NOT_COVERED, {}, "DEFAULT"),
        (None, Reason.NOT_IN_NAMESPACE, {}, "DEFAULT"),
    ],
)
def test_the_reason_is_openfeatures_and_the_metadata_has_ours(
    variant: str | None, reason: Reason, fields: dict[str, Any], told: str
) -> None:
    answer = evaluated(variant, reason, **fields)
    assert (answer["reason"], answer["metadata"]) == (told, {"reason": reason})


def test_who_gets_no_variant_is_told_the_controls() -> None:
    answer = evaluated(None, Reason.NOT_COVERED, control="green")
    assert (answer["variant"], answer["value"]) == ("green", {"color": "green"})


@pytest.mark.parametrize("value", [False, 0, 0.0, "", {}, [], True, 1, 1.0, "x"])
def test_a_value_keeps_its_type(value: Any) -> None:
    answer = evaluated("control", Reason.ASSIGNED, variants=[VALUES[0] | {"value": value}, VALUES[1]])
    assert json.dumps(answer["value"]) == json.dumps(value)


def test_a_value_of_null_is_left_out() -> None:
    assert "value" not in evaluated("control", Reason.ASSIGNED, variants=[VALUES[0] | {"value": None}, VALUES[1]])
