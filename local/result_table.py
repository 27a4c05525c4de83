"""An experiment's results as a plain table, in the API's own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

HEAD = ("metric", "variant", "units", "events", "mean", "sum", "difference", "95 % interval", "lift", "p-value")


def render(results: Mapping[str, Any]) -> str:
    """The table of all metrics and variants of a `GET …/results` answer: a line each, aligned."""
    lines = [HEAD, *_lines(results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(_aligned(line, widths) for line in lines)


def _lines(results: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    compared = {(each["metric"], each["variant"]): each for each in results["comparisons"]}
    variants = results["variants"]
    for metric in variants[0]["metrics"]:
        for variant in variants:
            numbers = variant["metrics"][metric]
            plain = (f"{variant['units']:,}", f"{numbers['events']:,}", _number(numbers["mean"]))
            effect = _effect(compared.get((metric, variant["key"])))
            yield metric, variant["key"], *plain, _sum(numbers["sum"]), *effect


def _effect(comparison: Mapping[str, Any] | None) -> tuple[str, str, str, str]:
    if comparison is None:
        return "", "", "", ""
    absolute, relative = comparison["absolute"], comparison["relative"]
    interval = " … ".join(_number(end, "+.4f") for end in absolute["ci"] or (None,))
    lift, p_value = _number(relative["estimate"], "+.1%"), _number(comparison["p_value"], ".3g")
    return _number(absolute["estimate"], "+.4f"), interval, lift, p_value


def _sum(value: float) -> str:
    return format(value, ",.0f" if value == int(value) else ",.2f")


def _number(value: float | None, form: str = ".4f") -> str:
    return "–" if value is None else format(value, form)


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    words = [text.ljust(width) for text, width in zip(line[:2], widths[:2], strict=True)]
    numbers = [text.rjust(width) for text, width in zip(line[2:], widths[2:], strict=True)]
    return "  ".join(words + numbers).rstrip()
