"""What one page of the console shows, worked out before any template is touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from api.console import wording
from api.console.quoting import Quoted, quoted_in
from api.depends import Parts
from care.case import Case, CaseState, Resolution
from care.case_file import CaseFile
from care.channel_rules import ChannelRules, rules_of
from care.classification import Evidence, Judgement
from care.customer import Customer
from care.decision import Action
from care.escalation import NOTICES, Climbed, NoticeState
from care.handover import HandOver, HandOverState
from care.message import Turn, Visibility, is_somebody_else
from care.note import Note, NoteKind
from care.offline import OfflineState
from care.pointing import IN_TROUBLE, may_point
from care.reply import NEXT, NOT_SAID, Draft, Purpose, Reply, ReplyStage, SuggestionState
from care.sensitive import Handling
from care.signing import signed
from care.subject import whole_message
from care.unit_of_work import Work

ON_THE_WAY = (
    ReplyStage.PENDING,
    ReplyStage.HELD,
    ReplyStage.CLAIMED,
    ReplyStage.INFLIGHT,
    ReplyStage.FAILED,
    ReplyStage.UNKNOWN,
)
SHOWN_TASKS = ("intent", "sentiment", "urgency")
CAN_RECONSIDER = (SuggestionState.REJECTED, SuggestionState.DISMISSED)
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
SHOWN_CASES = 6
BOXES = ("approve", "own", "close")
"""What the composer is for, where there is one."""


@dataclass(frozen=True, slots=True)
class LabelView:
    """One task's label as a drop-down with the ranked alternatives."""

    task: str
    label: str
    percent: int
    band: str
    sentence: str
    options: tuple[tuple[str, str], ...]
    corrected: str | None
    reasons: tuple[str, ...]
    is_doubtful: bool

    @property
    def shown(self) -> str:
        return self.corrected or self.label

    @property
    def said(self) -> str:
        """As a part of the decision's sentence: "delivery problem", "high urgency"."""
        name = wording.words(self.shown)
        name = f"{name} urgency" if self.task == "urgency" and name != "urgent" else name
        return name if self.corrected or not self.is_doubtful else f"perhaps {name}"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the offline check list. state: done, now or later."""

    text: str
    state: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One step that the case has climbed. at: when the contact was told; problem: why they could not be."""

    text: str
    at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of the thread. reply: the reply it is, where it went out from here. is_others: said by, or to, somebody
    else than who wrote the message."""

    turn: Turn
    reply: Reply | None = None
    is_others: bool = False

    @property
    def who(self) -> str:
        if self.is_others:
            who = "" if self.turn.by_customer else f"{self.turn.author or 'Us'} to "
            return f"{who}{self.turn.customer}, somebody else"
        return "Customer" if self.turn.by_customer else self.turn.author or "Us"

    @property
    def stage(self) -> str:
        """What became of it: delivered, rehearsed, answered natively."""
        if self.turn.by_customer:
            return ""
        if self.reply is None:
            return "Answered natively" if self.turn.author else "Sent"
        if self.reply.is_rehearsal:
            return "Rehearsed: it reached nobody"
        return wording.STAGES[self.reply.stage]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One reply that has not reached the customer as far as we know. undo_s: seconds left to take it back.

    other: the private answer of a pointer, or the pointer of a private answer.
    """

    reply: Reply
    by: str
    undo_s: int
    other: Reply | None = None

    @property
    def is_pointer(self) -> bool:
        """Whether it says in public that the answer went in private."""
        return self.reply.purpose is Purpose.POINTER

    @property
    def is_untrue(self) -> bool:
        """Whether it points to an answer that has not gone out: nobody can send it is."""
        return self.is_pointer and self.other is not None and self.other.stage in (*IN_TROUBLE, ReplyStage.WITHDRAWN)

    @property
    def takes_both(self) -> bool:
        """Whether taking it back takes the other half back, too."""
        return self.other is not None and ReplyStage.WITHDRAWN in NEXT[self.other.stage]

    @property
    def stage(self) -> str:
        """Where it stands, in words."""
        if self.is_pointer and self.reply.stage is ReplyStage.PENDING and self.other and not self.other.has_left:
            return "Goes out once the private answer has"
        return wording.STAGES[self.reply.stage]

    @property
    def is_stuck(self) -> bool:
        return self.reply.stage in (ReplyStage.FAILED, ReplyStage.UNKNOWN, ReplyStage.HELD)

    @property
    def is_public(self) -> bool:
        return self.reply.visibility is Visibility.PUBLIC


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature makes of a text. cut: characters of its end that make room; added: what comes in their place."""

    cut: int = 0
    added: str = ""

    @property
    def ending(self) -> str:
        """What is added, as people see it."""
        return self.added.strip()


NOT_SIGNED = Signed()


def signed_as(text: str, rules: ChannelRules | None, by: str) -> Signed:
    """How this text would be signed; a text that is not there yet as any other."""
    going_out = signed(text or ".", rules=rules, by=by)
    same = sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(text or ".", going_out, strict=False)))
    return Signed(len(text or ".") - same, going_out[same:])


@dataclass(frozen=True, slots=True)
class Chip:
    """Where a case stands, in words. until: the hour that belongs to it."""

    text: str
    state: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handed:
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
class Elsewhere:
    """Another case of the same customer."""

    case: Case
    chip: Chip
    about: str
    due: wording.DueLabel | None


@dataclass(frozen=True, slots=True)
class Known:
    """Who the customer is, over all channels."""

    customer: Customer | None = None
    others: Sequence[Elsewhere] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """What the composer offers of a private answer with a word in public. can: whether channel and thread allow it.

    is_on: both boxes stand open. text: the public one. asks: the decision is to answer in private, so that a public
    reply alone asks for a private message. public_text, private_text: what the chosen draft says in either place.
    """

    can: bool = False
    is_on: bool = False
    text: str = ""
    asks: bool = False
    limit: int = 0
    public_text: str = ""
    private_text: str = ""
    signed: Signed = NOT_SIGNED


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, ready to be shown."""

    case: CaseFile
    who: str
    handle: str
    where: str
    account: str
    is_public: bool
    is_rehearsal: bool
    segments: Sequence[wording.Segment]
    alike: Sequence[tuple[str, str]]
    before: Sequence[Said]
    after: Sequence[Said]
    labels: Sequence[LabelView]
    sentence: str
    due: wording.DueLabel | None
    promise: wording.DueLabel | None
    is_flagged: bool
    is_withheld: bool
    kinds: str
    drafts: Sequence[Draft]
    composer: str
    text: str
    pair: Pair
    signed: Signed
    limit: int | None
    counted_as: str
    reply: Reply | None
    outgoing: Sequence[Outgoing]
    undo_s: int
    steps: Sequence[Step]
    resolve_block: str
    can_ask: bool
    owner: str
    climbed: Sequence[Rung]
    content: str
    assigned: str
    assigned_is_me: bool
    decided: str
    chip: Chip
    quoted: Quoted | None
    handed: Sequence[Handed]
    notes: Sequence[NoteView]
    set_aside: str
    taken_back: Reply | None
    known: Known

    @property
    def can_reconsider(self) -> bool:
        """Whether a rejection or a dismissal can be taken back."""
        return self.case.suggestion is not None and self.case.suggestion.state in CAN_RECONSIDER

    @property
    def owed_at(self) -> datetime | None:
        """The hour we promised, where something else decides where the case stands."""
        promised = [one.until for one in self.case.handled.promises if one.is_open]
        return promised[0] if promised and self.state is not CaseState.PROMISED else None

    @property
    def has_it(self) -> Sequence[str]:
        """Whom it was handed to, where something else decides where the case stands."""
        is_said = self.state is CaseState.HANDED_OVER
        return [wording.words(one.handover.to) for one in self.handed if one.handover.is_open and not is_said]

    @property
    def is_answered(self) -> bool:
        """Whether something of ours has gone out or is on its way."""
        return any(one.stage not in NOT_SAID for one in self.case.handled.replies)

    @property
    def id(self) -> str:
        return self.case.case.id

    @property
    def state(self) -> CaseState:
        return self.case.case.state

    @property
    def is_stuck(self) -> bool:
        """Whether a reply of it, or its reading, waits for a person to look."""
        return self.case.work == "parked" or any(one.is_stuck for one in self.outgoing)

    @property
    def mark(self) -> str:
        """Changes whenever somebody has to look again: the page compares it with its own."""
        suggestion, handled = self.case.suggestion, self.case.handled
        return ".".join(
            [
                self.case.work,
                str(self.state),
                str(self.case.case.turn),
                f"{suggestion.id}-{suggestion.version}" if suggestion else "-",
                *(f"{one.id}-{one.stage}" for one in handled.replies[-3:]),
                *(f"{one.id}-{one.state}" for one in handled.handovers[-3:]),
                *(f"{one.id}-{one.state}" for one in handled.promises[-2:]),
                str(len(self.case.thread)),
                str(len(handled.notes)),
                str(self.case.offline.state) if self.case.offline else "-",
            ]
        )


