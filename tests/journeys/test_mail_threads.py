"""Answers to our own mail land in the thread they answer, whatever a mail program left of it; strangers are seen."""

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from care.answering import Words
from care.case_file import CaseFile
from care.journey import Journey
from channels.email import EmailChannel
from store.work import SqlStore
from tests.channels.test_email import free_port
from tests.doubles import ANNA, FixedClock, altered

US = "care@shop.example"
KIM, STRANGER = "kim@mail.example", "sam@elsewhere.example"


@dataclass
class Mailbox:
    """A mail server that keeps what it is handed."""

    got: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        read = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(read, EmailMessage)
        self.got.append(read)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[Controller]:
    controller = Controller(Mailbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey], mailbox: Controller) -> Journey:
    channel = EmailChannel("email", ("whsec_c2VjcmV0",), US, "127.0.0.1", mailbox.port, starttls=False)
    return make_journey(any_store, channels={"email": channel})


def mail(text: str, *, id: str, sender: str = KIM, **headers: str) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, US, headers.pop("Subject", "Lamp LF-204817")
    letter["Message-ID"] = f"<{id}@{sender.partition('@')[2]}>"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return letter.as_bytes()


def comes(walk: Journey, raw: bytes) -> CaseFile:
    [read] = walk.channels["email"].parse(raw)
    [message_id] = walk.receive([altered(read, written_at=walk.clock())])
    walk.prepare(message_id)
    return file_of(walk, message_id)


def file_of(walk: Journey, message_id: str) -> CaseFile:
    with walk.store() as work:
        return work.cases.file(message_id)


def answered(walk: Journey, clock: FixedClock, mailbox: Controller, file: CaseFile, text: str) -> str:
    """A person answers, it goes out by SMTP. Returns the Message-ID under which the customer got it."""
    clock.advance(60)
    reply = walk.answering.answer(file.message.id, Words(ANNA.id, text))
    clock.advance(1)
    walk.deliver(reply.id)
    return str(mailbox.handler.got[-1]["Message-ID"])


@pytest.mark.parametrize(
    "headers",
    [
        {"In_Reply_To": "{ours}"},
        {"References": "{ours}"},
        {"In_Reply_To": '"Your mail of Monday" {ours}'},
        {"References": "<lost@gateway.example> {ours}"},
        {"References": "<lost@gateway.example>,{ours}", "In_Reply_To": "<lost@gateway.example>"},
        {"References": "{first} {ours}", "In_Reply_To": "{ours}"},
        {"In_Reply_To": "{first}"},
        {"In_Reply_To": "{ours}", "Subject": "Something else entirely"},
    ],
)
def test_an_answer_to_our_mail_lands_in_its_case(
    walk: Journey, clock: FixedClock, mailbox: Controller, headers: dict[str, str]
) -> None:
    first = comes(walk, mail("My lamp is dark.", id="one"))
    ours = answered(walk, clock, mailbox, first, "Which lamp is it?")
    named = {name: value.format(ours=ours, first="<one@mail.example>") for name, value in headers.items()}
    clock.advance(60)

    second = comes(walk, mail("The small one.", id="two", **named))

    assert second.case.id == first.case.id
    assert second.message.turn == 2
    assert [turn.text for turn in second.thread] == ["My lamp is dark.", "Which lamp is it?", "The small one."]
    assert second.others == ()


def test_a_thread_goes_on_however_often_its_beginning_is_left_out(
    walk: Journey, clock: FixedClock, mailbox: Controller
) -> None:
    first = comes(walk, mail("My lamp is dark.", id="m0"))
    last = first
    for n in range(1, 4):
        ours = answered(walk, clock, mailbox, last, f"Question {n}?")
        clock.advance(60)
        last = comes(walk, mail(f"Answer {n}.", id=f"m{n}", In_Reply_To=ours))

    assert last.case.id == first.case.id
    assert last.message.turn == 4


def test_a_mail_without_an_id_of_its_own_is_answered_and_the_answer_finds_it(
    walk: Journey, clock: FixedClock, mailbox: Controller
) -> None:
    first = comes(walk, mail("My lamp is dark.", id="x").replace(b"Message-ID: <x@mail.example>\n", b""))
    ours = answered(walk, clock, mailbox, first, "Which lamp is it?")
    clock.advance(60)

    assert comes(walk, mail("The small one.", id="two", References=ours)).case.id == first.case.id


def test_an_id_that_is_not_ours_begins_a_thread_of_its_own(
    walk: Journey, clock: FixedClock, mailbox: Controller
) -> None:
    first = comes(walk, mail("My lamp is dark.", id="one"))
    answered(walk, clock, mailbox, first, "Which lamp is it?")

    for n, id in enumerate(("<idem_guessed@shop.example>", "<>", "<a@b> <c@d>")):
        other = comes(walk, mail("And another thing.", id=f"other{n}", In_Reply_To=id))
        assert other.case.id != first.case.id
        assert other.message.thread_id != first.message.thread_id


def test_a_stranger_who_quotes_our_id_gets_a_case_of_their_own_and_is_seen(
    walk: Journey, clock: FixedClock, mailbox: Controller
) -> None:
    first = comes(walk, mail("My lamp is dark, order LF-204817.", id="one"))
    ours = answered(walk, clock, mailbox, first, "We send you a new one to 4 Elm Road.")
    clock.advance(60)

    theirs = comes(walk, mail("Send it to me instead.", id="two", sender=STRANGER, In_Reply_To=ours))

    assert theirs.message.thread_id == first.message.thread_id
    assert theirs.case.id != first.case.id
    assert theirs.case.customer == STRANGER
    assert theirs.others == (KIM,)
    # Nothing of hers was touched: her case has her turns alone, and says who else wrote.
    hers = file_of(walk, first.message.id)
    assert (hers.case.turn, hers.case.latest_message_id) == (first.case.turn, first.message.id)
    assert hers.others == (STRANGER,)
    # An answer to the stranger goes to the stranger.
    answered(walk, clock, mailbox, theirs, "Who are you, please?")
    assert mailbox.handler.got[-1]["To"] == STRANGER


def test_what_a_draft_looks_back_on_is_what_was_said_with_this_author(
    any_store: SqlStore, walk: Journey, clock: FixedClock, mailbox: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = comes(walk, mail("My lamp is dark, order LF-204817.", id="one"))
    ours = answered(walk, clock, mailbox, first, "Which lamp is it?")
    clock.advance(60)
    looked: list[tuple[str, ...]] = []
    playbook = type(walk.playbook)
    draft = playbook.draft

    def seen(self: object, assessed: object, **more: str) -> object:
        looked.append(tuple(turn.text for turn in assessed.thread))  # type: ignore[attr-defined]
        return draft(self, assessed, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(playbook, "draft", seen)
    comes(walk, mail("What did you send?", id="two", sender=STRANGER, In_Reply_To=ours))
    clock.advance(60)
    comes(walk, mail("The small one.", id="three", In_Reply_To=ours))

    assert looked == [(), ("Lamp LF-204817\nMy lamp is dark, order LF-204817.", "Which lamp is it?")]


def test_the_same_address_in_other_letters_is_the_same_author_to_a_reader(walk: Journey, clock: FixedClock) -> None:
    first = comes(walk, mail("My lamp is dark.", id="one"))
    clock.advance(60)

    again = comes(walk, mail("Hello?", id="two", sender="Kim@Mail.Example", In_Reply_To="<one@mail.example>"))

    assert again.message.thread_id == first.message.thread_id
    assert again.others == ()
