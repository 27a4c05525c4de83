"""Errors as `application/problem+json` (RFC 9457): the one place where an error gets its status."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from fairsplit.domain import errors

CONTENT_TYPE = "application/problem+json"
STATUS_OF: dict[type[errors.FairsplitError], HTTPStatus] = {
    errors.MalformedError: HTTPStatus.BAD_REQUEST,
    errors.UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    errors.ForbiddenError: HTTPStatus.FORBIDDEN,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.StaleError: HTTPStatus.PRECONDITION_FAILED,
    errors.TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.InvalidError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooManyError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.ThrottledError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    request_id: str,
    *,
    faults: tuple[errors.Fault, ...] = (),
    headers: dict[str, Any] | None = None,
) -> Response[str]:
    """A problem answer; `type` is a stable URN made of the code."""
    body: dict[str, Any] = {
        "type": f"urn:fairsplit:problem:{code}",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    if faults:
        body["errors"] = [fault.as_json() for fault in faults]
    return Response(int(status), CONTENT_TYPE, json.dumps(body, ensure_ascii=False), headers=headers or {})


def of_error(error: errors.FairsplitError, request_id: str) -> Response[str]:
    """The answer of an error of ours."""
    status = STATUS_OF[type(error)]
    headers: dict[str, Any] = {}
    if isinstance(error, errors.RetryableError):
        headers["Retry-After"] = str(error.retry_after)
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(status, error.code, error.detail, request_id, faults=error.faults, headers=headers)


def unexpected(request_id: str) -> Response[str]:
    """The answer of a fault of ours: no details, they are in the log."""
    detail = "The service failed. Try again; if it stays, look for the request_id in the logs."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail, request_id)
