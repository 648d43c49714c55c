"""What cannot wait decides beside any label: nothing ordinary comes first, and somebody is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from care.classification import OUT_OF_SCOPE, RISKS, Candidate, Classification, Judgement, Risk
from care.decision import Action, Decision
from care.message import Attachment, Author, Masking, Message, Origin, Turn, Visibility
from care.policy import RISK_LINES, IntentLine, Policy, RiskLine, Teams, TriageRule, Weights, When
from care.sensitive import Handling, Redaction
from care.triage import decide, interpretations, situation
from tests.doubles import altered
from tests.playbook.builders import the_book

CLOCKS = the_book().policy.clocks
SATURDAY_EVENING = datetime(2026, 11, 28, 21, 40, tzinfo=UTC)
POLICY = Policy(
    intents={
        "praise": IntentLine("praise", "care", Action.ANSWER_PUBLIC),
        "spam": IntentLine("spam", "none", Action.IGNORE, Action.IGNORE),
        OUT_OF_SCOPE: IntentLine("question", "none", Action.IGNORE),
    },
    fallback=IntentLine("question", "care", Action.ANSWER_PUBLIC),
    rules=(TriageRule("hush", When(channels=frozenset({"chat"})), Action.IGNORE, "Nobody answers on chat."),),
    cues=(),
    weights=Weights({"urgent": 60, "normal": 20}),
    clocks=CLOCKS,
    teams=Teams(offline_team="desk"),
)


def message(
    text: str = "words", *, channel: str = "x", handling: Handling = Handling.ALLOW, files: str = ""
) -> Message:
    return Message(
        id="msg_1",
        origin=Origin(channel=channel, outside_id="1", thread_key="1", written_at=SATURDAY_EVENING),
        thread_id="thr_1",
        author=Author("kim"),
        text=text,
        visibility=Visibility.PUBLIC,
        received_at=SATURDAY_EVENING,
        masking=Masking(handling=handling),
        attachments=(Attachment(None, files),) if files else (),
    )


def read(
    intent: str = "spam", score: float = 0.97, *, risks: dict[str, float] | None = None, abstained: bool = False,
    language: str = "en",
) -> Classification:  # fmt: skip
    judged = Judgement(intent, score, abstained, (Candidate(intent, score),))
    kinds = tuple(Risk(kind, value) for kind, value in (risks or {}).items())
    return Classification({"intent": judged}, Redaction(""), language=language, risk=kinds)


def decided(classification: Classification, policy: Policy = POLICY, *, given: Message | None = None) -> Decision:
    given = given or message()
    facts = situation(given, classification, policy, now=SATURDAY_EVENING)
    return decide(facts, given, policy, now=SATURDAY_EVENING)


@pytest.mark.parametrize("kind", RISKS)
@pytest.mark.parametrize("intent", ["spam", "praise", "teleportation", OUT_OF_SCOPE])
def test_a_playbook_that_says_nothing_of_a_risk_is_safe_too(kind: str, intent: str) -> None:
    decision = decided(read(intent, risks={kind: 0.3}), given=message(channel="chat"))

    assert decision.action is RISK_LINES[kind].action
    assert decision.action is not Action.IGNORE
    assert decision.team == "desk"
    assert decision.hand_to == ("" if kind == "bereavement" else "desk")
    assert any(kind.replace("_", " ") in reason for reason in decision.reasons)


@pytest.mark.parametrize("kind", ["self_harm", "danger", "assault", "threat_to_staff"])
def test_danger_on_a_saturday_evening_is_due_in_minutes(kind: str) -> None:
    decision = decided(read(risks={kind: 0.3}))

    assert decision.is_always
    assert decision.due_at - SATURDAY_EVENING == CLOCKS["x"].window("urgent").target
    assert decision.promised_at - SATURDAY_EVENING == CLOCKS["x"].window("urgent").promise


def test_what_is_not_danger_counts_staffed_hours() -> None:
    decision = decided(read(risks={"legal": 0.9}))

    assert not decision.is_always
    assert decision.due_at - SATURDAY_EVENING > timedelta(hours=10)


def test_danger_decides_before_a_likelier_matter_of_law() -> None:
    policy = replace(POLICY, risks={"danger": RiskLine(Action.ESCALATE, "safety", "It burns.", is_always=True)})

    decision = decided(read(risks={"legal": 0.9, "danger": 0.3}), policy)

    assert (decision.team, decision.hand_to, decision.reasons[0]) == ("safety", "safety", "It burns.")


def test_a_rule_may_send_a_risk_to_another_team_but_never_danger() -> None:
    rule = TriageRule("recall", When(risks=frozenset({"press", "danger"})), Action.ESCALATE, "A recall runs.", "recall")
    policy = replace(POLICY, rules=(rule,))

    assert decided(read(risks={"press": 0.9}), policy).team == "recall"
    assert decided(read(risks={"danger": 0.9}), policy).team == "desk"


def test_sensitive_data_takes_danger_to_a_safe_channel_and_its_team_is_told_all_the_same() -> None:
    policy = replace(POLICY, risks={"danger": RiskLine(Action.ESCALATE, "safety", "It burns.", is_always=True)})

    decision = decided(read(risks={"danger": 0.5}), policy, given=message(handling=Handling.OFFLINE))

    assert (decision.action, decision.team, decision.hand_to) == (Action.TAKE_OFFLINE, "safety", "safety")
    assert decision.is_always


def test_a_risk_that_goes_offline_does_so_in_public_only() -> None:
    policy = replace(POLICY, risks={"fraud": RiskLine(Action.ESCALATE, "billing", "Money.", is_offline=True)})
    private = replace(message(), visibility=Visibility.PRIVATE)

    assert decided(read(risks={"fraud": 0.9}), policy).action is Action.TAKE_OFFLINE
    assert decided(read(risks={"fraud": 0.9}), policy).hand_to == "billing"
    assert decided(read(risks={"fraud": 0.9}), policy, given=private).action is Action.ESCALATE


def test_what_cannot_wait_has_no_second_meaning() -> None:
    given, classification = message(), read("praise", risks={"danger": 0.2})
    facts = situation(given, classification, POLICY, now=SATURDAY_EVENING)

    assert interpretations(facts, classification, POLICY) == ()


def test_a_playbooks_own_conditions_count_as_a_risk() -> None:
    line = RiskLine(Action.ESCALATE, "safety", "R", also=(When(intents=frozenset({"praise"})),))
    facts = situation(message(), read("praise"), replace(POLICY, risks={"assault": line}), now=SATURDAY_EVENING)

    assert facts.danger.risks == {"assault"}


# silence and refusal -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "abstained", "is_silent"), [(0.97, False, True), (0.69, False, False), (0.9, True, False)]
)
def test_silence_needs_certainty(score: float, abstained: bool, is_silent: bool) -> None:
    decision = decided(read("spam", score, abstained=abstained))

    assert (decision.action is Action.IGNORE) is is_silent


def test_a_rule_of_silence_that_asks_for_an_intent_needs_certainty_too() -> None:
    rule = TriageRule("off", When(intents=frozenset({"praise"})), Action.IGNORE, "R")
    policy = replace(POLICY, rules=(rule,))

    assert decided(read("praise", 0.95), policy).action is Action.IGNORE
    assert decided(read("praise", 0.5), policy).action is Action.ANSWER_PUBLIC


def test_that_nothing_fits_is_never_concluded_from_a_low_score() -> None:
    unclear = read("praise", 0.05, abstained=True)
    facts = situation(message(), unclear, POLICY, now=SATURDAY_EVENING)

    assert (facts.labels.intent, facts.labels.is_sure) == (None, False)
    assert OUT_OF_SCOPE not in {
        interpretation.facts.labels.intent for interpretation in interpretations(facts, unclear, POLICY)
    }


@pytest.mark.parametrize("text", [" ", ".", "?", "...", "?!"])
def test_points_alone_mean_nothing(text: str) -> None:
    assert situation(message(text), read("praise"), POLICY, now=SATURDAY_EVENING).labels.intent is None


# language ------------------------------------------------------------------------------------------------------------


def test_a_foreign_message_goes_to_a_team_that_speaks_it_and_is_never_ignored() -> None:
    policy = altered(POLICY, speakers={"fr": "lyon"})
    chat = message(channel="chat")  # where a rule ignores everything

    for given in (message(), chat):
        decision = decided(read("spam", language="fr"), policy, given=given)
        assert (decision.action, decision.team) == (Action.ANSWER_PUBLIC, "lyon")
    assert decided(read("spam", language="it"), policy).team == "care"


def test_danger_in_a_foreign_language_is_danger() -> None:
    assert decided(read("spam", language="fr", risks={"danger": 0.4})).action is Action.ESCALATE


def test_an_unknown_language_is_not_foreign() -> None:
    assert situation(message(), read("praise", language="unknown"), POLICY, now=SATURDAY_EVENING).foreign == ""
    assert decided(read("spam", language="unknown")).action is Action.IGNORE


# attachments ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "cues"), [("image/jpeg", {"photo", "attachment"}), ("application/pdf", {"attachment"}), ("", set())]
)
def test_a_photo_that_came_is_a_cue(files: str, cues: set[str]) -> None:
    facts = situation(
        message(files=files), read(), POLICY, thread=[Turn("hi", True, SATURDAY_EVENING)], now=SATURDAY_EVENING
    )

    assert facts.cues & {"photo", "attachment"} == cues
