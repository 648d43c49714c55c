"""/v1/bulk: one thing done to several cases by a person, and taken back at once. Nothing of it sends anything."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import PersonDep
from api.depends import PartsDep
from api.reading import JsonBody
from api.schemas import BulkIn
from care.bulk import BulkWish
from care.errors import NotFound
from care.taking_back import BULK
from wiring.shapes.conversation import BulkOut, TakenBackOut

router = APIRouter(prefix="/v1/bulk", tags=["cases"])


@router.post("")
def act_on_several(person: PersonDep, sent: Annotated[BulkIn, Depends(JsonBody(BulkIn))], parts: PartsDep) -> BulkOut:
    """Assign, give to a team, resolve, dismiss, label or snooze up to 100 cases, each by itself.

    A case that a colleague holds, that has another `turn` than was said, or that does not allow it is left out and
    named.
    """
    cases = {case.id: case.turn for case in sent.cases}
    wish = BulkWish(sent.act, person.id, cases, to=sent.to, labels=sent.labels, until=sent.until)
    return BulkOut.of(parts.journey.bulk.do(wish))


@router.post("/{number}/undo")
def undo_several(number: int, person: PersonDep, parts: PartsDep) -> TakenBackOut:
    """Take back what you did to several cases; those that have changed since stay, and are named."""
    with parts.reading() as work:
        event = work.recent.act(number) if number < 2**62 else None
    if event is None or event.event != BULK or event.by != person.id:
        raise NotFound("act on several cases", str(number)[:20])
    return TakenBackOut(left=tuple(parts.journey.taking_back.several(event, by=person.id)))
