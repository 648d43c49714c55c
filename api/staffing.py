"""/v1/staffing: how many are needed by half hour, for leads and for roster programs."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access import Leads
from api.depends import PartsDep
from api.report import said_why
from care.access import Scope
from care.staffing import staffing_plans
from wiring.shapes.staffing import StaffingOut

router = APIRouter(prefix="/v1/staffing", tags=["report"], dependencies=[Depends(Leads(Scope.READ))])

Team = Annotated[str, Query(description="A team of the playbook; all together when left out.")]
Channel = Annotated[str, Query(description="A channel of the playbook; all together when left out.")]
First = Annotated[date | None, Query(alias="from", description="The first day; today when left out.")]


@router.get("")
def get_staffing(parts: PartsDep, team: Team = "", channel: Channel = "", first: First = None) -> StaffingOut:
    """Arrivals of seven days by half hour with intervals, and the people needed for the target; samples, imported
    history, rehearsals and what needs no answer are left out."""
    with said_why():
        [plan] = staffing_plans(parts.store, parts.playbook, [(team, channel)], first=first, now=parts.clock())
    return StaffingOut.of(plan)
