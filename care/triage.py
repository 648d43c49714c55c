"""What to do about a message: which of the seven actions, which team, how pressing, by when, and why.

First a message's situation is read off, then the policy decides on it. Pure: no clock, no I/O, nothing learnt here.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from care.classification import OUT_OF_SCOPE, RISKS, Classification, Judgement
from care.cues import (
    ANSWERS_US,
    BUILT_IN_CUES,
    FOLLOW_UP,
    GIVES_SECRET,
    GLAD,
    HARM_TOLD,
    HEALTH_DATA,
    HURT,
    LACKS_IT,
    NAMES_COMPETITOR,
    NAMES_INDUSTRY,
    QUESTION_MARK,
    SEVERAL_NAMED,
    WE_ASK,
    WE_OFFER,
    cues_of_files,
    cues_of_heads,
    likely,
)
from care.decision import Action, Addend, Decision, Priority
from care.message import Message, Turn
from care.mood import UPSET_MOODS, is_upset
from care.policy import DangerFacts, IntentLine, LabelFacts, Policy, Situation, TriageRule, When
from care.sensitive import Handling

WORDS_SCORE = 0.3
"""How sure we are of a risk that only the playbook's own conditions show: what the reader saw itself weighs more."""
MOST_URGENT = "urgent"
UPSET_AT_PRAISE = 0.2
"""How often somebody whose message is praise by its intent can be upset at all."""
GLAD_SCORE = 0.95
"""From this probability on a later message is praise even without a word of joy."""
NOBODY = "none"
"""The team of what asks for no answer."""


def situation(
    message: Message, classification: Classification, policy: Policy, *, thread: Sequence[Turn] = (), now: datetime
) -> Situation:
    """Read off everything that rules and plays may ask about."""
    is_foreign = not classification.is_in(policy.language)
    is_readable = not is_foreign and _says_something(message.text)
    judgement = classification.tasks.get("intent") if is_readable else None
    intent = _hinted(judgement, policy.thresholds.hint_score)
    own = policy.cues_in(message.text)
    heads = cues_of_heads(classification)
    cues = own | heads.keys() | _shown(message, own, classification, thread, policy)
    sentiment = _hinted(classification.tasks.get("sentiment"), policy.thresholds.hint_score)
    upset = is_upset(sentiment, act=likely(classification, "act"), stance=likely(classification, "stance"))
    line = policy.intents.get(intent or "", policy.fallback)
    tier = next((tier.name for tier in policy.weights.tiers if tier.counts(message.author.handle, now=now)), None)
    facts = Situation(
        labels=LabelFacts(
            intent=intent,
            sentiment=sentiment,
            urgency=_hinted(classification.tasks.get("urgency"), policy.thresholds.hint_score),
            is_sure=judgement is not None
            and not judgement.abstained
            # Somebody who is upset is not brushed off on a mere guess, and nobody praises in a bad mood.
            and not (upset and line.kind in ("spam", "small_talk", "praise"))
            # Said to several people, asking nothing: it may be their conversation.
            and not (SEVERAL_NAMED in own and QUESTION_MARK not in own and line.kind != "praise")
            and (FOLLOW_UP not in cues or _is_borne_out(judgement, line, cues, message, classification, policy)),
            is_certain=judgement is not None
            and not judgement.abstained
            and judgement.score >= policy.thresholds.silent_score,
        ),
        channel=message.origin.channel,
        visibility=message.visibility.value,
        kind="complaint" if upset and line.kind in ("question", "praise") else line.kind,
        tier=tier,
        cues=cues,
        entities=frozenset(entity.kind for entity in classification.entities),
        thread="follow_up" if FOLLOW_UP in cues else "first",
        is_flagged=is_flagged(message, classification) or GIVES_SECRET in own,
        is_upset=upset,
        heads=tuple(heads.items()),
        foreign=classification.language if is_foreign else "",
    )
    return _with_risks(facts, classification, policy)


