"""Lambda's Invoke call, as `sam local start-lambda` has it, beside the API on its port: run one function at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import unquote

from local.fleet import Fleet
from local.payloads import Answer, Request, message

BEFORE, AFTER = "/2015-03-31/functions/", "/invocations"
JSON = ("content-type", "application/json")


def with_invoke(fleet: Fleet, api: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
    """Answers Invoke, where `maintenance` stands for MaintenanceFunction, and hands every other request to the API."""

    def answer(request: Request) -> Answer:
        path = request.target.partition("?")[0]
        if not path.startswith(BEFORE):
            return api(request)
        name = unquote(path.removeprefix(BEFORE).removesuffix(AFTER))
        full = name if name in fleet.functions else f"{name.capitalize()}Function"
        if request.method != "POST" or not path.endswith(AFTER):
            return message(404, f"Call POST {BEFORE}NAME{AFTER}.")
        if full not in fleet.functions:
            return message(404, f"There is no function {name}: take one of {', '.join(sorted(fleet.functions))}.")
        payload = request.body or b"{}"
        try:
            json.loads(payload)
        except ValueError:
            return message(400, "The event is no JSON.")
        reply = fleet.invoke(full, payload)
        error = [("x-amz-function-error", "Unhandled")] if reply.error else []
        return Answer(200, [JSON, ("x-amz-executed-version", "$LATEST"), *error], reply.payload)

    return answer
