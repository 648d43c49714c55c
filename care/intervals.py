"""How far a share that was counted can be believed."""

from math import sqrt

Z = 1.96
"""Standard deviations to either side that hold 95 of 100."""


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of n, 0 to 1. Source: Wilson 1927, the score interval."""
    spread = Z * Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
