"""The application that each HTTP function makes once: routes, and errors as problems."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from fairsplit.domain.errors import FairsplitError
from fairsplit.http.problems import of_error, problem, unexpected

JSON = "application/json"


def create_app(logger: Logger) -> APIGatewayHttpResolver:
    """An application without routes yet.

    Our own errors become problems; any other error is logged, and answered without its details. The resolver finds a
    route for a path with a line break behind it, too, and drops the break: that would be another unit's path.
    """
    app = APIGatewayHttpResolver(enable_validation=False, serializer=to_json)

    def refuse_line_break(app: APIGatewayHttpResolver, following: NextMiddleware) -> Response[str]:
        return on_no_route(NoRouteError()) if app.current_event.path.endswith("\n") else following(app)

    def on_error(error: FairsplitError) -> Response[str]:
        return of_error(error, request_id_of(app))

    def on_fault(error: Exception) -> Response[str]:
        logger.error("unexpected error", exc_info=error, extra={"request_id": request_id_of(app)})
        return unexpected(request_id_of(app))

    def on_no_route(_error: NoRouteError) -> Response[str]:
        return problem(HTTPStatus.NOT_FOUND, "route_not_found", "No route matches.", request_id_of(app))

    app.exception_handler(FairsplitError)(on_error)
    app.exception_handler(Exception)(on_fault)
    app.not_found(on_no_route)
    app.use([refuse_line_break])
    return app


def request_id_of(app: APIGatewayHttpResolver) -> str:
    """The gateway's id of the request."""
    context: dict[str, Any] = app.current_event.raw_event.get("requestContext", {})
    return str(context.get("requestId", ""))


def answer(value: Any, status: int = 200, **headers: str | None) -> Response[str]:
    """A JSON answer; headers are given with underscores, those that are None are left out."""
    named: dict[str, Any] = {name.replace("_", "-"): text for name, text in headers.items() if text is not None}
    return Response(status, JSON, to_json(value), headers=named)


def no_content() -> Response[str]:
    return Response(204, None, "")


def to_json(value: Any) -> str:
    """Compact JSON that keeps numbers as they were written; NaN and Infinity are errors."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
