"""Errors on the routes of CloudWatch Evidently: the one place where they get the form that AWS's SDKs read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from fairsplit.domain import errors
from fairsplit.http import problems

JSON = "application/json"
VALIDATION, THROTTLING = "ValidationException", "ThrottlingException"
FAULT = (HTTPStatus.INTERNAL_SERVER_ERROR, "InternalServerException")
OF_TYPE: dict[type[errors.FairsplitError], tuple[HTTPStatus, str]] = {
    errors.MalformedError: (HTTPStatus.BAD_REQUEST, VALIDATION),
    errors.InvalidError: (HTTPStatus.BAD_REQUEST, VALIDATION),
    errors.TooLargeError: (HTTPStatus.BAD_REQUEST, VALIDATION),
    errors.UnauthenticatedError: (HTTPStatus.FORBIDDEN, "AccessDeniedException"),
    errors.ForbiddenError: (HTTPStatus.FORBIDDEN, "AccessDeniedException"),
    errors.NotFoundError: (HTTPStatus.NOT_FOUND, "ResourceNotFoundException"),
    errors.TooManyError: (HTTPStatus.TOO_MANY_REQUESTS, THROTTLING),
    errors.ThrottledError: (HTTPStatus.SERVICE_UNAVAILABLE, "ServiceUnavailableException"),
}


def of_any(error: Exception, event: Mapping[str, Any]) -> Response[str]:
    """The answer to a request that ended with an error; SDKs find the exception's name in a header."""
    (status, name), message = FAULT, f"{problems.FAULT} request_id: {problems.request_id_of(event)}"
    if isinstance(error, errors.FairsplitError):
        (status, name), message = OF_TYPE.get(type(error), FAULT), error.detail
    headers: dict[str, Any] = {"x-amzn-errortype": name}
    if isinstance(error, errors.RetryableError):
        headers["Retry-After"] = str(error.retry_after)
    return Response(int(status), JSON, json.dumps({"message": message}, ensure_ascii=False), headers=headers)
