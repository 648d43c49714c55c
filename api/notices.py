"""/v1/notices: what a contact was told of a climb, and telling them again."""

from fastapi import APIRouter, Depends

from api.access import Needs, PersonDep
from api.depends import PartsDep
from care.access import Scope
from wiring.shapes.conversation import NoticeOut

router = APIRouter(prefix="/v1/notices", tags=["notices"])


@router.get("/{notice_id}", dependencies=[Depends(Needs(Scope.READ))])
def get_notice(notice_id: str, parts: PartsDep) -> NoticeOut:
    """One notice and where it stands."""
    with parts.reading() as work:
        return NoticeOut.of(work.notices.get(notice_id))


@router.post("/{notice_id}/send_again")
def send_notice_again(notice_id: str, parts: PartsDep, person: PersonDep) -> NoticeOut:
    """Tell a contact who could not be told: five tries anew, at the address of the climb."""
    return NoticeOut.of(parts.journey.casework.notify_again(notice_id, by=person.id))
