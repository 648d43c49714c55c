"""The goals of the playbook beside what was measured: reached, not reached, or nothing to measure yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from care.learning import FirstAnswer, GoalLine, PlayCount
from playbook.parts import Goal

ON_TIME, SATISFACTION, DRAFTS_TAKEN = "first_response_on_time", "satisfaction", "drafts_taken"
GOALS = (ON_TIME, SATISFACTION, DRAFTS_TAKEN)
"""What can be measured: conversations whose first answer went out within the published window; the mean of the
satisfaction answers; drafts that people sent as they were."""


def measured(
    goals: Iterable[Goal],
    *,
    answers: Sequence[FirstAnswer],
    scores: Mapping[str, int],
    counts: Iterable[PlayCount],
    now: datetime,
) -> list[GoalLine]:
    """One line a goal. scores: how often each satisfaction score was given. now: what is not due yet does not count."""
    due = [answer for answer in answers if answer.answered_at is not None or answer.promised_at < now]
    n_on_time = sum(answer.answered_at is not None and answer.answered_at <= answer.promised_at for answer in due)
    n_scores = sum(scores.values())
    decided = [(line.n_accepted, line.n_accepted + line.n_edited + line.n_rejected) for line in counts]
    n_decided = sum(number for _, number in decided)
    measures = {
        ON_TIME: (n_on_time / len(due) if due else None, len(due)),
        SATISFACTION: (
            sum(int(score) * number for score, number in scores.items()) / n_scores if n_scores else None,
            n_scores,
        ),
        DRAFTS_TAKEN: (sum(number for number, _ in decided) / n_decided if n_decided else None, n_decided),
    }
    lines = []
    for goal in goals:
        value, n_cases = measures[goal.name]
        # A share is said in the words of its target: "96 of 100".
        told = value if value is None or goal.name == SATISFACTION else value * goal.of
        lines.append(GoalLine(goal.name, goal.target, goal.of, told, n_cases, goal.baseline))
    return lines
