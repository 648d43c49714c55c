"""/v1/quality: what a sample of sent replies was found to be, for leads."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import LeadPersonDep, Leads
from api.depends import PartsDep
from api.reading import JsonBody
from api.schemas import ReviewIn
from care.access import Scope
from care.quality_desk import QualityDesk
from care.quality_results import quality_standing
from wiring.shapes.quality import QualityOut, ReviewOut

router = APIRouter(prefix="/v1/quality", tags=["report"])


@router.get("", dependencies=[Depends(Leads(Scope.READ))])
def get_quality(parts: PartsDep) -> QualityOut:
    """What the last twelve weeks of the quality review found, by person and question; how far two readers agree; and
    the replies that nobody has read yet."""
    return QualityOut.of(quality_standing(parts.store, parts.playbook, by="", now=parts.clock()))


@router.post("/{reply_id}", status_code=201)
def review_reply(
    reply_id: str,
    human: LeadPersonDep,
    sent: Annotated[ReviewIn, Depends(JsonBody(ReviewIn))],
    parts: PartsDep,
) -> ReviewOut:
    """Say of a reply of the sample what the form asks; the note goes to its author. A supervisor or administrator does
    it, never its author."""
    desk = QualityDesk(parts.journey.answering)
    return ReviewOut.of(desk.read(reply_id, by=human.id, answers=sent.answers, note=sent.note))
