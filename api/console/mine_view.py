"""What I did lately and can take back: replies until they go, and what goes out to nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.console import wording
from care.message import Visibility
from care.reply import Purpose
from care.taking_back import BULK, labels_before, numbers_of, still_stands
from care.trail import Event
from care.unit_of_work import Work

KEPT_S = 120.0
"""How long what goes out to nobody is offered for taking back here; on its own case it stays so."""
SHOWN = 3
DONE = {
    "suggestion.dismissed": "No answer needed",
    "suggestion.rejected": "Rejected",
    "draft.rejected": "Rejected one draft",
    "case.resolved": "Resolved",
    "message.relabelled": "Labels changed",
    "case.snoozed": "Snoozed",
}
SAID_OF_SEVERAL = {
    "assign": "Assigned",
    "team": "Given to a team",
    "resolve": "Resolved",
    "dismiss": "No answer needed",
    "label": "Labels changed",
    "snooze": "Snoozed",
}


@dataclass(frozen=True, slots=True)
class Undoable:
    """One thing to take back. seconds: how long that is offered; is_going: a reply that goes out then."""

    url: str
    what: str
    who: str
    where: str
    case_id: str
    seconds: int
    is_public: bool = False
    is_going: bool = False


def undoables(work: Work, *, me: str, now: float) -> Sequence[Undoable]:
    """now: a moment of the page, in seconds. The latest first, what goes out before all else."""
    return [*_replies(work, me, now), *_acts(work, me, now)]


def _replies(work: Work, me: str, now: float) -> list[Undoable]:
    undoable, waiting = [], work.recent.waiting(me)
    for id in waiting:
        reply = work.replies.get(id)
        # A pointer goes with its answer.
        if reply.purpose is Purpose.POINTER and reply.answer_id in waiting:
            continue
        is_public = reply.address.visibility is Visibility.PUBLIC
        where = f"{'PUBLIC' if is_public else 'PRIVATE'} {wording.channel(reply.address.channel)}"
        seconds = max(0, int(reply.sending.not_before.timestamp() - now))
        url, who = f"/replies/{id}/undo", _writer(work, reply.message_id)
        undoable.append(Undoable(url, "Goes out to", who, where, reply.case_id, seconds, is_public, is_going=True))
    return undoable[::-1]


def _acts(work: Work, me: str, now: float) -> list[Undoable]:
    undoable: list[Undoable] = []
    seen: set[object] = set()
    done = work.recent.acts(me, (*DONE, BULK), within_s=KEPT_S)
    # What was done to several cases at once is taken back at once.
    of_several = {number for event in done if event.event == BULK for number in numbers_of(event)}
    for event in done:
        key = (event.event, event.subject_id, event.facts.get("draft"))
        is_new = key not in seen and event.number not in of_several and _may_go_back(work, event, me)
        seen.add(key)
        # What was taken back is not offered for taking back in its turn.
        if not is_new or _is_undo(event, done):
            continue
        seconds = max(0, int(event.at.timestamp() + KEPT_S - now))
        undoable.append(_undoable(work, event, seconds))
        if len(undoable) == SHOWN:
            break
    return undoable


def _undoable(work: Work, event: Event, seconds: int) -> Undoable:
    url = f"/acts/{event.number}/undo"
    if event.case_id is None:
        n = len(numbers_of(event))
        what = SAID_OF_SEVERAL.get(str(event.facts.get("act")), "Changed")
        return Undoable(url, what, "1 case" if n == 1 else f"{n} cases", "", "", seconds)
    who = writer_of(work, event.case_id)
    return Undoable(url, DONE[event.event], who, "", event.case_id, seconds)


def _may_go_back(work: Work, event: Event, me: str) -> bool:
    if event.event != BULK:
        return event.case_id is not None and still_stands(work, event, me)
    acts = (work.recent.act(number) for number in numbers_of(event))
    return any(act is not None and still_stands(work, act, me) for act in acts)


def _is_undo(event: Event, done: Sequence[Event]) -> bool:
    """Whether labels were put back to what they were before an earlier change by the same person."""
    if event.event != "message.relabelled":
        return False
    earlier = [change for change in done if change.number < event.number and change.subject_id == event.subject_id]
    changed = labels_before(event)
    return any(
        changed and all(labels_before(change).get(task) == event.facts.get(task) for task in changed)
        for change in earlier
    )


def writer_of(work: Work, case_id: str) -> str:
    """Of whom a case is: who wrote last. Raises NotFound."""
    return _writer(work, work.cases.get(case_id).latest_message_id)


def _writer(work: Work, message_id: str) -> str:
    author = work.messages.get(message_id).author
    return author.name or author.handle
