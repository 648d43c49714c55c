"""The goals of the playbook beside what was measured: reached, not reached, or nothing to measure yet."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from care.goals import LENGTHS, MEASURES, NAMED_SHARES, SATISFACTION, Goal
from care.learning import FirstAnswer, GoalLine, PlayCount
from playbook.source import Entry

ON_TIME, DRAFTS_TAKEN = "first_response_on_time", "drafts_taken"
_TARGET = re.compile(
    r"(?:at (?P<which>most|least) )?(?P<n>\d+(?:\.\d+)?) (?:of (?P<of>\d+)|(?P<length>h|min)|a week)\b"
)


def read_goals(entry: Entry) -> Iterator[Goal]:
    """Read `goals:`, each about a figure of the report; what cannot be measured or read becomes a problem."""
    for name, row in entry.only(*MEASURES).items():
        row.only("baseline", "target", "owner")
        target, baseline = row.need("target"), row.get("baseline")
        match = _TARGET.match(target.text())
        if match is None or name not in MEASURES or bool(match["of"]) != (name in (*NAMED_SHARES, SATISFACTION)) or (
            bool(match["length"]) != (name in LENGTHS)
        ):  # fmt: skip
            target.wrong("should begin with a number and what it is of", _LIKE)
            continue
        is_span = isinstance(baseline.value, dict)
        yield Goal(
            name,
            float(match["n"]) / (60 if match["length"] == "min" else 1),
            of=float(match["of"] or 0),
            baseline="" if is_span else baseline.text(),
            owner=row.get("owner").text(),
            is_most=match["which"] == "most" or name in LENGTHS,
            first=baseline.only("from", "to").need("from").day() if is_span else None,
            last=baseline.need("to").day() if is_span else None,
        )


_LIKE = "like `95 of 100`, `4.2 of 5`, `2 h` for a median, `at most 3 a week` for a count"


def measured(
    goals: Iterable[Goal],
    *,
    answers: Sequence[FirstAnswer],
    scores: Mapping[str, int],
    counts: Iterable[PlayCount],
    now: datetime,
) -> list[GoalLine]:
    """One line for each goal that is counted over all that is kept.

    scores: how often each satisfaction score was given. now: what is not due yet does not count.
    """
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
    for goal in (goal for goal in goals if goal.name in measures):
        value, n_cases = measures[goal.name]
        # A share is said in the words of its target: "96 of 100".
        told = value if value is None or goal.name == SATISFACTION else value * goal.of
        lines.append(GoalLine(goal.name, goal.target, goal.of, told, n_cases, goal.baseline))
    return lines
