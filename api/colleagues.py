"""/v1/people: who works here, by the ids that cases are given to; and how each signs."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.access import PersonDep, needs
from api.depends import PartsDep
from api.people import sign_as
from api.reading import json_body
from api.schemas import SignatureIn, a_list, person_as_json
from care.access import Scope

router = APIRouter(prefix="/v1/people", tags=["people"])


@router.get("", dependencies=[Depends(needs(Scope.READ))])
def list_people(parts: PartsDep) -> dict[str, Any]:
    """Everybody who works here, without their addresses."""
    with parts.reading() as work:
        return a_list([person_as_json(person) for person in work.access.people()])


@router.post("/me/signature")
def set_signature(
    person: PersonDep, sent: Annotated[SignatureIn, Depends(json_body(SignatureIn))], parts: PartsDep
) -> dict[str, Any]:
    """How you sign from now on, where a channel signs."""
    with parts.store() as work:
        return person_as_json(sign_as(work, person.id, sent.signs_as))
