"""The sums of one variant and metric, and what follows from them without rounding on the way."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


class ImpossibleSumsError(ValueError):
    """Sums that no data can have: a sum of squares below the square of the sum over n, a sum of products farther from
    the product of the sums over n than both spreads allow (Cauchy & Schwarz), fewer than no units, or any sum of none.
    """


@dataclass(frozen=True, slots=True)
class Sample:
    """Additive sums over units, as whole numbers: Σy = sum / scale, Σy² = sum_of_squares / scale².

    Of a ratio, y is the numerator's value of a unit and the `denominator_…` sums are the denominator's;
    `cross_product_sum` is Σ numerator × denominator. `pre_…` are the same of the value before the assignment.

    Raises:
        ImpossibleSumsError: no data can have these sums.
    """

    units: int
    sum: int
    sum_of_squares: int
    scale: int = 10_000
    denominator_sum: int = 0
    denominator_sum_of_squares: int = 0
    cross_product_sum: int = 0
    pre_sum: int = 0
    pre_sum_of_squares: int = 0
    pre_cross_product_sum: int = 0

    def __post_init__(self) -> None:
        if self.units < 0:
            raise ImpossibleSumsError("there cannot be fewer than no units")
        if not self.units and any(getattr(self, one.name) for one in fields(self) if one.name != "scale"):
            raise ImpossibleSumsError("no units have no sums")
        n = self.units
        spread = n * self.sum_of_squares - self.sum * self.sum
        for total, squares, products in (
            (self.sum, self.sum_of_squares, self.sum_of_squares),
            (self.denominator_sum, self.denominator_sum_of_squares, self.cross_product_sum),
            (self.pre_sum, self.pre_sum_of_squares, self.pre_cross_product_sum),
        ):
            other, both = n * squares - total * total, n * products - self.sum * total
            if other < 0:
                raise ImpossibleSumsError("a sum of squares is too small for its sum")
            if spread * other < both * both:
                raise ImpossibleSumsError("a sum of products does not fit the sums and the sums of squares")

    def __add__(self, other: Sample) -> Sample:
        """The sums of both together; both of the same scale."""
        names = [one.name for one in fields(self) if one.name != "scale"]
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def total(self) -> float:
        """Σy."""
        return self.sum / self.scale

    @property
    def mean(self) -> float | None:
        """Σy/n; None without units."""
        return self.sum / (self.units * self.scale) if self.units else None

    @property
    def variance(self) -> float | None:
        """The sample variance (Σy² − (Σy)²/n)/(n−1), its numerator formed exactly; None below two units."""
        if self.units < 2:
            return None
        exact = self.units * self.sum_of_squares - self.sum * self.sum
        return exact / (self.units * (self.units - 1) * self.scale * self.scale)
