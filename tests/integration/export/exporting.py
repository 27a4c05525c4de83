"""Reading exports: pages, and all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from tests.gateway import Answer, Gateway
from tests.integration.assignments.asking import ANALYST
from tests.integration.experiments.making import EXPERIMENTS

Row = dict[str, str]


@dataclass(frozen=True)
class Exports:
    """An analyst who exports."""

    gateway: Gateway

    def page(self, key: str, *, token: str | None = ANALYST, **query: Any) -> Answer:
        return self.gateway.get(f"{EXPERIMENTS}/{key}/export", token=token, query=query)

    def pages(self, key: str, what: str, **query: Any) -> Iterator[list[Row]]:
        """The rows of each page, from the first to the last, by the links."""
        answer = self.page(key, what=what, **query)
        while True:
            assert answer.status == 200, answer
            yield list(csv.DictReader(io.StringIO(answer.body, newline="")))
            if "link" not in answer.headers:
                return
            answer = self.follow(key, answer)

    def follow(self, key: str, answer: Answer) -> Answer:
        """The page that the link of one of the experiment's pages leads to."""
        target, relation = answer.headers["link"].split(";")
        assert relation == ' rel="next"'
        url = urlsplit(urljoin(f"{EXPERIMENTS}/{key}/export?what=", target.strip("<>")))
        return self.gateway.get(url.path, token=ANALYST, query=dict(parse_qsl(url.query)))

    def rows(self, key: str, what: str, **query: Any) -> list[Row]:
        """All rows of all pages."""
        return [row for page in self.pages(key, what, **query) for row in page]
