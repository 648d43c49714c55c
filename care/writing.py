"""What a person does before they send: take the case, and write words that are kept as they grow."""

from dataclasses import replace
from datetime import datetime

from care.case import Case
from care.errors import Conflict, StaleVersion
from care.hold import ASK_S, HELD, HOLD_S, SEEN_S, Hold
from care.masking import mask
from care.ports import Redactor
from care.reply import Purpose, Reply, ReplyStage
from care.sensitive import Handling
from care.unit_of_work import Store, Work
from care.unsent import LONGEST, UnsentText, place_of


def take_hold(store: Store, case_id: str, *, by: str) -> Hold | None:
    """Take a case, or hold it longer; None while somebody else holds it. Raises NotFound.

    Who asked to take over, and was not told no for `ASK_S`, gets it from its holder.
    """
    with store() as work:
        work.cases.get(case_id)
        before = work.holds.of(case_id)
        hold = work.holds.take(case_id, by, hold_s=HOLD_S, ask_s=ASK_S)
        if hold is not None and before is not None and not before.is_over and before.person_id != by:
            work.note("case.taken_over", case_id, by=by, facts={"from": before.person_id}, case_id=case_id)
        return hold


def refuse_held(work: Work, case: Case, *, by: str, fence: int | None = None) -> None:
    """Refuse a step on a locked case that somebody else holds, or held since this person took it.

    fence: the number of the hold under which the step was made; None: it was made under none. Raises Conflict and
    StaleVersion.
    """
    hold = work.holds.of(case.id, to_lock=True)
    if hold is None:
        return
    if not hold.is_over and hold.person_id != by:
        said = "Somebody else is writing in this case. Ask to take it over, or wait until they are done."
        raise Conflict(said, state=HELD, by=hold.person_id)
    if fence is not None and fence != hold.fence:
        raise StaleVersion("Somebody else had this case since you took it; read it again.")


def keep_unsent(store: Store, redactor: Redactor, unsent: UnsentText) -> bool:
    """Keep what a person wrote so far, masked; no words there: forget what was kept.

    False where the text could not be checked, so that nothing of it is kept. Raises NotFound for a case there is not.
    """
    texts = [mask(words[:LONGEST], redactor=redactor, is_public=False) for words in (unsent.text, unsent.pointer)]
    if any(masked.handling is Handling.WITHHELD for masked in texts):
        return False
    text, pointer = (masked.text for masked in texts)
    with store() as work:
        work.cases.get(unsent.case_id)
        if text.strip() or pointer.strip():
            work.unsent.keep(replace(unsent, text=text, pointer=pointer))
        else:
            work.unsent.drop(unsent.person_id, unsent.case_id, place=unsent.place)
    return True


def sent(work: Work, case: Case, reply_id: str, *, by: str) -> None:
    """What a person wrote on a case has been sent: nothing of it is unsent any more, and others may write.

    For how long they had the case open is kept with the reply.
    """
    work.workload.record(reply_id, case.id, by=by, seen_s=SEEN_S)
    work.unsent.drop(by, case.id)
    work.holds.give_back(case.id, by)


def bring_back(work: Work, reply: Reply, *, to: str, now: datetime) -> None:
    """Make what was taken back unsent text of its author again; nothing where `to` is not its author."""
    other = work.replies.other_half(reply)
    answer, pointer = (other, reply) if reply.purpose is Purpose.POINTER and other else (reply, other)
    if answer.consent.approved_by != to or answer.sending.stage is not ReplyStage.WITHDRAWN:
        return
    suggestion = work.suggestions.get(answer.suggestion_id) if answer.suggestion_id else None
    plays = [draft.play for draft in suggestion.drafts] if suggestion else []
    is_draft = suggestion is not None and answer.said.play in plays
    place = place_of(suggestion.id, plays.index(str(answer.said.play))) if suggestion and is_draft else answer.id
    words, is_pair = pointer.said.words if pointer else "", pointer is not None
    work.unsent.keep(UnsentText(to, answer.case_id, place, answer.said.words, now, words, is_pair))
