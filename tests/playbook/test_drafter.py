"""What a drafter proposes: the right play, filled with what is known, and nothing that was said before."""

from dataclasses import replace

import pytest

from care import preparing
from care.classification import Candidate, Classification, Judgement
from care.crisis import Crisis, CrisisMatter, Statement
from care.customer import Elsewhere
from care.decision import Action
from care.plays import is_playful
from care.reply import Finding, ToneReport, Verdict
from care.sensitive import Handling, Redaction, SensitiveSpan
from playbook.shelf import Shelf
from tests.playbook.builders import (
    MONDAY,
    Drafter,
    drafter,
    fixtures_shelf,
    judged,
    labelled,
    message,
    ours,
    propose,
    theirs,
)


def plays(proposal: object) -> list[str]:
    return [draft.play.partition("@")[0] for draft in proposal.drafts]  # type: ignore[attr-defined]


def test_the_best_play_comes_first_and_no_two_are_of_a_kind() -> None:
    proposal = propose("where is my order?", "order_status", name="ana lopez")

    assert plays(proposal)[0] == "order-status-ask"
    assert proposal.drafts[0].text.startswith("Hi Ana, ")
    assert "your order or booking number" in proposal.drafts[0].text
    assert proposal.drafts[0].missing == ()
    shown = [fixtures_shelf().book.play(play_id) for play_id in plays(proposal)]
    kinds = [(play.manner.approach, play.when.intents) for play in shown if play]
    assert len(set(kinds)) == len(kinds) <= 3


def maybe(
    text: str, intents: dict[str, float], sentiment: str = "neutral", *, channel: str = "x", **heads: str
) -> object:
    """Proposed for a message whose intent is not sure: each with its chance, the first one abstained from."""
    first, *_ = intents
    candidates = tuple(Candidate(label, score) for label, score in intents.items())
    tasks = {
        "intent": Judgement(first, intents[first], intents[first] < 0.5, candidates),
        "sentiment": judged(sentiment),
        "urgency": judged("normal"),
        **{task: judged(label) for task, label in heads.items()},
    }
    return drafter().propose(message(text, channel=channel), Classification(tasks, Redaction(text)), now=MONDAY)


def test_what_a_message_may_also_mean_is_the_second_suggestion() -> None:
    text = "can the order come on Friday instead, one chair is returned"

    proposal = maybe(text, {"order_change": 0.6, "return_refund": 0.3}, channel="chat")

    assert plays(proposal)[:2] == ["order-change", "return-how"]


def test_on_a_mere_hint_general_words_come_first_and_plays_for_what_is_likely_after_them() -> None:
    likely = {"order_change": 0.45, "return_refund": 0.4}

    proposal = maybe("@lumofinch please help me with the parcel and returns", likely, act="asks")

    assert plays(proposal) == ["help-with-it", "order-change", "return-how"]


def test_a_guess_comes_first_only_when_it_is_harmless_and_nobody_is_upset() -> None:
    likely = {"availability": 0.49, "praise": 0.4}

    assert plays(maybe("more of the red wool", likely)) == ["stock-answer", "praise-thanks"]
    assert plays(maybe("more of the red wool", likely, "negative")) == []
    assert plays(maybe("more of the red wool", {"praise": 0.45, "availability": 0.4})) == []
    assert plays(maybe("more of the red wool", {"availability": 0.4, "praise": 0.35})) == []


def test_joy_that_was_labelled_as_anger_is_left_to_a_person() -> None:
    tasks = {
        "intent": Judgement("praise", 0.7, False, (Candidate("praise", 0.7), Candidate("service_complaint", 0.2))),
        "sentiment": Judgement("negative", 0.6, False, (Candidate("negative", 0.6), Candidate("positive", 0.4))),
        "urgency": judged("normal"),
    }
    text = "nineteen years with you and counting"

    proposal = drafter().propose(message(text), Classification(tasks, Redaction(text)), now=MONDAY)

    assert plays(proposal) == []
    assert proposal.asks


