"""/v1/notices: what a contact was told of a climb, and telling them again."""

from typing import Any

from fastapi import APIRouter, Depends

from api.access import PersonDep, needs
from api.depends import PartsDep
from api.schemas import notice_as_json
from care.access import Scope

router = APIRouter(prefix="/v1/notices", tags=["notices"])


@router.get("/{notice_id}", dependencies=[Depends(needs(Scope.READ))])
def get_notice(notice_id: str, parts: PartsDep) -> dict[str, Any]:
    """One notice and where it stands."""
    with parts.reading() as work:
        return notice_as_json(work.notices.get(notice_id))


@router.post("/{notice_id}/send_again")
def send_notice_again(notice_id: str, parts: PartsDep, person: PersonDep) -> dict[str, Any]:
    """Tell a contact who could not be told: five tries anew, at the address of the climb."""
    return notice_as_json(parts.journey.casework.notify_again(notice_id, by=person.id))
