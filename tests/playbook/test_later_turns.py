"""Drafts in a running conversation: what was asked, given, thanked for or settled is not answered twice."""

import pytest

from care.classification import Candidate, Classification, Judgement
from care.decision import Action
from care.preparing import Prepared
from care.reply import ToneReport, Verdict
from care.sensitive import Redaction
from tests.playbook.builders import MONDAY, Drafter, judged, message, ours, propose, the_book, theirs
from tests.playbook.test_drafter import maybe, plays

ASKED = (theirs("my lamp flickers since Sunday"), ours("Which lamp is it, and what have you tried?"))
TOLD = (theirs("my lamp flickers since Sunday"), ours("That is a known fault of this lamp."))


def first(proposal: Prepared) -> str:
    return plays(proposal)[0] if proposal.drafts else ""


@pytest.mark.parametrize(
    ("text", "intent", "sentiment", "act", "play"),
    [
        ("both of them, the brass ones", "technical_problem", "neutral", "answers", "answered-us"),
        ("both of them, the brass ones", "order_change", "neutral", "chats", "answered-us"),
        ("Sunday morning, the brass ones", "praise", "negative", "answers", "answered-us"),
        ("I did, it still flickers", "technical_problem", "negative", "answers", "answered-us-trouble"),
        ("tried it all, you are useless", "technical_problem", "very_negative", "vents", "still-open"),
    ],
)
def test_an_answer_to_our_question_is_taken_for_one(
    text: str, intent: str, sentiment: str, act: str, play: str
) -> None:
    proposal = propose(text, intent, sentiment, thread=ASKED, act=act)

    assert first(proposal) == play
    assert proposal.drafts[0].missing == ()


def test_nobody_is_sorry_for_an_answer_that_tells_of_no_trouble() -> None:
    proposal = propose("Sunday morning, the brass ones", "technical_problem", "negative", thread=ASKED)

    assert "sorry" not in proposal.drafts[0].text


def test_what_we_asked_for_is_not_asked_for_again_even_if_we_cannot_read_it() -> None:
    thread = (theirs("please cancel it"), ours("May we have the number of it?"))

    given = propose("sure, QX7RTW, cancel it", "cancellation", channel="chat", thread=thread)
    asked = (theirs("hello"), ours("What can I do for you?"))
    new = propose("cancel it", "cancellation", channel="chat", thread=asked, act="asks")

    assert first(given) == "answered-us"
    assert first(new) == "cancel-do"


def test_an_order_number_that_we_asked_for_is_used() -> None:
    thread = (theirs("where is my order"), ours("Could you send your order number?"))

    proposal = propose(
        "LF-204817", "order_status", channel="chat", thread=thread, entities={"order_number": "LF-204817"}
    )

    assert first(proposal) == "order-status-answer"


def test_in_public_a_label_alone_puts_no_play_of_its_subject_first_later_on() -> None:
    text = "the parcel went to my neighbour then"

    later = propose(text, "delivery_problem", "neutral", thread=TOLD)

    assert first(propose(text, "delivery_problem", "neutral")) == "delivery-late"
    assert first(later) not in ("delivery-late", "delivery-answer")


def test_praise_in_a_good_mood_is_still_thanked_for_later_on() -> None:
    assert first(propose("I love it, best shop ever", "praise", "very_positive", thread=TOLD)) == "praise-thanks"
    assert first(propose("the brass one", "praise", "neutral", thread=ASKED)) == "answered-us"


@pytest.mark.parametrize("intent", ["order_status", "how_to", "product_question"])
def test_a_play_that_we_used_in_this_thread_gives_way_to_another_that_fits(intent: str) -> None:
    def again(play: str | None) -> str:
        thread = (theirs("hello, is anybody there"), ours("We look into it.", play=play))
        return first(propose("and how does it go on", intent, thread=thread))

    assert again(None) == again("welcome@00000000") == "answer-again"
    assert again("answer-again@00000000") == "answer-anything"


def test_an_offer_of_more_help_asks_nothing() -> None:
    thread = (theirs("which bulb fits"), ours("E14. Do you need anything else?"))

    assert first(propose("it is in the hall now", "product_review", thread=thread)) != "answered-us"


@pytest.mark.parametrize("text", ["yes, alas", "the brass one", "sent"])
def test_an_answer_is_not_put_aside_as_small_talk(text: str) -> None:
    proposal = propose(text, "small_talk", thread=ASKED)

    assert proposal.decision.action is Action.ANSWER_PUBLIC
    assert first(proposal) == "answered-us"


@pytest.mark.parametrize("text", ["ok", "okay will do", "great"])
def test_a_word_of_agreement_ends_it_all_the_same(text: str) -> None:
    assert propose(text, "small_talk", thread=ASKED).decision.action is Action.IGNORE


@pytest.mark.parametrize(
    ("text", "is_welcome"),
    [
        ("thank you, I will look there", True),
        ("brilliant, thanks!", True),
        ("thanks, but it is still dark", False),
        ("thanks, a picture is attached", False),
        ("thanks, and where is the switch?", False),
        ("thanks, I am waiting for the answer", False),
    ],
)
def test_thanks_for_an_answer_are_welcome_unless_something_is_left(text: str, is_welcome: bool) -> None:
    proposal = propose(text, "praise", "positive", thread=TOLD, act="thanks")

    assert (first(proposal) == "welcome") is is_welcome
    assert "praise-thanks" != first(proposal)


