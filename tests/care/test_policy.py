"""Decisions: the first rule that holds, the intent's line otherwise, and a priority whose sum can be read."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from care import triage
from care.classification import Candidate, Classification, Judgement
from care.cues import Cue
from care.decision import Action, Decision
from care.escalation import climb
from care.hours import DAY_MIN, Hours, ServiceClock, Shift, Window
from care.message import Author, Message, Turn, Visibility
from care.parts import whole
from care.policy import CuesAsked, EscalationStep, IntentLine, Policy, Route, Teams, Tier, TriageRule, Weights, When
from care.sensitive import Handling, Redaction
from care.triage import NOBODY

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ALWAYS = ServiceClock(
    Hours("UTC", ((Shift(0, DAY_MIN),),) * 7),
    {"*": Window(timedelta(hours=4), timedelta(hours=2)), "urgent": Window(timedelta(hours=1), timedelta(minutes=15))},
)
POLICY = Policy(
    intents={
        "order_status": IntentLine("question", "care", Action.ANSWER_PRIVATE),
        "praise": IntentLine("praise", "care", Action.ANSWER_PUBLIC),
        "spam": IntentLine("spam", "care", Action.IGNORE, Action.IGNORE),
    },
    fallback=IntentLine("question", "care", Action.ANSWER_PUBLIC),
    rules=(
        TriageRule("law", When(cued=CuesAsked(frozenset({"law"}))), Action.ESCALATE, "It speaks of lawyers.", "legal"),
        TriageRule(
            "call",
            When(frozenset({"order_status"}), cued=CuesAsked(frozenset({"call"}))),
            Action.PHONE_OR_EMAIL,
            "C",
        ),
    ),
    teams=Teams(routes=(Route(When(sentiments=frozenset({"very_negative"})), "lead"),)),
    cues=(Cue.of("law", ["lawyer*", "see you ... court"]), Cue.of("call", ["call me"])),
    weights=Weights(
        {"urgent": 60, "high": 40, "normal": 20, "low": 5},
        ((10_000, 15), (1_000, 5)),
        tiers=(
            Tier("key customer", 20, frozenset({"linde"}), "contract", NOW + timedelta(days=1)),
            Tier("former", 50, frozenset({"gone"}), "contract", NOW - timedelta(seconds=1)),
        ),
    ),
    clocks={"*": ALWAYS},
    steps={
        "*": (
            EscalationStep("lead", timedelta(0), timedelta(minutes=30)),
            EscalationStep("head", timedelta(hours=1), timedelta(hours=1)),
        )
    },
)


def judged(label: str, score: float = 0.9, *, abstained: bool = False) -> Judgement:
    return Judgement(label, score, abstained, (Candidate(label, score),))


def labelled(intent: Judgement, sentiment: str = "neutral", urgency: str = "normal") -> Classification:
    return Classification({"intent": intent, "sentiment": judged(sentiment), "urgency": judged(urgency)}, Redaction(""))


def decide(
    message: Message, read: Classification, policy: Policy, *, thread: Sequence[Turn] = (), now: datetime
) -> Decision:
    facts = triage.situation(message, read, policy, thread=thread, now=now)
    return triage.decide(facts, message, policy, thread=thread, now=now)


def message(text: str = "where is it", **changes: object) -> Message:
    values: dict[str, object] = {
        "id": "m", "channel": "x", "outside_id": "1", "thread_key": "t",
        "thread_id": "t", "author": Author("ana"), "text": text,
        "visibility": Visibility.PUBLIC, "written_at": NOW, "received_at": NOW, **changes,
    }  # fmt: skip
    return whole(Message, values)


def test_an_intent_says_what_to_do_in_public_and_in_private() -> None:
    order = labelled(judged("praise"))

    assert decide(message(), order, POLICY, now=NOW).action is Action.ANSWER_PUBLIC
    private = decide(message(visibility=Visibility.PRIVATE), order, POLICY, now=NOW)
    assert private.action is Action.ANSWER_PRIVATE


def test_the_first_rule_that_holds_decides_and_says_why() -> None:
    sent = message("Call me or I’ll see you all in COURT")

    decision = decide(sent, labelled(judged("order_status")), POLICY, now=NOW)

    assert (decision.action, decision.team, decision.reasons[0]) == (Action.ESCALATE, "legal", "It speaks of lawyers.")


def test_a_route_names_the_team_where_no_rule_does() -> None:
    decision = decide(message(), labelled(judged("order_status"), "very_negative"), POLICY, now=NOW)

    assert (decision.team, decision.kind) == ("lead", "complaint")


@pytest.mark.parametrize("handling", [Handling.OFFLINE, Handling.WITHHELD])
def test_a_flagged_message_goes_offline_whatever_it_says(handling: Handling) -> None:
    spam = decide(message(handling=handling), labelled(judged("spam")), POLICY, now=NOW)
    law = decide(message("my lawyer", handling=handling), labelled(judged("spam")), POLICY, now=NOW)

    assert (spam.action, spam.team) == (Action.TAKE_OFFLINE, "care")
    assert (law.action, law.team) == (Action.TAKE_OFFLINE, "legal")


def test_a_masked_but_unflagged_message_is_answered_as_usual() -> None:
    decision = decide(message(handling=Handling.MASK), labelled(judged("praise")), POLICY, now=NOW)

    assert decision.action is Action.ANSWER_PUBLIC


def test_what_nobody_is_sure_about_is_never_ignored() -> None:
    unsure = labelled(Judgement("spam", 0.2, True, (Candidate("spam", 0.2), Candidate("praise", 0.7))))

    decision = decide(message(), unsure, POLICY, now=NOW)

    assert decision.action is Action.ANSWER_PUBLIC
    assert "a person decides" in decision.reasons[0]


@pytest.mark.parametrize(
    ("intent", "sentiment", "is_sure"),
    [
        ("spam", "neutral", True),
        ("spam", "negative", False),
        ("praise", "neutral", True),
        ("praise", "very_negative", False),
        ("order_status", "very_negative", True),
    ],
)
def test_nobody_who_is_upset_is_brushed_off_or_thanked_for_praise_on_a_label(
    intent: str, sentiment: str, is_sure: bool
) -> None:
    facts = triage.situation(message(), labelled(judged(intent), sentiment), POLICY, now=NOW)

    assert facts.labels.is_sure is is_sure


@pytest.mark.parametrize(
    ("text", "intent", "is_sure"),
    [
        ("@ana @bob we were there", "order_status", False),
        ("@ana @bob were you there?", "order_status", True),
        ("@ana we were there", "order_status", True),
        ("@ana @bob we were there", "praise", True),
    ],
)
def test_what_is_said_to_several_people_and_asks_nothing_may_be_their_own(
    text: str, intent: str, is_sure: bool
) -> None:
    facts = triage.situation(message(text), labelled(judged(intent)), POLICY, now=NOW)

    assert facts.labels.is_sure is is_sure


def test_what_is_ignored_belongs_to_nobody() -> None:
    assert decide(message(), labelled(judged("spam")), POLICY, now=NOW).team == NOBODY


def test_the_priority_is_the_sum_of_the_parts_it_shows() -> None:
    thread = [Turn("hello?", True, NOW), Turn("anyone?", True, NOW)]
    sent = message(author=Author("linde", followers=12_000), received_at=NOW - timedelta(hours=3))

    priority = decide(sent, labelled(judged("praise"), urgency="high"), POLICY, thread=thread, now=NOW).priority

    assert [(part.name, part.points) for part in priority.addends] == [
        ("urgency high", 40),
        ("tier key customer", 20),
        ("reach 12000 followers", 15),
        ("waiting 3 h", 6),
        ("repeated contact", 10),
    ]
    assert priority.total == 91


def test_an_expired_tier_stops_counting_and_reach_counts_in_public_only() -> None:
    private = message(author=Author("gone", followers=50_000), visibility=Visibility.PRIVATE)

    priority = decide(private, labelled(judged("praise")), POLICY, now=NOW).priority

    assert priority.total == 20


def test_waiting_and_repeated_contact_have_a_ceiling() -> None:
    thread = [Turn("hello?", True, NOW)] * 50
    old = message(received_at=NOW - timedelta(days=30))

    priority = decide(old, labelled(judged("praise")), POLICY, thread=thread, now=NOW).priority

    assert priority.total == 20 + 30 + 20


def test_an_answer_ends_repeated_contact() -> None:
    thread = [Turn("hello?", True, NOW), Turn("we are here", False, NOW)]

    priority = decide(message(), labelled(judged("praise")), POLICY, thread=thread, now=NOW).priority

    assert priority.total == 20


def test_what_waits_unanswered_before_a_message_counts_with_it() -> None:
    threat = Turn("my lawyer will write to you", by_customer=True, at=NOW)
    answer = Turn("We are looking into it.", by_customer=False, at=NOW)
    still = labelled(judged("order_status"))

    assert decide(message("still nothing"), still, POLICY, thread=(threat,), now=NOW).action is Action.ESCALATE
    assert decide(message("still nothing"), still, POLICY, thread=(threat, answer), now=NOW).action is (
        Action.ANSWER_PRIVATE
    )


def test_due_and_promised_come_from_the_channels_clock() -> None:
    decision = decide(message(), labelled(judged("praise"), urgency="urgent"), POLICY, now=NOW)

    assert (decision.due_at, decision.promised_at) == (NOW + timedelta(minutes=15), NOW + timedelta(hours=1))


def test_decisions_are_the_same_every_time() -> None:
    given = (message("call me"), labelled(judged("order_status")), POLICY)

    assert decide(*given, now=NOW) == decide(*given, now=NOW)


def test_an_overdue_message_climbs_by_itself() -> None:
    reached = [
        climb(POLICY, team="care", channel="x", due_at=NOW, now=NOW + timedelta(minutes=late))
        for late in (-5, 0, 10, 59, 60, 6000)
    ]

    assert [step.contact if step else None for step in reached] == [None, None, "lead", "lead", "head", "head"]


@pytest.mark.parametrize(
    ("phrase", "text", "holds"),
    [
        ("call me", "please CALL  me", True),
        ("call me", "recall me", False),
        ("call me", "call mechanics", False),
        ("lawyer*", "my lawyers say", True),
        ("see you ... court", "see you all in court", True),
        ("see you ... court", "see you one two three four court", False),
        ("can't", "I can’t", True),
        ("c++ (beta)", "the c++ (beta) thing", True),
        ("code ... <code>", "the code, it's 771204", True),
        ("code ... <code>", "code: 55 21 90", True),
        ("code ... <code>", "no code in the 3 mails", False),
        ("pw <code>", "pw Kitten44", True),
        ("pw <code>", "pw kitten", False),
    ],
)
def test_phrases_match_as_people_mean_them(phrase: str, text: str, holds: bool) -> None:
    assert bool(Policy.cues_in(_with(Cue.of("c", [phrase])), text) & {"c"}) is holds


def _with(cue: Cue) -> Policy:
    from dataclasses import replace

    return replace(POLICY, cues=(cue,))


@pytest.mark.parametrize(
    ("text", "holds"),
    [("asdf", True), ("lkjhgf lkjh", True), ("hgfdsa!!", True), ("asdf please", False), ("were", False), ("", False)],
)
def test_keys_in_a_row_are_no_words(text: str, holds: bool) -> None:
    assert ("gibberish" in POLICY.cues_in(text)) is holds


@pytest.mark.parametrize(
    ("text", "holds"), [("and if we", True), ("seven of", True), ("and if we can", False), ("what are they of?", False)]
)
def test_a_phrase_may_ask_for_the_end_of_the_text(text: str, holds: bool) -> None:
    assert ("c" in _with(Cue.of("c", ["of $", "we $"])).cues_in(text)) is holds


def test_somebody_who_writes_a_secret_down_is_taken_offline() -> None:
    policy = _with(Cue.of("gives_secret", ["pw <code>"]))

    told = decide(message("my pw Kitten44"), labelled(judged("order_status")), policy, now=NOW)
    asked = decide(message("my pw is wrong"), labelled(judged("order_status")), policy, now=NOW)

    assert told.action is Action.TAKE_OFFLINE
    assert asked.action is not Action.TAKE_OFFLINE
