"""`review` of a playbook: what is read in the quality review, and by which questions."""

import re

from care.quality import QualityPolicy, ReviewQuestion
from playbook.source import Entry

_NAME = re.compile(r"[a-z][a-z0-9_]{1,19}\Z")
MOST_QUESTIONS = 8


def quality(entry: Entry) -> QualityPolicy:
    """What is not said stands as it usually is."""
    usual = QualityPolicy()
    entry = entry.only("questions", "per_week", "doubtful", "twice")
    per_week = entry.get("per_week").whole(usual.per_week)
    doubtful = entry.get("doubtful").whole(min(usual.doubtful, per_week))
    twice = entry.get("twice").number(usual.twice)
    if not 0 <= twice <= 1:
        entry.get("twice").wrong("should be a share from 0 to 1")
        twice = usual.twice
    if doubtful > per_week:
        entry.get("doubtful").wrong(f"is more than all that is read of a person in a week, {per_week}")
        doubtful = per_week
    return QualityPolicy(_questions(entry.get("questions")) or usual.questions, per_week, doubtful, twice)


def _questions(entry: Entry) -> tuple[ReviewQuestion, ...]:
    questions = []
    for name, row in entry.items():
        if not _NAME.match(name):
            row.wrong("has a name that is none", "2 to 20 small letters, digits and _")
        questions.append(ReviewQuestion(name, row.text()))
    if len(questions) > MOST_QUESTIONS:
        entry.wrong(f"has {len(questions)} questions", f"ask at most {MOST_QUESTIONS}: people read many replies")
    return tuple(questions[:MOST_QUESTIONS])