def see(
    case: CaseFile,
    parts: Parts,
    *,
    me: str,
    names: Mapping[str, str],
    now: datetime,
    chosen: int = 0,
    text: str | None = None,
    why: Judgement | None = None,
    known: Known | None = None,
    none_of: str = "",
    pointer: str | None = None,
    is_pair: bool | None = None,
    signs_as: str = "",
) -> CaseView:
    """Everything the case page shows.

    chosen: which draft stands in the composer. text: what was typed instead. why: an intent with its reasons.
    none_of: words of the text of which the person said that they promise nothing. pointer: what was typed to be said in
    public; is_pair: whether it was wanted; None: as the decision has it. signs_as: how the person signs.
    """
    message, suggestion, reply = case.message, case.suggestion, case.reply
    decision = case.decision
    rules = rules_of(parts.playbook.channels, message.channel)
    labels = _labels(case, parts)
    drafts = suggestion.drafts if suggestion else ()
    composer = composer_of(case)
    draft = drafts[chosen] if composer == "approve" and 0 <= chosen < len(drafts) else None
    pair = _pair(case, rules, draft, composer, text=pointer, is_on=is_pair, signs_as=signs_as)
    if text is None:
        text = draft.says(Visibility.PRIVATE if pair.is_on else message.visibility) if draft else ""
    # Where it went is part of the message, so that nobody answers in public by mistake.
    where = f"{'Public' if message.is_public else 'Private'} · {wording.channel(message.channel)}"
    before, after = _around(case)
    outgoing = _outgoing(case, names, now)
    assigned = case.case.assigned_to
    who = message.author.name or message.author.handle
    return CaseView(
        case=case,
        who=who,
        handle=message.author.handle if message.author.handle != who else "",
        where=where,
        account=rules.account if rules else wording.channel(message.channel),
        is_public=message.is_public,
        is_rehearsal=parts.journey.answering.is_rehearsal(message.channel),
        segments=wording.segments(message, _marks(why)),
        alike=tuple((one.text, wording.words(one.label)) for one in why.neighbours[:2]) if why else (),
        before=before,
        after=after,
        labels=labels,
        sentence=wording.decision_sentence(
            decision,
            [one.said for one in labels if one.task in SHOWN_TASKS],
            is_public=message.is_public,
            can_point=may_point(message, rules),
        )
        if decision
        else "",
        due=wording.due(case.case.due_at, now) if case.case.due_at else None,
        promise=_promise(case, now),
        is_flagged=message.handling in (Handling.OFFLINE, Handling.WITHHELD),
        is_withheld=message.handling is Handling.WITHHELD,
        kinds=wording.kinds_found(message),
        drafts=drafts,
        composer=composer,
        text=text,
        pair=pair,
        signed=signed_as(text, rules, signs_as),
        limit=rules.limit if rules else None,
        counted_as=rules.counted_as if rules else "graphemes",
        reply=reply,
        outgoing=outgoing,
        undo_s=max((one.undo_s for one in outgoing), default=0),
        steps=_steps(case),
        resolve_block=_resolve_block(case),
        can_ask=_can_ask(case, parts),
        owner=_owner(case, names),
        climbed=tuple(_rung(one, is_rehearsal=NOTICES in parts.rehearsals) for one in case.handled.climbed),
        content=_content(case),
        assigned=names.get(assigned, "somebody who left") if assigned else "",
        assigned_is_me=assigned == me,
        decided=_decided(case, names, now),
        chip=chip_of(case.case, names, handovers=case.handled.handovers),
        quoted=quoted_in(text, case, parts, draft=draft, now=now, none_of=none_of) if text else None,
        handed=[_handed(one, names) for one in case.handled.handovers],
        notes=[NoteView(one, _name(one.by, names), NOTED[one.kind]) for one in case.handled.notes],
        set_aside=message.automatic or "",
        taken_back=_taken_back(case),
        known=known or Known(),
    )


