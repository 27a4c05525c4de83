"""Errors as `application/problem+json` (RFC 9457): the one place where an error gets its status."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", FAULT, request_id)


FAULT = "The service failed. Try again; if it stays, look for the request_id in the logs."


def of_any(error: Exception, event: Mapping[str, Any]) -> Response[str]:
    """The answer to the request of an event that ended with an error, be it one of ours or a fault."""
    request_id = request_id_of(event)
    return of_error(error, request_id) if isinstance(error, errors.FairsplitError) else unexpected(request_id)


def request_id_of(event: Mapping[str, Any]) -> str:
    """The gateway's id of the request."""
    return str(event.get("requestContext", {}).get("requestId", ""))
