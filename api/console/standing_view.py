"""Where a case stands, who has it, and what people did beside answering."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.console import wording
from api.console.viewer import Viewer
from api.depends import Parts
from care.case import Case, CaseState, Resolution
from care.case_file import CaseFile
from care.handover import HandOver, HandOverState
from care.note import Note, NoteKind
from care.offline import OfflineState
from care.reply import ReplyStage
from care.sensitive import Handling
from care.snooze import Preset, Snooze, first_day, presets

STATES = {
    CaseState.NEW: "New",
    CaseState.OPEN: "Open",
    CaseState.WAITING_FOR_CUSTOMER: "Waiting for customer",
    CaseState.PROMISED: "Promised",
    CaseState.OFFLINE: "Offline",
    CaseState.RESOLVED: "Resolved",
}
ENDS = {
    Resolution.IGNORED: "Set aside",
    Resolution.IMPORTED: "Imported as history",
    Resolution.ARCHIVED: "Archived: it was a sample or a rehearsal",
}
SNOOZES = {
    Preset.HOUR: "In an hour",
    Preset.EVENING: "This evening",
    Preset.TOMORROW: "Tomorrow morning",
    Preset.MONDAY: "Monday morning",
}
NOTED = {
    NoteKind.NOTE: "",
    NoteKind.REJECTION: "why no draft was taken",
    NoteKind.HAND_OVER: "why it was handed over",
    NoteKind.ANSWER: "answered",
    NoteKind.FEEDBACK: "about a reply that they read",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """Where a case stands, in words. until: the hour that belongs to it."""

    text: str
    state: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfflineStep:
    """One line of the offline check list. state: done, now or later."""

    text: str
    state: str


@dataclass(frozen=True, slots=True)
class HandOverView:
    """One hand-over. by: who handed it over; became: what became of it."""

    handover: HandOver
    by: str
    became: str

    @property
    def to(self) -> str:
        """The team, and the contact where they are called otherwise."""
        to, contact = wording.words(self.handover.to), self.handover.contact
        return wording.capital(to if contact.casefold() == self.handover.to.casefold() else f"{to}: {contact}")


@dataclass(frozen=True, slots=True)
class NoteView:
    """One internal note. kind: what it is beside a colleague's word."""

    note: Note
    by: str
    kind: str


@dataclass(frozen=True, slots=True)
class SnoozeView:
    """Whether a case is snoozed, and until when it may be.

    choices: the word, how it is said, the hour; none where it may not be snoozed. first_day: the first that can be
    chosen, as 2025-05-05.
    """

    is_on: bool
    choices: Sequence[tuple[Preset, str, datetime]]
    first_day: str


@dataclass(frozen=True, slots=True)
class StandingView:
    """Where a case stands. steps, owner: of its offline path; content: what became of the satisfaction question;
    resolve_block: why it cannot be resolved yet."""

    chip: Chip
    assigned: str
    assigned_is_me: bool
    assigned_why: str
    resolve_block: str
    can_ask: bool
    content: str
    steps: Sequence[OfflineStep]
    owner: str
    handed: Sequence[HandOverView]
    notes: Sequence[NoteView]
    snooze: SnoozeView
    owed_at: datetime | None
    """The hour we promised, where something else decides where the case stands."""

    @property
    def has_it(self) -> Sequence[str]:
        """Whom it was handed to, where something else decides where the case stands."""
        is_said = self.chip.state == CaseState.HANDED_OVER
        return [wording.words(handed.handover.to) for handed in self.handed if handed.handover.is_open and not is_said]


def standing_view(case: CaseFile, parts: Parts, viewer: Viewer) -> StandingView:
    assigned = case.case.assignment.assigned_to
    promised = [promise.until for promise in case.handled.promises if promise.is_open]
    return StandingView(
        chip=chip_of(case.case, viewer.names, handovers=case.handled.handovers, snooze=case.handled.snooze),
        snooze=snooze_view(case, parts, viewer),
        assigned=viewer.names.get(assigned, "somebody who left") if assigned else "",
        assigned_is_me=assigned == viewer.id,
        assigned_why=case.case.assignment.assigned_why if assigned else "",
        resolve_block=_resolve_block(case),
        can_ask=_can_ask(case, parts),
        content=_content(case),
        steps=_steps(case),
        owner=_owner(case, viewer.names),
        handed=[_handed(handover, viewer) for handover in case.handled.handovers],
        notes=[NoteView(note, viewer.name(note.by), NOTED[note.kind]) for note in case.handled.notes],
        owed_at=promised[0] if promised and case.case.standing.state is not CaseState.PROMISED else None,
    )