@pytest.mark.parametrize(
    ("text", "score", "play"),
    [
        ("where on earth is the driver", 0.6, "delivery-courier"),
        ("rufkm", 0.9, "delivery-late"),
        ("rufkm", 0.45, ""),
    ],
)
def test_an_abstained_label_puts_no_play_of_its_subject_first(text: str, score: float, play: str) -> None:
    assert plays(maybe(text, {"delivery_problem": score, "praise": 1 - score}, "negative"))[:1] == (
        [play] if play else []
    )


def test_a_draft_in_another_language_than_the_customers_is_not_shown() -> None:
    class Polyglot:
        def check(self, text: str, **_: object) -> ToneReport:
            return ToneReport(Verdict.WARN, 0.5, (Finding("wrong_language", 0, 1, "The customer reads Spanish."),))

    proposal = Drafter(tone=Polyglot()).propose(message("buenas tardes"), labelled("order_status"), now=MONDAY)

    assert proposal.drafts == ()
    assert proposal.asks


def test_danger_and_sensitive_matters_have_no_second_meaning() -> None:
    flagged = drafter().propose(
        message("settled, and my card is [card]", channel="chat", handling=Handling.OFFLINE),
        labelled("return_refund", handling=Handling.OFFLINE),
        thread=[ours("Is it settled?")],
        now=MONDAY,
    )

    assert all(draft.is_offline for draft in flagged.drafts)
    assert all("safety" in play for play in plays(maybe("it smokes", {"safety_issue": 0.7, "praise": 0.3})))


def test_a_fact_that_is_known_is_used_and_not_asked_for() -> None:
    proposal = propose("where is LF-204817?", "order_status", channel="chat", entities={"order_number": "LF-204817"})

    assert plays(proposal)[0] == "order-status-answer"
    assert "LF-204817" in proposal.drafts[0].text
    assert proposal.drafts[0].missing == ("status",)
    assert "[[status]]" in proposal.drafts[0].text
    assert all("order number" not in draft.text for draft in proposal.drafts)


def test_a_fact_from_earlier_in_the_thread_is_known() -> None:
    thread = [theirs("my order is LF-204817"), ours("Thank you.")]

    proposal = propose("so where is it?", "order_status", channel="chat", thread=thread)

    assert "LF-204817" in proposal.drafts[0].text


def test_nothing_is_asked_for_twice() -> None:
    thread = [theirs("where is my order"), ours("Could you send your order number?")]

    proposal = propose("I don't have it here", "order_status", channel="chat", thread=thread)

    assert all("send me your order" not in draft.text for draft in proposal.drafts)
    assert "as soon as I have your order or booking number" in proposal.drafts[0].text


def test_nobody_apologises_twice_or_says_hello_twice() -> None:
    thread = [theirs("my parcel is lost"), ours("Hi Ana, I'm sorry it hasn't reached you.")]

    for intent in ("delivery_problem", "billing_problem", "service_complaint", "return_refund", "technical_problem"):
        for channel in ("x", "chat"):
            proposal = propose(
                "still nothing!", intent, "very_negative", "high", channel=channel, name="Ana", thread=thread
            )

            assert proposal.drafts
            for draft in proposal.drafts:
                assert "sorry" not in draft.text.lower()
                assert not draft.text.startswith("Hi ")


@pytest.mark.parametrize(("channel", "play"), [("x", "offline-public"), ("chat", "offline-private")])
@pytest.mark.parametrize("handling", [Handling.OFFLINE, Handling.WITHHELD])
def test_a_flagged_message_gets_offline_plays_only(channel: str, play: str, handling: Handling) -> None:
    proposal = propose("my card is [card_number]", "billing_problem", "negative", channel=channel, handling=handling)

    assert proposal.decision.action is Action.TAKE_OFFLINE
    assert plays(proposal)[0] == play
    assert all(draft.is_offline for draft in proposal.drafts)
    if channel == "x":
        assert all("delete" in draft.text for draft in proposal.drafts)


