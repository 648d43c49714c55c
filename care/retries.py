"""How often what waits in the outbox is tried, and how long it waits between two tries: every number in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retries:
    """back_off_s: seconds to wait after the first, second, ... failed try; the last one for every further try.

    max_attempts: after this many failed tries a person must look; None: tries never run out by number.
    max_crashes: a row that took its worker down this often is parked: it would take down the next one too.
    """

    back_off_s: tuple[float, ...]
    max_attempts: int | None
    max_crashes: int

    def wait_s(self, attempt: int) -> float:
        """Seconds to wait after this many tries."""
        return self.back_off_s[min(max(attempt, 1), len(self.back_off_s)) - 1]

    def is_over(self, attempt: int) -> bool:
        """Whether no try is left."""
        return self.max_attempts is not None and attempt >= self.max_attempts


PREPARE = Retries(back_off_s=(1.0, 5.0, 15.0, 60.0), max_attempts=5, max_crashes=3)
"""Classify and draft: what fails five times needs a person."""

DELIVER = Retries(back_off_s=(5.0, 30.0, 120.0, 600.0), max_attempts=None, max_crashes=3)
"""Send: a channel may say "later" for a day."""

NOTIFY = Retries(back_off_s=(30.0, 120.0, 600.0, 1800.0), max_attempts=5, max_crashes=5)
"""Tell a contact: three quarters of an hour in all, then the next contact of the ladder is told."""

TELL = Retries(
    back_off_s=(5.0, 300.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 28_800.0), max_attempts=9, max_crashes=5
)
"""Tell an endpoint: a day in all, at first soon, then ever more rarely. Source: Standard Webhooks 1.0."""

BUSY_ATTEMPTS = 5
MAX_BUSY_S = 24 * 3600.0
"""How often, and how long, a channel may answer "later" before a person is asked to look."""
