"""What somebody who watches the service asks the store: how long things wait, and what became of them."""

from collections.abc import Mapping
from typing import Protocol


class Watching(Protocol):
    """Figures that alarms are made of. Quick: asked at every scrape."""

    def oldest_s(self) -> Mapping[str, float]:
        """Seconds for which the oldest task, reply, notice and delivery that is due waits; 0 where none does."""
        ...

    def replies(self) -> Mapping[tuple[str, str], int]:
        """How many replies stand where, by channel and stage; rehearsed ones are left out."""
        ...
