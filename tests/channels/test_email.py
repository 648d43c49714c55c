import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear
from care.reply import ReplyStage
from channels.email import EmailChannel
from channels.mail.reading import parse_mail
from tests.channels.test_webhook import NOTICE
from tests.doubles import a_reply, altered

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MAIL = (Path(__file__).resolve().parents[2] / "fixtures" / "payloads" / "email" / "message.eml").read_bytes()
REPLY = a_reply(
    id="rpl_1",
    message_id="msg_1",
    suggestion_id=None,
    channel="email",
    recipient="par.lind@example.net",
    thread_key="<root-77@lumofinch.example>",
    in_reply_to="<b7c1@example.net>",
    text="Hej Pär,\n\nthe second box is with the carrier in Lund.\n",
    stage=ReplyStage.INFLIGHT,
    approved_by="per_1",
    approved_at=NOW,
    not_before=NOW,
    idempotency_key="idem_1",
    subject="Re: Order LF-198220",
)


class Mailbox:
    """Takes mail, unless it is told to answer something else."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.rcpt = "250 OK"
        self.data = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if self.data.startswith("2"):
            self.got.append(envelope.content)
        return self.data


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def channel(mailbox: Mailbox) -> Iterator[EmailChannel]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    port = controller.port
    yield EmailChannel(
        "email",
        secrets=[],
        sender="care@lumofinch.example",
        sender_name="Lumo & Finch",
        host="127.0.0.1",
        port=port,
        starttls=False,
    )
    controller.stop()


def test_a_reply_goes_out_as_an_answer_in_its_thread(channel: EmailChannel, mailbox: Mailbox) -> None:
    receipt = channel.send(REPLY)

    mail = email.message_from_bytes(mailbox.got[0], policy=email.policy.default)
    assert mail["Subject"] == "Re: Order LF-198220"
    assert mail["In-Reply-To"] == "<b7c1@example.net>"
    assert mail["References"] == "<root-77@lumofinch.example> <b7c1@example.net>"
    assert mail["Message-ID"] == receipt == "<idem_1@lumofinch.example>"
    assert mail.get_content().replace("\r\n", "\n") == REPLY.said.text


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_a_server_that_asks_for_patience_is_tried_again(channel: EmailChannel, mailbox: Mailbox, step: str) -> None:
    setattr(mailbox, step, "451 try later")

    with pytest.raises(ChannelBusy):
        channel.send(REPLY)

    assert mailbox.got == []


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_a_server_that_refuses_is_believed(channel: EmailChannel, mailbox: Mailbox, step: str) -> None:
    setattr(mailbox, step, "550 no such user")

    with pytest.raises(ChannelRefused):
        channel.send(REPLY)


@contextmanager
def scripted(*answers: bytes | None) -> Iterator[int]:
    """The port of a server that greets and answers each command with the next of these; None hangs up."""

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            for answer in answers:
                if answer is None:
                    return
                connection.sendall(answer)
                # What ends a mail is one line; all its lines before it are no commands.
                while (line := lines.readline()) and answer.startswith(b"354") and line != b".\r\n":
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


GREETING, OK, GO_ON = b"220 mail\r\n", b"250 OK\r\n", b"354 go on\r\n"


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([None], ChannelBusy),
        ([b"garbage\r\n", None], ChannelBusy),
        ([GREETING, OK, None], ChannelBusy),
        ([GREETING, OK, b"garbage\r\n", None], ChannelBusy),
        ([GREETING, OK, OK, OK, b"garbage\r\n", None], ChannelBusy),
        ([GREETING, OK, OK, OK, GO_ON, None], ChannelUnclear),
        ([GREETING, OK, OK, OK, GO_ON, b"garbage\r\n", None], ChannelUnclear),
        ([GREETING, OK, OK, OK, GO_ON, b"354 go on\r\n", None], ChannelUnclear),
    ],
)
def test_only_what_happens_once_the_mail_has_gone_out_is_unclear(
    channel: EmailChannel, answers: list[bytes | None], error: type[Exception]
) -> None:
    with scripted(*answers) as port, pytest.raises(error):
        replace(channel, port=port).send(REPLY)


def test_a_server_that_trickles_is_left_when_the_deadline_for_all_of_it_is_over(
    channel: EmailChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.email.TOTAL_S", 0.3)
    is_left = threading.Event()

    def trickle() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            while not is_left.wait(0.05):
                connection.sendall(b"2")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        with pytest.raises(ChannelBusy):
            replace(channel, port=listening.getsockname()[1]).send(REPLY)
        is_left.set()
        thread.join(10)


def test_no_server_proves_that_nothing_was_sent(channel: EmailChannel) -> None:
    with pytest.raises(ChannelBusy):
        replace(channel, port=1).send(REPLY)


@pytest.mark.parametrize("field", ["recipient", "subject"])
def test_a_line_break_never_becomes_a_header(channel: EmailChannel, mailbox: Mailbox, field: str) -> None:
    evil = altered(REPLY, **{field: "par@example.net\r\nBcc: everyone@example.net"})

    with pytest.raises(ChannelRefused):
        channel.send(evil)

    assert mailbox.got == []


@pytest.mark.parametrize(
    ("late_s", "said"), [(0, "less than a minute"), (59, "less than a minute"), (60, "1 min"), (3900, "1 h 5 min")]
)
def test_a_notice_says_in_its_subject_how_late_it_is(
    channel: EmailChannel, mailbox: Mailbox, late_s: int, said: str
) -> None:
    channel.notify(altered(NOTICE, late=timedelta(seconds=late_s)))

    mail = email.message_from_bytes(mailbox.got[0], policy=email.policy.default)
    assert mail["Subject"] == f"A message on x climbed to you: {said} late"


def test_a_line_break_in_a_notice_never_becomes_a_header(channel: EmailChannel, mailbox: Mailbox) -> None:
    with pytest.raises(ChannelRefused):
        channel.notify(replace(NOTICE, recipient="lead@example.org\r\nBcc: everyone@example.org"))

    assert mailbox.got == []


def test_a_notice_that_comes_back_to_an_inbox_is_set_aside(channel: EmailChannel, mailbox: Mailbox) -> None:
    channel.notify(NOTICE)

    [own] = channel.parse(mailbox.got[0])
    [of_another] = parse_mail(mailbox.got[0], channel="email", own_address="other@lumofinch.example")
    assert own.origin.automatic == "sent from our own address"
    assert of_another.origin.automatic == "it says that it was sent automatically (Auto-Submitted)"


def test_the_newest_words_of_a_mail_are_kept_and_the_quoted_ones_are_not() -> None:
    [message] = parse_mail(MAIL, channel="email", own_address="care@lumofinch.example")

    assert message.text == "Hi Ana,\n\nthank you, but the second box never came. Could you check again?\n\nPär"
    assert message.author.name == "Pär Lind"
    assert message.origin.thread_key == "<root-77@lumofinch.example>"
    assert message.subject == "Re: Order LF-198220"


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: auto-replied", "Precedence: auto_reply", "X-Autoreply: yes", "Return-Path: <>"]
)
def test_automatic_mail_is_set_aside_with_a_reason(header: str) -> None:
    [message] = parse_mail(header.encode() + b"\r\n" + MAIL, channel="email", own_address="care@lumofinch.example")

    assert message.origin.automatic


@pytest.mark.parametrize("header", ["Precedence: bulk", "Precedence: list", "List-Id: <care.example>"])
def test_mail_of_lists_and_forms_is_a_message(header: str) -> None:
    [message] = parse_mail(header.encode() + b"\r\n" + MAIL, channel="email", own_address="care@lumofinch.example")

    assert message.origin.automatic is None


def test_our_own_mail_is_not_a_message_from_a_customer() -> None:
    [message] = parse_mail(MAIL, channel="email", own_address="Par.Lind@example.net")

    assert message.origin.automatic == "sent from our own address"


def test_a_mail_with_only_html_keeps_its_words_and_not_its_scripts() -> None:
    raw = (
        b"From: a@example.net\r\nMessage-ID: <1@x>\r\nContent-Type: text/html; charset=x-unknown\r\n\r\n"
        b"<style>p{}</style><p>Where is <b>my</b> order?</p><script>alert(1)</script>"
    )

    [message] = parse_mail(raw, channel="email", own_address="care@lumofinch.example")

    assert message.text == "Where is my order?"
