"""Hillstrom's e-mail test of 2008: its customers, and what they become here: an experiment, units and events.

Source: Kevin Hillstrom, The MineThatData E-Mail Analytics and Data Mining Challenge, 2008; see tests/data/README.md.
"""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from fairsplit.domain.timestamps import to_text

FILE = Path(__file__).parents[1] / "tests" / "data" / "hillstrom.csv.gz"
VARIANTS = {"No E-Mail": "no-email", "Mens E-Mail": "mens-email", "Womens E-Mail": "womens-email"}
DEFINITION: dict[str, Any] = {
    "name": "Hillstrom's e-mail test",
    "description": "64,000 customers, 2008: an e-mail with men's merchandise, one with women's, or none.",
    "hypothesis": "An e-mail makes customers visit and buy.",
    "tags": ["replay"],
    "variants": [
        {"key": "no-email", "weight": 33.3333},
        {"key": "mens-email", "weight": 33.3333},
        {"key": "womens-email", "weight": 33.3334},
    ],
    "control": "no-email",
    "metrics": [
        {"key": "visit", "event_type": "visit", "kind": "conversion", "role": "primary"},
        {"key": "conversion", "event_type": "purchase", "kind": "conversion", "role": "secondary"},
        {"key": "spend", "event_type": "purchase", "kind": "mean", "value": "value", "role": "secondary"},
    ],
}


@dataclass(frozen=True)
class Arm:
    """What one variant's customers did, all together."""

    units: int
    visits: int
    conversions: int
    spend: Decimal


EXPECTED = {
    "no-email": Arm(21_306, 2_262, 122, Decimal("13908.33")),
    "mens-email": Arm(21_307, 3_894, 267, Decimal("30311.69")),
    "womens-email": Arm(21_387, 3_238, 189, Decimal("23038.11")),
}


@dataclass(frozen=True)
class Customer:
    """One row of the file: its number from 1 on, its variant, whether it visited, and the dollars it spent."""

    number: int
    variant: str
    visited: bool
    spend: Decimal

    def unit_id(self, key: str) -> str:
        """The customer's id as a unit of the experiment: its own in each, so that two replays never share one."""
        return f"{key}:{self.number:05}"


def read_customers(path: Path = FILE) -> list[Customer]:
    """All rows of the file, in its order."""
    with gzip.open(path, "rt", newline="") as file:
        return [
            Customer(number, VARIANTS[row["segment"]], row["visit"] == "1", Decimal(row["spend"]))
            for number, row in enumerate(csv.DictReader(file), start=1)
        ]


def assignments(customers: Iterable[Customer], key: str, start: datetime) -> list[dict[str, str]]:
    """What the import takes: every customer with the variant it had, assigned an hour before `start`."""
    assigned_at = to_text(start - timedelta(hours=1))
    return [{"unit_id": one.unit_id(key), "variant": one.variant, "assigned_at": assigned_at} for one in customers]


def events(customers: Iterable[Customer], key: str, start: datetime) -> list[dict[str, Any]]:
    """A visit of each who visited, a purchase of each who bought, with ids and times that are the same each time."""
    made: list[dict[str, Any]] = []
    at = to_text(start)
    for one in customers:
        unit_id = one.unit_id(key)
        if one.visited:
            made.append({"event_id": f"{unit_id}:visit", "unit_id": unit_id, "type": "visit", "timestamp": at})
        if one.spend:
            purchase = {"event_id": f"{unit_id}:purchase", "unit_id": unit_id, "type": "purchase"}
            made.append(purchase | {"timestamp": at, "value": float(one.spend)})
    return made


def with_repeats(sent: Sequence[dict[str, Any]], share: float = 0.05, seed: int = 2008) -> list[dict[str, Any]]:
    """The events in shuffled order, a share of them twice. The same each time."""
    shuffling = random.Random(seed)  # noqa: S311 - an order, not a secret
    again = shuffling.sample(sent, round(len(sent) * share))
    return shuffling.sample([*sent, *again], len(sent) + len(again))
