"""Sums by the values of a dimension, and how many of them one row may hold.

A row is one item of at most 400 KB, and every batch writes it whole. So it holds at most 200 values, and no more than
packs into 300 KB by an estimate on the safe side: 200 values of an experiment with two variants and seven metrics fit.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from fairsplit.domain.dimensions import name_of, split_name
from fairsplit.domain.moments import Moments, Name

MOST_VALUES = 200
MOST_BYTES = 300_000
GROUP_BYTES = 6  # of a fingerprint's braces, quotes and name, which stand in many places alike


def under_value(moments: Moments, value: str) -> Moments:
    """The same sums, with the variants' names followed by a value's JSON."""
    return Moments(
        {
            (name_of(variant, value), fingerprint, field): number
            for (variant, fingerprint, field), number in moments.sums.items()
        }
    )


def by_value(moments: Moments) -> dict[str, Moments]:
    """The sums by value's JSON, with plain names of variants."""
    parts: dict[str, dict[Name, int]] = {}
    for (name, fingerprint, field), number in moments.sums.items():
        variant, value = split_name(name)
        parts.setdefault(value, {})[variant, fingerprint, field] = number
    return {value: Moments(sums) for value, sums in parts.items()}


class ValueSums:
    """Sums by variant and value while more is added, with the bytes that they will take, at most."""

    def __init__(self, moments: Moments) -> None:
        self.sums: dict[Name, int] = {}
        self.size = 0
        self.values: Counter[str] = Counter()
        self.groups: Counter[Any] = Counter()
        self.add(moments)

    def add(self, moments: Moments) -> None:
        """Add these sums; what becomes 0 is no more."""
        for name, number in moments.sums.items():
            self._set(name, self.sums.get(name, 0) + number)

    @property
    def fits(self) -> bool:
        """Whether one row can hold them."""
        return len(self.values) <= MOST_VALUES and self.size <= MOST_BYTES

    def _set(self, name: Name, number: int) -> None:
        old = self.sums.pop(name, 0)
        if number:
            self.sums[name] = number
        self.size += _bytes_of(number) - _bytes_of(old)
        if bool(old) != bool(number):
            self._count(name, 1 if number else -1)

    def _count(self, name: Name, step: int) -> None:
        """Note that one sum has come or gone, and with it maybe its group, its variant's name, and its value."""
        variant, fingerprint, _ = name
        _is_changed(self.values, split_name(variant)[1], step)
        if _is_changed(self.groups, (variant, fingerprint), step):
            self.size += step * GROUP_BYTES
        if _is_changed(self.groups, variant, step):
            self.size += step * len(json.dumps(variant, ensure_ascii=False).encode())


def fits(moments: Moments) -> bool:
    """Whether one row can hold these sums by value."""
    return ValueSums(moments).fits


def _is_changed(counter: Counter[Any], key: object, step: int) -> bool:
    """Count up or down; whether the key has come, or gone."""
    counter[key] += step
    if not counter[key]:
        del counter[key]
        return True
    return step > 0 and counter[key] == 1


def _bytes_of(number: int) -> int:
    """What a sum takes in packed JSON: half a byte a digit, and its field's name, which was there before."""
    return (9 + len(str(number))) // 2 if number else 0
