"""What the Bayesian method believes of a treatment, from its contrast with the control and a prior of the lift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fairsplit.domain.stats.bayes import Posterior, Prior, chances_to_be_best, posterior
from fairsplit.domain.stats.contrast import Contrast


@dataclass(frozen=True, slots=True)
class Belief:
    """The posteriors of the lift and of the difference.

    `control_variance` is the part of the difference's posterior variance that comes from the control, which all
    treatments share.
    """

    lift: Posterior
    difference: Posterior
    control_variance: float

    def chance_to_win(self, direction: str) -> float:
        """The chance that the treatment is better than the control, in that direction."""
        return self.lift.chance_above_zero if direction == "increase" else self.lift.chance_below_zero

    def chance_to_lose(self, direction: str) -> float:
        """The chance that it is worse, with all its digits where it is small."""
        return self.lift.chance_below_zero if direction == "increase" else self.lift.chance_above_zero


def believe(found: Contrast, prior: Prior) -> Belief | None:
    """Normal posteriors of lift and difference; None where nothing tells the lift's variance, or the control is 0.

    The lift d/|ā| has the variance of the delta method, Vb/ā² + b̄²·Va/ā⁴ − 2·b̄·Cab/ā³. The difference has the prior of
    the lift times |ā|.
    """
    mean, treatment, variance = found.control, found.treatment, found.variance
    va, vb = found.control_variance, found.treatment_variance
    if not mean or not variance or treatment is None or found.difference is None or va is None or vb is None:
        return None
    size, ratio = abs(mean), treatment / mean
    of_lift = (vb + ratio * ratio * va - 2 * ratio * found.covariance) / (mean * mean)
    if of_lift <= 0:  # all units of the treatment have the value 0
        return None
    difference = posterior(found.difference, variance, prior.scaled(size))
    kept = difference.sd * difference.sd / variance
    return Belief(posterior(found.difference / size, of_lift, prior), difference, kept * kept * va)


def chances(beliefs: Sequence[Belief], direction: str) -> list[float]:
    """The chance of the control, and then of each treatment, to be the best of all in the metric's direction."""
    shared = min(belief.control_variance for belief in beliefs)
    return chances_to_be_best(shared, [belief.difference for belief in beliefs], direction)
