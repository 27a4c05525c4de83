"""Adjusted p-values of many comparisons. What has no p-value takes no part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

PValues = Sequence[float | None]


def adjust(method: str, p_values: PValues) -> list[float | None]:
    """The p-values adjusted by `none`, `holm` or `bh`, in their order."""
    present = [(p, index) for index, p in enumerate(p_values) if p is not None]
    adjusted = METHODS[method]([p for p, _ in sorted(present)])
    result: list[float | None] = [None] * len(p_values)
    for (_, index), p in zip(sorted(present), adjusted, strict=True):
        result[index] = p
    return result


def _holm(ordered: Sequence[float]) -> list[float]:
    """Holm's step-down (1979): the largest so far of (m − i)·p, at most 1."""
    result, largest = [], 0.0
    for rank, p in enumerate(ordered):
        largest = max(largest, min(1.0, (len(ordered) - rank) * p))
        result.append(largest)
    return result


def _benjamini_hochberg(ordered: Sequence[float]) -> list[float]:
    """Benjamini & Hochberg's step-up (1995): the smallest from here on of m·p/(i + 1), at most 1."""
    result, smallest = [], 1.0
    for rank in range(len(ordered) - 1, -1, -1):
        smallest = min(smallest, ordered[rank] * (len(ordered) / (rank + 1)))
        result.append(smallest)
    return result[::-1]


METHODS: dict[str, Callable[[Sequence[float]], list[float]]] = {
    "none": list,
    "holm": _holm,
    "bh": _benjamini_hochberg,
}
