"""/v1/handovers: matters that somebody outside the desk has: taken, answered, called back."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.access import PersonDep, needs
from api.depends import PartsDep
from api.reading import json_body
from api.schemas import AnswerTextIn, handover_as_json
from care.access import Scope

router = APIRouter(prefix="/v1/handovers", tags=["handovers"])


@router.get("/{handover_id}", dependencies=[Depends(needs(Scope.READ))])
def get_handover(handover_id: str, parts: PartsDep) -> dict[str, Any]:
    """One hand-over and where it stands."""
    with parts.reading() as work:
        return handover_as_json(work.handovers.get(handover_id))


@router.post("/{handover_id}/take")
def take_handover(handover_id: str, person: PersonDep, parts: PartsDep) -> dict[str, Any]:
    """Say that the matter is being seen to."""
    return handover_as_json(parts.journey.handing_over.take(handover_id, by=person.id))


@router.post("/{handover_id}/answer")
def answer_handover(
    handover_id: str,
    person: PersonDep,
    sent: Annotated[AnswerTextIn, Depends(json_body(AnswerTextIn))],
    parts: PartsDep,
) -> dict[str, Any]:
    """Keep the answer as a note on the case; a person tells the customer."""
    return handover_as_json(parts.journey.handing_over.answer(handover_id, by=person.id, text=sent.text))


@router.post("/{handover_id}/call_back")
def call_back_handover(handover_id: str, person: PersonDep, parts: PartsDep) -> dict[str, Any]:
    """Take the matter back."""
    return handover_as_json(parts.journey.handing_over.call_back(handover_id, by=person.id))
