"""A reply that did not go out after all leaves no trace in what waits, what is promised and what was asked."""

from datetime import datetime

from care import offline_path
from care.case import Case
from care.policy import Policy
from care.reply import Purpose, Reply, ReplyStage
from care.settling import reopened, unsay
from care.unit_of_work import Work


def undo_effects(work: Work, case: Case, reply: Reply, *, by: str, at: datetime, policy: Policy) -> Case:
    """Undo what a reply had brought about on its locked case; the case as it is then.

    reply: as it stood before it was withdrawn. Its suggestion is open again, unless the customer wrote since. The
    caller settles the case.
    """
    if reply.suggestion_id is not None:
        suggestion = work.suggestions.get(reply.suggestion_id)
        work.suggestions.reopen(suggestion.id, is_overtaken=suggestion.turn < case.turn)
    if reply.purpose is Purpose.CLOSING:
        offline_path.reopen_loop(work, reply, by=by, at=at)
    if reply.purpose is Purpose.SATISFACTION:
        work.surveys.withdraw(reply.id)
    unsay(work, reply, at=at)
    facts = {"message_id": reply.message_id}
    work.note("reply.withdrawn", reply.id, by=by, facts=facts, case_id=case.id)
    # A matter that was solved by words that nobody hears is not solved.
    is_pending = reply.sending.stage is ReplyStage.PENDING
    if reply.purpose is Purpose.CLOSING or (reply.purpose is Purpose.ANSWER and is_pending):
        return reopened(work, case, by=by, at=at, policy=policy)
    return case
