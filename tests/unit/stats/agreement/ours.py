"""What Fairsplit answers to a case's question."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from fairsplit.domain.stats import power
from fairsplit.domain.stats.bayes import Prior
from fairsplit.domain.stats.comparison import Comparison, compare
from fairsplit.domain.stats.correction import adjust
from fairsplit.domain.stats.cuped import Spread
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.stats.srm import ratio_mismatch
from tests.unit.stats.agreement.inputs import of_histogram, sample
from tests.unit.stats.agreement.peers import Inputs, Numbers


def _compared(inputs: Inputs, method: str, **more: object) -> Comparison:
    """What was before is adjusted for where the sums have it."""
    sums = inputs["control"]
    plan = Plan(method, inputs["alpha"], "pre_sum" in sums, **more)  # type: ignore[arg-type]
    return compare(sample(sums), sample(inputs["treatment"]), kind=inputs["kind"], plan=plan)


def _numbers(found: Comparison) -> Numbers:
    low, high = found.absolute.ci or (None, None)
    return {
        "difference": found.absolute.estimate,
        "low": low,
        "high": high,
        "p_value": found.absolute.p_value,
        "statistic": found.absolute.statistic,
        "df": found.absolute.df,
        "variance": found.contrast.variance,
        "control": found.contrast.control,
        "treatment": found.contrast.treatment,
        "lift": found.relative.estimate,
        "theta": found.adjustment.theta if found.adjustment else None,
    }


def _difference(inputs: Inputs) -> Numbers:
    return _numbers(_compared(inputs, "frequentist"))


def _sequence(inputs: Inputs) -> Numbers:
    return _numbers(_compared(inputs, "sequential", expected_units=inputs["expected_units"]))


def _histograms(inputs: Inputs) -> tuple[Sample, Sample]:
    return of_histogram(inputs["control"]), of_histogram(inputs["treatment"])


def _difference_of_histograms(inputs: Inputs) -> Numbers:
    return _numbers(compare(*_histograms(inputs), kind="mean", plan=Plan(alpha=inputs["alpha"])))


def _posterior(inputs: Inputs) -> Numbers:
    found = _compared(inputs, "bayesian", prior=Prior(**inputs["prior"]))
    assert found.belief is not None
    relative = inputs["of"] == "relative"
    about = found.belief.lift if relative else found.belief.difference
    shown = found.relative.ci if relative else found.absolute.ci
    assert shown is not None
    return {
        "mean": about.mean,
        "sd": about.sd,
        "low": shown[0],
        "high": shown[1],
        "chance_to_win": about.chance_above_zero if inputs["direction"] == "increase" else about.chance_below_zero,
        "expected_loss": about.expected_loss(inputs["direction"]),
    }


def _split(inputs: Inputs) -> Numbers:
    names = [str(number) for number in range(len(inputs["units"]))]
    units, weights = (dict(zip(names, inputs[part], strict=True)) for part in ("units", "weights"))
    return {"p_value": ratio_mismatch(units, weights).p_value}


def _guardrail(inputs: Inputs) -> Numbers:
    found = compare(*_histograms(inputs), kind="mean", plan=Plan())
    verdict = found.guardrail(margin=inputs["margin"], direction=inputs["direction"])
    return {"p_value": verdict.p_value if verdict else None}


def _units_for_a_mean(inputs: Inputs) -> Numbers:
    spread = power.of_mean(
        inputs["control_variance"], inputs["treatment_variance"], inputs["difference"], ratio=inputs["ratio"]
    )
    return {"units": power.units_of_control(spread, alpha=inputs["alpha"], power=inputs["power"])}


def _units_for_a_conversion(inputs: Inputs) -> Numbers:
    found = power.units_of_conversion(
        inputs["baseline"], inputs["difference"], alpha=inputs["alpha"], power=inputs["power"]
    )
    return {"units": found}


def _detectable(inputs: Inputs) -> Numbers:
    """With CUPED the variance is what it leaves of it, as it would be of units."""
    data, units = sample(inputs["data"]), inputs["units"]
    assert data.variance is not None
    variance = power.with_cuped(4 * data.variance / units, _correlation(data))
    return {"effect": power.detectable(variance, alpha=inputs["alpha"], power=inputs["power"])}


def _correlation(data: Sample) -> float:
    """Of the value with the one from before; 0 without."""
    spread = Spread.of(data)
    return spread.xy / sqrt(spread.xx * spread.yy) if spread.xx else 0.0


OURS: dict[str, Callable[[Inputs], Numbers]] = {
    "difference": _difference,
    "difference of histograms": _difference_of_histograms,
    "sequence": _sequence,
    "posterior": _posterior,
    "holm": lambda inputs: {"adjusted": adjust("holm", inputs["p_values"])},
    "bh": lambda inputs: {"adjusted": adjust("bh", inputs["p_values"])},
    "split": _split,
    "guardrail": _guardrail,
    "units for a mean": _units_for_a_mean,
    "units for a conversion": _units_for_a_conversion,
    "detectable effect": _detectable,
}
