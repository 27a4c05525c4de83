"""Normal beliefs: a prior of the lift, the posterior after the data, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fairsplit.domain.stats.kernel import normal_density, normal_quantile, normal_tail


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
        z = self.mean / self.sd if direction == "increase" else -self.mean / self.sd
        return max(0.0, self.sd * (normal_density(z) - z * normal_tail(z)))


def posterior(estimate: float, variance: float, prior: Prior) -> Posterior:
    """Precisions add up, means are weighted by them; variance > 0."""
    if not prior.proper:
        return Posterior(estimate, math.sqrt(variance))
    of_prior = prior.sd * prior.sd
    both = variance + of_prior
    return Posterior((estimate * of_prior + prior.mean * variance) / both, math.sqrt(variance / both) * prior.sd)


def chances_to_be_best(control_variance: float, arms: Sequence[Posterior], direction: str) -> list[float]:
    raise NotImplementedError
