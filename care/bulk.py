"""One thing done to several cases: each by itself, what cannot be is left out and named, and all of it is taken back by
one step. Nothing of it ever sends anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from care.case_file import CaseFile
from care.casework import Casework
from care.errors import BadStep, Conflict, NotFound, SensitiveBlocked
from care.hold import HELD
from care.ids import new_id
from care.snoozing import snooze
from care.taking_back import BULK, facts_of

AT_MOST = 100
REASON = "Chosen for several cases at once."


class BulkAct(StrEnum):
    """What can be done to several cases."""

    ASSIGN = "assign"
    TEAM = "team"
    RESOLVE = "resolve"
    DISMISS = "dismiss"
    LABEL = "label"
    SNOOZE = "snooze"


EVENTS = {
    BulkAct.ASSIGN: "case.assigned",
    BulkAct.TEAM: "decision.overridden",
    BulkAct.RESOLVE: "case.resolved",
    BulkAct.DISMISS: "suggestion.dismissed",
    BulkAct.LABEL: "message.relabelled",
    BulkAct.SNOOZE: "case.snoozed",
}


@dataclass(frozen=True, slots=True)
class BulkWish:
    """What a person wants done. cases: by id, the turn that they saw; None: whatever it is.

    to: the person or None for nobody, or the team. labels: by task. until: of a snooze.
    """

    act: BulkAct
    by: str
    cases: Mapping[str, int | None]
    to: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A case that was left out, and why. by: who holds it, or made it so."""

    case_id: str
    why: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class BulkDone:
    """What was done to which cases. number: of the event in the trail by which it is taken back; None: nothing was."""

    act: BulkAct
    done: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    number: int | None


@dataclass(frozen=True, slots=True)
class Bulk:
    """Does one thing to several cases, by the steps that a person takes for one."""

    casework: Casework

    def do(self, wish: BulkWish) -> BulkDone:
        """Raises BadStep for none or too many cases, or what is not said that the act needs."""
        if not 1 <= len(wish.cases) <= AT_MOST:
            raise BadStep(f"Choose 1 to {AT_MOST} cases.")
        if wish.act is BulkAct.SNOOZE and wish.until is None:
            raise BadStep("Say until when.")
        if (wish.act is BulkAct.TEAM and not wish.to) or (wish.act is BulkAct.LABEL and not wish.labels):
            raise BadStep("Say which one.")
        done: dict[str, int] = {}
        skipped = []
        for case_id, turn in wish.cases.items():
            try:
                done[case_id] = self._one(wish, case_id, turn)
            except SensitiveBlocked:
                skipped.append(Skipped(case_id, "A label may not hold that."))
            except (Conflict, BadStep, NotFound) as error:
                by = error.by if isinstance(error, Conflict) else None
                skipped.append(Skipped(case_id, str(error), by))
        number = self._tell(wish, list(done.values()), n_skipped=len(skipped)) if done else None
        return BulkDone(wish.act, tuple(done), tuple(skipped), number)

    def _one(self, wish: BulkWish, case_id: str, turn: int | None) -> int:
        """The number of the event that tells what was done."""
        store = self.casework.answering.store
        with store(read=True) as work:
            file, hold = work.cases.latest(case_id), work.holds.of(case_id)
        if hold is not None and not hold.is_over and hold.person_id != wish.by:
            raise Conflict("Somebody else is writing in it.", state=HELD, by=hold.person_id)
        if turn is not None and turn != file.case.turn:
            raise Conflict("Something was written in it since.", state=file.case.standing.state)
        if _is_so_already(wish, file):
            raise Conflict("It is so already.", state=file.case.standing.state)
        self._ways()[wish.act](wish, file)
        with store(read=True) as work:
            events = work.trail.of_case(file.case.id)
        return max(event.number for event in events if event.event == EVENTS[wish.act] and event.by == wish.by)

    def _ways(self) -> Mapping[BulkAct, Callable[[BulkWish, CaseFile], object]]:
        casework, clock = self.casework, self.casework.answering.clock

        def dismiss(wish: BulkWish, file: CaseFile) -> None:
            if file.suggestion is None:
                raise Conflict("There is no suggestion to decide on yet.")
            version = file.suggestion.choice.version
            casework.answering.dismiss(file.suggestion.id, by=wish.by, version=version)

        def put_off(wish: BulkWish, file: CaseFile) -> None:
            assert wish.until is not None
            snooze(casework.answering.store, file.case.id, by=wish.by, until=wish.until, now=clock())

        return {
            BulkAct.ASSIGN: lambda wish, file: casework.assign(file.case.id, by=wish.by, to=wish.to),
            BulkAct.TEAM: lambda wish, file: casework.override(
                file.message.id, by=wish.by, reason=REASON, team=wish.to
            ),
            BulkAct.RESOLVE: lambda wish, file: casework.resolve(file.case.id, by=wish.by),
            BulkAct.DISMISS: dismiss,
            BulkAct.LABEL: lambda wish, file: casework.relabel(file.message.id, by=wish.by, labels=wish.labels),
            BulkAct.SNOOZE: put_off,
        }

    def _tell(self, wish: BulkWish, numbers: list[int], *, n_skipped: int) -> int:
        answering = self.casework.answering
        id = new_id("blk", now=answering.clock())
        facts = {"act": str(wish.act), "cases": len(numbers), "skipped": n_skipped, **facts_of(numbers)}
        with answering.store() as work:
            work.note(BULK, id, by=wish.by, facts=facts)
        with answering.store(read=True) as work:
            [event] = [event for event in work.recent.acts(wish.by, [BULK], within_s=3600) if event.subject_id == id]
        return event.number


def _is_so_already(wish: BulkWish, file: CaseFile) -> bool:
    """Whether there is nothing to do, and nothing to take back then."""
    if wish.act is BulkAct.ASSIGN:
        return file.case.assignment.assigned_to == wish.to
    if wish.act is BulkAct.TEAM:
        return file.decision is not None and file.decision.team == wish.to
    if wish.act is BulkAct.LABEL:
        return all(file.labels.get(task) == label for task, label in wish.labels.items())
    return wish.act in (BulkAct.RESOLVE, BulkAct.DISMISS) and file.case.is_resolved
