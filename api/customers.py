"""/v1/customers: one record a customer over all channels, joined and parted by people."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import Needs, PersonDep
from api.depends import PartsDep
from api.reading import JsonBody
from api.schemas import JoinIn
from care.access import Scope
from care.customer import Identity
from wiring.shapes.conversation import CaseSummaryListOut, CaseSummaryOut
from wiring.shapes.people import CustomerOut, IdentityMoveOut

router = APIRouter(prefix="/v1/customers", tags=["customers"])


@router.get("/{customer_id}", dependencies=[Depends(Needs(Scope.READ))])
def get_customer(customer_id: str, parts: PartsDep) -> CustomerOut:
    """One customer: who they are on each channel, and what was put together on what evidence."""
    with parts.reading() as work:
        return CustomerOut.of(work.customers.get(customer_id), work.customers.moves(customer_id))


@router.get("/{customer_id}/cases", dependencies=[Depends(Needs(Scope.READ))])
def list_customer_cases(customer_id: str, parts: PartsDep) -> CaseSummaryListOut:
    """Every case of one customer on all channels, latest first."""
    with parts.reading() as work:
        work.customers.get(customer_id)
        return CaseSummaryListOut.of_all(map(CaseSummaryOut.of, work.cases.of_customer(customer_id)))


@router.post("/{customer_id}/join")
def join_customer(
    customer_id: str, person: PersonDep, sent: Annotated[JoinIn, Depends(JsonBody(JoinIn))], parts: PartsDep
) -> IdentityMoveOut:
    """Put an identity, with its cases, with this customer's record; the evidence is kept."""
    move = parts.journey.casework.join(
        Identity(sent.channel, sent.handle), to_customer=customer_id, by=person.id, evidence=sent.evidence
    )
    return IdentityMoveOut.of(move)


@router.post("/moves/{move_id}/undo")
def part_customer(move_id: str, person: PersonDep, parts: PartsDep) -> IdentityMoveOut:
    """Part again what was put together."""
    return IdentityMoveOut.of(parts.journey.casework.part(move_id, by=person.id))
