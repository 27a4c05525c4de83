"""Results: the sums of an experiment and the statistics that follow from them."""

from __future__ import annotations

import os
import re
from datetime import date
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from fairsplit.domain.results.power_answer import units_planned
from fairsplit.domain.results.power_question import read_power
from fairsplit.domain.results.question import Question
from fairsplit.domain.results.sums_analysis import analysed
from fairsplit.domain.results.sums_question import read_sums
from fairsplit.domain.stats.plan import METHODS
from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role
from fairsplit.http.app import answer, create_app
from fairsplit.http.auth import Door
from fairsplit.http.body import read_object
from fairsplit.http.queries import choice, invalid, parameters, refuse_unknown
from fairsplit.services.reading_results import Reading
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.client import dynamodb
from fairsplit.storage.results import ExperimentsWithRecount, Units
from fairsplit.storage.tokens import Tokens

PARAMETERS = frozenset(
    {"metric", "event_type", "variant", "from", "to", "group_by", "dimension", "method", "alpha", "correction", "cuped"}
)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NUMBER = re.compile(r"\d{0,20}\.?\d{1,20}([eE]-?\d{1,3})?", re.ASCII)

client = dynamodb()
logger = Logger(service="results")
app = create_app(logger)
catalog = os.environ["CATALOG_TABLE"]
door = Door(Tokens(client, catalog))
experiments = ExperimentsWithRecount(client, catalog)
aggregates = Aggregates(client, os.environ["AGGREGATES_TABLE"])
units = Units(client, os.environ["ASSIGNMENTS_TABLE"])


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)


@app.get("/v1/experiments/<key>/results")
def read_results(key: str) -> Response[str]:
    event = app.current_event.raw_event
    door.admit(event, Role.ANALYST)
    return answer(Reading(experiments, aggregates, units, now()).results(key, question_of(event)))


@app.post("/v1/analysis")
def analyse_sums() -> Response[str]:
    event = app.current_event.raw_event
    door.admit(event, Role.ANALYST)
    question, samples = read_sums(read_object(event))
    return answer(analysed(question, samples))


@app.post("/v1/power")
def plan_units() -> Response[str]:
    event = app.current_event.raw_event
    door.admit(event, Role.ANALYST)
    return answer(units_planned(read_power(read_object(event))))


def question_of(event: dict[str, Any]) -> Question:
    """The question that the query asks.

    Raises:
        InvalidError: a parameter has a value that it cannot have.
    """
    asked = parameters(event)
    refuse_unknown(event, PARAMETERS)
    cuped = choice(event, "cuped", ["true", "false"])
    first, last = day_of(asked, "from"), day_of(asked, "to")
    if first and last and last < first:
        raise invalid("to", "range_empty", "`to` has to be `from` or later.")
    return Question(
        metric=asked.get("metric"),
        event_type=asked.get("event_type"),
        variant=asked.get("variant"),
        first=first,
        last=last,
        by_day=choice(event, "group_by", ["day"]) is not None,
        dimension=asked.get("dimension"),
        method=choice(event, "method", METHODS),
        alpha=alpha_of(asked),
        correction=choice(event, "correction", ["none", "holm", "bh"]),
        cuped=None if cuped is None else cuped == "true",
    )


def day_of(asked: dict[str, str], name: str) -> date | None:
    """A day of the query, as 2026-03-01; None where it is not given.

    Raises:
        InvalidError: it is no day of the calendar in just this form.
    """
    text = asked.get(name)
    if text is None:
        return None
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise invalid(name, "date_invalid", f"{name} has to be a UTC day, as 2026-03-01.")


def alpha_of(asked: dict[str, str]) -> float | None:
    """The level of significance, as 0.05 or 5e-2; None where it is not given.

    Raises:
        InvalidError: it is no number between 0 and 1, or not written so.
    """
    text = asked.get("alpha")
    if text is None:
        return None
    alpha = float(text) if NUMBER.fullmatch(text) else 0.0
    if not 0 < alpha < 1:
        raise invalid("alpha", "out_of_range", "alpha has to be a number between 0 and 1.")
    return alpha