@pytest.mark.parametrize(
    ("text", "act", "is_closed"),
    [
        ("all sorted, it arrived again this morning", "solved", True),
        ("never mind, my parcel just got here", "solved", True),
        ("it arrived, but not the right one", "solved", False),
        ("until this is sorted I will call daily", "vents", False),
        ("is it sorted now?", "solved", False),
    ],
)
def test_what_is_settled_is_closed_and_not_asked_about(text: str, act: str, is_closed: bool) -> None:
    proposal = propose(text, "order_status", "neutral", thread=ASKED, act=act)

    assert (first(proposal) in ("closed-offline", "closed-with-sorry")) is is_closed


@pytest.mark.parametrize("sentiment", ["neutral", "negative"])
def test_a_question_later_on_gets_an_answer_to_fill_in_and_no_question_back(sentiment: str) -> None:
    proposal = propose("and why does it flicker at night?", "order_change", sentiment, thread=TOLD)

    assert first(proposal) == "answer-again"
    assert proposal.drafts[0].missing == ("answer",)


def test_a_guess_does_not_come_first_in_a_running_conversation() -> None:
    text = "more of the red wool"
    tasks = {
        "intent": Judgement("availability", 0.49, True, (Candidate("availability", 0.49), Candidate("praise", 0.4))),
        "sentiment": judged("neutral"),
        "urgency": judged("normal"),
    }
    later = Drafter(tone=AllFine()).propose(
        message(text), Classification(tasks, Redaction(text)), thread=TOLD, now=MONDAY
    )

    assert first(maybe(text, {"availability": 0.49, "praise": 0.4})) == "stock-answer"  # type: ignore[arg-type]
    assert first(later) == ""


def test_after_harm_was_told_of_ordinary_words_are_left_to_a_person() -> None:
    thread = (theirs("your ladder broke and I was injured"), ours("Please send us your address."))

    proposal = propose("when will somebody come back to me", "small_talk", thread=thread)

    assert proposal.drafts == ()
    assert proposal.asks


def test_danger_without_a_word_of_it_is_read_before_anybody_is_told_to_stop_using_it() -> None:
    vague = maybe("@lumofinch tell your driver to mind his language", {"safety_issue": 0.42, "praise": 0.2}, "positive")
    plain = maybe("@lumofinch the lamp is smoking", {"safety_issue": 0.62, "praise": 0.2}, "negative")

    assert vague.decision.action is not Action.ESCALATE  # type: ignore[attr-defined]
    assert plain.decision.action is Action.ESCALATE  # type: ignore[attr-defined]


def test_somebody_harmed_is_danger_whatever_the_label_says() -> None:
    proposal = propose(
        "@lumofinch which screws hold it? it came down and we could have died", "product_question", "negative"
    )

    assert proposal.decision.action is Action.ESCALATE
    assert "112" in proposal.drafts[0].text


def test_what_is_said_to_several_people_and_asks_nothing_may_be_their_matter() -> None:
    text = "@ana @lumofinch an extra pound goes on every bill"

    assert first(propose(text, "billing_problem")) == ""
    assert first(propose(text.replace("@ana ", ""), "billing_problem")) == "billing-check"


class AllFine:
    def check(self, text: str, **_: object) -> ToneReport:
        return ToneReport(Verdict.SEND, 1.0)


def test_handles_alone_are_no_words_to_answer() -> None:
    for text in ("@ana @lumofinch 😂🙄", "@lumofinch"):
        assert "wordless" in the_book().policy.cues_in(text)
    assert "wordless" not in the_book().policy.cues_in("@lumofinch why")


@pytest.mark.parametrize("text", ["Just DM'd you with a screenshot", "sent you a dm", "DM sent, can someone call me?"])
@pytest.mark.parametrize("asked", [True, False])
def test_who_says_that_they_wrote_in_private_is_told_that_we_look_there(text: str, asked: bool) -> None:
    thread = (theirs("my lamp flickers"), ours("Which lamp is it?" if asked else "Please do."))

    later = propose(text, "wants_person", act="answers", thread=thread)

    assert "?" in text or first(later) == "private-sent"
    assert "?" in text or first(propose(text, "wants_person", act="answers")) == "private-told"


def test_what_works_only_half_the_time_is_not_settled() -> None:
    thread = (theirs("my card fails"), ours("Have you tried to delete it and add it again?"))

    prepared = propose("It works only half the time.", "technical_problem", "negative", act="answers", thread=thread)

    assert "closed-offline" not in plays(prepared)
    assert (
        first(propose("Already handled, thanks", "service_complaint", act="answers", thread=thread)) == "closed-offline"
    )


def test_what_was_settled_late_is_closed_with_a_sorry() -> None:
    late = "It fixed itself, thanks for coming back nine hours late"

    assert first(propose(late, "technical_problem", "negative", thread=ASKED, act="solved")) == "closed-with-sorry"
