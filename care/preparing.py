"""What is done with a message before a person sees it: mask, classify, decide, draft, check the tone.

Pure: nothing is kept here. The service prepares what came in, `tactful draft` what somebody tries.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from care.channel_rules import rules_of
from care.classification import Classification
from care.crisis import ACKNOWLEDGES, Crisis, statement_draft
from care.customer import Elsewhere
from care.decision import Action, Decision
from care.elsewhere import said_of
from care.failpoints import Point, reach
from care.knowledge import KNOWLEDGE_SLOTS
from care.masking import mask
from care.matter import Matter
from care.message import Masking, Message, Turn
from care.placeholders import blanked
from care.policy import Situation
from care.ports import Assessment, Classifier, Clock, Drafted, DraftJudge, Playbook, Redactor, SpanReader, ToneChecker
from care.reply import MOST_DRAFTS, Draft, Verdict
from care.rewording import TAKEN, Rewording
from care.sensitive import WITHHELD_TEXT, Handling
from care.subject import whole_message, whole_thread
from care.triage import decide, situation

WRONG_LANGUAGE = "wrong_language"
"""The finding of a tone check that a draft is in another language than the customer's."""
NOTHING_FITS = "No draft is likely enough to fit. What do you want to say?"
"""Asked where there were drafts and none was worth showing."""
OTHER_TEAMS = frozenset({"legal", "press", "safety"})
"""Words in the names of teams whose cases no statement of a crisis is offered to."""
_ORDINARY = (Action.ANSWER_PUBLIC, Action.ANSWER_PRIVATE)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is proposed for a message: what was read out of it, what to do, at most three drafts or one question.

    assessed: what the drafts were made from. matter: how far it has come.
    asks: what a person has to settle; None where there is a draft.
    playbook: version of the edition all of it is from. is_of_crisis: whether the crisis that is on is about it.
    """

    assessed: Assessment
    drafts: tuple[Draft, ...]
    asks: str | None
    playbook: str
    matter: Matter = field(default_factory=Matter)
    is_of_crisis: bool = False

    @property
    def classification(self) -> Classification:
        return self.assessed.classification

    @property
    def situation(self) -> Situation:
        return self.assessed.situation

    @property
    def decision(self) -> Decision:
        return self.assessed.decision


@dataclass(frozen=True, slots=True)
class DraftingTools:
    """What decides about a message that was read, and drafts. judge: which drafts are worth showing; None: all.

    crisis: the one that is on, if any. spans: reads what the customer names; None: patterns alone do.
    rewording: has the first draft worded anew outside; None: nothing leaves.
    """

    playbook: Playbook
    tone: ToneChecker
    clock: Clock
    judge: DraftJudge | None = None
    crisis: Crisis | None = None
    spans: SpanReader | None = None
    rewording: Rewording | None = None


def prepare(
    message: Message,
    classifier: Classifier,
    tools: DraftingTools,
    *,
    thread: Sequence[Turn] = (),
    elsewhere: tuple[Elsewhere, ...] = (),
    redactor: Redactor | None = None,
    agent: str = "",
) -> Prepared:
    """Read a message with its subject, decide about it and draft.

    thread: what was said before it, oldest first. elsewhere: what else the customer has open with us. redactor: masks
    the message and its thread; None: they are kept ones and masked already. agent: who signs, where the channel signs.
    Raises what classifier or playbook raise.
    """
    message, thread = whole_message(message, thread), whole_thread(thread)
    # What stands in the place of a withheld text are our words, not the customer's.
    text = "" if message.text == WITHHELD_TEXT else message.text
    if redactor is not None:
        message = _masked(message, redactor)
        is_public = message.is_public
        thread = [replace(t, text=mask(t.text, redactor=redactor, is_public=is_public).text) for t in thread]
    # A classifier masks for itself, so that what it tells of places is true of the text as it was sent.
    classification = classifier.classify(text, thread=thread)
    classification = with_spans(classification, text, tools.spans)
    reach(Point.PREPARE_READ)
    return propose(message, classification, tools, thread=thread, elsewhere=elsewhere, agent=agent)


def with_spans(classification: Classification, text: str, spans: SpanReader | None) -> Classification:
    """A classification with what the reader of spans is sure of, beside what patterns found elsewhere in the text."""
    if spans is None or not classification.is_in("en") or classification.sensitive.handling is Handling.WITHHELD:
        return classification
    read = spans.entities(text, classification.sensitive)
    if read is None:
        return classification
    others = [
        entity
        for entity in classification.entities
        if entity.kind in _NUMBERS or all(entity.end <= span.start or entity.start >= span.end for span in read)
    ]
    numbers = [(entity.start, entity.end) for entity in others if entity.kind in _NUMBERS]
    sure = [span for span in read if all(span.end <= start or span.start >= end for start, end in numbers)]
    return replace(classification, entities=tuple(sorted((*others, *sure), key=lambda entity: entity.start)))


_NUMBERS = frozenset({"order_number", "parcel_number", "amount"})


def propose(
    message: Message,
    classification: Classification,
    tools: DraftingTools,
    *,
    thread: Sequence[Turn] = (),
    elsewhere: tuple[Elsewhere, ...] = (),
    agent: str = "",
) -> Prepared:
    """Decide and draft by labels that are known already: all that `prepare` does once it has read a masked message."""
    edition = tools.playbook.edition()
    assessed = assess(message, classification, thread=thread, playbook=edition, clock=tools.clock, elsewhere=elsewhere)
    crisis = tools.crisis
    assessed = replace(assessed, is_sober=crisis is not None and crisis.offers)
    drafted = edition.draft(assessed, agent=agent)
    drafts = _shown(drafted, assessed, tools.tone)
    # What is in another language the judge has read nothing of; its plays only say that we have it.
    if (judge := tools.judge) is None or not _is_ordinary(assessed) or assessed.situation.foreign:
        fit = drafts[:MOST_DRAFTS]
    else:
        fit = _fit(drafts, drafted, assessed, judge)
    if tools.rewording is not None and fit and _is_ordinary(assessed) and not assessed.is_sober:
        fit = (_reworded(fit[0], drafted, assessed, tools), *fit[1:])
    asks = None if fit else NOTHING_FITS if drafts else drafted.asks
    prepared = Prepared(assessed, fit, asks, edition.version, drafted.matter, is_of_crisis(crisis, assessed))
    if crisis is None or not crisis.offers or not prepared.is_of_crisis:
        return prepared
    said = _checked(
        statement_draft(crisis, message, rules_of(edition.channels, assessed.situation.channel)), assessed, tools.tone
    )
    offers = drafted.offers
    beside = [draft for draft in fit if draft.play in offers and offers[draft.play].approach == ACKNOWLEDGES]
    return replace(prepared, drafts=(said, *beside)[:MOST_DRAFTS], asks=None)


def is_of_crisis(crisis: Crisis | None, assessed: Assessment) -> bool:
    """Whether a message is of the matter of a crisis and its statement may be said to it: nobody is in danger, nothing
    is flagged, no team outside the desk has it, and we speak its language."""
    if crisis is None or not _is_ordinary(assessed) or assessed.decision.hand_to or assessed.situation.foreign:
        return False
    if not OTHER_TEAMS.isdisjoint(assessed.decision.team.casefold().split("_")):
        return False
    return crisis.matter.holds(assessed.situation, assessed.message.text)


def assess(
    message: Message,
    classification: Classification,
    *,
    thread: Sequence[Turn] = (),
    playbook: Playbook,
    clock: Clock,
    elsewhere: tuple[Elsewhere, ...] = (),
) -> Assessment:
    """What is so, and what to do about it, by the policy of the playbook."""
    policy, now = playbook.policy, clock()
    facts = situation(message, classification, policy, thread=thread, now=now)
    decision = decide(facts, message, policy, thread=thread, now=now)
    decision = replace(decision, reasons=(*decision.reasons, *said_of(elsewhere)))
    return Assessment(message, classification, tuple(thread), facts, decision, now, elsewhere)


def _masked(message: Message, redactor: Redactor) -> Message:
    text = mask(message.text, redactor=redactor, is_public=message.is_public)
    subject = mask(message.subject or "", redactor=redactor, is_public=message.is_public)
    return replace(
        message,
        text=text.text,
        subject=subject.text or None,
        masking=Masking(Handling.worst((text.handling, subject.handling)), text.spans),
    )


def _shown(drafted: Drafted, assessed: Assessment, tone: ToneChecker) -> tuple[Draft, ...]:
    """The drafts that a person is shown, in order, each with the verdict on its tone."""
    shown: list[Draft] = []
    for draft in drafted.drafts:
        checked = _checked(draft, assessed, tone)
        # Too short for the classifier to tell its language, but not one that the customer shares with our plays.
        if any(finding.rule == WRONG_LANGUAGE for finding in checked.tone.findings):
            break
        shown.append(checked)
    # A cheerful draft stands first in its own right, never because a sober one had to make way.
    cheerful = {play for play, offer in drafted.offers.items() if offer.is_cheerful}
    moved_up = {draft.play for draft in shown[1:]} & cheerful
    shown.sort(key=lambda draft: draft.tone.verdict is Verdict.STOP)
    while shown and shown[0].play in moved_up:
        del shown[0]
    return tuple(shown)


def _is_ordinary(assessed: Assessment) -> bool:
    """Whether nobody is in danger and nothing is flagged: there the team's own words for it are always offered."""
    facts = assessed.situation
    return assessed.decision.action in _ORDINARY and not facts.danger.risks and not facts.is_flagged


