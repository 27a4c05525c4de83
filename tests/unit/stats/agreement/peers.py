"""What the peers answer to a case's question, by their own code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import RegressionAdjustedStatistic
from gbstats.utils import check_srm
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import normal_sample_size_one_tail
from statsmodels.stats.weightstats import CompareMeans
from tea_tasting.aggr import Aggregates

from tests.oracle import tt
from tests.unit.stats.agreement.inputs import aggregates, described, gbstats_statistic

Inputs = Mapping[str, Any]
Numbers = dict[str, Any]  # name → number or list of numbers


def _pair(inputs: Inputs) -> tuple[Any, Any]:
    return gbstats_statistic(inputs["control"]), gbstats_statistic(inputs["treatment"])


def _difference_by_gbstats(inputs: Inputs) -> Numbers:
    config = FrequentistConfig(difference_type="absolute", alpha=inputs["alpha"])
    test = TwoSidedTTest(*_pair(inputs), config)
    found = test.compute_result()
    numbers = {
        "difference": found.expected,
        "low": found.ci[0],
        "high": found.ci[1],
        "p_value": found.p_value,
        "df": test.dof,
        "variance": test.variance,
    }
    theta = {"theta": test.stat_a.theta} if isinstance(test.stat_a, RegressionAdjustedStatistic) else {}
    return numbers | theta


def _difference_by_tea_tasting(inputs: Inputs) -> Numbers:
    control, treatment = aggregates(inputs["control"]), aggregates(inputs["treatment"])
    metric = tt.RatioOfMeans(**_columns(control), equal_var=False, use_t=True, confidence_level=1 - inputs["alpha"])
    found = metric.analyze_aggregates(control, treatment)
    return {
        "difference": found.effect_size,
        "low": found.effect_size_ci_lower,
        "high": found.effect_size_ci_upper,
        "p_value": found.pvalue,
        "statistic": found.statistic,
        "control": found.control,
        "treatment": found.treatment,
        "lift": found.rel_effect_size,
    }


def _difference_by_statsmodels(inputs: Inputs) -> Numbers:
    both = CompareMeans(described(inputs["treatment"]), described(inputs["control"]))
    statistic, p_value, df = both.ttest_ind(usevar="unequal")
    low, high = both.tconfint_diff(alpha=inputs["alpha"], usevar="unequal")
    return {"low": low, "high": high, "p_value": p_value, "statistic": statistic, "df": df}


def _sequence_by_gbstats(inputs: Inputs) -> Numbers:
    config = SequentialConfig(
        difference_type="absolute",
        alpha=inputs["alpha"],
        sequential_tuning_parameter=inputs["expected_units"],
    )
    found = SequentialTwoSidedTTest(*_pair(inputs), config).compute_result()
    return {"difference": found.expected, "low": found.ci[0], "high": found.ci[1], "p_value": found.p_value}


def _posterior_by_gbstats(inputs: Inputs) -> Numbers:
    prior = inputs["prior"]
    config = EffectBayesianConfig(
        difference_type=inputs["of"],
        inverse=inputs["direction"] == "decrease",
        alpha=inputs["alpha"],
        prior_effect=GaussianPrior(mean=prior["mean"], variance=prior["sd"] ** 2, proper=prior["proper"]),
    )
    found = EffectBayesianABTest(*_pair(inputs), config).compute_result()
    return {
        "mean": found.uplift.mean,
        "sd": found.uplift.stddev,
        "low": found.ci[0],
        "high": found.ci[1],
        "chance_to_win": found.chance_to_win,
        "expected_loss": found.risk[1],
    }


def _holm_by_statsmodels(inputs: Inputs) -> Numbers:
    return {"adjusted": multipletests(inputs["p_values"], method="holm")[1].tolist()}


def _bh_by_statsmodels(inputs: Inputs) -> Numbers:
    return {"adjusted": multipletests(inputs["p_values"], method="fdr_bh")[1].tolist()}


def _split_by_gbstats(inputs: Inputs) -> Numbers:
    return {"p_value": check_srm(inputs["units"], inputs["weights"])}


def _split_by_scipy(inputs: Inputs) -> Numbers:
    whole, n = sum(inputs["weights"]), sum(inputs["units"])
    expected = [n * weight / whole for weight in inputs["weights"]]
    return {"p_value": stats.chisquare(inputs["units"], expected).pvalue}


def _guardrail_by_statsmodels(inputs: Inputs) -> Numbers:
    rises = inputs["direction"] == "increase"
    shifted = described(inputs["control"], 1 - inputs["margin"] if rises else 1 + inputs["margin"])
    both = CompareMeans(described(inputs["treatment"]), shifted)
    return {"p_value": both.ttest_ind(alternative="larger" if rises else "smaller", usevar="unequal")[1]}


def _units_for_a_mean_by_statsmodels(inputs: Inputs) -> Numbers:
    spread = sqrt(inputs["control_variance"] + inputs["treatment_variance"] / inputs["ratio"])
    return {"units": normal_sample_size_one_tail(inputs["difference"], inputs["power"], inputs["alpha"] / 2, spread)}


def _units_for_a_conversion_by_statsmodels(inputs: Inputs) -> Numbers:
    one, other = inputs["baseline"], inputs["baseline"] + inputs["difference"]
    same, apart = sqrt(2 * one * (1 - one)), sqrt(one * (1 - one) + other * (1 - other))
    found = normal_sample_size_one_tail(inputs["difference"], inputs["power"], inputs["alpha"] / 2, same, apart)
    return {"units": found}


def _detectable_by_tea_tasting(inputs: Inputs) -> Numbers:
    """For so many units of both sides together, that spread as the data do."""
    data = aggregates(inputs["data"])
    metric = tt.RatioOfMeans(
        **_columns(data),
        alternative="greater",
        use_t=False,
        equal_var=False,
        alpha=inputs["alpha"] / 2,
        power=inputs["power"],
        n_obs=inputs["units"],
    )
    return {"effect": metric.solve_power_from_aggregates(data, "effect_size")[0].effect_size}


def _columns(data: Aggregates) -> dict[str, str]:
    names = {"denom": "below", "numer_covariate": "before"}
    return {"numer": "y"} | {argument: name for argument, name in names.items() if name in data.mean_}


PEERS: dict[tuple[str, str], Callable[[Inputs], Numbers]] = {
    ("gbstats", "difference"): _difference_by_gbstats,
    ("gbstats", "sequence"): _sequence_by_gbstats,
    ("gbstats", "posterior"): _posterior_by_gbstats,
    ("gbstats", "split"): _split_by_gbstats,
    ("tea-tasting", "difference"): _difference_by_tea_tasting,
    ("statsmodels", "difference of histograms"): _difference_by_statsmodels,
    ("statsmodels", "guardrail"): _guardrail_by_statsmodels,
    ("statsmodels", "holm"): _holm_by_statsmodels,
    ("statsmodels", "bh"): _bh_by_statsmodels,
    ("statsmodels", "units for a mean"): _units_for_a_mean_by_statsmodels,
    ("statsmodels", "units for a conversion"): _units_for_a_conversion_by_statsmodels,
    ("tea-tasting", "detectable effect"): _detectable_by_tea_tasting,
    ("scipy", "split"): _split_by_scipy,
}
