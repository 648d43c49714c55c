"""/v1/playbook: the plays, how each does with the people who read its drafts, and which goals are reached."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access import Needs
from api.depends import PartsDep
from care.access import Scope
from care.results import results
from wiring.shapes.plays import PlayListOut, PlayOut, PlayStatsOut

router = APIRouter(prefix="/v1/playbook", tags=["playbook"])


@router.get("/stats", dependencies=[Depends(Needs(Scope.READ))])
def get_play_stats(parts: PartsDep) -> PlayStatsOut:
    """What became of each play's latest drafts, most shown first, the plays whose owners should look at them, and the
    goals of the playbook beside what was measured."""
    return PlayStatsOut.of(results(parts.store, parts.playbook, now=parts.clock()))


@router.get("/plays", dependencies=[Depends(Needs(Scope.READ))])
def list_plays(parts: PartsDep, search: Annotated[str, Query(max_length=200)] = "") -> PlayListOut:
    """Every play in use with its wordings, or those with these words."""
    return PlayListOut.of_all(map(PlayOut.of, (play for play in parts.playbook.plays if play.has(search))))
