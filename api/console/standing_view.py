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
NOTED = {
    NoteKind.NOTE: "",
    NoteKind.REJECTION: "why no draft was taken",
    NoteKind.HAND_OVER: "why it was handed over",
    NoteKind.ANSWER: "answered",
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
class StandingView:
    """Where a case stands. steps, owner: of its offline path; content: what became of the satisfaction question;
    resolve_block: why it cannot be resolved yet."""

    chip: Chip
    assigned: str
    assigned_is_me: bool
    resolve_block: str
    can_ask: bool
    content: str
    steps: Sequence[OfflineStep]
    owner: str
    handed: Sequence[HandOverView]
    notes: Sequence[NoteView]
    owed_at: datetime | None
    """The hour we promised, where something else decides where the case stands."""

    @property
    def has_it(self) -> Sequence[str]:
        """Whom it was handed to, where something else decides where the case stands."""
        is_said = self.chip.state == CaseState.HANDED_OVER
        return [wording.words(one.handover.to) for one in self.handed if one.handover.is_open and not is_said]


def standing_view(case: CaseFile, parts: Parts, viewer: Viewer) -> StandingView:
    assigned = case.case.assigned_to
    promised = [one.until for one in case.handled.promises if one.is_open]
    return StandingView(
        chip=chip_of(case.case, viewer.names, handovers=case.handled.handovers),
        assigned=viewer.names.get(assigned, "somebody who left") if assigned else "",
        assigned_is_me=assigned == viewer.id,
        resolve_block=_resolve_block(case),
        can_ask=_can_ask(case, parts),
        content=_content(case),
        steps=_steps(case),
        owner=_owner(case, viewer.names),
        handed=[_handed(one, viewer) for one in case.handled.handovers],
        notes=[NoteView(one, viewer.name(one.by), NOTED[one.kind]) for one in case.handled.notes],
        owed_at=promised[0] if promised and case.case.state is not CaseState.PROMISED else None,
    )


def chip_of(case: Case, names: Mapping[str, str], *, handovers: Sequence[HandOver] = ()) -> Chip:
    """Where a case stands: "Promised until", "HandOverView over to safety until", "Resolved by Anna"."""
    text, until = STATES.get(case.state, ""), case.until
    if case.state is CaseState.PROMISED:
        return Chip("Promised until", case.state, until)
    if case.state is CaseState.HANDED_OVER:
        to = next((wording.words(one.to) for one in handovers if one.is_open), "")
        return Chip(f"HandOverView over{f' to {to}' if to else ''} until", case.state, until)
    if case.state is CaseState.RESOLVED:
        who = names.get(case.resolved_by or "", "")
        if case.resolution is Resolution.DISMISSED:
            text = f"No answer needed{f', said {who}' if who else ''}"
        else:
            text = ENDS.get(case.resolution, f"Resolved{f' by {who}' if who else ''}") if case.resolution else text
    return Chip(text, case.state)


def _handed(handover: HandOver, viewer: Viewer) -> HandOverView:
    became = {
        HandOverState.OPEN: "told, has not said that they have it",
        HandOverState.TAKEN: f"{handover.contact} has it",
        HandOverState.ANSWERED: "answered",
        HandOverState.CALLED_BACK: f"called back by {viewer.name(handover.changed_by or '')}",
        HandOverState.LAPSED: "no answer by the hour",
    }[handover.state]
    return HandOverView(handover, viewer.name(handover.opened_by), became)


def _steps(case: CaseFile) -> list[OfflineStep]:
    task = case.offline
    if task is None:
        return []
    is_answered = case.reply is not None and case.reply.stage is not ReplyStage.WITHDRAWN
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
    is_sensitive = case.message.handling is not Handling.ALLOW
    return parts.playbook.may_ask(kinds=kinds, is_sensitive=is_sensitive, thread=case.thread)
