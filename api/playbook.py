"""/v1/playbook: how each play does with the people who read its drafts, and which goals are reached."""

from fastapi import APIRouter, Depends

from api.access import Needs
from api.depends import PartsDep
from care.access import Scope
from care.results import results
from wiring.shapes.plays import PlayStatsOut

router = APIRouter(prefix="/v1/playbook", tags=["playbook"])


@router.get("/stats", dependencies=[Depends(Needs(Scope.READ))])
def get_play_stats(parts: PartsDep) -> PlayStatsOut:
    """What became of each play's latest drafts, most shown first, the plays whose owners should look at them, and the
    goals of the playbook beside what was measured."""
    return PlayStatsOut.of(results(parts.store, parts.playbook, now=parts.clock()))
