"""`make demo`: an example experiment on a running service, with simulated visitors and a result to look at."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import count
from typing import Any

from local import demo_words
from local.command_line import parser, run
from local.experiments import activate
from local.http_client import CallError, Service
from local.progress import in_parallel
from local.result_table import render
from local.visitors import visit, visitor
from local.waiting import wait_for_results

VISITORS = 2_000
DEFINITION: dict[str, Any] = {
    "name": "Green checkout button",
    "hypothesis": "A green button sells more than a blue one.",
    "tags": ["demo"],
    "variants": [
        {"key": "blue", "weight": 50, "value": {"color": "blue"}},
        {"key": "green", "weight": 50, "value": {"color": "green"}},
    ],
    "control": "blue",
    "metrics": [
        {"key": "purchased", "event_type": "purchase", "kind": "conversion", "role": "primary"},
        {"key": "revenue", "event_type": "purchase", "kind": "mean", "value": "value", "role": "secondary"},
    ],
}


def demo(service: Service, visitors: int = VISITORS) -> int:
    """Create an experiment, start it, let visitors come, and explain the result; 1 where one of them is not counted."""
    key = create(service)
    activate(service, key)
    print(demo_words.introduction(service.url, key))
    events = send_visitors(service, key, visitors)
    results = wait_for_results(service, key, units=visitors, events=events)
    print("", render(results), "", demo_words.verdict(results), "", demo_words.next_steps(service, key), sep="\n")
    counted = (results["summary"]["units"], results["summary"]["events"])
    return 0 if counted == (visitors, events) else 1


def create(service: Service) -> str:
    """Create the experiment under the first free key of `checkout-button`, `checkout-button-2` …: the key."""
    for number in count(1):
        key = "checkout-button" if number == 1 else f"checkout-button-{number}"
        try:
            service.call("admin", "POST", "/v1/experiments", {"key": key, **DEFINITION})
        except CallError as error:
            if error.status != 409:
                raise
        else:
            break
    return key


def send_visitors(service: Service, key: str, visitors: int) -> int:
    """Let all visitors come, one of them slowly, so that its calls can be read: how many events were sent."""
    coming = [visitor(key, number) for number in range(1, visitors + 1)]
    shown = next((one for one in coming if one.always_buys), coming[0])
    events = visit(service, key, shown, lambda *call: print(demo_words.one_call(*call)))
    others = [one for one in coming if one != shown]
    return events + sum(in_parallel(lambda one: visit(service, key, one), others, label="Visitors", unit="visitors"))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: its exit code."""
    options = parser("Create an example experiment on a running service and simulate visitors.")
    options.add_argument("--visitors", type=int, default=VISITORS, help="how many come, at least 1")
    chosen = options.parse_args(arguments)
    if chosen.visitors < 1:
        options.error("--visitors must be at least 1")
    return run(lambda service: demo(service, chosen.visitors), chosen)


if __name__ == "__main__":
    sys.exit(main())
