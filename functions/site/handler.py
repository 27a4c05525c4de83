"""The site: health, and the answer to every route that no other function has."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from fairsplit import __version__
from fairsplit.domain.errors import NotFoundError
from fairsplit.http import ofrep_errors
from fairsplit.http.app import answer, create_app, request_id_of
from fairsplit.http.problems import problem
from fairsplit.http.routes import methods_of

logger = Logger(service="site")
app = create_app(logger)


@app.get("/v1/health")
def health() -> Response[str]:
    return answer({"status": "ok", "version": __version__})


@app.not_found
def no_route(_error: Exception) -> Response[str]:
    """405 with Allow where the path exists with other methods, else 404; some clients write a flag's key with a /."""
    methods = methods_of(app.current_event.path)
    if methods:
        allowed = ", ".join(methods)
        detail = f"This path can be called with: {allowed}."
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method_not_allowed",
            detail,
            request_id_of(app),
            headers={"Allow": allowed},
        )
    no_route = NotFoundError("route_not_found", "No route matches: check the path.")
    return ofrep_errors.of_any(no_route, app.current_event.raw_event)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)
