"""/v1/customers: one record a customer over all channels, joined and parted by people."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.access import PersonDep, needs
from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.reading import json_body
from api.schemas import JoinIn, a_list, case_in_short, customer_as_json, identity_move_as_json
from care.access import Role, Scope
from care.customer import Identity
from care.forgetting import Forgetting

router = APIRouter(prefix="/v1/customers", tags=["customers"])


@router.get("/{customer_id}", dependencies=[Depends(needs(Scope.READ))])
def get_customer(customer_id: str, parts: PartsDep) -> dict[str, Any]:
    """One customer: who they are on each channel, and what was put together on what evidence."""
    with parts.reading() as work:
        return customer_as_json(work.customers.get(customer_id), work.customers.moves(customer_id))


@router.get("/{customer_id}/cases", dependencies=[Depends(needs(Scope.READ))])
def list_customer_cases(customer_id: str, parts: PartsDep) -> dict[str, Any]:
    """Every case of one customer on all channels, latest first."""
    with parts.reading() as work:
        work.customers.get(customer_id)
        return a_list([case_in_short(case) for case in work.cases.of_customer(customer_id)])


@router.post("/{customer_id}/join")
def join_customer(
    customer_id: str, person: PersonDep, sent: Annotated[JoinIn, Depends(json_body(JoinIn))], parts: PartsDep
) -> dict[str, Any]:
    """Put an identity, with its cases, with this customer's record; the evidence is kept."""
    move = parts.journey.casework.join(
        Identity(sent.channel, sent.handle), to_customer=customer_id, by=person.id, evidence=sent.evidence
    )
    return identity_move_as_json(move)


@router.get("/{customer_id}/export", dependencies=[Depends(needs(Scope.READ))])
def export_customer(customer_id: str, parts: PartsDep) -> dict[str, Any]:
    """Everything that is kept of a customer, by table."""
    data = _forgetting(parts).everything(customer_id)
    return {"object": "customer_data", "id": customer_id, "data": data}


@router.post("/{customer_id}/forget")
def forget_customer(customer_id: str, person: PersonDep, parts: PartsDep) -> dict[str, Any]:
    """Delete everything that is kept of a customer, here and after every restore; a proof without the data stays.

    For administrators. `bundles` learnt from the customer's messages and should be trained anew without them.
    """
    if person.person.role is not Role.ADMIN:
        raise Refusal("forbidden_scope", detail="Only an administrator may do that.")
    done = _forgetting(parts).forget(customer_id, by=person.id)
    return {
        "object": "forgotten",
        "cases": done.cases,
        "removed": dict(done.removed),
        "bundles": list(done.bundles),
        "proofs": list(done.proofs),
    }


def _forgetting(parts: Parts) -> Forgetting:
    if parts.forgetting is None:
        raise Refusal("unavailable")
    return parts.forgetting


@router.post("/moves/{move_id}/undo")
def part_customer(move_id: str, person: PersonDep, parts: PartsDep) -> dict[str, Any]:
    """Part again what was put together."""
    return identity_move_as_json(parts.journey.casework.part(move_id, by=person.id))
