"""What one page of the console shows, worked out before any template is touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.console import words
from api.depends import Parts
from care.classification import Evidence, Judgement
from care.desk import Case
from care.escalation import NOTICES, Climbed, NoticeState
from care.message import Turn
from care.offline import OfflineState
from care.reply import Draft, Reply, Stage, SuggestionState
from care.sensitive import Handling

SHOWN_TASKS = ("intent", "sentiment", "urgency")
OVER = {SuggestionState.DISMISSED: "no answer needed", SuggestionState.SUPERSEDED: "wrote again"}


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
        name = words.words(self.shown)
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
class CaseView:
    """One case, ready to be shown."""

    case: Case
    who: str
    handle: str
    where: str
    account: str
    is_public: bool
    is_rehearsal: bool
    segments: Sequence[words.Segment]
    alike: Sequence[tuple[str, str]]
    before: Sequence[Turn]
    after: Sequence[Turn]
    labels: Sequence[LabelView]
    sentence: str
    due: words.Due | None
    promise: words.Due | None
    is_flagged: bool
    is_withheld: bool
    kinds: str
    drafts: Sequence[Draft]
    composer: str
    text: str
    limit: int | None
    counted_as: str
    reply: Reply | None
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

    @property
    def id(self) -> str:
        return self.case.message.id

    @property
    def is_answered(self) -> bool:
        return self.reply is not None and self.reply.stage is not Stage.WITHDRAWN

    @property
    def over(self) -> str:
        """Why no clock runs for this message any more; empty while one does."""
        if self.case.is_resolved:
            return "resolved"
        if self.is_answered:
            # What was not sent, or perhaps not, has answered nobody.
            return "" if self.reply and self.reply.stage in (Stage.FAILED, Stage.UNKNOWN) else "answered"
        return OVER.get(self.case.suggestion.state, "") if self.case.suggestion else ""

    @property
    def mark(self) -> str:
        """Changes whenever somebody has to look again: the page compares it with its own."""
        suggestion, reply = self.case.suggestion, self.case.reply
        return ".".join(
            [
                self.case.state,
                f"{suggestion.id}-{suggestion.version}" if suggestion else "-",
                f"{reply.id}-{reply.stage}" if reply else "-",
                str(len(self.case.thread)),
                str(self.case.offline.state) if self.case.offline else "-",
            ]
        )


def see(
    case: Case,
    parts: Parts,
    *,
    me: str,
    names: Mapping[str, str],
    now: datetime,
    chosen: int = 0,
    text: str | None = None,
    why: Judgement | None = None,
) -> CaseView:
    """Everything the case page shows.

    chosen: which draft stands in the composer. text: what was typed instead. why: an intent with its reasons.
    """
    message, suggestion, reply = case.message, case.suggestion, case.reply
    decision = case.decision
    rules = parts.playbook.channels.get(message.channel)
    labels = _labels(case, parts)
    drafts = suggestion.drafts if suggestion else ()
    composer = _composer(case)
    if text is None:
        text = _first_text(composer, drafts, chosen, reply)
    # Where it went is part of the message, so that nobody answers in public by mistake.
    where = f"{'Public' if message.is_public else 'Private'} · {words.channel(message.channel)}"
    before, after = _around(case)
    undo_s = 0
    if reply is not None and reply.stage is Stage.PENDING:
        undo_s = max(0, int((reply.not_before - now).total_seconds()))
    assigned = case.assigned_to
    who = message.author.name or message.author.handle
    return CaseView(
        case=case,
        who=who,
        handle=message.author.handle if message.author.handle != who else "",
        where=where,
        account=rules.account if rules else words.channel(message.channel),
        is_public=message.is_public,
        is_rehearsal=message.channel in parts.rehearsals,
        segments=words.segments(message, _marks(why)),
        alike=tuple((one.text, words.words(one.label)) for one in why.neighbours[:2]) if why else (),
        before=before,
        after=after,
        labels=labels,
        sentence=words.decision_sentence(decision, [one.said for one in labels if one.task in SHOWN_TASKS])
        if decision
        else "",
        due=words.due(decision.due_at, now) if decision else None,
        promise=words.due(decision.promised_at, now) if decision else None,
        is_flagged=message.handling in (Handling.OFFLINE, Handling.WITHHELD),
        is_withheld=message.handling is Handling.WITHHELD,
        kinds=words.kinds_found(message),
        drafts=drafts,
        composer=composer,
        text=text,
        limit=rules.limit if rules else None,
        counted_as=rules.counted_as if rules else "graphemes",
        reply=reply,
        undo_s=undo_s,
        steps=_steps(case),
        resolve_block=_resolve_block(case),
        can_ask=_can_ask(case, parts),
        owner=_owner(case, names),
        climbed=tuple(_rung(one, is_rehearsal=NOTICES in parts.rehearsals) for one in case.climbed),
        content=_content(case),
        assigned=names.get(assigned, "somebody who left") if assigned else "",
        assigned_is_me=assigned == me,
        decided=_decided(case, names, now),
    )


def _composer(case: Case) -> str:
    """What the composer is for: approve, own (words without a suggestion), close (offline) or none, and wait."""
    reply = case.reply
    is_answered = reply is not None and reply.stage is not Stage.WITHDRAWN
    if is_answered and case.offline is not None and case.offline.state is OfflineState.CONTACTED:
        return "close"
    if is_answered or case.is_resolved:
        return "none"
    if case.suggestion is not None and case.suggestion.state is SuggestionState.PROPOSED:
        return "approve"
    if case.suggestion is not None and case.suggestion.state is SuggestionState.SUPERSEDED:
        return "none"
    return "wait" if case.state == "preparing" else "own"


def _first_text(composer: str, drafts: Sequence[Draft], chosen: int, reply: Reply | None) -> str:
    if reply is not None and reply.stage is Stage.WITHDRAWN:
        return reply.text
    if composer == "approve" and 0 <= chosen < len(drafts):
        return drafts[chosen].text
    return ""


def _labels(case: Case, parts: Parts) -> list[LabelView]:
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
        ranked.setdefault(label, f"{words.capital(words.words(label))} · {words.share(score)}")
    options = {**ranked, **{label: words.capital(words.words(label)) for label in sorted(known) if label not in ranked}}
    if corrected:
        options.setdefault(corrected, words.capital(words.words(corrected)))
    times = "more than 99" if judgement.score >= words.NEARLY_SURE else f"about {percent}"
    sentence = f"right {times} times in 100 at this score"
    if judgement.abstained:
        best = [words.words(one.label) for one in judgement.candidates[:2]]
        sentence = f"not sure between {' and '.join(best)}" if len(best) > 1 else "not sure: treat it as a hint"
    return LabelView(
        task=task,
        label=judgement.label,
        percent=percent,
        band=str(judgement.band),
        sentence=sentence,
        options=tuple(options.items()),
        corrected=corrected if corrected != judgement.label else None,
        reasons=tuple(words.words(reason) for reason in judgement.reasons),
        # Below one half it is more likely wrong than right, and a person should not read it as a fact.
        is_doubtful=judgement.abstained or judgement.score < 0.5,
    )


def _marks(why: Judgement | None) -> list[tuple[str, Evidence]]:
    if why is None:
        return []
    return [(words.words(why.label), one) for one in why.evidence if one.weight > 0][:6]


def explain(case: Case, parts: Parts) -> Judgement | None:
    """Why the intent is what it is: the words that carried it and what it resembles. Read again, kept nowhere."""
    if case.classification is None or case.message.handling is Handling.WITHHELD:
        return None
    try:
        read = parts.classifier.classify_many([case.message.text], tasks=["intent"], explain=True)[0]
    except Exception:  # noqa: BLE001  a page without reasons is better than no page
        return None
    judgement = read.tasks.get("intent")
    known = case.classification.tasks.get("intent")
    # A newer bundle may read it differently; reasons for another label would mislead.
    return judgement if judgement is not None and known is not None and judgement.label == known.label else None


def _around(case: Case) -> tuple[list[Turn], list[Turn]]:
    """The thread without this message itself and without the reply that is shown with its own state."""
    message, reply = case.message, case.reply
    before, after, is_seen = [], [], False
    for turn in case.thread:
        if turn.by_customer and not is_seen and turn.text == message.text and turn.at == message.written_at:
            is_seen = True
        elif not turn.by_customer and reply is not None and reply.sent_at is not None and turn.text == reply.text:
            continue
        elif is_seen or turn.at > message.written_at:
            after.append(turn)
        else:
            before.append(turn)
    return before, after


def _steps(case: Case) -> list[Step]:
    task = case.offline
    if task is None:
        return []
    reply = case.reply
    is_answered = reply is not None and reply.stage is not Stage.WITHDRAWN
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


def _resolve_block(case: Case) -> str:
    """Why this case cannot be resolved yet; empty when it can."""
    if case.is_resolved:
        return "It is resolved already."
    if case.offline is not None and case.offline.is_open:
        return "Close the loop where it began, or waive that with a reason, first."
    return ""


def _owner(case: Case, names: Mapping[str, str]) -> str:
    """Who has the offline matter: a team, then the person who took the last step."""
    owner = case.offline.owner if case.offline else None
    return names.get(owner, words.capital(words.words(owner))) if owner else "nobody yet"


def _rung(climbed: Climbed, *, is_rehearsal: bool) -> Rung:
    """A step, its contact, and whether they were told."""
    text, told = f"{words.capital(climbed.step)}: {climbed.contact}", climbed.notice
    if told is None:
        return Rung(text)
    if told.state is NoticeState.SENT:
        return Rung(f"{text}, notice rehearsed, not sent" if is_rehearsal else f"{text}, told", told.sent_at)
    became = "could not be told" if told.state is NoticeState.FAILED else "being told"
    return Rung(f"{text}, {became}", problem=told.problem or "")


def _content(case: Case) -> str:
    """What became of the satisfaction question."""
    asked = case.satisfaction
    if asked is None:
        return ""
    if asked.score is not None:
        return f"Asked whether they are content: {asked.score} of 5"
    return (
        "Asked whether they are content: no score in what they said"
        if asked.message_id
        else "Asked whether they are content"
    )


def _can_ask(case: Case, parts: Parts) -> bool:
    """Whether a satisfaction question fits: answered, nothing sensitive, and a kind the playbook asks about."""
    if case.is_resolved or case.offline is not None or case.reply is None or not case.reply.has_left:
        return False
    kinds = [case.decision.kind] if case.decision else []
    is_sensitive = case.message.handling is not Handling.ALLOW
    return parts.playbook.may_ask(kinds=kinds, is_sensitive=is_sensitive, thread=case.thread)


def _decided(case: Case, names: Mapping[str, str], now: datetime) -> str:
    suggestion = case.suggestion
    if suggestion is None or suggestion.decided_at is None or suggestion.state is SuggestionState.PROPOSED:
        return ""
    who = names.get(suggestion.decided_by or "", "somebody")
    reason = f" ({words.words(suggestion.reject_reason)})" if suggestion.reject_reason else ""
    return f"{words.capital(str(suggestion.state))} by {who}{reason}, {words.ago(suggestion.decided_at, now)}"
