"""Sums by value, as many as one row may hold."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from fairsplit.domain.dimensions import name_of, value_json
from fairsplit.domain.moments import UNITS, Moments, Name
from fairsplit.domain.value_sums import MOST_BYTES, ValueSums

FIELDS = [
    "units_with_event",
    "events",
    "sum",
    "sum_of_squares",
    "pre_sum",
    "pre_sum_of_squares",
    "pre_cross_product_sum",
]


def digits_of_field(_random: Random, field: str) -> int:
    return 20 if "squares" in field or "product" in field else 10 if "sum" in field else 3


def one_to_45_digits(random: Random, _field: str) -> int:
    return random.randint(1, 45)


def words(random: Random) -> str:
    return "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=8))


def symbols(random: Random) -> str:
    return "".join(chr(0x1F300 + random.randrange(3_000)) for _ in range(128))


def controls(random: Random) -> str:
    return "".join(chr(random.randrange(1, 32)) for _ in range(128))


def filled(
    random: Random,
    variants: int,
    values: int,
    metrics: int,
    digits: Callable[[Random, str], int],
    text: Callable[[Random], str],
    share: float = 1.0,
) -> Moments:
    """Random numbers in that share of all places, until the row is full."""
    sums: dict[Name, int] = {}
    metrics_of = [f"metric-{number}@{random.getrandbits(40):010x}" for number in range(metrics)]
    size = 0
    for value in [value_json(text(random)) for _ in range(values)]:
        for variant in range(variants):
            name = name_of(f"variant-{variant}", value)
            more: dict[Name, int] = {(name, UNITS, "units"): random.randint(1, 10**5)}
            for metric in metrics_of:
                for field in FIELDS:
                    if random.random() < share:
                        more[name, metric, field] = random.randrange(10 ** digits(random, field)) + 1
            size += ValueSums(Moments(more)).size
            if size > MOST_BYTES:
                return Moments(sums)
            sums |= more
    return Moments(sums)