def chip_of(case: Case, names: Mapping[str, str], *, handovers: Sequence[HandOver] = ()) -> Chip:
    """Where a case stands: "Promised until", "Handed over to safety until", "Resolved by Anna"."""
    text, until = STATES.get(case.state, ""), case.until
    if case.state is CaseState.PROMISED:
        return Chip("Promised until", case.state, until)
    if case.state is CaseState.HANDED_OVER:
        to = next((wording.words(one.to) for one in handovers if one.is_open), "")
        return Chip(f"Handed over{f' to {to}' if to else ''} until", case.state, until)
    if case.state is CaseState.RESOLVED:
        who = names.get(case.resolved_by or "", "")
        if case.resolution is Resolution.DISMISSED:
            text = f"No answer needed{f', said {who}' if who else ''}"
        else:
            text = ENDS.get(case.resolution, f"Resolved{f' by {who}' if who else ''}") if case.resolution else text
    return Chip(text, case.state)


def known_of(work: Work, case: CaseFile, names: Mapping[str, str], *, now: datetime) -> Known:
    """The record of who wrote, and their other cases on all channels, latest first."""
    customer_id = case.case.customer_id
    if customer_id is None:
        return Known()
    cases = [one for one in work.cases.of_customer(customer_id) if one.id != case.case.id]
    files = work.cases.files([one.latest_message_id for one in cases[:SHOWN_CASES]])
    others = [
        Elsewhere(
            file.case,
            chip_of(file.case, names, handovers=file.handled.handovers),
            wording.words(file.labels.get("intent", "")),
            wording.due(file.case.due_at, now) if file.case.due_at else None,
        )
        for file in files
    ]
    return Known(work.customers.get(customer_id), others, max(0, len(cases) - SHOWN_CASES))


