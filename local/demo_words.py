"""What the demo says: the experiment, a visitor's calls, the result and what to try next, in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local.http_client import LOCAL_TOKENS, Service
from local.visitors import BUYS

INTRODUCTION = """\
The experiment {key} runs at {url}: half of the visitors see a blue button, half a green one.
In truth {blue:.0%} buy with the blue button and {green:.0%} with the green one. Let us see what the experiment finds.

One visitor's calls:
"""
NEXT_STEPS = """\
Try next:
  The same visitor gets the same button for ever:
    curl -X PUT {url}/v1/experiments/{key}/assignments/{key}:visitor-1 -H "Authorization: Bearer {client}"
  The results as JSON, and day by day:
    curl '{url}/v1/experiments/{key}/results' -H "Authorization: Bearer {analyst}"
    curl '{url}/v1/experiments/{key}/results?group_by=day' -H "Authorization: Bearer {analyst}"
  The same by methods that let you look every day, or that tell the chance to win:
    curl '{url}/v1/experiments/{key}/results?method=sequential' -H "Authorization: Bearer {analyst}"
    curl '{url}/v1/experiments/{key}/results?method=bayesian' -H "Authorization: Bearer {analyst}"
  Green it is, for everybody:
    curl -X POST {url}/v1/experiments/{key}/transitions -H "Authorization: Bearer {admin}" \\
      -H 'Content-Type: application/json' -d '{{"to": "completed", "winner": "green"}}'"""


def introduction(url: str, key: str) -> str:
    """What is tried, and what is true."""
    return INTRODUCTION.format(url=url, key=key, **BUYS)


def one_call(method: str, path: str, body: object, answer: object) -> str:
    """A call and its answer, as one reads them in a terminal."""
    sent = "" if body is None else f"\n    {json.dumps(body)}"
    return f"  {method} {path}{sent}\n    → {json.dumps(answer)}"


def verdict(results: Mapping[str, Any]) -> str:
    """The primary metric's outcome in sentences."""
    rates = {each["key"]: each for each in results["variants"]}
    found = next(each for each in results["comparisons"] if each["metric"] == "purchased")
    shares = [
        f"{key}: {one['metrics']['purchased']['mean'] or 0:.1%} of {one['units']:,} visitors bought."
        for key, one in rates.items()
    ]
    return "\n".join([*shares, _effect(found), "", *_advice(results["summary"])])


def _advice(summary: Mapping[str, Any]) -> list[str]:
    """What the results advise, and why."""
    return [f"What to do: {summary['decision'].replace('_', ' ')}.", *(f"  {one}" for one in summary["reasons"])]


def _effect(found: Mapping[str, Any]) -> str:
    interval, lift, p_value = found["absolute"]["ci"], found["relative"]["estimate"], found["p_value"]
    if interval is None or lift is None or p_value is None:
        return "Too few visitors to compare the two."
    low, high = (100 * end for end in interval)
    means = "The difference is significant." if found["significant"] else "That may be chance: let more visitors come."
    return (
        f"Green against blue: {lift:+.1%} buyers; with 95 % confidence {low:+.1f} to {high:+.1f} percentage points, "
        f"p-value {p_value:.2g}. {means}"
    )


def next_steps(service: Service, key: str) -> str:
    """Calls to try now. A token that is not a local service's own is not printed."""
    tokens = LOCAL_TOKENS if service.tokens == LOCAL_TOKENS else dict.fromkeys(LOCAL_TOKENS, "$FAIRSPLIT_TOKEN")
    return NEXT_STEPS.format(url=service.url, key=key, **tokens)
