"""The application that each HTTP function makes once: routes, and errors as problems."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from fairsplit.domain.errors import FairsplitError, NotFoundError, TooLargeError
from fairsplit.http import etags, problems

JSON = "application/json"
LARGEST_ANSWER = 5_000_000  # bytes; a function's answer may have 6 MB
TOO_MUCH = (
    "The live experiments are more than one answer holds: archive those that are over, or hand out smaller values."
)
OnError = Callable[[Exception, Mapping[str, Any]], Response[str]]


def create_app(logger: Logger, answer_error: OnError = problems.of_any) -> APIGatewayHttpResolver:
    """An application without routes yet.

    Our own errors become problems, or what `answer_error` makes of them; any other error is logged, and answered
    without its details. The resolver finds a route for a path with a line break behind it, too, and drops the break:
    that would be another unit's path.
    """
    app = APIGatewayHttpResolver(enable_validation=False, serializer=to_json)

    def refuse_line_break(app: APIGatewayHttpResolver, following: NextMiddleware) -> Response[str]:
        return on_no_route(NoRouteError()) if app.current_event.path.endswith("\n") else following(app)

    def on_error(error: FairsplitError) -> Response[str]:
        return answer_error(error, app.current_event.raw_event)

    def on_fault(error: Exception) -> Response[str]:
        logger.error("unexpected error", exc_info=error, extra={"request_id": request_id_of(app)})
        return answer_error(error, app.current_event.raw_event)

    def on_no_route(_error: NoRouteError) -> Response[str]:
        return answer_error(NotFoundError("route_not_found", "No route matches."), app.current_event.raw_event)

    app.exception_handler(FairsplitError)(on_error)
    app.exception_handler(Exception)(on_fault)
    app.not_found(on_no_route)
    app.use([refuse_line_break])
    return app


def request_id_of(app: APIGatewayHttpResolver) -> str:
    """The gateway's id of the request."""
    return problems.request_id_of(app.current_event.raw_event)


def answer(value: Any, status: int = 200, **headers: str | None) -> Response[str]:
    """A JSON answer; headers are given with underscores, those that are None are left out."""
    return Response(status, JSON, to_json(value), headers=_named(headers))


def answer_if_changed(event: Mapping[str, Any], value: Any, **headers: str | None) -> Response[str]:
    """A JSON answer with an ETag of its bytes; 304 without a body where the request's If-None-Match has that one.

    Raises:
        TooLargeError: it is more than a function can answer.
    """
    text = to_json(value)
    _check_size(text, TOO_MUCH)
    etag = etags.etag_of_bytes(text.encode())
    named: dict[str, Any] = _named(headers) | {"ETag": etag}
    if etags.is_known(event, etag):
        return Response(304, None, "", headers=named)
    return Response(200, JSON, text, headers=named)


def answer_that_fits(value: Any, too_much: str) -> Response[str]:
    """A JSON answer of many things that others chose.

    Raises:
        TooLargeError: it is more than a function can answer; `too_much` says so, and what to do.
    """
    text = to_json(value)
    _check_size(text, too_much)
    return Response(200, JSON, text)


def _check_size(text: str, too_much: str) -> None:
    if 12 * len(text) > LARGEST_ANSWER and len(json.dumps(text)) > LARGEST_ANSWER:  # it is sent as JSON once more
        raise TooLargeError("answer_too_large", too_much)


def no_content() -> Response[str]:
    return Response(204, None, "")


def _named(headers: Mapping[str, str | None]) -> dict[str, Any]:
    return {name.replace("_", "-"): text for name, text in headers.items() if text is not None}


def to_json(value: Any) -> str:
    """Compact JSON that keeps numbers as they were written; NaN and Infinity are errors."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