def _name(id: str, names: Mapping[str, str]) -> str:
    """A person by id; a contact is called as the playbook names them."""
    return names.get(id, "tactful" if id == "tactful" else "somebody who left" if id.startswith("per_") else id)


def _handed(handover: HandOver, names: Mapping[str, str]) -> Handed:
    became = {
        HandOverState.OPEN: "told, has not said that they have it",
        HandOverState.TAKEN: f"{handover.contact} has it",
        HandOverState.ANSWERED: "answered",
        HandOverState.CALLED_BACK: f"called back by {_name(handover.changed_by or '', names)}",
        HandOverState.LAPSED: "no answer by the hour",
    }[handover.state]
    return Handed(handover, _name(handover.opened_by, names), became)


def _pair(
    case: CaseFile,
    rules: ChannelRules | None,
    draft: Draft | None,
    composer: str,
    *,
    text: str | None,
    is_on: bool | None,
    signs_as: str,
) -> Pair:
    asks = case.message.is_public and case.decision is not None and case.decision.action is Action.ANSWER_PRIVATE
    if rules is None or composer not in ("approve", "own") or not may_point(case.message, rules):
        return Pair(asks=asks)
    said = rules.pointer if text is None else text
    # A draft without words of its own for there says something that only makes sense in public.
    has_words = composer == "own" or (draft is not None and bool(draft.private_text))
    return Pair(
        can=True,
        is_on=(asks and has_words) if is_on is None else is_on,
        text=said,
        asks=asks,
        limit=rules.longest(Visibility.PRIVATE),
        public_text=draft.text if draft else "",
        private_text=draft.private_text if draft else "",
        signed=signed_as(said, rules, signs_as),
    )


