"""The steps of the quality review: draw a week's sample, read a reply by the form, tell its author."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from care.access import Person, Role
from care.answering import Answering
from care.case import Case
from care.colleague_reading import noted
from care.errors import BadStep, Conflict, NotAllowed
from care.masking import mask
from care.note import LONGEST_NOTE
from care.ports import NOTIFY, Playbook
from care.quality import Answer, Pick, Review, drawn, last_week
from care.reporting import Period
from care.unit_of_work import Store, Work

DRAWN = "quality.drawn"


def draw(store: Store, playbook: Playbook, *, now: datetime) -> dict[str, int]:
    """Draw the sample of the week that ended last, once. Returns what was picked, counted."""
    policy = playbook.edition().policy
    week, first, last = last_week(now, policy.zone)
    with store(read=True) as work:
        if _is_drawn(work, week):
            return {}
        period = Period.of_days(first, last, policy.zone)
        picks = drawn(work.quality.sent(period.since, period.until), week=week, policy=policy.teams.quality)
    with store() as work:
        if _is_drawn(work, week):
            return {}
        n_kept = work.quality.keep(picks)
        work.note(DRAWN, week, by="tactful", facts={"n": n_kept})
    return {"quality.picked": n_kept} if n_kept else {}


def _is_drawn(work: Work, week: str) -> bool:
    latest = work.trail.latest(DRAWN)
    return latest is not None and latest.subject_id >= week


def may_read(pick: Pick, reviews: list[Review], by: str) -> bool:
    """Whether a pick is left for this person to read: not their own, nor one that enough have read."""
    readers = [review.reader for review in reviews]
    return by != pick.author and by not in readers and len(readers) < pick.n_readers


@dataclass(frozen=True, slots=True)
class QualityDesk:
    """What a lead does with a sample."""

    answering: Answering

    def read(self, reply_id: str, *, by: str, answers: Mapping[str, Answer], note: str = "") -> Review:
        """Keep what one person says of a reply of the sample.

        The note goes to its author once everybody who is to read the reply has done so: who reads second must not come
        across it. Raises NotFound, NotAllowed for an agent or the author, BadStep where a question has no answer, and
        Conflict for a reply that is read already.
        """
        desk = self.answering
        questions = [question.id for question in desk.playbook.policy.teams.quality.questions]
        if set(answers) != set(questions):
            raise BadStep(f"Every question takes an answer: {', '.join(questions)}.")
        said = mask(note.strip()[:LONGEST_NOTE], redactor=desk.redactor, is_public=False).text
        now = desk.clock()
        told: list[str] = []
        with desk.store() as work:
            pick = work.quality.pick(reply_id)
            case = work.cases.lock(pick.case_id)
            _refuse(work.access.person(id=by), pick)
            before = work.quality.of_reply(reply_id)
            ordered = {name: answers[name] for name in questions}
            review = Review(reply_id, pick.case_id, by, ordered, now, said)
            if not may_read(pick, before, by) or not work.quality.add(review):
                raise Conflict("This reply has been read already; there is nothing left to say of it.")
            if len(before) + 1 >= pick.n_readers:
                told = self._tell(work, case, pick, [*before, review])
            facts = {"author": pick.author, "lacking": " ".join(review.lacking)[:200]}
            work.note("quality.read", reply_id, by=by, facts=facts, case_id=case.id)
        for notice_id in told:
            desk.queue.ring(NOTIFY, notice_id)
        return review

    def _tell(self, work: Work, case: Case, pick: Pick, reviews: list[Review]) -> list[str]:
        """Give the author what was said, one note a reader. Ids of what is to be told."""
        now, told = self.answering.clock(), []
        for review in reviews:
            if review.note and not review.is_told:
                told += noted(work, case, review.note, by=review.reader, to=pick.author, now=now)
        work.quality.told(pick.reply_id)
        return told


def _refuse(person: Person | None, pick: Pick) -> None:
    if person is None or person.role is Role.AGENT:
        raise NotAllowed("The quality review is read by supervisors and administrators.")
    if person.id == pick.author:
        raise NotAllowed("Nobody reads a reply of their own in the quality review.")