def chip_of(
    case: Case, names: Mapping[str, str], *, handovers: Sequence[HandOver] = (), snooze: Snooze | None = None
) -> Chip:
    """Where a case stands: "Promised until", "Handed over to safety until", "Resolved by Anna"."""
    state, until, ending = case.standing.state, case.standing.until, case.ending
    text = STATES.get(state, "")
    if state is CaseState.PROMISED:
        return Chip("Promised until", state, until)
    if state is CaseState.HANDED_OVER:
        to = next((wording.words(handover.to) for handover in handovers if handover.is_open), "")
        return Chip(f"Handed over{f' to {to}' if to else ''} until", state, until)
    if state is CaseState.RESOLVED:
        who = names.get(ending.resolved_by or "", "")
        if ending.resolution is Resolution.DISMISSED:
            text = f"No answer needed{f', said {who}' if who else ''}"
        elif ending.resolution:
            text = ENDS.get(ending.resolution, f"Resolved{f' by {who}' if who else ''}")
    elif case.standing.snoozed_until is not None:
        by = names.get(snooze.made_by, "") if snooze else ""
        return Chip(f"Snoozed{f' by {by}' if by else ''} until", "snoozed", case.standing.snoozed_until)
    return Chip(text, state)


def _handed(handover: HandOver, viewer: Viewer) -> HandOverView:
    became = {
        HandOverState.OPEN: "told, has not said that they have it",
        HandOverState.TAKEN: f"{handover.contact} has it",
        HandOverState.ANSWERED: "answered",
        HandOverState.CALLED_BACK: f"called back by {viewer.name(handover.changed_by or '')}",
        HandOverState.LAPSED: "no answer by the hour",
    }[handover.state]
    return HandOverView(handover, viewer.name(handover.opened_by), became)


def snooze_view(case: CaseFile, parts: Parts, viewer: Viewer) -> SnoozeView:
    zone = parts.playbook.policy.zone
    is_on = case.case.standing.snoozed_until is not None
    may = case.case.standing.state in (CaseState.NEW, CaseState.OPEN)
    choices = [(preset, SNOOZES[preset], until) for preset, until in presets(viewer.now, zone=zone)] if may else []
    return SnoozeView(is_on, choices, first_day(viewer.now, zone=zone).isoformat())


def _steps(case: CaseFile) -> list[OfflineStep]:
    task = case.offline
    if task is None:
        return []
    is_answered = case.reply is not None and case.reply.sending.stage is not ReplyStage.WITHDRAWN
    is_reached = task.state in (OfflineState.CONTACTED, OfflineState.CLOSED, OfflineState.WAIVED)
    is_shown = bool(task.categories) and case.message.is_public
    first = "Ask to delete the public post and offer a safe channel" if is_shown else "Offer a safe channel"
    closing = {
        OfflineState.CLOSED: "Closed where it began",
        OfflineState.WAIVED: "Closing here was waived",
    }.get(task.state, "Close the loop where it began")
    # An account that somebody took over comes here too, and nothing had to be removed from those words.
    removed = [OfflineStep("Value removed before anything was kept", "done")] if task.categories else []
    return [
        *removed,
        OfflineStep(first, "done" if is_answered else "now"),
        OfflineStep(
            "Reach the customer on the safe channel", "done" if is_reached else "now" if is_answered else "later"
        ),
        OfflineStep(closing, "done" if not task.is_open else "now" if is_reached else "later"),
    ]


def _resolve_block(case: CaseFile) -> str:
    """Why this case cannot be resolved yet; empty when it can."""
    if case.case.is_resolved:
        return "It is resolved already."
    if case.offline is not None and case.offline.is_open:
        return "Close the loop where it began, or waive that with a reason, first."
    return ""


def _owner(case: CaseFile, names: Mapping[str, str]) -> str:
    """Who has the offline matter: a team, then the person who took the last step."""
    owner = case.offline.owner if case.offline else None
    return names.get(owner, wording.capital(wording.words(owner))) if owner else "nobody yet"


def _content(case: CaseFile) -> str:
    """What became of the satisfaction question."""
    asked = case.handled.satisfaction
    if asked is None:
        return ""
    if asked.score is not None:
        return f"Asked whether they are content: {asked.score} of 5"
    return (
        "Asked whether they are content: no score in what they said"
        if asked.message_id
        else "Asked whether they are content"
    )


def _can_ask(case: CaseFile, parts: Parts) -> bool:
    """Whether a satisfaction question fits: answered, nothing sensitive, and a kind the playbook asks about."""
    if case.case.is_resolved or case.offline is not None or case.reply is None or not case.reply.has_left:
        return False
    kinds = [case.decision.kind] if case.decision else []
    is_sensitive = case.message.masking.handling is not Handling.ALLOW
    return parts.playbook.may_ask(kinds=kinds, is_sensitive=is_sensitive, thread=case.thread)
