"""/v1/drafts: what we would answer to a message that nobody hands in. Nothing is kept."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.access import Needs
from api.depends import PartsDep
from api.failures import Refusal
from api.reading import JsonBody
from api.schemas import Name, Shape, Text
from care.access import Scope
from care.message import Turn
from care.trying import try_message
from wiring.shapes.proposal import ProposalOut

router = APIRouter(prefix="/v1/drafts", tags=["classify"], dependencies=[Depends(Needs(Scope.CLASSIFY))])

LONGEST_THREAD = 30


class SaidIn(Shape):
    """One turn of what was said before. `from_us`: whether we said it."""

    text: Text
    from_us: bool = False


class DraftIn(Shape):
    """A message to be answered, and what was said before it, oldest first. `name`: of who wrote."""

    text: Text
    subject: Text | None = None
    channel: Name = "webhook"
    name: Name | None = None
    thread: list[SaidIn] = Field(default_factory=list, max_length=LONGEST_THREAD)


@router.post("")
def draft_answer(asked: Annotated[DraftIn, Depends(JsonBody(DraftIn))], parts: PartsDep) -> ProposalOut:
    """Read a message, decide about it and draft at most three answers, as if it had come in. Nothing is kept or sent.

    Drafts come with their tone, what is missing in them and where their facts stand. To send one takes a person.
    """
    if asked.channel not in parts.channels:
        raise Refusal(
            "validation_failed", detail=f"There is no such channel; there are {', '.join(sorted(parts.channels))}."
        )
    now = parts.clock()
    thread = [Turn(said.text, by_customer=not said.from_us, at=now) for said in asked.thread]
    tried = try_message(
        parts.journey, asked.text, channel=asked.channel, name=asked.name, subject=asked.subject, thread=thread
    )
    return ProposalOut.of_row(tried.prepared, id=tried.prepared.assessed.message.id, channel=asked.channel)
