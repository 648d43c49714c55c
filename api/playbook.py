"""/v1/playbook: how each play does with the people who read its drafts, and which goals are reached."""

from typing import Any

from fastapi import APIRouter, Depends

from api.access import needs
from api.depends import PartsDep
from api.schemas import play_count_as_json, play_flag_as_json
from care.access import Scope
from care.results import results
from care.wire import goal_as_json

router = APIRouter(prefix="/v1/playbook", tags=["playbook"])


@router.get("/stats", dependencies=[Depends(needs(Scope.READ))])
def get_play_stats(parts: PartsDep) -> dict[str, Any]:
    """What became of each play's latest drafts, most shown first, the plays whose owners should look at them, and the
    goals of the playbook beside what was measured."""
    found = results(parts.store, parts.playbook, now=parts.clock())
    return {
        "object": "play_stats",
        "data": [play_count_as_json(line) for line in found.counts],
        "flags": [play_flag_as_json(flag) for flag in found.flags],
        "goals": [goal_as_json(goal) for goal in found.goals],
    }
