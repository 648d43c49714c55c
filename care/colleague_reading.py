"""What a colleague does with a reply that waits to be read: let it go out, or give it back and say why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from care.answering import Answering
from care.case import Case
from care.errors import BadStep, Conflict, NotAllowed, StaleVersion
from care.ids import new_id
from care.masking import mask
from care.mentioning import notice_to
from care.note import LONGEST_NOTE, Note, NoteKind
from care.ports import DELIVER, NOTIFY
from care.reply import Reply, ReplyStage
from care.second_yes import why_not
from care.unit_of_work import Work
from care.writing import bring_back


@dataclass(frozen=True, slots=True)
class ColleagueReading:
    """A colleague's word on the replies of somebody who is checked."""

    answering: Answering

    def agree(self, reply_id: str, *, by: str) -> Reply:
        """Let a reply go out, with the pointer beside it, once its undo window is over.

        The same yes again changes nothing. Raises NotFound, NotAllowed for its author and for somebody who is checked
        themselves, and Conflict where it waits for nobody.
        """
        desk = self.answering
        with desk.store() as work:
            case = work.cases.lock(work.replies.get(reply_id).case_id)
            reply = work.replies.get(reply_id)
            if reply.consent.second_by == by:
                return reply
            _refuse(work, reply, by=by)
            other = work.replies.other_half(reply)
            halves = [reply, *([other] if other is not None and other.waits_for_colleague else [])]
            windows = desk.undo_windows
            waits_s = windows.get(reply.address.channel, windows["*"])
            at = desk.clock() + timedelta(seconds=waits_s)
            agreed = [half.with_consent(second_by=by).with_sending(not_before=at) for half in halves]
            for half in agreed:
                if not work.replies.save(half, was=ReplyStage.PENDING):
                    raise StaleVersion(f"Reply {half.id} has changed; look again.")
            facts = {"message_id": reply.message_id, "author": reply.consent.approved_by}
            work.note("reply.read", reply.id, by=by, facts=facts, case_id=case.id)
        desk.queue.ring(DELIVER, reply_id)
        return agreed[0]

    def give_back(self, reply_id: str, *, by: str, why: str) -> Reply:
        """Take a reply back before anybody heard it, and tell its author why, in a note on the case.

        Raises what `agree` raises, and BadStep for no words.
        """
        desk, now = self.answering, self.answering.clock()
        said = mask(why.strip()[:LONGEST_NOTE], redactor=desk.redactor, is_public=False).text
        if not said:
            raise BadStep("Say what should be different: its author reads it.")
        with desk.store(read=True) as work:
            _refuse(work, work.replies.get(reply_id), by=by)
        reply = desk.withdraw(reply_id, by=by)
        with desk.store() as work:
            case = work.cases.lock(reply.case_id)
            bring_back(work, reply, to=reply.consent.approved_by, now=now)
            told = noted(work, case, said, by=by, to=reply.consent.approved_by, now=now)
        for notice_id in told:
            desk.queue.ring(NOTIFY, notice_id)
        return reply


def noted(work: Work, case: Case, said: str, *, by: str, to: str, now: datetime) -> list[str]:
    """Keep what one colleague says to another about their reply on a locked case. Ids of what is to be told."""
    note = Note(new_id("note", now=now), case.id, said, by, now, NoteKind.FEEDBACK, mentions=(to,))
    work.notes.add(note)
    person, told = work.access.person(id=to), []
    if person is not None and person.is_active and to != by:
        notice = notice_to(case, person, note.id, now=now)
        if work.notices.add(notice):
            told.append(notice.id)
    work.note("note.added", note.id, by=by, facts={"mentions": 1}, case_id=case.id)
    return told


def _refuse(work: Work, reply: Reply, *, by: str) -> None:
    person = work.access.person(id=by)
    if person is None or not person.is_active:
        raise NotAllowed("Only a person who works here reads a reply first.")
    if not reply.waits_for_colleague:
        stage = reply.sending.stage
        raise Conflict(f"Reply {reply.id} does not wait to be read: it is {stage}.", state=stage)
    if problem := why_not(person, reply):
        raise NotAllowed(problem)
