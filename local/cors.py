"""Cross-origin requests, answered by the gateway from the template's CorsConfiguration alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.payloads import Answer

PREFIX = "access-control-"


class Cors:
    """The rules of an API that has a CorsConfiguration."""

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        self.origins = [str(origin).lower() for origin in configuration.get("AllowOrigins", [])]
        self.is_with_credentials = bool(configuration.get("AllowCredentials", False))
        self.exposed = ",".join(configuration.get("ExposeHeaders", []))
        self.preflight_headers = [
            (f"{PREFIX}{name}", str(text))
            for name, text in (
                ("allow-methods", ",".join(configuration.get("AllowMethods", []))),
                ("allow-headers", ",".join(configuration.get("AllowHeaders", []))),
                ("max-age", configuration.get("MaxAge", "")),
            )
            if text != ""
        ]

    def preflight(self, headers: Mapping[str, str]) -> Answer:
        """The answer to an OPTIONS request: without headers where the origin may not call."""
        origin = self._origin(headers)
        return Answer(204, [*origin, *self.preflight_headers] if origin else [], b"")

    def dress(self, answer: Answer, headers: Mapping[str, str]) -> Answer:
        """The answer with our headers in place of those that a function set."""
        kept = [(name, text) for name, text in answer.headers if not name.startswith(PREFIX)]
        return Answer(answer.status, [*kept, *self._origin(headers)], answer.body)

    def _origin(self, headers: Mapping[str, str]) -> list[tuple[str, str]]:
        origin = headers.get("origin")
        if origin is None or not {"*", origin.lower()} & set(self.origins):
            return []
        found = [(f"{PREFIX}allow-origin", "*" if "*" in self.origins else origin)]
        if self.exposed:
            found.append((f"{PREFIX}expose-headers", self.exposed))
        return [*found, (f"{PREFIX}allow-credentials", "true")] if self.is_with_credentials else found


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser asks what a page of another origin may do."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
