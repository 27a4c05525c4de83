"""Laws of an experiment's rules."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.experiment import Experiment
from fairsplit.domain.experiment_changes import is_same_json
from fairsplit.domain.experiment_patch import patched
from fairsplit.domain.experiment_rules import read_settings
from fairsplit.domain.timestamps import now
from tests.outcomes import FINE, outcome_of

PARTS = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=9, unique=True)


def weighted(weights: list[float]) -> dict[str, Any]:
    variants = [{"key": f"v{index}", "weight": weight} for index, weight in enumerate(weights)]
    return {"key": "a", "name": "A", "variants": variants}


@given(PARTS)
def test_decimals_that_sum_to_100_are_taken_and_a_ten_thousandth_more_is_not(cuts: list[int]) -> None:
    """A range of 100, cut at any places of four decimals: binary floats seldom sum to 100 there."""
    bounds = [0, *sorted(cuts), 1_000_000]
    weights = [float(Decimal(end - start) / 10_000) for start, end in pairwise(bounds)]
    assert outcome_of(lambda: read_settings(weighted(weights), "seed")) == FINE
    heaviest = max(range(len(weights)), key=weights.__getitem__)
    weights[heaviest] = float(Decimal(repr(weights[heaviest])) - Decimal("0.0001"))
    assert outcome_of(lambda: read_settings(weighted(weights), "seed")) == "weights_must_sum_to_100"


def test_not_even_the_smallest_weight_may_stand_beside_100() -> None:
    assert outcome_of(lambda: read_settings(weighted([100, 5e-324]), "seed")) == "weights_must_sum_to_100"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_an_experiment_patched_with_itself_stays_as_it_is(value: Any) -> None:
    body = weighted([50, 50])
    body["variants"][0]["value"] = value
    settings = read_settings(body, "seed")
    fields = {name: getattr(settings, name) for name in type(settings).model_fields}
    experiment = Experiment.model_construct(**fields, created_at=now(), updated_at=now())
    for patch in ({}, experiment.as_json(), body):
        assert is_same_json(patched(experiment, patch).model_dump(mode="json"), settings.model_dump(mode="json"))
