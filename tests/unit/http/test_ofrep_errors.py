"""Errors on OFREP's routes: only what its clients can read, and problems everywhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairsplit.domain import errors
from fairsplit.http.ofrep_errors import BULK, SINGLE, of_any
from fairsplit.http.problems import CONTENT_TYPE, STATUS_OF

BUSY = errors.ThrottledError("store_busy", "Wait.")
RATE = errors.TooManyError("rate_exceeded", "Wait.", 3)
TOLD = {errors.UnauthenticatedError, errors.ForbiddenError, errors.TooManyError, errors.ThrottledError}


def answered(error: Exception, path: str = f"{SINGLE}a") -> tuple[int, Any]:
    """Status and body of the answer."""
    answer = of_any(error, {"rawPath": path, "requestContext": {"requestId": "r-1"}})
    return answer.status_code, json.loads(answer.body or "")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.MalformedError("malformed_json", "Say why."), 400, "PARSE_ERROR"),
        (errors.TooLargeError("too_large", "Say why."), 400, "PARSE_ERROR"),
        (errors.InvalidError("TARGETING_KEY_MISSING", "Say why."), 400, "TARGETING_KEY_MISSING"),
        (errors.InvalidError("INVALID_CONTEXT", "Say why."), 400, "INVALID_CONTEXT"),
        (errors.InvalidError("unit_id_invalid", "Say why."), 400, "INVALID_CONTEXT"),
        (errors.NotFoundError("experiment_not_found", "Say why."), 404, "FLAG_NOT_FOUND"),
        (errors.TooLargeError("answer_too_large", "Say why."), 500, "GENERAL"),
    ],
)
def test_an_error_has_a_key_a_code_and_details(error: Exception, status: int, code: str) -> None:
    body = {"key": "a", "errorCode": code, "errorDetails": "Say why."}
    assert answered(error) == (status, body)


@pytest.mark.parametrize("kind", sorted(set(STATUS_OF) - TOLD, key=str))
def test_no_error_has_a_status_that_clients_do_not_read(kind: type[errors.FairsplitError]) -> None:
    assert answered(kind("x", "y"))[0] in {400, 404, 500}


def test_a_fault_is_answered_without_its_details() -> None:
    status, body = answered(KeyError("secret"))
    assert (status, body["key"], body["errorCode"]) == (500, "a", "GENERAL")
    assert "secret" not in str(body)


def test_the_call_for_all_flags_has_no_key() -> None:
    assert answered(errors.MalformedError("x", "y"), BULK) == (400, {"errorCode": "PARSE_ERROR", "errorDetails": "y"})


@pytest.mark.parametrize(
    ("path", "key"), [("a%2Fb", "a/b"), ("a/b", "a/b"), ("%C3%BC", "ü"), ("", ""), ('"', '"'), ("a b", "a b")]
)
def test_the_key_is_the_one_that_was_asked_for(path: str, key: str) -> None:
    assert answered(errors.NotFoundError("x", "y"), SINGLE + path)[1]["key"] == key


@pytest.mark.parametrize("kind", sorted(TOLD, key=str))
def test_who_may_not_call_is_told_by_a_problem(kind: type[errors.FairsplitError]) -> None:
    answer = of_any(kind("x", "y"), {"rawPath": BULK})
    assert (answer.status_code, answer.content_type) == (STATUS_OF[kind], CONTENT_TYPE)


def test_who_calls_too_often_is_told_when_in_whole_seconds() -> None:
    assert of_any(RATE, {"rawPath": BULK}).headers["Retry-After"] == "3"
    assert of_any(BUSY, {"rawPath": BULK}).status_code == 503


@pytest.mark.parametrize("path", ["/api/features/x", "/ofrep/v1/configuration", "/v1/x", "/ofrep/v1/evaluate/flagsx"])
def test_other_paths_have_problems(path: str) -> None:
    status, body = answered(errors.InvalidError("x", "y"), path)
    assert (status, body["code"], body["request_id"]) == (422, "x", "r-1")
