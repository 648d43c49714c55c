"""How far a customer's matter has come: what was asked, given, promised and tried, and the step that comes next.

It is worked out from the conversation that is kept with the case, so it never says anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Step(StrEnum):
    """What an answer does for a running matter."""

    ASK = "ask"
    """Ask for what is missing."""
    CHECK = "check"
    """Look into it, with what was given or because they still wait."""
    OFFER = "offer"
    """Offer something else: what we said did not help."""
    CONFIRM = "confirm"
    """Ask whether it is right now: they did, or will do, what we said."""
    CLOSE = "close"
    """It is settled."""


NEXT: Mapping[Step, tuple[Step, ...]] = {
    Step.ASK: (Step.CHECK,),
    Step.CHECK: (Step.OFFER, Step.CLOSE),
    Step.OFFER: (Step.CONFIRM, Step.CLOSE),
    Step.CONFIRM: (Step.CLOSE, Step.OFFER),
    Step.CLOSE: (),
}
"""Which step can follow each."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What is known of a matter before we answer.

    asked: names of the facts that we asked for, in the playbook's order. given: values by kind, and in `given_now`
    those of this message alone. promised: our last sentence that promised something. tried: what was tried, in words.
    step: None where nothing was said before, or where it says nothing about what comes next.
    """

    asked: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    given_now: Mapping[str, str] = field(default_factory=dict, repr=False)
    promised: str = field(default="", repr=False)
    tried: tuple[str, ...] = ()
    step: Step | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.asked or self.given or self.promised or self.tried or self.step)