def _taken_back(case: CaseFile) -> Reply | None:
    """The text that was taken back last, where nothing was written since."""
    said = [one for one in case.handled.replies if one.purpose is not Purpose.POINTER]
    last = said[-1] if said else None
    return last if last is not None and last.stage is ReplyStage.WITHDRAWN else None


def _promise(case: CaseFile, now: datetime) -> wording.DueLabel | None:
    """The hour we promised; before we did, until when we published that an answer comes."""
    promised = [one.until for one in case.handled.promises if one.is_open]
    at = promised[0] if promised else case.decision.promised_at if case.decision else None
    return wording.due(at, now) if at else None


def _outgoing(case: CaseFile, names: Mapping[str, str], now: datetime) -> list[Outgoing]:
    """Replies on their way, and those a person must look at, oldest first."""
    found, replies = [], case.handled.replies
    other = {one.answer_id: one for one in replies if one.answer_id}
    other |= {one.id: answer for one in replies for answer in replies if answer.id == one.answer_id}
    for reply in replies:
        if reply.stage in ON_THE_WAY:
            left = int((reply.not_before - now).total_seconds()) if reply.stage is ReplyStage.PENDING else 0
            by = names.get(reply.approved_by, "somebody")
            found.append(Outgoing(reply, by, max(0, left), other.get(reply.id)))
    return found


def composer_of(case: CaseFile) -> str:
    """What the composer is for: approve, own (words without a suggestion), close (offline) or none, and wait."""
    if case.case.is_resolved:
        return "none"
    if case.suggestion is not None and case.suggestion.state is SuggestionState.PROPOSED:
        return "approve"
    if case.offline is not None and case.offline.state is OfflineState.CONTACTED:
        return "close"
    return "wait" if case.work == "preparing" else "own"


def _labels(case: CaseFile, parts: Parts) -> list[LabelView]:
    if case.classification is None:
        return []
    corrected = dict(case.corrections)
    tasks = case.classification.tasks
    order = [task for task in SHOWN_TASKS if task in tasks] + sorted(set(tasks) - set(SHOWN_TASKS))
    return [_label(task, tasks[task], corrected.get(task), parts.labels.get(task, ())) for task in order]


def _label(task: str, judgement: Judgement, corrected: str | None, known: Sequence[str]) -> LabelView:
    percent = round(judgement.score * 100)
    ranked: dict[str, str] = {}
    for label, score in ((judgement.label, judgement.score), *((one.label, one.score) for one in judgement.candidates)):
        ranked.setdefault(label, f"{wording.capital(wording.words(label))} · {wording.share(score)}")
    options = {
        **ranked,
        **{label: wording.capital(wording.words(label)) for label in sorted(known) if label not in ranked},
    }
    if corrected:
        options.setdefault(corrected, wording.capital(wording.words(corrected)))
    times = "more than 99" if judgement.score >= wording.NEARLY_SURE else f"about {percent}"
    sentence = f"right {times} times in 100 at this score"
    if judgement.abstained:
        best = [wording.words(one.label) for one in judgement.candidates[:2]]
        sentence = f"not sure between {' and '.join(best)}" if len(best) > 1 else "not sure: treat it as a hint"
    return LabelView(
        task=task,
        label=judgement.label,
        percent=percent,
        band=str(judgement.band),
        sentence=sentence,
        options=tuple(options.items()),
        corrected=corrected if corrected != judgement.label else None,
        reasons=tuple(wording.words(reason) for reason in judgement.reasons),
        # Below one half it is more likely wrong than right, and a person should not read it as a fact.
        is_doubtful=judgement.abstained or judgement.score < 0.5,
    )


