"""Sums that somebody brings, to be analysed as an experiment's own would be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field

from fairsplit.domain.errors import Fault
from fairsplit.domain.experiment import Judging, Key, Share, Units, Value
from fairsplit.domain.reading_models import raise_all, read_model
from fairsplit.domain.shared_rules import control_faults, margin_faults, repeated
from fairsplit.domain.stats.group_sequential import counted_looks
from fairsplit.domain.stats.sample import ImpossibleSumsError, Sample

DECIMAL = re.compile(r"-?\d{1,40}(\.\d{1,20})?([eE][+-]?\d{1,2})?", re.ASCII)
LARGEST = Decimal(10) ** 40
MOST_DECIMALS = 40
RATIO = ("denominator_sum", "denominator_sum_of_squares", "cross_product_sum")
BEFORE = ("pre_sum", "pre_sum_of_squares", "pre_cross_product_sum")
SQUARES = frozenset({"sum_of_squares", *RATIO[1:], *BEFORE[1:]})  # sums of products of two values
NO_CONVERSIONS = (
    "No data can have these sums: a conversion's sum is how many units converted, and so is its sum of squares."
)
Number = int | float | str


class Measured(Value):
    """The metric that the sums are of."""

    key: Key
    kind: Literal["conversion", "count", "mean", "ratio"]
    role: Literal["primary", "secondary", "guardrail"] = "primary"
    direction: Literal["increase", "decrease"] = "increase"
    margin: Share | None = None


class Summed(Value):
    """The sums of one variant over its units: Σy, Σy², and what a ratio or CUPED needs besides."""

    key: Key
    weight: Annotated[int | float, Field(ge=0, le=1e9)]
    units: Annotated[int, Field(le=10**12)]
    sum: Number
    sum_of_squares: Number | None = None
    denominator_sum: Number | None = None
    denominator_sum_of_squares: Number | None = None
    cross_product_sum: Number | None = None
    pre_sum: Number | None = None
    pre_sum_of_squares: Number | None = None
    pre_cross_product_sum: Number | None = None


class JudgingOfSums(Judging):
    """How they are judged; `looks` are the units of all variants at each earlier look, where an end is planned."""

    looks: Annotated[tuple[Units, ...], Field(max_length=200)] = ()


class SumsQuestion(Value):
    """The control's key, the metric, the analysis, and the variants with their sums."""

    control: str
    metric: Measured
    analysis: JudgingOfSums = JudgingOfSums()
    variants: Annotated[tuple[Summed, ...], Field(min_length=2, max_length=10)]


def read_sums(body: Mapping[str, Any]) -> tuple[SumsQuestion, dict[str, Sample]]:
    """The question of a client's JSON, and each variant's sums as exact whole numbers of one scale.

    Raises:
        InvalidError: rules are broken; each has its entry.
    """
    question = read_model(SumsQuestion, body)
    raise_all(list(_broken_rules(question)))
    numbers = [_numbers(question, variant) for variant in question.variants]
    scale = 10 ** max(_decimals(one) for one in numbers)
    return question, dict(_samples(question, numbers, scale))


def _broken_rules(question: SumsQuestion) -> Iterator[Fault]:
    keys = [variant.key for variant in question.variants]
    yield from repeated(keys, "variants", "duplicate_variant", "key")
    yield from control_faults(question.control, keys)
    yield from margin_faults(("metric",), role=question.metric.role, margin=question.metric.margin)
    looks = question.analysis.looks
    if any(later <= earlier for earlier, later in pairwise(looks)):
        yield Fault(("analysis", "looks"), "looks_order", "Each look has to have more units than the one before.")
    elif looks and not _is_next_look(question):
        units = sum(variant.units for variant in question.variants)
        message = (
            f"With {units:,} units these sums are no look behind that at {looks[-1]:,}: "
            "they have to bring one percent of the planned units more, or the last of them."
        )
        yield Fault(("analysis", "looks"), "looks_order", message)
    for index, variant in enumerate(question.variants):
        yield from _number_faults(question, index, variant)


def _is_next_look(question: SumsQuestion) -> bool:
    """Whether the sums are a look behind the earlier ones; always where no end is planned."""
    planned = question.analysis.planned_units
    if planned is None:
        return True
    units = [*question.analysis.looks, sum(variant.units for variant in question.variants)]
    fractions = tuple(one / planned for one in units)
    return len(counted_looks(fractions)) > len(counted_looks(fractions[:-1]))


def _number_faults(question: SumsQuestion, index: int, variant: Summed) -> Iterator[Fault]:
    for name in _needed(question):
        if getattr(variant, name) is None:
            why = "CUPED" if name in BEFORE else f"A metric of kind {question.metric.kind}"
            yield Fault(("variants", index, name), "required", f"{why} needs {name}.")
    for name in ("sum", "sum_of_squares", *RATIO, *BEFORE):
        value = getattr(variant, name)
        if value is not None and not _is_readable(value):
            message = 'Send a number, or a text such as "5012.25": below 1e40, with at most 20 decimals.'
            yield Fault(("variants", index, name), "out_of_range", message)


def _needed(question: SumsQuestion) -> list[str]:
    names = [] if question.metric.kind == "conversion" else ["sum_of_squares"]
    names += RATIO if question.metric.kind == "ratio" else ()
    return names + list(BEFORE if question.analysis.cuped and question.metric.kind != "ratio" else ())


def _is_readable(value: Number) -> bool:
    text = value if isinstance(value, str) else repr(value)
    if not DECIMAL.fullmatch(text):
        return False
    number = Decimal(text)
    return abs(number) < LARGEST and _exponent(number) <= MOST_DECIMALS


def _numbers(question: SumsQuestion, variant: Summed) -> dict[str, Decimal]:
    names = ["sum", "sum_of_squares", *_needed(question)]
    found = {name: getattr(variant, name) for name in names}
    if found["sum_of_squares"] is None:  # of a conversion: 0 and 1 are their own squares
        found["sum_of_squares"] = found["sum"]
    return {name: Decimal(value if isinstance(value, str) else repr(value)) for name, value in found.items()}


def _decimals(numbers: Mapping[str, Decimal]) -> int:
    """So many decimals a value has to have for all sums to be whole; a sum of squares has twice as many."""
    return max((_exponent(value) + 1) // 2 if name in SQUARES else _exponent(value) for name, value in numbers.items())


def _exponent(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _samples(
    question: SumsQuestion, numbers: Sequence[Mapping[str, Decimal]], scale: int
) -> Iterator[tuple[str, Sample]]:
    for index, (variant, values) in enumerate(zip(question.variants, numbers, strict=True)):
        whole = {name: _whole(value, scale * scale if name in SQUARES else scale) for name, value in values.items()}
        try:
            sample = Sample(variant.units, scale=scale, **whole)
        except ImpossibleSumsError as error:
            raise_all([Fault(("variants", index), "impossible_sums", f"No data can have these sums: {error}.")])
            raise
        if question.metric.kind == "conversion" and not _is_conversion(sample):
            raise_all([Fault(("variants", index), "impossible_sums", NO_CONVERSIONS)])
        yield variant.key, sample


def _whole(value: Decimal, scale: int) -> int:
    """The value in whole parts of a scale, which has decimals enough."""
    above, below = value.as_integer_ratio()
    return above * (scale // below)


def _is_conversion(sample: Sample) -> bool:
    converted, rest = divmod(sample.sum, sample.scale)
    squares = sample.sum_of_squares == sample.sum * sample.scale
    return rest == 0 and squares and 0 <= converted <= sample.units