def test_an_unflagged_message_never_gets_an_offline_play() -> None:
    for intent in fixtures_shelf().book.policy.intents:
        proposal = propose("hello", intent)

        assert not any(draft.is_offline for draft in proposal.drafts)


def test_something_about_health_is_met_with_care() -> None:
    spans = [SensitiveSpan(0, 5, "health", 0.9, "[health]", Handling.OFFLINE)]
    proposal = drafter().propose(
        message("[health]", handling=Handling.OFFLINE, spans=spans),
        labelled("cancellation", handling=Handling.OFFLINE),
        now=MONDAY,
    )

    assert plays(proposal)[0] == "offline-health"


def test_a_value_that_overlaps_something_sensitive_is_not_used() -> None:
    text = "order 4111111111"
    spans = [SensitiveSpan(6, 16, "bank_account", 0.9, "[bank_account]", Handling.MASK)]
    proposal = drafter().propose(
        message("order [bank_account]", channel="chat", spans=spans),
        labelled("order_status", text=text, entities={"order_number": "4111111111"}, spans=spans),
        now=MONDAY,
    )

    assert proposal.drafts
    assert all("4111111111" not in draft.text for draft in proposal.drafts)


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("ana lopez", "Hi Ana, "),
        ("ANA", "Hi Ana, "),
        ("Jean-Luc Picard", "Hi Jean-Luc, "),
        ("Zoë", "Hi Zoë, "),
        ("O'Neil", "Hi O'Neil, "),
        ("李雷", "Hi 李雷, "),
        (None, ""),
        ("115712", ""),
        ("xX_dark_Xx", ""),
        ("The Boss", ""),
        ("Angry Customer", ""),
        ("💥", ""),
        ("{{7*7}}", ""),
        ("a", ""),
        ("Dr. No", ""),
        ("ana" * 30, ""),
        ("<b>Ana</b>", ""),
        ("Support Team", ""),
        ("Bob (he/him)", "Hi Bob, "),
    ],
)
def test_people_are_greeted_by_a_name_or_not_at_all(name: str | None, greeting: str) -> None:
    text = propose("any news?", "order_status", name=name).drafts[0].text

    assert text.startswith(greeting)
    assert greeting or not text.startswith("Hi")


def test_a_letter_has_a_salutation_and_an_ending_with_the_agents_name() -> None:
    text = propose("any news?", "order_status", channel="email", name="Ana", agent="Jo").drafts[0].text

    assert text.startswith("Hello Ana,\n\n")
    assert text.endswith("\n\nKind regards\nJo\nLumo & Finch customer care")


def test_the_same_message_always_gets_the_same_text_and_others_get_variants() -> None:
    texts = {propose("any news?", "order_status", id=f"msg_{n}").drafts[0].text for n in range(20)}
    again = {propose("any news?", "order_status", id="msg_3").drafts[0].text for _ in range(5)}

    assert len(texts) > 1
    assert len(again) == 1


def test_a_sentence_that_stands_in_the_thread_is_not_said_again() -> None:
    first = propose("hello?", "small_talk", channel="chat").drafts[0].text

    later = propose("hello?", "small_talk", channel="chat", thread=[ours(first)])

    assert first not in [draft.text for draft in later.drafts]


def test_an_acknowledgement_quotes_the_hour_of_the_clock() -> None:
    proposal = propose("my parcel is late", "delivery_problem", "negative", channel="chat")
    acknowledged = [draft.text for draft in proposal.drafts if draft.play.startswith("acknowledge-hour")]

    assert acknowledged
    assert "by 14:15 today" in acknowledged[0]


