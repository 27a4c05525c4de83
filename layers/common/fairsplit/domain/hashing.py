"""Where a unit falls: GrowthBook's public hash (version 2), its bucket ranges, and the choice among them.

The same in every language that has a GrowthBook SDK, and pinned by its public test vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

BUCKETS = 10_000
Range = tuple[float, float]  # half open: from the first to, but not with, the second

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193


def fnv1a_32(text: str) -> int:
    """FNV-1a of 32 bits (Fowler, Noll & Vo, draft-eastlake-fnv), over the text's UTF-16 code units.

    So do GrowthBook's SDKs, of whom JavaScript's came first. Of ASCII that is the hash of its bytes.
    """
    value = _OFFSET
    for unit in text.encode() if text.isascii() else _utf16_units(text):
        value = ((value ^ unit) * _PRIME) & 0xFFFFFFFF
    return value


def _utf16_units(text: str) -> list[int]:
    raw = text.encode("utf-16-le")
    return [low | high << 8 for low, high in zip(raw[::2], raw[1::2], strict=True)]


def bucket_of(seed: str, unit_id: str) -> int:
    """The unit's bucket, 0…9999: FNV-1a of the decimal digits of FNV-1a of seed and unit, modulo 10,000.

    Hashing twice takes away what the plain hash leaves of the seed, so that experiments are independent.
    """
    return fnv1a_32(str(fnv1a_32(seed + unit_id))) % BUCKETS


def position_of(seed: str, unit_id: str) -> float:
    """The unit's place in [0, 1): its bucket over 10,000."""
    return bucket_of(seed, unit_id) / BUCKETS


def equal_weights(count: int) -> list[float]:
    """The same share for each of `count` variants."""
    return [1 / count] * count if count > 0 else []


def bucket_ranges(count: int, coverage: float, weights: Sequence[float] | None) -> list[Range]:
    """The part of [0, 1) that each of `count` variants takes.

    `coverage` and `weights` are shares; coverage is cut to [0, 1], and weights that are not `count` shares with a sum
    of 1 are taken as equal. Each variant begins where it would with full coverage and takes only the first part of
    its share: raising the coverage moves no unit that is in.
    """
    covered = min(max(coverage, 0), 1)
    shares = list(weights or ())
    if len(shares) != count or not 0.99 <= sum(shares) <= 1.01:
        shares = equal_weights(count)
    ranges, start = [], 0.0
    for share in shares:
        ranges.append((start, start + covered * share))
        start += share
    return ranges


def choose(position: float, ranges: Sequence[Range]) -> int | None:
    """The number of the range that holds the position; None where none does."""
    return next((number for number, (start, end) in enumerate(ranges) if start <= position < end), None)


def in_range(position: float, span: Range) -> bool:
    """Whether a half-open range holds the position."""
    return span[0] <= position < span[1]
