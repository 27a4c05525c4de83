"""Requests become events, and what functions return becomes answers, as payload format 2.0 says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.payloads import Answer, AnswerError, Request, to_answer, to_event


def event_of(target: str = "/", headers: Any = (), body: bytes = b"") -> dict[str, Any]:
    return to_event(Request("POST", target, headers, body), "POST /", {})


def test_header_names_are_lower_case_and_repeated_ones_are_joined() -> None:
    event = event_of(headers=[("If-Match", '"1"'), ("X-A", "1"), ("x-a", "2")])
    assert event["headers"]["if-match"] == '"1"'
    assert event["headers"]["x-a"] == "1,2"


def test_cookies_leave_the_headers() -> None:
    event = event_of(headers=[("Cookie", "a=1; b=2")])
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]


def test_what_is_not_there_is_left_out() -> None:
    assert not {"body", "cookies", "pathParameters", "queryStringParameters"} & set(event_of())


def test_the_path_is_decoded_and_cut_at_a_decoded_question_mark() -> None:
    assert event_of("/a%20b%3Fc?d")["rawPath"] == "/a b"


def test_the_query_is_kept_raw_and_decoded_beside_it() -> None:
    event = event_of("/?a=1%2C2&a=3&b=%C3%A4&c")
    assert event["rawQueryString"] == "a=1%2C2&a=3&b=%C3%A4&c"
    assert event["queryStringParameters"] == {"a": "1,2,3", "b": "ä", "c": ""}


@pytest.mark.parametrize(
    ("content_type", "body", "is_base64"),
    [
        ("application/json", b"{}", False),
        ("text/plain; charset=utf-8", "ä".encode(), False),
        ("text/plain", b"\xff", True),
        ("application/octet-stream", b"abc", True),
        ("application/x-www-form-urlencoded", b"a=1", True),
    ],
)
def test_only_text_stays_text(content_type: str, body: bytes, is_base64: bool) -> None:
    assert event_of(headers=[("content-type", content_type)], body=body)["isBase64Encoded"] is is_base64


def answered(value: Any) -> Answer:
    return to_answer(json.dumps(value).encode())


@pytest.mark.parametrize("value", [{"a": 1}, [1], "text", 5, None])
def test_any_json_without_a_status_is_the_body_of_a_200(value: Any) -> None:
    answer = answered(value)
    assert (answer.status, answer.headers) == (200, [("content-type", "application/json")])
    assert json.loads(answer.body) == value


def test_status_headers_cookies_and_body_are_the_functions() -> None:
    response = {"statusCode": 201, "headers": {"ETag": '"1"', "X-N": 5}, "cookies": ["a=1", "b=2"], "body": "ok"}
    answer = answered(response)
    assert (answer.status, answer.body) == (201, b"ok")
    assert ("etag", '"1"') in answer.headers
    assert ("x-n", "5") in answer.headers
    assert [text for name, text in answer.headers if name == "set-cookie"] == ["a=1", "b=2"]


def test_a_binary_body_is_decoded() -> None:
    assert answered({"statusCode": 200, "body": "AP8=", "isBase64Encoded": True}).body == b"\x00\xff"


@pytest.mark.parametrize(
    ("response", "expected"),
    [({"body": "x"}, "text/plain;charset=UTF-8"), ({"body": "x", "headers": {"Content-Type": "a/b"}}, "a/b")],
)
def test_a_body_without_a_type_is_text(response: dict[str, Any], expected: str) -> None:
    assert dict(answered({"statusCode": 200, **response}).headers)["content-type"] == expected


@pytest.mark.parametrize(
    "response",
    [
        {"statusCode": "ok"},
        {"statusCode": 99},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "%%", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": "b\r\nc: d"}},
    ],
)
def test_what_is_no_response_is_an_error(response: Any) -> None:
    with pytest.raises(AnswerError):
        answered(response)