def _shown(
    message: Message, own: frozenset[str], classification: Classification, thread: Sequence[Turn], policy: Policy
) -> frozenset[str]:
    """Cues of more than the message's own words, which are `own`: of its files and its thread."""
    cues = set(_holds_health(message, classification))
    cues |= cues_of_files(message.attachments)
    if any(not turn.by_customer for turn in thread):
        cues.add(FOLLOW_UP)
    if likely(classification, "act") not in _NEVER_ANSWERS and _answers_us(own, thread, policy):
        cues.add(ANSWERS_US)
    said = (policy.cues_in(turn.text) for turn in thread if turn.by_customer)
    is_harmed = any(risk.kind in _HARM for risk in classification.risk)
    if is_harmed or any(HURT in words for words in (own, *said)):
        cues.add(HARM_TOLD)
    # "still nothing" means the order of the message before it: one answer covers everything that waits for it.
    for turn in _unanswered(thread):
        cues |= policy.cues_in(turn.text).difference(BUILT_IN_CUES)
    return frozenset(cues)


def _says_something(text: str) -> bool:
    """Whether there is a letter, a number or a picture in it; points and spaces alone mean nothing."""
    return any(sign.isalnum() or unicodedata.category(sign) in _PICTURES for sign in text)


_PICTURES = frozenset({"So", "Sk", "Sm"})


def _with_risks(facts: Situation, classification: Classification, policy: Policy) -> Situation:
    """What cannot wait, with the kind that decides: danger to somebody before all else, then the likeliest."""
    scores = {risk.kind: risk.score for risk in classification.risk}
    facts = replace(facts, cues=facts.cues.union(scores))
    for kind, line in policy.risks.items():
        if any(when.holds(facts) for when in line.also):
            scores.setdefault(kind, WORDS_SCORE)
    if not scores:
        return facts
    told = {name: policy.risk(name) for name in scores}
    order = {kind: place for place, kind in enumerate(RISKS)}
    gravest = min(
        scores,
        key=lambda kind: (
            not told[kind].is_always, not told[kind].tells, -scores[kind], order.get(kind, len(order)), kind,
        ),
    )  # fmt: skip
    urgency = MOST_URGENT if any(line.is_always for line in told.values()) else facts.labels.urgency
    labels, danger = replace(facts.labels, urgency=urgency), DangerFacts(frozenset(scores), gravest)
    return replace(facts, labels=labels, danger=danger, cues=facts.cues.union(scores))


_NUMBERS = frozenset({"order_number", "parcel_number"})


def _answers_us(own: frozenset[str], thread: Sequence[Turn], policy: Policy) -> bool:
    """Whether we asked for something last, and this, which asks nothing, may be it."""
    last = next((turn for turn in reversed(thread) if not turn.by_customer), None)
    if last is None or QUESTION_MARK in own or not own.isdisjoint(_NO_ANSWER):
        return False
    asked = policy.cues_in(last.text)
    return not asked.isdisjoint((WE_ASK, QUESTION_MARK)) and asked.isdisjoint(_NO_ANSWER)


_NO_ANSWER = frozenset({LACKS_IT, WE_OFFER})
_NEVER_ANSWERS = ("asks", "promotes")
_HARM = frozenset({"self_harm", "danger", "assault"})


def _is_borne_out(
    judgement: Judgement,
    line: IntentLine,
    cues: frozenset[str],
    message: Message,
    classification: Classification,
    policy: Policy,
) -> bool:
    """Whether more than its label says what a later message is about.

    Half of a conversation stands in the other half: "yes, both of them" is an answer before it is anything else. In
    public a wrong guess is read by everybody, by somebody who was not listened to.
    """
    if judgement.score < policy.thresholds.later_score or SEVERAL_NAMED in cues:
        return False
    if any(entity.kind in _NUMBERS for entity in classification.entities):
        return True
    if message.is_public:
        is_meant = judgement.score >= GLAD_SCORE or GLAD in cues
        return line.kind == "praise" and is_meant and cues.isdisjoint((ANSWERS_US, QUESTION_MARK))
    return ANSWERS_US not in cues


def _holds_health(message: Message, classification: Classification) -> frozenset[str]:
    spans = (*message.masking.spans, *classification.sensitive.spans)
    return frozenset({HEALTH_DATA}) if any(span.category == "health" for span in spans) else frozenset()


