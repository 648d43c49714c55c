"""/v1/crisis: whether a crisis is on, and what a supervisor or administrator decides about it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import LeadPersonDep, Needs
from api.depends import Parts, PartsDep
from api.reading import JsonBody
from api.schemas import CrisisIn, StatementIn
from care.access import Scope
from care.crisis import Crisis, CrisisMatter, Statement
from care.crisis_mode import CrisisWish
from wiring.shapes.crisis import CrisisOut, CrisisStandingOut

router = APIRouter(prefix="/v1/crisis", tags=["crisis"])


@router.get("", dependencies=[Depends(Needs(Scope.READ))])
def get_crisis(parts: PartsDep) -> CrisisStandingOut:
    """The crisis that is on, and those that were, with every decision and the cases counted."""
    with parts.reading() as work:
        return CrisisStandingOut.of_work(work)


@router.post("", status_code=201)
def begin_crisis(
    human: LeadPersonDep, sent: Annotated[CrisisIn, Depends(JsonBody(CrisisIn))], parts: PartsDep
) -> CrisisOut:
    """Declare a crisis, or a drill of one: its statement is the first draft of every ordinary case that matches. The
    same declaration again answers with the one that is on. A supervisor or administrator does it, never a key."""
    matter = CrisisMatter(sent.intents, sent.phrases, sent.channels)
    wish = CrisisWish(sent.name, sent.reason, matter, _statement(sent.statement), sent.is_drill)
    return _counted(parts, parts.crisis_desk.begin(wish, by=human.id))


@router.post("/{crisis_id}/statement")
def change_statement(
    crisis_id: str, human: LeadPersonDep, sent: Annotated[StatementIn, Depends(JsonBody(StatementIn))], parts: PartsDep
) -> CrisisOut:
    """Say something else from now on; what was drafted with the words before is not sent any more."""
    return _counted(parts, parts.crisis_desk.change(crisis_id, _statement(sent), by=human.id))


@router.post("/{crisis_id}/end")
def end_crisis(crisis_id: str, human: LeadPersonDep, parts: PartsDep) -> CrisisOut:
    """End it: what waits is drafted as before. One that is over stays as it is."""
    return _counted(parts, parts.crisis_desk.end(crisis_id, by=human.id))


def _statement(sent: StatementIn) -> Statement:
    return Statement(sent.public_text, sent.private_text, sent.approved_by)


def _counted(parts: Parts, crisis: Crisis) -> CrisisOut:
    with parts.reading() as work:
        return CrisisOut.counted(work, crisis)
