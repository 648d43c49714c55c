"""A mail's subject is read with its body, once, and only where it is the writer's own."""

import pytest

from care.message import Author, Message, Origin, Turn, Visibility
from care.preparing import DraftingTools, prepare
from care.sensitive import WITHHELD_TEXT, Handling, SensitiveSpan
from care.subject import whole, whole_message, whole_thread
from tests.doubles import MONDAY, FixedClock, StubClassifier, StubPlaybook, StubRedactor, StubTone, altered

CARD = "4111111111111111"


@pytest.mark.parametrize(
    ("subject", "body", "read"),
    [
        ("Lamp arrived broken", "Please help.", "Lamp arrived broken\nPlease help."),
        ("  Lamp arrived broken ", "", "Lamp arrived broken"),
        (None, "Please help.", "Please help."),
        ("", "Please help.", "Please help."),
        ("!!!", "Please help.", "Please help."),
        ("Fwd: Lamp arrived broken", "see below", "Lamp arrived broken\nsee below"),
        ("[Shop #12] WG: Lamp arrived broken", "siehe unten", "Lamp arrived broken\nsiehe unten"),
    ],
)
def test_a_subject_of_ones_own_is_the_first_line(subject: str | None, body: str, read: str) -> None:
    assert whole(body, subject) == read


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: Your order has left us", "It never came."),
        ("AW: [Ticket 7] Ihre Bestellung", "Sie kam nie an."),
        ("[Ticket 7] Re: Fwd: Your order", "It never came."),
        ("Fwd: Re: Your order", "It never came."),
        ("Where is my lamp?", "where is my lamp"),
        ("Where is my la…", "Where is my lamp? It was due on Monday."),
        ("Lamp broken", "Hello there, lamp broken on arrival, please send another."),
        ("Anything", WITHHELD_TEXT),
        (WITHHELD_TEXT, "Please help."),
    ],
)
def test_what_was_said_already_is_not_read_twice(subject: str, body: str) -> None:
    assert whole(body, subject) == body


def test_reading_twice_changes_nothing() -> None:
    once = whole("Please help.", "Lamp arrived broken")

    assert whole(once, "Lamp arrived broken") == once


def test_a_conversation_has_its_subject_once() -> None:
    thread = [
        Turn("Please help.", by_customer=True, at=MONDAY, subject="Lamp arrived broken"),
        Turn("Which lamp is it?", by_customer=False, at=MONDAY),
        Turn("The blue one.", by_customer=True, at=MONDAY, subject="lamp arrived broken"),
    ]

    read = [turn.text for turn in whole_thread(thread)]

    assert read == ["Lamp arrived broken\nPlease help.", "Which lamp is it?", "The blue one."]


def mail(subject: str, text: str = "Please help.", **changes: object) -> Message:
    message = Message(
        id="m1",
        origin=Origin(channel="email", outside_id="1", thread_key="1", written_at=MONDAY),
        thread_id="t1",
        author=Author("kim"),
        text=text,
        visibility=Visibility.PRIVATE,
        received_at=MONDAY,
        subject=subject,
    )
    return altered(message, **changes)


def test_places_in_the_body_move_down_with_it() -> None:
    span = SensitiveSpan(0, 6, "password", 1.0, "[pass]", Handling.MASK)
    kept = mail("My login", "[pass] is it", spans=(span,))

    read = whole_message(kept)

    (moved,) = read.masking.spans
    assert read.text[moved.start : moved.end] == "[pass]"
    assert whole_message(read) == read


class Listener(StubClassifier):
    """Notes what it was given to read."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, list[str]]] = []

    def classify(self, text: str, *, thread=()):  # type: ignore[no-untyped-def]
        self.heard.append((text, [turn.text for turn in thread]))
        return super().classify(text, thread=thread)


def test_classifier_decision_and_drafts_read_it_with_its_thread() -> None:
    listener = Listener()
    before = Turn("It is the blue one.", by_customer=True, at=MONDAY, subject="Lamp arrived broken")

    ready = prepare(
        mail("And the chair is late", "Any news?"),
        listener,
        DraftingTools(StubPlaybook(), StubTone(), FixedClock()),
        thread=[before],
    )

    read = "And the chair is late\nAny news?"
    assert listener.heard == [(read, ["Lamp arrived broken\nIt is the blue one."])]
    assert ready.assessed.message.text == read


@pytest.mark.parametrize("subject", [f"My card {CARD}", f"Re: my card {CARD}"])
def test_what_is_sensitive_in_a_subject_is_masked_and_flags_the_message(subject: str) -> None:
    ready = prepare(
        mail(subject),
        StubClassifier(),
        DraftingTools(StubPlaybook(), StubTone(), FixedClock()),
        redactor=StubRedactor(),
    )

    message = ready.assessed.message
    assert CARD not in message.text
    assert CARD not in str(message.subject)
    assert message.masking.handling is Handling.OFFLINE
    assert ready.situation.is_flagged