def _fit(drafts: Sequence[Draft], drafted: Drafted, assessed: Assessment, judge: DraftJudge) -> tuple[Draft, ...]:
    """Those worth showing, the likeliest to be sent first, at most three; each with its chance."""
    judged = [replace(draft, score=judge.chance(assessed, draft, drafted.offers[draft.play])) for draft in drafts]
    shown = [draft for draft in judged if draft.score >= judge.least]
    shown.sort(key=lambda draft: (draft.tone.verdict is Verdict.STOP, _waits_for_an_answer(draft), -draft.score))
    return tuple(shown[:MOST_DRAFTS])


OPEN_SLOTS = frozenset((*KNOWLEDGE_SLOTS, "finding", "status", "workaround"))
"""Slots that a person fills with what they found out, not with what the customer gave."""


def _waits_for_an_answer(draft: Draft) -> bool:
    """Whether what matters in it is still to be written: what says something by itself comes first."""
    return not OPEN_SLOTS.isdisjoint(draft.missing)


def _reworded(draft: Draft, drafted: Drafted, assessed: Assessment, tools: DraftingTools) -> Draft:
    """A draft as an outside rewriter words it, where that goes through every gate of a draft; else ours."""
    assert tools.rewording is not None
    other = tools.rewording.of(draft)
    if other.rewriting != TAKEN:
        return other
    checked = _checked(other, assessed, tools.tone)
    if checked.tone.verdict is not Verdict.SEND and checked.tone.verdict is not draft.tone.verdict:
        return replace(draft, rewriting="tone")
    if draft.promise and draft.promise not in other.text:
        return replace(draft, rewriting="promise")
    judge, offer = tools.judge, drafted.offers.get(draft.play)
    if judge is not None and offer is not None and judge.chance(assessed, checked, offer) < judge.least:
        return replace(draft, rewriting="judge")
    return checked


def _checked(draft: Draft, assessed: Assessment, tone: ToneChecker) -> Draft:
    message, facts = assessed.message, assessed.situation
    # A person fills the slots before it goes out: the tone is that of the words around them.
    report = tone.check(
        blanked(draft.text),
        channel=message.origin.channel,
        to=message.text,
        mood=facts.labels.sentiment,
        urgency=facts.labels.urgency,
        visibility=message.visibility,
    )
    return replace(draft, tone=report)
