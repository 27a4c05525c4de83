"""To come."""


def critical_value(fractions: tuple[float, ...], alpha: float) -> float:
    raise NotImplementedError


def repeated_p(fractions: tuple[float, ...], z: float) -> float:
    raise NotImplementedError
