"""How the plays do and which goals are reached: what is kept, as the playbook reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from care.learning import GoalLine, PlayCount, PlayFlag
from care.ports import Playbook
from care.unit_of_work import Store


@dataclass(frozen=True, slots=True)
class Results:
    """counts: one line a play, most shown first. flags: what owners of plays should look at. goals: in their order."""

    counts: Sequence[PlayCount]
    flags: Sequence[PlayFlag]
    goals: Sequence[GoalLine]


def results(store: Store, playbook: Playbook, *, now: datetime) -> Results:
    """What people made of the latest drafts, and what was reached so far."""
    with store(read=True) as work:
        outcomes = work.learning.outcomes()
        answers = work.learning.first_answers()
        scores = work.lists.figures().get("satisfaction", {})
    edition = playbook.edition()
    counts, flags = edition.learn(outcomes)
    goals = edition.goals(counts, answers=answers, scores=scores, now=now)
    return Results(counts, flags, goals)
