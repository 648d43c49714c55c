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
    HARM_TOLD,
    HEALTH_DATA,
    HOLDS_CODE,
    NAMES_COMPETITOR,
    NAMES_INDUSTRY,
    QUESTION_MARK,
    SEVERAL_NAMED,
    cues_of_files,
)
from care.decision import Action, Addend, Decision, Priority
from care.message import Message, Turn
from care.policy import IntentLine, Policy, Situation, TriageRule
from care.sensitive import Handling

WORDS_SCORE = 0.3
"""How sure we are of a risk that only the playbook's own conditions show: what the reader saw itself weighs more."""
MOST_URGENT = "urgent"
UPSET_AT_PRAISE = 0.2
"""How often somebody whose message is praise by its intent can be upset at all."""
ANSWER_SCORE = 0.9
"""From this probability on a label of what answers our question is believed; most of it says little by itself."""
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
    intent = _hinted(judgement, policy.hint_score)
    is_follow_up = any(not turn.by_customer for turn in thread)
    own = policy.cues_in(message.text)
    cues = own | _holds_health(message, classification)
    cues |= cues_of_files(message.attachments)
    cues |= {FOLLOW_UP} if is_follow_up else set()
    cues |= {ANSWERS_US} if _answers_us(own, thread, policy) else set()
    said = frozenset[str]().union(*(policy.cues_in(turn.text) for turn in thread if turn.by_customer))
    cues |= {HARM_TOLD} if not policy.harm_cues.isdisjoint(own | said) else set()
    # "still nothing" means the order of the message before it: one answer covers everything that waits for it.
    for turn in _unanswered(thread):
        cues |= policy.cues_in(turn.text).difference(BUILT_IN_CUES)
    sentiment = _hinted(classification.tasks.get("sentiment"), policy.hint_score)
    is_upset = sentiment in policy.upset or not policy.upset_cues.isdisjoint(cues)
    line = policy.intents.get(intent or "", policy.fallback)
    tier = next((tier.name for tier in policy.tiers if tier.counts(message.author.handle, now=now)), None)
    facts = Situation(
        intent=intent,
        sentiment=sentiment,
        urgency=_hinted(classification.tasks.get("urgency"), policy.hint_score),
        channel=message.channel,
        visibility=message.visibility.value,
        kind="complaint" if is_upset and line.kind in ("question", "praise") else line.kind,
        tier=tier,
        cues=cues,
        entities=frozenset(entity.kind for entity in classification.entities),
        thread="follow_up" if is_follow_up else "first",
        is_flagged=is_flagged(message, classification) or not policy.offline_cues.isdisjoint(own),
        is_upset=is_upset,
        # Somebody who is upset, or speaks to us by name, is not brushed off our subject on a mere guess.
        is_sure=judgement is not None
        and not (is_upset and line.kind in ("spam", "small_talk"))
        and not _is_torn(line.kind, sentiment, cues, policy)
        and line.unlike.isdisjoint(cues)
        # Said to several people, asking nothing: it may be their conversation.
        and not (SEVERAL_NAMED in own and QUESTION_MARK not in own and (is_upset or line.kind != "praise"))
        and (judgement.abstained or judgement.score >= policy.alone_score or _speaks_of(line, cues))
        and (not is_follow_up or _is_borne_out(judgement, line, cues, said, message, classification, policy))
        and not judgement.abstained,
        # Silence needs certainty: a score that answers may still be too low to say nothing at all.
        is_certain=judgement is not None and not judgement.abstained and judgement.score >= policy.silent_score,
        foreign=classification.language if is_foreign else "",
    )
    return _with_risks(facts, classification, policy)


def _says_something(text: str) -> bool:
    """Whether there is a letter, a number or a picture in it; points and spaces alone mean nothing."""
    return any(sign.isalnum() or unicodedata.category(sign) in _PICTURES for sign in text)


_PICTURES = frozenset({"So", "Sk", "Sm"})


