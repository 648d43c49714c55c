"""Taking back what a person did to a case without sending anything, as long as it still is so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from care.case import Resolution
from care.casework import Casework
from care.errors import Conflict
from care.reply import SuggestionState
from care.snoozing import wake
from care.trail import Event
from care.unit_of_work import Work

BULK = "bulk.done"
"""In the trail: a person did one thing to several cases. Its facts hold the numbers of what that was for each."""
_PER_FACT = 10
STATES = {
    "suggestion.dismissed": SuggestionState.DISMISSED,
    "suggestion.rejected": SuggestionState.REJECTED,
    "draft.rejected": SuggestionState.PROPOSED,
}


@dataclass(frozen=True, slots=True)
class TakingBack:
    """Takes back one act, or one that was done to several cases. by: who takes back; only what they did themselves."""

    casework: Casework

    def one(self, event: Event, *, by: str) -> None:
        """Raises Conflict where it is not so any more, and whatever the way back raises."""
        with self.casework.answering.store(read=True) as work:
            is_so = still_stands(work, event, by)
        if not is_so:
            raise Conflict("This has changed since; there is nothing to take back.")
        self._ways()[event.event](event, by)

    def several(self, event: Event, *, by: str) -> list[str]:
        """Take back what a BULK event tells of. Returns the ids of cases that have changed since; they stay."""
        with self.casework.answering.store(read=True) as work:
            done = [act for number in numbers_of(event) if (act := work.recent.act(number)) is not None]
        left = []
        for act in reversed(done):
            try:
                self.one(act, by=by)
            except Conflict:
                left.append(act.case_id or "")
        return left

    def _ways(self) -> Mapping[str, Callable[[Event, str], object]]:
        casework, answering = self.casework, self.casework.answering
        return {
            "draft.rejected": lambda event, by: answering.restore_draft(
                event.subject_id, int(str(event.facts["draft"])), by=by
            ),
            "suggestion.dismissed": lambda event, by: answering.reconsider(event.subject_id, by=by),
            "suggestion.rejected": lambda event, by: answering.reconsider(event.subject_id, by=by),
            "case.resolved": lambda event, by: casework.reopen(event.subject_id, by=by),
            "case.snoozed": lambda event, by: wake(answering.store, event.subject_id, by=by),
            "case.assigned": lambda event, by: casework.assign(event.subject_id, by=by, to=_was(event, "from")),
            "decision.overridden": lambda event, by: casework.override(
                event.subject_id, by=by, reason="Taken back.", team=_was(event, "was_team")
            ),
            "message.relabelled": lambda event, by: casework.relabel(
                event.subject_id, by=by, labels=labels_before(event)
            ),
        }


def still_stands(work: Work, event: Event, me: str) -> bool:
    """Whether what was done still is so, and by the same person."""
    if event.by != me:
        return False
    if event.event in STATES:
        suggestion = work.suggestions.get(event.subject_id)
        if event.event == "draft.rejected":
            is_so = event.facts.get("draft") in rejected_drafts(work, suggestion.case_id, suggestion.id)
            return suggestion.choice.state is SuggestionState.PROPOSED and is_so
        return suggestion.choice.state is STATES[event.event] and suggestion.choice.decided_by == me
    if event.event == "case.resolved":
        case = work.cases.get(event.subject_id)
        return case.is_resolved and case.ending.resolved_by == me and case.ending.resolution is Resolution.SOLVED
    if event.event == "case.snoozed":
        snooze = work.snoozes.of_case(event.subject_id)
        return snooze is not None and snooze.made_by == me
    if event.event == "case.assigned":
        assigned = work.cases.get(event.subject_id).assignment.assigned_to
        return "from" in event.facts and assigned == event.facts.get("to")
    if event.event == "decision.overridden":
        decision = work.cases.file(event.subject_id).decision
        return decision is not None and "action" not in event.facts and decision.team == event.facts.get("team")
    labels = work.cases.file(event.subject_id).labels
    now_is = {task: labels.get(task) for task in labels_before(event)}
    return bool(now_is) and now_is == {task: event.facts.get(task) for task in now_is}


def numbers_of(event: Event) -> list[int]:
    """The numbers of what was done to each case, of a BULK event."""
    parts = [str(value) for name, value in sorted(event.facts.items()) if name.startswith("events_")]
    return [int(number) for part in parts for number in part.split()]


def facts_of(numbers: Sequence[int]) -> dict[str, str]:
    """The facts that `numbers_of` reads: a fact is short."""
    some = [numbers[n : n + _PER_FACT] for n in range(0, len(numbers), _PER_FACT)]
    return {f"events_{n:02}": " ".join(map(str, part)) for n, part in enumerate(some)}


def labels_before(event: Event) -> Mapping[str, str]:
    """The labels before they were changed."""
    was = {name.removeprefix("was_"): str(label) for name, label in event.facts.items() if name.startswith("was_")}
    return {task: label for task, label in was.items() if label != event.facts.get(task)}


def rejected_drafts(work: Work, case_id: str, suggestion_id: str) -> frozenset[int]:
    """Which drafts of a suggestion a person does not want, while the others stand."""
    numbers: set[int] = set()
    for event in work.trail.of_case(case_id):
        draft = event.facts.get("draft")
        if event.subject_id == suggestion_id and isinstance(draft, int):
            if event.event == "draft.rejected":
                numbers.add(draft)
            elif event.event == "draft.restored":
                numbers.discard(draft)
    return frozenset(numbers)


def _was(event: Event, name: str) -> str | None:
    value = event.facts.get(name)
    return None if value is None else str(value)
