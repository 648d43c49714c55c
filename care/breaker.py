"""Whether something outside is worth a try now: after failures in a row it is left alone, then tried once at a time."""

from dataclasses import dataclass

ENOUGH = 5
"""Failures in a row after which a network is left alone."""

RESTS_S = (15.0, 30.0, 60.0, 120.0, 300.0)
"""How long it is left alone the first time, the second, ...; the last one for every further time."""


@dataclass(slots=True)
class Breaker:
    """The state of one network as one process knows it. Times are seconds of one clock that never goes back.

    n_failed: failures in a row. rests_until: when it may be tried again.
    """

    n_failed: int = 0
    rests_until: float = 0.0

    @property
    def is_on_trial(self) -> bool:
        """Whether the next try decides: only one should be under way."""
        return self.n_failed >= ENOUGH

    def is_open(self, now: float) -> bool:
        """Whether nothing may be tried now."""
        return now < self.rests_until

    def succeeded(self) -> None:
        """It answered."""
        self.n_failed = 0

    def failed(self, now: float) -> None:
        """It did not answer, or said that it is broken."""
        self.n_failed += 1
        if self.n_failed >= ENOUGH:
            self.rest(RESTS_S[min(self.n_failed - ENOUGH, len(RESTS_S) - 1)], now)

    def rest(self, seconds: float, now: float) -> None:
        """It asked to be left alone for so long."""
        self.rests_until = max(self.rests_until, now + seconds)