def is_flagged(message: Message, classification: Classification) -> bool:
    """Whether the matter must continue where nobody else can read it.

    A classifier does not know where a text stands: what was let stand in a message to us alone stays so.
    """
    let_stand = {span.category for span in message.masking.spans if span.handling is Handling.ALLOW}
    read = classification.sensitive
    categories = {span.category for span in read.spans if span.handling.leaves_the_open}
    is_known = bool(categories) and categories <= let_stand
    return message.masking.handling.leaves_the_open or (read.handling.leaves_the_open and not is_known)


def _hinted(judgement: Judgement | None, hint_score: float) -> str | None:
    """The label to act on, if only as a hint. That nothing fits is never concluded from a low score."""
    if judgement is None or (judgement.abstained and judgement.score < hint_score):
        return None
    return judgement.label


def decide(
    facts: Situation, message: Message, policy: Policy, *, thread: Sequence[Turn] = (), now: datetime
) -> Decision:
    """What to do about one message, who does it, how pressing it is and by when, with reasons a person can read.

    facts: its situation. thread: what was said before it, both sides, oldest first. now: aware.
    """
    chosen = _choose(facts, policy)
    priority = _priority(facts, message, policy, thread=thread, now=now)
    clock = policy.clock(message.origin.channel)
    is_always = chosen.is_always or clock.window(facts.labels.urgency).is_always
    return Decision(
        action=chosen.action,
        team=chosen.team,
        priority=priority,
        due_at=clock.due_at(message.received_at, facts.labels.urgency, is_always=is_always),
        promised_at=clock.promised_at(message.received_at, facts.labels.urgency, is_always=is_always),
        kind=facts.kind,
        reasons=(chosen.reason, *chosen.read, *_also(facts)),
        is_always=is_always,
        hand_to=chosen.hand_to,
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """What to do and who does it. hand_to: whom to tell at once. read: what heads read that it rests on."""

    action: Action
    team: str
    reason: str
    hand_to: str = ""
    is_always: bool = False
    read: tuple[str, ...] = ()


def _choose(facts: Situation, policy: Policy) -> _Choice:
    rule = next((rule for rule in policy.rules_for(facts.labels.intent) if rule.when.holds(facts)), None)
    chosen = _by_risk(facts, rule, policy) if facts.danger.gravest else _by_rule(facts, rule, policy)
    if facts.is_flagged and chosen.action is not Action.TAKE_OFFLINE:
        # Danger still reaches the team that acts on it, but on a channel that nobody else can read.
        urgent = chosen.team if chosen.action is Action.ESCALATE or facts.danger.gravest else ""
        route = _route(facts, policy)
        team = urgent or (policy.teams.offline_team if route == NOBODY else route)
        return replace(chosen, action=Action.TAKE_OFFLINE, team=team, reason=_FLAGGED)
    return replace(chosen, reason=_FLAGGED) if facts.is_flagged else chosen


def _by_risk(facts: Situation, rule: TriageRule | None, policy: Policy) -> _Choice:
    """What cannot wait decides before any rule; only rules as serious as itself may say who acts on it."""
    line = policy.risk(facts.danger.gravest)
    is_always = any(policy.risk(kind).is_always for kind in facts.danger.risks)
    if rule is not None and rule.action in _SERIOUS and not line.is_always:
        ruled = _by_rule(facts, rule, policy)
        return replace(ruled, hand_to=ruled.hand_to or line.tells, is_always=ruled.is_always or is_always)
    action = Action.TAKE_OFFLINE if line.is_offline and facts.visibility == "public" else line.action
    return _Choice(action, line.team, line.reason, line.tells, is_always)


_SERIOUS = (Action.ESCALATE, Action.TAKE_OFFLINE)


def _route(facts: Situation, policy: Policy) -> str:
    line = policy.intents.get(facts.labels.intent or "", policy.fallback)
    return next((route.team for route in policy.teams.routes if route.when.holds(facts)), line.team)


def _by_rule(facts: Situation, rule: TriageRule | None, policy: Policy) -> _Choice:
    route = _route(facts, policy)
    if rule and _may_say_nothing(rule, facts):
        team = NOBODY if rule.action is Action.IGNORE else rule.team or route
        told = team if rule.action is Action.ESCALATE else ""
        if facts.foreign and rule.action not in _SERIOUS:
            team = policy.teams.speakers.get(facts.foreign, team)
        return _Choice(rule.action, team, rule.reason, told, rule.is_always, _read_for(rule.when, facts))
    if facts.foreign:
        # Nobody is refused or left without an answer because we do not speak their language.
        fallback = policy.fallback
        action = fallback.public if facts.visibility == "public" else fallback.private
        team = policy.teams.speakers.get(facts.foreign, fallback.team)
        return _Choice(action, team, f"It is written in another language ({facts.foreign}); a person answers it.")
    action, team, reason = _by_intent(facts, route, policy)
    return _Choice(action, team, reason, team if action is Action.ESCALATE else "")


def _read_for(when: When, facts: Situation) -> tuple[str, ...]:
    """What trained heads read that a rule asked for, with the scores."""
    asked = when.cued.some | when.cued.every
    read = [f"{cue.replace('_', ' ')} {score:.2f}" for cue, score in facts.heads if cue in asked]
    return (f"The message reads as: {', '.join(read)}.",) if read else ()


def _may_say_nothing(rule: TriageRule, facts: Situation) -> bool:
    """Whether a rule's silence rests on words, or on a label that is certain."""
    if rule.action is not Action.IGNORE:
        return True
    return not facts.foreign and (not rule.when.intents or facts.labels.is_certain)


def _by_intent(facts: Situation, route: str, policy: Policy) -> tuple[Action, str, str]:
    line, fallback = policy.intents.get(facts.labels.intent or "", policy.fallback), policy.fallback
    action = line.public if facts.visibility == "public" else line.private
    is_unheard = action is Action.PHONE_OR_EMAIL and facts.thread == "follow_up" and not facts.labels.is_sure
    is_silent = action is Action.IGNORE and not facts.labels.is_certain
    if is_unheard or is_silent:
        action = fallback.public if facts.visibility == "public" else fallback.private
    team = NOBODY if action is Action.IGNORE else fallback.team if is_silent else route
    if is_silent:
        return action, team, "Perhaps nothing here asks for an answer; that is not sure enough to stay silent."
    if facts.labels.intent is None:
        return action, team, "No label is sure enough; a person decides what this is about."
    where = "written in public" if facts.visibility == "public" else "on a private channel"
    return action, team, f"{facts.labels.intent.replace('_', ' ').capitalize()}, {where}: {_WAYS[action]}."


_FLAGGED = "It holds sensitive data, so it continues on a safe channel."
_WAYS = {
    Action.ANSWER_PUBLIC: "the answer is for everyone to read",
    Action.ANSWER_PRIVATE: "it is answered where only the customer reads it",
    Action.TAKE_OFFLINE: "it needs an identity check on a safe channel",
    Action.DEFLECT: "a page solves it entirely",
    Action.PHONE_OR_EMAIL: "it is settled faster by phone or e-mail",
    Action.IGNORE: "nothing here asks for an answer",
    Action.ESCALATE: "somebody has to act on it at once",
}


def _also(facts: Situation) -> tuple[str, ...]:
    told = []
    if NAMES_COMPETITOR in facts.cues:
        told.append("It names a competitor.")
    if NAMES_INDUSTRY in facts.cues and facts.kind == "industry_discussion":
        told.append("It speaks of our trade.")
    if facts.labels.urgency in ("urgent", "high"):
        told.append("It is urgent." if facts.labels.urgency == "urgent" else "Its urgency is high.")
    if facts.tier:
        told.append(f"Written by somebody listed as {facts.tier}.")
    if facts.thread == "follow_up":
        told.append("We have answered in this conversation before.")
    if facts.danger.risks:
        named = ", ".join(sorted(kind.replace("_", " ") for kind in facts.danger.risks))
        told.append(f"It may speak of what cannot wait: {named}.")
    return tuple(told)


def _priority(facts: Situation, message: Message, policy: Policy, *, thread: Sequence[Turn], now: datetime) -> Priority:
    weights = policy.weights
    tier = next((tier for tier in policy.weights.tiers if tier.name == facts.tier), None)
    followers = message.author.followers or 0
    reach = next((points for least, points in weights.reach if followers >= least), 0) if message.is_public else 0
    waited_h = max(0, int((now - message.received_at).total_seconds() // 3600))
    again = min(weights.repeat_most, weights.repeat_each * len(_unanswered(thread)))
    addends = (
        Addend(
            f"urgency {facts.labels.urgency or 'unknown'}", weights.urgency.get(facts.labels.urgency or "normal", 0)
        ),
        Addend(f"tier {facts.tier}", tier.points if tier else 0),
        Addend(f"reach {followers} followers", reach),
        Addend(f"waiting {waited_h} h", min(weights.waiting_most, weights.waiting_per_h * waited_h)),
        Addend("repeated contact", again),
    )
    return Priority(tuple(addend for addend in addends if addend.points or addend.name.startswith("urgency")))


def _unanswered(thread: Sequence[Turn]) -> list[Turn]:
    """What the customer has already written since our last answer, latest first."""
    return list(takewhile(lambda turn: turn.by_customer, reversed(thread)))


Mood = tuple[str | None, bool, float]
"""A sentiment, whether it is an upset one, and how probable it is."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One thing a message may mean: what would be so, what would be done about it, and how probable it is, 0 to 1."""

    facts: Situation
    action: Action
    chance: float


def interpretations(
    facts: Situation, classification: Classification, policy: Policy, *, least: float = 0.01
) -> tuple[Interpretation, ...]:
    """What else a message may be, most probable first: each likely intent, upset and not.

    For suggestions beside the first one: what the classifier only holds for possible is right often enough to be
    offered. A flagged message has no second meaning, nor has one that cannot wait.
    """
    judgement = classification.tasks.get("intent")
    if judgement is None or facts.is_flagged or facts.danger.risks or facts.foreign:
        return ()
    chances = {candidate.label: candidate.score for candidate in judgement.candidates}
    chances.setdefault(judgement.label, judgement.score)
    if judgement.abstained or judgement.label != OUT_OF_SCOPE:
        # Unclear is not "none of our business".
        chances.pop(OUT_OF_SCOPE, None)
    moods = _moods(facts, classification.tasks.get("sentiment"))
    readings: list[Interpretation] = []
    for intent, chance in chances.items():
        line = policy.intents.get(intent)
        if line is None:
            continue
        for sentiment, upset, share in _of_praise(moods) if line.kind == "praise" else moods:
            if chance * share < least:
                continue
            kind = "complaint" if upset and line.kind in ("question", "praise") else line.kind
            labels = replace(facts.labels, intent=intent, sentiment=sentiment, is_sure=True)
            read = replace(facts, labels=labels, is_upset=upset, kind=kind)
            readings.append(Interpretation(read, _choose(read, policy).action, chance * share))
    return tuple(sorted(readings, key=lambda reading: -reading.chance))


def _of_praise(moods: list[Mood]) -> list[Mood]:
    """Hardly anybody praises in anger: if it is praise at all, the sentiment is the likelier mistake."""
    weighed = [share * (UPSET_AT_PRAISE if upset else 1 - UPSET_AT_PRAISE) for _, upset, share in moods]
    whole = sum(weighed) or 1.0
    return [(name, upset, share / whole) for (name, upset, _), share in zip(moods, weighed, strict=True)]


def _moods(facts: Situation, judgement: Judgement | None) -> list[Mood]:
    """Upset and not, each with its likeliest sentiment and its chance. Sarcasm and anger let out leave no doubt."""
    if judgement is None or not judgement.candidates:
        return [(facts.labels.sentiment, facts.is_upset, 1.0)]
    shown = facts.is_upset and facts.labels.sentiment not in UPSET_MOODS
    whole = sum(candidate.score for candidate in judgement.candidates) or 1.0
    moods: list[Mood] = []
    for side in (True, False):
        of_side = [candidate for candidate in judgement.candidates if (candidate.label in UPSET_MOODS) is side]
        if of_side:
            share = sum(candidate.score for candidate in of_side) / whole
            moods.append((max(of_side, key=lambda candidate: candidate.score).label, side or shown, share))
    return moods
