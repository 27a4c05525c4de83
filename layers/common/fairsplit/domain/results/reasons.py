"""One comparison as a decision needs it, and the sentences that are said of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """One comparison as the decision needs it.

    `verdict` is better, worse, unclear or unknown, in the metric's direction; `lift`, `interval` and `margin` are
    fractions, `guardrail` is pass, fail, undecided, or None where it cannot be judged.
    """

    metric: str
    variant: str
    role: str
    verdict: str
    lift: float | None
    interval: tuple[float, float] | None
    guardrail: str | None
    margin: float | None


def effect(one: Judged) -> str:
    """`green` raises purchased by 12.3 % (4.1 % to 20.9 %)."""
    if one.lift is None:
        return f"`{one.variant}` changes {one.metric}; by what share cannot be told."
    change = f"`{one.variant}` {'raises' if one.lift > 0 else 'lowers'} {one.metric} by {percent(abs(one.lift))}"
    if one.interval is None:
        return f"{change}; how far that may be off cannot be told."
    low, high = one.interval
    return f"{change} ({between((low, high) if one.lift > 0 else (-high, -low))})."


def unclear(one: Judged) -> str:
    subject = f"The effect of `{one.variant}` on {one.metric}"
    if one.verdict == "unknown":
        return f"{subject} cannot be judged yet."
    return f"{subject} is unclear: {between(one.interval)}." if one.interval else f"{subject} is unclear."


def undecided(one: Judged) -> str:
    subject = f"The guardrail {one.metric} of `{one.variant}`"
    if one.guardrail is None:
        return f"{subject} cannot be judged yet."
    return f"{subject} is undecided: its loss may be above {margin(one)}."


def margin(one: Judged) -> str:
    return "its margin" if one.margin is None else percent(one.margin)


def between(interval: tuple[float, float]) -> str:
    return f"{percent(interval[0])} to {percent(interval[1])}"


def percent(fraction: float) -> str:
    """A fraction in percent with the two or three digits that matter, none beyond the fourth decimal."""
    value = round(100 * fraction, 4) + 0.0  # never -0
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) >= 10 else f"{value:.2g}"
    return f"{text} %"


def p_value(p: float) -> str:
    """p = 1.8e-6; one that is too small for a float is below 1e-300."""
    return f"p = {p:.2g}".replace("e-0", "e-") if p >= 1e-300 else "p < 1e-300"
