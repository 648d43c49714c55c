"""What was read out of a message and decided about it, as the page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.console import wording
from api.console.viewer import Viewer
from api.depends import Parts
from care.case_file import CaseFile
from care.channel_rules import ChannelRules
from care.classification import Evidence, Judgement
from care.escalation import NOTICES, Climbed, NoticeState
from care.pointing import may_point
from care.reply import SuggestionState
from care.sensitive import Handling
from care.subject import whole_message

SHOWN_TASKS = ("intent", "sentiment", "urgency")
CAN_RECONSIDER = (SuggestionState.REJECTED, SuggestionState.DISMISSED)


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
class ClimbView:
    """One step that the case has climbed. at: when the contact was told; problem: why they could not be."""

    text: str
    at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What to do about the message, and why. decided: who decided the suggestion; alike: messages like this one."""

    sentence: str
    labels: Sequence[LabelView]
    alike: Sequence[tuple[str, str]]
    due: wording.DueLabel | None
    promise: wording.DueLabel | None
    climbed: Sequence[ClimbView]
    decided: str
    can_reconsider: bool
    """Whether a rejection or a dismissal can be taken back."""


def decision_view(
    case: CaseFile, parts: Parts, viewer: Viewer, *, rules: ChannelRules | None, why: Judgement | None
) -> DecisionView:
    """why: the intent with its reasons, where they are shown."""
    labels, decision = _labels(case, parts), case.decision
    sentence = ""
    if decision is not None:
        sentence = wording.decision_sentence(
            decision,
            [label.said for label in labels if label.task in SHOWN_TASKS],
            is_public=case.message.is_public,
            can_point=may_point(case.message, rules),
        )
    is_rehearsal = NOTICES in parts.rehearsals
    return DecisionView(
        sentence=sentence,
        labels=labels,
        alike=tuple((neighbour.text, wording.words(neighbour.label)) for neighbour in why.neighbours[:2])
        if why
        else (),
        due=wording.due(case.case.standing.due_at, viewer.now) if case.case.standing.due_at else None,
        promise=_promise(case, viewer.now),
        climbed=tuple(_climb(climbed, is_rehearsal=is_rehearsal) for climbed in case.handled.climbed),
        decided=_decided(case, viewer),
        can_reconsider=case.suggestion is not None and case.suggestion.choice.state in CAN_RECONSIDER,
    )


def deciding_words(why: Judgement | None) -> list[tuple[str, Evidence]]:
    """The words that carried the intent, each with its label."""
    if why is None:
        return []
    return [(wording.words(why.label), evidence) for evidence in why.evidence if evidence.weight > 0][:6]


def _promise(case: CaseFile, now: datetime) -> wording.DueLabel | None:
    """The hour we promised; before we did, until when we published that an answer comes."""
    promised = [promise.until for promise in case.handled.promises if promise.is_open]
    at = promised[0] if promised else case.decision.promised_at if case.decision else None
    return wording.due(at, now) if at else None


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
    for label, score in (
        (judgement.label, judgement.score),
        *((candidate.label, candidate.score) for candidate in judgement.candidates),
    ):
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
        best = [wording.words(candidate.label) for candidate in judgement.candidates[:2]]
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


def explain(case: CaseFile, parts: Parts) -> Judgement | None:
    """Why the intent is what it is: the words that carried it and what it resembles. Read again, kept nowhere."""
    if case.classification is None or case.message.masking.handling is Handling.WITHHELD:
        return None
    try:
        written_at = case.message.origin.written_at
        message = whole_message(case.message, [turn for turn in case.thread if turn.at < written_at])
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
    moved = [
        replace(evidence, start=evidence.start - first_line, end=evidence.end - first_line)
        for evidence in judgement.evidence
    ]
    return replace(judgement, evidence=tuple(evidence for evidence in moved if evidence.start >= 0))


def _climb(climbed: Climbed, *, is_rehearsal: bool) -> ClimbView:
    """A step, its contact, and whether they were told."""
    text, told = f"{wording.capital(climbed.step)}: {climbed.contact}", climbed.notice
    if told is None:
        return ClimbView(text)
    if told.sending.state is NoticeState.SENT:
        became = "notice rehearsed, not sent" if is_rehearsal else "told"
        return ClimbView(f"{text}, {became}", told.sending.sent_at)
    became = "could not be told" if told.sending.state is NoticeState.FAILED else "being told"
    return ClimbView(f"{text}, {became}", problem=told.sending.problem or "")


def _decided(case: CaseFile, viewer: Viewer) -> str:
    suggestion = case.suggestion
    choice = suggestion.choice if suggestion else None
    if choice is None or choice.decided_at is None or choice.state is SuggestionState.PROPOSED:
        return ""
    who = viewer.names.get(choice.decided_by or "", "somebody")
    reason = f" ({wording.words(choice.reject_reason)})" if choice.reject_reason else ""
    return f"{wording.capital(str(choice.state))} by {who}{reason}, {wording.ago(choice.decided_at, viewer.now)}"
