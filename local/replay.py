"""`make replay`: send Hillstrom's e-mail test through a running service and check every number of its results.

Killed or cut off, it goes on when it is run again: it sends the same ids, so nothing counts twice.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from fairsplit.domain.timestamps import from_text
from local import hillstrom
from local.command_line import parser, run
from local.experiments import activate, create_or_read
from local.hillstrom import Arm
from local.http_client import Service
from local.result_table import render
from local.sending import send_all
from local.waiting import read_results, wait_for_results

KEY = "hillstrom-email"


def replay(service: Service, key: str = KEY) -> int:
    """Send all, wait, print the table: 0 where every number is as published, 1 where not."""
    experiment = open_run(service, key)
    print(f"Replaying Hillstrom's e-mail test as {service.url}/v1/experiments/{experiment['key']}")
    send(service, experiment)
    units = sum(arm.units for arm in hillstrom.EXPECTED.values())
    events = sum(arm.visits + arm.conversions for arm in hillstrom.EXPECTED.values())
    results = wait_for_results(service, experiment["key"], units=units, events=events)
    wrong = deviations(results)
    print(render(results), "", *wrong or ["Every count and sum is as published."], sep="\n")
    return 1 if wrong else 0


def open_run(service: Service, key: str) -> dict[str, Any]:
    """The replay that was begun and not ended, or else a new one: under `key`, or `key`-2, `key`-3 … where taken."""
    for name in _names(key):
        experiment = create_or_read(service, {"key": name, **hillstrom.DEFINITION})
        if _is_open(experiment) and deviations(read_results(service, name)):
            return experiment
    raise AssertionError("names never end")


def send(service: Service, experiment: dict[str, Any]) -> None:
    """Import the customers and activate the experiment where that is not done; then send the events."""
    key, start = experiment["key"], from_text(experiment["created_at"])
    customers = hillstrom.read_customers()
    if experiment["status"] == "draft":
        units = hillstrom.assignments(customers, key, start)
        path = f"/v1/experiments/{key}/assignments"
        send_all(service, "admin", path, field="items", items=units, size=1000, label="Assignments sent")
        activate(service, key)
    events = hillstrom.with_repeats(hillstrom.events(customers, key, start))
    send_all(service, "client", "/v1/events", field="events", items=events, size=500, label="Events sent")


def deviations(results: dict[str, Any]) -> list[str]:
    """What in the results is not as published, in words."""
    found = {variant["key"]: _arm(variant) for variant in results["variants"]}
    return [
        f"{key}: {found.get(key)}, published: {arm}" for key, arm in hillstrom.EXPECTED.items() if found.get(key) != arm
    ]


def _arm(variant: dict[str, Any]) -> Arm:
    """A variant's numbers. A sum of money is exact: the shortest decimal of the JSON number, not its binary value."""
    metrics = variant["metrics"]
    visits, conversions = metrics["visit"]["sum"], metrics["conversion"]["sum"]
    return Arm(variant["units"], visits, conversions, Decimal(repr(metrics["spend"]["sum"])))


def _is_open(experiment: dict[str, Any]) -> bool:
    is_ours = all(experiment[field] == hillstrom.DEFINITION[field] for field in ("name", "tags", "control"))
    return is_ours and experiment["status"] in {"draft", "active"}


def _names(key: str) -> Iterator[str]:
    yield key
    yield from (f"{key}-{number}" for number in count(2))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: its exit code."""
    options = parser("Replay Hillstrom's e-mail test through a running service, and check its results.")
    options.add_argument("--key", default=KEY, help="the experiment's key, with a suffix where it is taken")
    chosen = options.parse_args(arguments)
    return run(lambda service: replay(service, chosen.key), chosen)


if __name__ == "__main__":
    sys.exit(main())
