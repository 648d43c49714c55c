"""/v1/plan: the written plan filled from what runs, and what is missing or contradicts it."""

from fastapi import APIRouter, Depends

from api.access import Leads
from api.depends import Parts, PartsDep
from care.access import Scope
from care.plan import Plan
from care.planning import plan_of
from wiring.planning import has_address, settings_told
from wiring.shapes.plan import PlanOut

router = APIRouter(prefix="/v1/plan", tags=["report"], dependencies=[Depends(Leads(Scope.READ))])


@router.get("")
def get_plan(parts: PartsDep) -> PlanOut:
    """The worksheet of a written plan: for each question what stands, where it comes from, and what is missing or
    contradicts it. Figures are those of the last four weeks. People need to be supervisor or administrator."""
    return PlanOut.of(standing_plan(parts))


def standing_plan(parts: Parts) -> Plan:
    """The plan of this service as it stands now."""
    return plan_of(
        parts.store,
        parts.playbook,
        parts.channels,
        settings=settings_told(parts.settings),
        has_address=has_address(parts.settings),
        now=parts.clock(),
    )
