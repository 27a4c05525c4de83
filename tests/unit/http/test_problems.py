"""Errors as problems."""

from __future__ import annotations

import json

import pytest

from fairsplit.domain import errors
from fairsplit.http.problems import CONTENT_TYPE, STATUS_OF, of_error


def leaves(kind: type[errors.FairsplitError]) -> set[type[errors.FairsplitError]]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*map(leaves, below))


def test_every_error_has_a_status_and_no_other_has() -> None:
    assert set(STATUS_OF) == leaves(errors.FairsplitError)


def test_a_problem_has_all_its_members() -> None:
    fault = errors.Fault(("variants", 0, "weight"), "out_of_range", "Send less.")
    answer = of_error(errors.InvalidError("out_of_range", "variants.0.weight: Send less.", (fault,)), "r-1")
    assert (answer.status_code, answer.content_type) == (422, CONTENT_TYPE)
    assert json.loads(answer.body or "") == {
        "type": "urn:fairsplit:problem:out_of_range",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "variants.0.weight: Send less.",
        "code": "out_of_range",
        "request_id": "r-1",
        "errors": [{"loc": ["variants", 0, "weight"], "code": "out_of_range", "message": "Send less."}],
    }


@pytest.mark.parametrize(("error", "status"), [(errors.TooManyError, 429), (errors.ThrottledError, 503)])
def test_what_may_be_tried_again_says_when(error: type[errors.RetryableError], status: int) -> None:
    answer = of_error(error("busy", "Wait.", retry_after=7), "r-1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")


def test_only_validation_lists_errors() -> None:
    assert "errors" not in json.loads(of_error(errors.NotFoundError("x", "y"), "r").body or "")
