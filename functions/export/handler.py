"""Export: an experiment's assignments, raw events or results as CSV, page by page."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from fairsplit.domain.experiment import Experiment
from fairsplit.domain.export import events, results, units
from fairsplit.domain.export.lines import line
from fairsplit.domain.results.question import Question
from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role
from fairsplit.http.app import create_app
from fairsplit.http.auth import Door
from fairsplit.http.queries import (
    LARGEST_PAGE,
    choice,
    cursor_of,
    invalid,
    limit_of,
    parameters,
    refuse_unknown,
    to_cursor,
)
from fairsplit.services.assigning import experiment_of
from fairsplit.services.exporting import UNITS_AT_ONCE, Exporting, Found, Place, page_of
from fairsplit.services.reading_results import Reading
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.client import dynamodb
from fairsplit.storage.events import UnitEvents
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.results import ExperimentsWithRecount, Units
from fairsplit.storage.tokens import Tokens
from fairsplit.storage.unit_parts import UnitsInParts

MOST = 1_000  # rows a page
LONGEST = 15  # seconds; a function may take 29
WHAT = ("assignments", "events", "results")
PARAMETERS = frozenset({"what", "limit", "cursor", "raw"})
CSV = "text/csv; charset=utf-8; header=present"

client = dynamodb()
logger = Logger(service="export")
app = create_app(logger)
catalog = os.environ["CATALOG_TABLE"]
assignments_table = os.environ["ASSIGNMENTS_TABLE"]
door = Door(Tokens(client, catalog))
experiments = Experiments(client, catalog)
unit_parts = UnitsInParts(client, assignments_table)
unit_events = UnitEvents(client, os.environ["EVENTS_TABLE"])
reading = (
    ExperimentsWithRecount(client, catalog),
    Aggregates(client, os.environ["AGGREGATES_TABLE"]),
    Units(client, assignments_table),
)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)


@app.get("/v1/experiments/<key>/export")
def export(key: str) -> Response[str]:
    """A page, each with the line of its columns' names."""
    event = app.current_event.raw_event
    door.admit(event, Role.ANALYST)
    what, raw = what_of(event), choice(event, "raw", ["true", "false"]) == "true"
    limit, place = limit_of(event, MOST, MOST), place_of(event, what)
    experiment = experiment_of(experiments, key)
    header, found = table_of(experiment, what, place, limit)
    until = time.monotonic() + LONGEST

    def written(row: Sequence[Any]) -> str:
        return line(row, raw=raw)

    def size_of(row: Sequence[Any]) -> int:
        return len(json.dumps(written(row)))

    page = page_of(found, limit, LARGEST_PAGE, size_of, lambda: time.monotonic() < until)
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{key}-{what}.csv"'}
    if page.following:
        headers["Link"] = f'<{following_url(event, what, page.following)}>; rel="next"'
    return Response(200, CSV, "".join([line(header), *map(written, page.rows)]), headers=headers)


def table_of(experiment: Experiment, what: str, place: Place, limit: int) -> tuple[Sequence[str], Iterable[Found]]:
    """The names of the columns, and a walk over the rows from the place on."""
    exporting = Exporting(experiment, unit_parts, unit_events, now(), min(limit + 1, UNITS_AT_ONCE))
    if what == "assignments":
        return units.header(experiment), exporting.assignments(place)
    if what == "events":
        return events.HEADER, exporting.raw_events(place)
    answer = Reading(*reading, now()).results(experiment.key, Question())
    roles = {one.key: one.role for one in experiment.metrics}
    rows = enumerate(results.rows(answer, roles), 1)
    return results.HEADER, (Found(row, Place(number)) for number, row in rows if number > place.part)


def what_of(event: dict[str, Any]) -> str:
    """What is to be exported.

    Raises:
        InvalidError: it is not said, or unknown; or there is an unknown parameter.
    """
    refuse_unknown(event, PARAMETERS)
    what = choice(event, "what", WHAT)
    if what is None:
        raise invalid("what", "required", f"Say what to export: {', '.join(WHAT)}.")
    return what


def place_of(event: dict[str, Any], what: str) -> Place:
    """Where the page begins.

    Raises:
        InvalidError: the cursor is none of ours, or of another kind of export.
    """
    found = cursor_of(event, str, int, str, str, str)
    if found is None:
        return Place()
    made_for, *place = found
    if made_for != what:
        raise invalid("cursor", "cursor_invalid", f"cursor has to be one of {what}, from the link of the page before.")
    return Place(*place)


def following_url(event: dict[str, Any], what: str, place: Place) -> str:
    """The next page, relative to this one: a function is not told what a custom domain has in front of its path."""
    cursor = to_cursor([what, place.part, place.after, place.unit, place.inside])
    return f"export?{urlencode(parameters(event) | {'cursor': cursor})}"
