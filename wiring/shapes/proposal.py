"""What would be proposed for a message that is not kept."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator

from care.ports import PlayScore
from care.preparing import Prepared
from wiring.shapes.base import Out, left_out, rounded
from wiring.shapes.conversation import DecisionOut, DraftOut
from wiring.shapes.reading import ReadingOut, reading_of


class PlayScoreOut(Out):
    """A play that came into question, and what its score is made of."""

    play: str
    score: Annotated[float, AfterValidator(rounded(4))]
    parts: Annotated[dict[str, float], BeforeValidator(dict)]


class ProposalOut(ReadingOut):
    """One message, read, decided about and drafted for. `explain`: every play that came into question."""

    object: Literal["proposal"] = "proposal"
    id: str
    channel: str
    decision: DecisionOut
    suggestions: tuple[DraftOut, ...]
    asks: str | None
    playbook: str
    explain: tuple[PlayScoreOut, ...] | None = left_out()

    @classmethod
    def of_row(cls, value: Prepared, *, id: str, channel: str, fits: Sequence[PlayScore] | None = None) -> Self:
        return cls.model_validate(
            {
                **reading_of(value.classification),
                "id": id,
                "channel": channel,
                "decision": value.decision,
                "suggestions": value.drafts,
                "asks": value.asks,
                "playbook": value.playbook,
                "explain": fits,
            }
        )