def _with_risks(facts: Situation, classification: Classification, policy: Policy) -> Situation:
    """What cannot wait, with the kind that decides: danger to somebody before all else, then the likeliest."""
    scores = {risk.kind: risk.score for risk in classification.risk}
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
    urgency = MOST_URGENT if any(line.is_always for line in told.values()) else facts.urgency
    return replace(facts, risks=frozenset(scores), gravest=gravest, urgency=urgency)


_NUMBERS = frozenset({"order_number", "parcel_number"})


def _speaks_of(line: IntentLine, cues: frozenset[str]) -> bool:
    """Whether a message has a word of the intent's subject; in a trade the classifier never saw it may have none."""
    return not line.words or not line.words.isdisjoint(cues)


def _answers_us(own: frozenset[str], thread: Sequence[Turn], policy: Policy) -> bool:
    """Whether we asked for something last, and this, which asks nothing, may be it."""
    last = next((turn for turn in reversed(thread) if not turn.by_customer), None)
    if last is None or QUESTION_MARK in own or not policy.no_answer_cues.isdisjoint(own):
        return False
    asked = policy.cues_in(last.text)
    return not asked.isdisjoint(policy.asking_cues | {QUESTION_MARK}) and asked.isdisjoint(policy.no_answer_cues)


def _is_borne_out(
    judgement: Judgement,
    line: IntentLine,
    cues: frozenset[str],
    said: frozenset[str],
    message: Message,
    classification: Classification,
    policy: Policy,
) -> bool:
    """Whether more than its label says what a later message is about. said: cues of all the customer said before it.

    Half of a conversation stands in the other half: "yes, both of them" is an answer before it is anything else. In
    public a wrong guess is read by everybody, by somebody who was not listened to.
    """
    if judgement.score < policy.alone_score or SEVERAL_NAMED in cues:
        return False
    if any(entity.kind in _NUMBERS for entity in classification.entities):
        return True
    if message.is_public:
        is_glad = judgement.score >= GLAD_SCORE or not policy.glad_cues.isdisjoint(cues)
        return line.kind == "praise" and is_glad and cues.isdisjoint((ANSWERS_US, QUESTION_MARK))
    if ANSWERS_US not in cues:
        return _speaks_of(line, cues | said)
    # A code that is not recognised is what we asked for all the same: it is not asked for again.
    return judgement.score >= ANSWER_SCORE and HOLDS_CODE not in cues and not line.words.isdisjoint(cues)


def _is_torn(kind: str, sentiment: str | None, cues: frozenset[str], policy: Policy) -> bool:
    """Whether labels or words contradict each other, one glad and one not: then neither is to be relied on."""
    if not policy.upset_cues.isdisjoint(cues):
        return False
    is_glad = not policy.glad_cues.isdisjoint(cues)
    return (is_glad and (kind == "complaint" or sentiment in policy.upset)) or (
        kind == "praise" and sentiment in policy.upset
    )


def _holds_health(message: Message, classification: Classification) -> frozenset[str]:
    spans = (*message.spans, *classification.sensitive.spans)
    return frozenset({HEALTH_DATA}) if any(span.category == "health" for span in spans) else frozenset()


