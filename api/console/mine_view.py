"""What I did lately and can take back: replies until they go, and what goes out to nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.console import wording
from care.case import Resolution
from care.message import Visibility
from care.reply import Purpose, SuggestionState
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
}
STATES = {
    "suggestion.dismissed": SuggestionState.DISMISSED,
    "suggestion.rejected": SuggestionState.REJECTED,
    "draft.rejected": SuggestionState.PROPOSED,
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
    found, waiting = [], work.recent.waiting(me)
    for id in waiting:
        reply = work.replies.get(id)
        # A pointer goes with its answer.
        if reply.purpose is Purpose.POINTER and reply.answer_id in waiting:
            continue
        is_public = reply.visibility is Visibility.PUBLIC
        where = f"{'PUBLIC' if is_public else 'PRIVATE'} {wording.channel(reply.channel)}"
        seconds = max(0, int(reply.not_before.timestamp() - now))
        url, who = f"/replies/{id}/undo", _writer(work, reply.message_id)
        found.append(Undoable(url, "Goes out to", who, where, reply.case_id, seconds, is_public, is_going=True))
    return found[::-1]


def _acts(work: Work, me: str, now: float) -> list[Undoable]:
    found: list[Undoable] = []
    seen: set[object] = set()
    done = work.recent.acts(me, tuple(DONE), within_s=KEPT_S)
    for event in done:
        key = (event.event, event.subject_id, event.facts.get("draft"))
        is_new = key not in seen and event.case_id is not None and still_stands(work, event, me)
        seen.add(key)
        # What was taken back is not offered for taking back in its turn.
        if not is_new or event.case_id is None or _is_undo(event, done):
            continue
        seconds = max(0, int(event.at.timestamp() + KEPT_S - now))
        who = _writer(work, work.cases.get(event.case_id).latest_message_id)
        url = f"/acts/{event.number}/undo"
        found.append(Undoable(url, DONE[event.event], who, "", event.case_id, seconds))
    return found[:SHOWN]


def still_stands(work: Work, event: Event, me: str) -> bool:
    """Whether what was done still is so, and by the same person."""
    if event.event in STATES:
        suggestion = work.suggestions.get(event.subject_id)
        if event.event == "draft.rejected":
            is_so = event.facts.get("draft") in rejected_drafts(work, suggestion.case_id, suggestion.id)
            return suggestion.state is SuggestionState.PROPOSED and is_so
        return suggestion.state is STATES[event.event] and suggestion.decided_by == me
    if event.event == "case.resolved":
        case = work.cases.get(event.subject_id)
        return case.is_resolved and case.resolved_by == me and case.resolution is Resolution.SOLVED
    labels = work.cases.file(event.subject_id).labels
    now_is = {task: labels.get(task) for task in labels_before(event)}
    return bool(now_is) and now_is == {task: event.facts.get(task) for task in now_is}


def labels_before(event: Event) -> Mapping[str, str]:
    """The labels before they were changed."""
    was = {name.removeprefix("was_"): str(label) for name, label in event.facts.items() if name.startswith("was_")}
    return {task: label for task, label in was.items() if label != event.facts.get(task)}


def _is_undo(event: Event, done: Sequence[Event]) -> bool:
    """Whether labels were put back to what they were before an earlier change by the same person."""
    if event.event != "message.relabelled":
        return False
    earlier = [one for one in done if one.number < event.number and one.subject_id == event.subject_id]
    changed = labels_before(event)
    return any(
        changed and all(labels_before(one).get(task) == event.facts.get(task) for task in changed) for one in earlier
    )


def rejected_drafts(work: Work, case_id: str, suggestion_id: str) -> frozenset[int]:
    """Which drafts of a suggestion a person does not want, while the others stand."""
    found: set[int] = set()
    for event in work.trail.of_case(case_id):
        draft = event.facts.get("draft")
        if event.subject_id == suggestion_id and isinstance(draft, int):
            if event.event == "draft.rejected":
                found.add(draft)
            elif event.event == "draft.restored":
                found.discard(draft)
    return frozenset(found)


def _writer(work: Work, message_id: str) -> str:
    author = work.messages.get(message_id).author
    return author.name or author.handle
