"""What the quality review found over the last weeks, and what is left to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from care.ports import Playbook
from care.quality import Agreement, Pick, ReviewQuestion, Shares, agreements, by_reply, last_week, shares, week_of
from care.quality_desk import may_read
from care.unit_of_work import Store

WEEKS = 12
"""What is told lies in these weeks."""


@dataclass(frozen=True, slots=True)
class QualityStanding:
    """questions: of the form. to_read: those that this person may read, the latest week first. n_picked, n_read: of the
    last sample, replies and those that everybody has read who is to."""

    week: str
    questions: Sequence[ReviewQuestion]
    to_read: Sequence[Pick]
    n_picked: int
    n_read: int
    people: Sequence[Shares]
    agreement: Sequence[Agreement]


def quality_standing(store: Store, playbook: Playbook, *, by: str, now: datetime) -> QualityStanding:
    """The last twelve weeks. by: who looks; "" for a program, which is told of everything that is not read yet."""
    policy = playbook.edition().policy
    week, monday, _ = last_week(now, policy.zone)
    since = week_of(monday - timedelta(weeks=WEEKS - 1))
    with store(read=True) as work:
        picks, reviews = work.quality.picks(since=since), work.quality.reviews(since=since)
    of = by_reply(reviews)
    latest = [pick for pick in picks if pick.week == week]
    names = [question.id for question in policy.teams.quality.questions]
    return QualityStanding(
        week=week,
        questions=policy.teams.quality.questions,
        to_read=[pick for pick in picks if may_read(pick, of[pick.reply_id], by)],
        n_picked=len(latest),
        n_read=sum(len(of[pick.reply_id]) >= pick.n_readers for pick in latest),
        people=shares(picks, reviews, names),
        agreement=agreements(reviews, names),
    )