def is_flagged(message: Message, classification: Classification) -> bool:
    """Whether the matter must continue where nobody else can read it.

    A classifier does not know where a text stands: what was let stand in a message to us alone stays so.
    """
    let_stand = {span.category for span in message.spans if span.handling is Handling.ALLOW}
    read = classification.sensitive
    found = {span.category for span in read.spans if span.handling.leaves_the_open}
    is_known = bool(found) and found <= let_stand
    return message.handling.leaves_the_open or (read.handling.leaves_the_open and not is_known)


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
    clock = policy.clock(message.channel)
    is_always = chosen.is_always or clock.window(facts.urgency).is_always
    return Decision(
        action=chosen.action,
        team=chosen.team,
        priority=priority,
        due_at=clock.due_at(message.received_at, facts.urgency, is_always=is_always),
        promised_at=clock.promised_at(message.received_at, facts.urgency, is_always=is_always),
        kind=facts.kind,
        reasons=(chosen.reason, *_also(facts)),
        is_always=is_always,
        hand_to=chosen.hand_to,
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """What to do and who does it. hand_to: whom to tell at once."""

    action: Action
    team: str
    reason: str
    hand_to: str = ""
    is_always: bool = False


def _choose(facts: Situation, policy: Policy) -> _Choice:
    found = next((rule for rule in policy.rules_for(facts.intent) if rule.when.holds(facts)), None)
    chosen = _by_risk(facts, found, policy) if facts.gravest else _by_rule(facts, found, policy)
    if facts.is_flagged and chosen.action is not Action.TAKE_OFFLINE:
        # Danger still reaches the team that acts on it, but on a channel that nobody else can read.
        urgent = chosen.team if chosen.action is Action.ESCALATE or facts.gravest else ""
        route = _route(facts, policy)
        team = urgent or (policy.offline_team if route == NOBODY else route)
        return replace(chosen, action=Action.TAKE_OFFLINE, team=team, reason=_FLAGGED)
    return replace(chosen, reason=_FLAGGED) if facts.is_flagged else chosen


def _by_risk(facts: Situation, found: TriageRule | None, policy: Policy) -> _Choice:
    """What cannot wait decides before any rule; only rules as serious as itself may say who acts on it."""
    line = policy.risk(facts.gravest)
    is_always = any(policy.risk(kind).is_always for kind in facts.risks)
    if found is not None and found.action in _SERIOUS and not line.is_always:
        ruled = _by_rule(facts, found, policy)
        return replace(ruled, hand_to=ruled.hand_to or line.tells, is_always=ruled.is_always or is_always)
    action = Action.TAKE_OFFLINE if line.is_offline and facts.visibility == "public" else line.action
    return _Choice(action, line.team, line.reason, line.tells, is_always)


_SERIOUS = (Action.ESCALATE, Action.TAKE_OFFLINE)


def _route(facts: Situation, policy: Policy) -> str:
    line = policy.intents.get(facts.intent or "", policy.fallback)
    return next((route.team for route in policy.routes if route.when.holds(facts)), line.team)


def _by_rule(facts: Situation, found: TriageRule | None, policy: Policy) -> _Choice:
    route = _route(facts, policy)
    if found and _may_say_nothing(found, facts):
        team = NOBODY if found.action is Action.IGNORE else found.team or route
        told = team if found.action is Action.ESCALATE else ""
        if facts.foreign and found.action not in _SERIOUS:
            team = policy.speakers.get(facts.foreign, team)
        return _Choice(found.action, team, found.reason, told, found.is_always)
    if facts.foreign:
        # Nobody is refused or left without an answer because we do not speak their language.
        fallback = policy.fallback
        action = fallback.public if facts.visibility == "public" else fallback.private
        team = policy.speakers.get(facts.foreign, fallback.team)
        return _Choice(action, team, f"It is written in another language ({facts.foreign}); a person answers it.")
    action, team, reason = _by_intent(facts, route, policy)
    return _Choice(action, team, reason, team if action is Action.ESCALATE else "")


def _may_say_nothing(rule: TriageRule, facts: Situation) -> bool:
    """Whether a rule's silence rests on words, or on a label that is certain."""
    if rule.action is not Action.IGNORE:
        return True
    return not facts.foreign and (not rule.when.intents or facts.is_certain)


def _by_intent(facts: Situation, route: str, policy: Policy) -> tuple[Action, str, str]:
    line, fallback = policy.intents.get(facts.intent or "", policy.fallback), policy.fallback
    action = line.public if facts.visibility == "public" else line.private
    is_unheard = action is Action.PHONE_OR_EMAIL and facts.thread == "follow_up" and not facts.is_sure
    is_silent = action is Action.IGNORE and not facts.is_certain
    if is_unheard or is_silent:
        action = fallback.public if facts.visibility == "public" else fallback.private
    team = NOBODY if action is Action.IGNORE else fallback.team if is_silent else route
    if is_silent:
        return action, team, "Perhaps nothing here asks for an answer; that is not sure enough to stay silent."
    if facts.intent is None:
        return action, team, "No label is sure enough; a person decides what this is about."
    where = "written in public" if facts.visibility == "public" else "on a private channel"
    return action, team, f"{facts.intent.replace('_', ' ').capitalize()}, {where}: {_WAYS[action]}."


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
    if facts.urgency in ("urgent", "high"):
        told.append("It is urgent." if facts.urgency == "urgent" else "Its urgency is high.")
    if facts.tier:
        told.append(f"Written by somebody listed as {facts.tier}.")
    if facts.thread == "follow_up":
        told.append("We have answered in this conversation before.")
    if facts.risks:
        named = ", ".join(sorted(kind.replace("_", " ") for kind in facts.risks))
        told.append(f"It may speak of what cannot wait: {named}.")
    return tuple(told)


def _priority(facts: Situation, message: Message, policy: Policy, *, thread: Sequence[Turn], now: datetime) -> Priority:
    weights = policy.weights
    tier = next((tier for tier in policy.tiers if tier.name == facts.tier), None)
    followers = message.author.followers or 0
    reach = next((points for least, points in weights.reach if followers >= least), 0) if message.is_public else 0
    waited_h = max(0, int((now - message.received_at).total_seconds() // 3600))
    again = min(weights.repeat_most, weights.repeat_each * len(_unanswered(thread)))
    addends = (
        Addend(f"urgency {facts.urgency or 'unknown'}", weights.urgency.get(facts.urgency or "normal", 0)),
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
    if judgement is None or facts.is_flagged or facts.risks or facts.foreign:
        return ()
    chances = {candidate.label: candidate.score for candidate in judgement.candidates}
    chances.setdefault(judgement.label, judgement.score)
    if judgement.abstained or judgement.label != OUT_OF_SCOPE:
        # Unclear is not "none of our business".
        chances.pop(OUT_OF_SCOPE, None)
    moods = _moods(facts, classification.tasks.get("sentiment"), policy)
    found: list[Interpretation] = []
    for intent, chance in chances.items():
        line = policy.intents.get(intent)
        if line is None or not line.unlike.isdisjoint(facts.cues):
            continue
        for sentiment, is_upset, share in _of_praise(moods) if line.kind == "praise" else moods:
            if chance * share < least:
                continue
            kind = "complaint" if is_upset and line.kind in ("question", "praise") else line.kind
            read = replace(facts, intent=intent, sentiment=sentiment, is_upset=is_upset, kind=kind, is_sure=True)
            found.append(Interpretation(read, _choose(read, policy).action, chance * share))
    return tuple(sorted(found, key=lambda reading: -reading.chance))


def _of_praise(moods: list[Mood]) -> list[Mood]:
    """Hardly anybody praises in anger: if it is praise at all, the sentiment is the likelier mistake."""
    weighed = [share * (UPSET_AT_PRAISE if upset else 1 - UPSET_AT_PRAISE) for _, upset, share in moods]
    whole = sum(weighed) or 1.0
    return [(name, upset, share / whole) for (name, upset, _), share in zip(moods, weighed, strict=True)]


def _moods(facts: Situation, judgement: Judgement | None, policy: Policy) -> list[Mood]:
    """Upset and not, each with its likeliest sentiment and its chance. Words of anger leave no doubt."""
    if judgement is None or not judgement.candidates:
        return [(facts.sentiment, facts.is_upset, 1.0)]
    shown = not policy.upset_cues.isdisjoint(facts.cues)
    whole = sum(candidate.score for candidate in judgement.candidates) or 1.0
    found: list[Mood] = []
    for side in (True, False):
        of_side = [candidate for candidate in judgement.candidates if (candidate.label in policy.upset) is side]
        if of_side:
            share = sum(candidate.score for candidate in of_side) / whole
            found.append((max(of_side, key=lambda candidate: candidate.score).label, side or shown, share))
    return found
