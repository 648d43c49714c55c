"""/v1/handovers: matters that somebody outside the desk has: taken, answered, called back."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import Needs, PersonDep
from api.depends import PartsDep
from api.reading import JsonBody
from api.schemas import AnswerTextIn
from care.access import Scope
from wiring.shapes.conversation import HandOverOut

router = APIRouter(prefix="/v1/handovers", tags=["handovers"])


@router.get("/{handover_id}", dependencies=[Depends(Needs(Scope.READ))])
def get_handover(handover_id: str, parts: PartsDep) -> HandOverOut:
    """One hand-over and where it stands."""
    with parts.reading() as work:
        return HandOverOut.of(work.handovers.get(handover_id))


@router.post("/{handover_id}/take")
def take_handover(handover_id: str, person: PersonDep, parts: PartsDep) -> HandOverOut:
    """Say that the matter is being seen to."""
    return HandOverOut.of(parts.journey.handing_over.take(handover_id, by=person.id))


@router.post("/{handover_id}/answer")
def answer_handover(
    handover_id: str,
    person: PersonDep,
    sent: Annotated[AnswerTextIn, Depends(JsonBody(AnswerTextIn))],
    parts: PartsDep,
) -> HandOverOut:
    """Keep the answer as a note on the case; a person tells the customer."""
    return HandOverOut.of(parts.journey.handing_over.answer(handover_id, by=person.id, text=sent.text))


@router.post("/{handover_id}/call_back")
def call_back_handover(handover_id: str, person: PersonDep, parts: PartsDep) -> HandOverOut:
    """Take the matter back."""
    return HandOverOut.of(parts.journey.handing_over.call_back(handover_id, by=person.id))