def _marks(why: Judgement | None) -> list[tuple[str, Evidence]]:
    if why is None:
        return []
    return [(wording.words(why.label), one) for one in why.evidence if one.weight > 0][:6]


def explain(case: CaseFile, parts: Parts) -> Judgement | None:
    """Why the intent is what it is: the words that carried it and what it resembles. Read again, kept nowhere."""
    if case.classification is None or case.message.handling is Handling.WITHHELD:
        return None
    try:
        message = whole_message(case.message, [turn for turn in case.thread if turn.at < case.message.written_at])
        read = parts.classifier.classify_many([message.text], tasks=["intent"], explain=True)[0]
    except Exception:  # noqa: BLE001  a page without reasons is better than no page
        return None
    judgement = read.tasks.get("intent")
    known = case.classification.tasks.get("intent")
    # A newer bundle may read it differently; reasons for another label would mislead.
    if judgement is None or known is None or judgement.label != known.label:
        return None
    return _below(judgement, len(message.text) - len(case.message.text))


def _below(judgement: Judgement, first_line: int) -> Judgement:
    """The judgement with those of its reasons that stand in the body, which is shown below its subject."""
    moved = [replace(one, start=one.start - first_line, end=one.end - first_line) for one in judgement.evidence]
    return replace(judgement, evidence=tuple(one for one in moved if one.start >= 0))


def _around(case: CaseFile) -> tuple[list[Said], list[Said]]:
    """The thread without this message itself: what was said before it, and since."""
    message = case.message
    replies = {reply.id: reply for reply in case.handled.replies}
    before, after, is_seen = [], [], False
    for turn in case.thread:
        said = Said(turn, replies.get(turn.id), is_somebody_else(turn, message))
        if turn.id == message.id:
            is_seen = True
        elif is_seen or turn.at > message.written_at:
            after.append(said)
        else:
            before.append(said)
    return before, after


def _steps(case: CaseFile) -> list[Step]:
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
    removed = [Step("Value removed before anything was kept", "done")] if task.categories else []
    return [
        *removed,
        Step(first, "done" if is_answered else "now"),
        Step("Reach the customer on the safe channel", "done" if is_reached else "now" if is_answered else "later"),
        Step(closing, "done" if not task.is_open else "now" if is_reached else "later"),
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


def _rung(climbed: Climbed, *, is_rehearsal: bool) -> Rung:
    """A step, its contact, and whether they were told."""
    text, told = f"{wording.capital(climbed.step)}: {climbed.contact}", climbed.notice
    if told is None:
        return Rung(text)
    if told.state is NoticeState.SENT:
        return Rung(f"{text}, notice rehearsed, not sent" if is_rehearsal else f"{text}, told", told.sent_at)
    became = "could not be told" if told.state is NoticeState.FAILED else "being told"
    return Rung(f"{text}, {became}", problem=told.problem or "")


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


def _decided(case: CaseFile, names: Mapping[str, str], now: datetime) -> str:
    suggestion = case.suggestion
    if suggestion is None or suggestion.decided_at is None or suggestion.state is SuggestionState.PROPOSED:
        return ""
    who = names.get(suggestion.decided_by or "", "somebody")
    reason = f" ({wording.words(suggestion.reject_reason)})" if suggestion.reject_reason else ""
    return f"{wording.capital(str(suggestion.state))} by {who}{reason}, {wording.ago(suggestion.decided_at, now)}"
