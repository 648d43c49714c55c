"""What one page of the console shows of a case, worked out before any template is touched."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.console import wording
from api.console.composer_view import NOTHING_WRITTEN, ComposerView, Written, composer_view
from api.console.customer_view import CustomerView
from api.console.decision_view import DecisionView, decision_view
from api.console.presence_view import PresenceView, presence_view
from api.console.standing_view import StandingView, standing_view
from api.console.thread_view import ThreadView, thread_view
from api.console.tricks import tricks_in, without_turns
from api.console.viewer import Viewer
from api.depends import Parts
from care.case_file import CaseFile
from care.channel_rules import ChannelRules, rules_of
from care.classification import Judgement
from care.message import Message


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Where the customer wrote, and where an answer goes. limit: of its length, None: none; counted_as: how."""

    said: str
    account: str
    is_public: bool
    is_rehearsal: bool
    limit: int | None
    counted_as: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, ready to be shown. who: wrote it; handle: theirs, where it says more than their name.

    deceives: signs in the name that deceive.
    """

    file: CaseFile
    who: str
    handle: str
    deceives: Sequence[str]
    place: PlaceView
    thread: ThreadView
    decision: DecisionView
    composer: ComposerView
    standing: StandingView
    customer: CustomerView
    presence: PresenceView

    @property
    def id(self) -> str:
        return self.file.case.id

    @property
    def is_resolved(self) -> bool:
        return self.file.case.is_resolved

    @property
    def is_stuck(self) -> bool:
        """Whether a reply of it, or its reading, waits for a person to look."""
        return self.file.work == "parked" or any(going.is_stuck for going in self.thread.outgoing)

    @property
    def mark(self) -> str:
        return mark_of(self.file)


def case_view(
    case: CaseFile,
    parts: Parts,
    viewer: Viewer,
    *,
    written: Written = NOTHING_WRITTEN,
    why: Judgement | None = None,
    customer: CustomerView | None = None,
) -> CaseView:
    """Everything the case page shows. why: its intent with its reasons."""
    message = case.message
    rules = rules_of(parts.playbook.channels, message.origin.channel)
    who = message.author.name or message.author.handle
    return CaseView(
        file=case,
        who=without_turns(who),
        deceives=sorted({trick for _, _, trick in tricks_in(who)}),
        handle=message.author.handle if message.author.handle != who else "",
        place=_place(message, parts, rules),
        thread=thread_view(case, viewer, why=why),
        decision=decision_view(case, parts, viewer, rules=rules, why=why),
        composer=composer_view(case, parts, viewer, rules=rules, written=written),
        standing=standing_view(case, parts, viewer),
        customer=customer or CustomerView(),
        presence=presence_view(case.case.id, viewer.colleagues, me=viewer.id, names=viewer.names),
    )


def mark_of(case: CaseFile) -> str:
    """Changes whenever somebody has to look again: the page compares it with its own."""
    suggestion, handled, snoozed_until = case.suggestion, case.handled, case.case.standing.snoozed_until
    return ".".join(
        [
            case.work,
            str(case.case.standing.state),
            str(case.case.turn),
            f"{suggestion.id}-{suggestion.choice.version}" if suggestion else "-",
            *(f"{reply.id}-{reply.sending.stage}" for reply in handled.replies[-3:]),
            *(f"{handover.id}-{handover.state}" for handover in handled.handovers[-3:]),
            *(f"{promise.id}-{promise.state}" for promise in handled.promises[-2:]),
            str(len(case.thread)),
            str(len(handled.notes)),
            str(case.offline.state) if case.offline else "-",
            case.case.assignment.assigned_to or "-",
            str(int(snoozed_until.timestamp())) if snoozed_until else "-",
        ]
    )


def _place(message: Message, parts: Parts, rules: ChannelRules | None) -> PlaceView:
    channel = wording.channel(message.origin.channel)
    return PlaceView(
        # Where it went is part of the message, so that nobody answers in public by mistake.
        said=f"{'Public' if message.is_public else 'Private'} · {channel}",
        account=rules.account if rules else channel,
        is_public=message.is_public,
        is_rehearsal=parts.journey.answering.is_rehearsal(message.origin.channel),
        limit=rules.limit if rules else None,
        counted_as=rules.counted_as if rules else "graphemes",
    )
