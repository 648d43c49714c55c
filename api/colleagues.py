"""/v1/people: who works here, by the ids that cases are given to; and how each signs."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import Needs, PersonDep
from api.depends import PartsDep
from api.reading import JsonBody
from api.schemas import AwayIn, SignatureIn
from care.access import Scope
from care.people import be_away, sign_as
from wiring.shapes.people import PersonListOut, PersonOut

router = APIRouter(prefix="/v1/people", tags=["people"])


@router.get("", dependencies=[Depends(Needs(Scope.READ))])
def list_people(parts: PartsDep) -> PersonListOut:
    """Everybody who works here, without their addresses."""
    with parts.reading() as work:
        return PersonListOut.of_all(map(PersonOut.of, work.access.people()))


@router.post("/me/signature")
def set_signature(
    person: PersonDep, sent: Annotated[SignatureIn, Depends(JsonBody(SignatureIn))], parts: PartsDep
) -> PersonOut:
    """How you sign from now on, where a channel signs."""
    with parts.store() as work:
        return PersonOut.of(sign_as(work, person.id, sent.signs_as))


@router.post("/me/away")
def set_away(person: PersonDep, sent: Annotated[AwayIn, Depends(JsonBody(AwayIn))], parts: PartsDep) -> PersonOut:
    """Be given no cases until then; what is yours and waits is given on. null: you are back."""
    with parts.store() as work:
        return PersonOut.of(be_away(work, person.id, sent.until, by=person.id))
