"""Plots as paths of an SVG: a band, a line and steps over half hours. What they show stands in a table beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000, 180
_FOOT = 4
"""Units under the zero line, so that a line on it is seen."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From a place in a row of values, and a value, to units of the drawing."""

    n: int
    most: float

    def x(self, place: float) -> float:
        return round(WIDTH * place / self.n, 1)

    def y(self, value: float) -> float:
        return round((HEIGHT - _FOOT) * (1 - value / self.most), 1)

    @property
    def marks(self) -> list[tuple[float, float]]:
        """Values to name on the side, each with its height: nought, a half and the most."""
        return [(value, self.y(value)) for value in (0.0, self.most / 2, self.most)]


def scale_of(values: Sequence[float]) -> Scale:
    """A scale that ends at a round number above all values."""
    most = max(values, default=0.0)
    step = next(step for step in _steps() if step >= most)
    return Scale(max(1, len(values)), step)


def _steps() -> Sequence[float]:
    return [digit * 10**power for power in range(8) for digit in (1, 2, 3, 4, 6, 8)]


def line(values: Sequence[float], scale: Scale) -> str:
    """A path through the middle of every place."""
    return "M" + "L".join(f"{scale.x(n + 0.5)} {scale.y(value)}" for n, value in enumerate(values))


def band(low: Sequence[float], high: Sequence[float], scale: Scale) -> str:
    """The area between two rows of values."""
    above = [f"{scale.x(n + 0.5)} {scale.y(value)}" for n, value in enumerate(high)]
    below = [f"{scale.x(n + 0.5)} {scale.y(value)}" for n, value in enumerate(low)]
    return "M" + "L".join([*above, *reversed(below)]) + "Z"


def steps(values: Sequence[float], scale: Scale) -> str:
    """A path that stays at a value from the beginning of its place to the end."""
    return "M" + "L".join(
        f"{scale.x(n)} {scale.y(value)}L{scale.x(n + 1)} {scale.y(value)}" for n, value in enumerate(values)
    )
