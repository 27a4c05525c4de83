"""Errors on the routes of OpenFeature's remote evaluation protocol (OFREP): the one place where they get their form.

Its clients read a body on 400, 404 and 500 alone, so whatever is wrong with a request is one of these. Who may not
call, or not now, is told as everywhere: there clients go by the status.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from fairsplit.domain import errors
from fairsplit.http import problems

JSON = "application/json"
BULK = "/ofrep/v1/evaluate/flags"
SINGLE = f"{BULK}/"
AS_EVERYWHERE = (errors.UnauthenticatedError, errors.ForbiddenError, errors.RetryableError)
INVALID_CONTEXT, TARGETING_KEY_MISSING = "INVALID_CONTEXT", "TARGETING_KEY_MISSING"
FAULT = (HTTPStatus.INTERNAL_SERVER_ERROR, "GENERAL")
OF_TYPE: dict[type[errors.FairsplitError], tuple[HTTPStatus, str]] = {
    errors.MalformedError: (HTTPStatus.BAD_REQUEST, "PARSE_ERROR"),
    errors.TooLargeError: (HTTPStatus.BAD_REQUEST, "PARSE_ERROR"),
    errors.InvalidError: (HTTPStatus.BAD_REQUEST, INVALID_CONTEXT),
    errors.NotFoundError: (HTTPStatus.NOT_FOUND, "FLAG_NOT_FOUND"),
}
OF_CODE = {  # where the error's type does not say enough
    TARGETING_KEY_MISSING: (HTTPStatus.BAD_REQUEST, TARGETING_KEY_MISSING),
    "answer_too_large": FAULT,
}


def of_any(error: Exception, event: Mapping[str, Any]) -> Response[str]:
    """The answer to a request that ended with an error; on a path that is none of OFREP's it is a problem."""
    path = str(event.get("rawPath", ""))
    if not f"{path}/".startswith(SINGLE) or isinstance(error, AS_EVERYWHERE):
        return problems.of_any(error, event)
    (status, code), detail = FAULT, problems.FAULT
    if isinstance(error, errors.FairsplitError):
        (status, code), detail = OF_CODE.get(error.code) or OF_TYPE.get(type(error), FAULT), error.detail
    body = {"errorCode": code, "errorDetails": detail}
    if path.startswith(SINGLE):
        body = {"key": unquote(path.removeprefix(SINGLE))} | body
    return Response(int(status), JSON, json.dumps(body, ensure_ascii=False))