def test_what_asks_for_no_answer_gets_a_question_to_the_agent() -> None:
    proposal = propose("buy followers now", "spam")

    assert proposal.decision.action is Action.IGNORE
    assert proposal.drafts == ()
    assert proposal.asks == "Nothing here asks for an answer. Dismiss it?"


def test_danger_gets_no_small_change() -> None:
    proposal = propose("the lamp smoked and my table is black", "safety_issue", "very_negative", "urgent")

    assert proposal.decision.action is Action.ESCALATE
    assert plays(proposal)[0] == "safety-stop"
    assert "acknowledge-hour" not in plays(proposal)


def test_a_draft_that_the_tone_check_stops_comes_last() -> None:
    class Stern:
        def check(self, text: str, **_: object) -> ToneReport:
            return ToneReport(Verdict.STOP if "order number" in text else Verdict.SEND, 0.5)

    proposal = Drafter(tone=Stern()).propose(message("where is it"), labelled("order_status"), now=MONDAY)

    assert [draft.tone.verdict for draft in proposal.drafts] == sorted(
        (draft.tone.verdict for draft in proposal.drafts), key=lambda verdict: verdict is Verdict.STOP
    )


def with_rejected(play_id: str, *, wanted: str = "withhold") -> Drafter:
    """A drafter whose people rejected this play ten times in a row."""
    play = fixtures_shelf().book.play(play_id)
    assert play is not None
    shelf = Shelf.of(replace(fixtures_shelf().book, rejected_plays=wanted))
    return Drafter(shelf=lambda: shelf, suspended=lambda: frozenset({play.reference}))


@pytest.mark.parametrize(("wanted", "is_first"), [("withhold", False), ("last", False), ("show", True)])
def test_a_play_that_people_keep_rejecting_gives_way_unless_its_owner_wants_it(wanted: str, is_first: bool) -> None:
    text = "where is my order?"

    proposal = with_rejected("order-status-ask", wanted=wanted).propose(
        message(text), labelled("order_status", text=text), now=MONDAY
    )

    assert proposal.drafts
    assert ("order-status-ask" in plays(proposal)) is (wanted != "withhold")
    assert (plays(proposal)[0] == "order-status-ask") is is_first


def test_a_play_for_what_is_sensitive_or_dangerous_is_never_withheld() -> None:
    flagged = with_rejected("offline-private").propose(
        message("my card", channel="chat", handling=Handling.OFFLINE),
        labelled("billing_problem", handling=Handling.OFFLINE),
        now=MONDAY,
    )
    danger = with_rejected("safety-stop").propose(
        message("the lamp smoked"), labelled("safety_issue", "very_negative", "urgent"), now=MONDAY
    )

    assert "offline-private" in plays(flagged)
    assert "safety-stop" in plays(danger)


def test_a_play_for_what_is_sensitive_is_kept_for_that_alone() -> None:
    book = fixtures_shelf().book
    plays_of_book = tuple(
        replace(play, actions=play.actions - {Action.ESCALATE}) if play.manner.is_offline else play
        for play in book.plays
    )
    shelf = Shelf.of(replace(book, plays=plays_of_book, rejected_plays="withhold"))
    everything = frozenset(play.reference for play in plays_of_book)

    proposal = Drafter(shelf=lambda: shelf, suspended=lambda: everything).propose(
        message("my card", channel="chat", handling=Handling.OFFLINE),
        labelled("billing_problem", handling=Handling.OFFLINE),
        now=MONDAY,
    )

    assert plays(proposal)[0] == "offline-private"


def test_a_play_that_was_changed_starts_anew() -> None:
    proposal = Drafter(suspended=lambda: frozenset({"order-status-ask@00000000"})).propose(
        message("where is my order?"), labelled("order_status"), now=MONDAY
    )

    assert plays(proposal)[0] == "order-status-ask"


