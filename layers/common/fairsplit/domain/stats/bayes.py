"""Normal beliefs: a prior of the lift, the posterior after the data, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fairsplit.domain.stats.best import Candidate, chances_to_be_greatest
from fairsplit.domain.stats.kernel import normal_density, normal_quantile, normal_tail

FAR_OUT = 4.0  # standard deviations beyond which the loss is computed by its continued fraction
TERMS = 60
NARROWEST = 1e-9  # of the widest standard deviation: what is narrower counts as this wide


@dataclass(frozen=True, slots=True)
class Prior:
    """A normal prior of a lift, as a fraction; where it is not `proper` nothing is believed before the data."""

    mean: float = 0.0
    sd: float = 0.3
    proper: bool = True

    def scaled(self, by: float) -> Prior:
        """The same belief of the absolute difference, where the control's size is `by` > 0."""
        return Prior(self.mean * by, self.sd * by, self.proper)


@dataclass(frozen=True, slots=True)
class Posterior:
    """A normal posterior."""

    mean: float
    sd: float

    def interval(self, alpha: float) -> tuple[float, float]:
        """The credible interval of probability 1 − alpha."""
        half = normal_quantile(alpha / 2) * self.sd
        return self.mean - half, self.mean + half

    @property
    def chance_above_zero(self) -> float:
        return normal_tail(-self.mean / self.sd)

    @property
    def chance_below_zero(self) -> float:
        return normal_tail(self.mean / self.sd)

    def expected_loss(self, direction: str) -> float:
        """The mean of what is lost where the effect goes the wrong way: σ·φ(μ/σ) − μ·Φ(−μ/σ)."""
        mean = self.mean if direction == "increase" else -self.mean
        z = mean / self.sd
        if z > FAR_OUT:
            return self.sd * normal_density(z) * _what_is_left(z)
        return self.sd * normal_density(z) - mean * normal_tail(z)


def posterior(estimate: float, variance: float, prior: Prior) -> Posterior:
    """Precisions add up, means are weighted by them; variance > 0."""
    if not prior.proper:
        return Posterior(estimate, math.sqrt(variance))
    of_prior = prior.sd * prior.sd
    both = variance + of_prior
    return Posterior((estimate * of_prior + prior.mean * variance) / both, math.sqrt(variance / both) * prior.sd)


def chances_to_be_best(control_variance: float, arms: Sequence[Posterior], direction: str) -> list[float]:
    """The chance of the control, and then of each arm, to be the best of all. `direction` is increase or decrease.

    `arms` are posteriors of the differences from the control, on one scale; of each one's variance `control_variance`
    is the control's own, which they share. So the control is N(0, v) and each arm N(μ, σ² − v), all independent.
    """
    sign = 1 if direction == "increase" else -1
    variances = [control_variance, *(max(0.0, arm.sd * arm.sd - control_variance) for arm in arms)]
    narrowest = NARROWEST * math.sqrt(max(variances))
    sds = [max(narrowest, math.sqrt(variance)) for variance in variances]
    means = [0.0, *(sign * arm.mean for arm in arms)]
    return chances_to_be_greatest([Candidate(mean, sd) for mean, sd in zip(means, sds, strict=True)])


def _what_is_left(z: float) -> float:
    """1 − z·Q(z)/φ(z) of the normal tail Q, without its cancellation: K/(z + K), with K = 1/(z + 2/(z + 3/(z + …))).

    From Laplace's fraction of Mills' ratio, Q/φ = 1/(z + K) (Abramowitz & Stegun 26.2.14).
    """
    rest = 0.0
    for number in range(TERMS, 0, -1):
        rest = number / (z + rest)
    return rest / (z + rest)
