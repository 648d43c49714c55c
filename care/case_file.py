"""One case with everything that belongs to it, as a person or a program reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from care.case import Case
from care.classification import Classification
from care.decision import Action, Decision
from care.escalation import Climbed
from care.handover import HandOver
from care.message import Message, Turn, is_somebody_else
from care.note import Note
from care.offline import OfflineTask
from care.promise import Promise
from care.reply import Purpose, Reply, ReplyStage, Suggestion
from care.satisfaction import Satisfaction
from care.snooze import Snooze


@dataclass(frozen=True, slots=True)
class Handled:
    """What people and the clock made of a case: its replies, promises, hand-overs, notes and climbs, oldest first."""

    replies: tuple[Reply, ...] = ()
    promises: tuple[Promise, ...] = ()
    handovers: tuple[HandOver, ...] = ()
    notes: tuple[Note, ...] = ()
    climbed: tuple[Climbed, ...] = ()
    """Whom it climbed to, lowest step first."""
    satisfaction: Satisfaction | None = None
    snooze: Snooze | None = None
    """The open one."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, read at one of its messages.

    work: preparing | open | decided | parked (prepare gave up, a person must look). corrections: (task, label), the
    tasks "action" and "team" among them where a person overrode the decision.
    """

    case: Case
    message: Message
    work: str
    classification: Classification | None
    suggestion: Suggestion | None
    thread: tuple[Turn, ...]
    offline: OfflineTask | None
    corrections: tuple[tuple[str, str], ...] = ()
    problem: str | None = None
    handled: Handled = field(default_factory=Handled)

    @property
    def decision(self) -> Decision | None:
        """What to do about it: what was decided, with what a person put in its place."""
        return None if self.suggestion is None else overridden(self.suggestion.decision, dict(self.corrections))

    @property
    def labels(self) -> dict[str, str]:
        """By task, what the message is about: a person's word before ours."""
        return labels_of(self.classification, dict(self.corrections))

    @property
    def reply(self) -> Reply | None:
        """The latest reply that was not taken back and is more than a question whether the customer is content.

        Of a private answer and its pointer, the answer.
        """
        said = [reply for reply in self.handled.replies if reply.sending.stage is not ReplyStage.WITHDRAWN]
        answers = [reply for reply in said if reply.purpose not in (Purpose.SATISFACTION, Purpose.POINTER)]
        return answers[-1] if answers else said[-1] if said else None

    @property
    def others(self) -> tuple[str, ...]:
        """Who else wrote in this thread, where only we can read it: a colleague of theirs, or a stranger."""
        if self.message.is_public:
            return ()
        theirs = (turn for turn in self.thread if turn.by_customer and is_somebody_else(turn, self.message))
        return tuple(dict.fromkeys(turn.customer for turn in theirs))


def labels_of(
    classification: Classification | None, corrections: Mapping[str, str], *, is_sure: bool = False
) -> dict[str, str]:
    """By task, what a message is about: what a person said, else our best label.

    is_sure: without the labels that we ourselves take for no more than a hint.
    """
    tasks = classification.tasks if classification else {}
    ours = {task: score.label for task, score in tasks.items() if not (is_sure and score.abstained)}
    return {**ours, **{task: label for task, label in corrections.items() if task in tasks}}


def overridden(decision: Decision, corrections: Mapping[str, str]) -> Decision:
    """A decision with a person's action and team in place of ours."""
    return replace(
        decision,
        action=Action(corrections.get("action", decision.action)),
        team=corrections.get("team", decision.team),
    )