def test_the_score_of_a_play_is_the_sum_of_parts_that_can_be_shown() -> None:
    fits = drafter().explain(message("where is it"), labelled("order_status"), now=MONDAY)

    assert fits[0].score >= fits[-1].score
    assert {name for name, _ in fits[0].parts} >= {"intent", "action", "resembles", "said before"}


def test_every_intent_is_answered_in_public_and_in_private() -> None:
    for intent, line in fixtures_shelf().book.policy.intents.items():
        for channel, action in (("x", line.public), ("chat", line.private)):
            proposal = propose("please help me with this matter", intent, channel=channel, act="asks")

            assert proposal.drafts or action is Action.IGNORE, (intent, channel)


class NotSober:
    """Stops every draft that is not cheerful."""

    def check(self, text: str, **_: object) -> ToneReport:
        if "made somebody's day" in text or "lovely to read" in text or "kind of you" in text:
            return ToneReport(Verdict.SEND, 1.0)
        return ToneReport(Verdict.STOP, 0.1, (Finding("cold", 0, 1, "The customer is upset."),))


def test_a_cheerful_draft_does_not_come_first_because_a_sober_one_was_stopped() -> None:
    text = "@lumofinch you people, my lamp is broken"
    tasks = {
        "intent": Judgement(
            "technical_problem", 0.6, False, (Candidate("technical_problem", 0.6), Candidate("praise", 0.4))
        ),
        "sentiment": judged("positive"),
        "urgency": judged("normal"),
    }
    proposal = Drafter(tone=NotSober()).propose(message(text), Classification(tasks, Redaction(text)), now=MONDAY)

    assert all("praise" not in draft.play for draft in proposal.drafts[:1])


@pytest.mark.parametrize(("text", "intent", "play"), [
    ("you are wonderful, thank you so much", "praise", "praise-thanks"),
    ("wishing all of you happy holidays", "small_talk", "friendly-word"),
])  # fmt: skip
def test_in_a_crisis_no_playful_word_is_offered(text: str, intent: str, play: str) -> None:
    labels = labelled(intent, "positive", text=text, act="chats", addressed="us")
    at = {"matter": CrisisMatter(phrases=("recall",)), "statement": Statement("Said in public.", "Said.", "Legal")}
    crisis = Crisis("crs_1", "Recall", "It burns.", False, **at, began_by="per_1", began_at=MONDAY)
    tools = preparing.DraftingTools(drafter().playbook, drafter().tone, clock=lambda: MONDAY)

    usual = preparing.propose(message(text), labels, tools)
    sober = preparing.propose(message(text), labels, replace(tools, crisis=crisis))
    drilled = preparing.propose(message(text), labels, replace(tools, crisis=replace(crisis, is_drill=True)))

    assert play in plays(usual)
    assert plays(drilled) == plays(usual)
    shown = [fixtures_shelf().book.play(name) for name in plays(sober)]
    assert not any(
        found and is_playful(found.manner.tone, found.manner.approach, found.when.intents) for found in shown
    )


def test_a_meaning_that_is_hardly_probable_is_not_answered_first() -> None:
    proposal = maybe("are you looking for resellers or interns?", {"small_talk": 0.8, "sales_lead": 0.11})

    assert plays(proposal)[:1] != ["sales-handover"]


@pytest.mark.parametrize(("channel", "is_said"), [("chat", True), ("x", False)], ids=["in private", "in public"])
def test_the_customers_other_open_case_is_spoken_of_in_private_only(channel: str, is_said: bool) -> None:
    wrote = Elsewhere("cas_1", "email", MONDAY)

    proposal = preparing.propose(
        message("where is my order?", channel=channel),
        labelled("order_status"),
        preparing.DraftingTools(drafter().playbook, drafter().tone, clock=lambda: MONDAY),
        elsewhere=(wrote,),
    )

    assert ("you also wrote to us (email, 23 November)" in proposal.drafts[0].text) is is_said
    assert any("open case on email" in reason for reason in proposal.decision.reasons)
