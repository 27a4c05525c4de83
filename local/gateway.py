"""The HTTP API: each request goes to the function of its route, as API Gateway would send it there."""

from __future__ import annotations

import json

from local.cors import Cors, is_preflight
from local.payloads import Answer, AnswerError, Request, joined, message, to_answer, to_event
from local.replies import Failure, Invoker
from local.routes import find, routes_of
from local.templates import Function, Template

UNAVAILABLE = frozenset({Failure.TIMEOUT, Failure.THROTTLED, Failure.STOPPING})


class Gateway:
    """Answers requests."""

    def __init__(self, template: Template, functions: list[Function], invoker: Invoker) -> None:
        self.routes = routes_of(functions)
        self.invoker = invoker
        apis = [template.value(api) for _, api in template.resources("AWS::Serverless::HttpApi")]
        configuration = next((api["CorsConfiguration"] for api in apis if "CorsConfiguration" in api), None)
        self.cors = Cors(configuration) if configuration else None

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        headers = joined(request.headers)
        if self.cors and is_preflight(request.method, headers):
            return self.cors.preflight(headers)
        answer = self._from_function(request)
        return self.cors.dress(answer, headers) if self.cors else answer

    def _from_function(self, request: Request) -> Answer:
        found = find(self.routes, request.method, request.path)
        if found is None:
            return message(404, "Not Found")
        route, parameters = found
        reply = self.invoker.invoke(route.function, json.dumps(to_event(request, route.key, parameters)).encode())
        if reply.error in UNAVAILABLE:
            return message(503, "Service Unavailable")
        if reply.error:
            return message(500, "Internal Server Error")
        try:
            return to_answer(reply.payload)
        except AnswerError as error:
            print(f"{route.function}: its answer is no HTTP response: {error}", flush=True)
            return message(500, "Internal Server Error")
