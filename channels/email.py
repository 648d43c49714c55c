"""The e-mail channel: RFC 5322 messages are posted in by a mail gateway, replies go out by SMTP."""

import email.policy
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear
from care.escalation import Notice
from care.ids import new_id
from care.message import Inbound
from care.ports import Receipt, Redactor
from care.reply import Reply
from channels import http, payload
from channels.mail.masked import masked_mail
from channels.mail.reading import parse_mail

SMTP_TIMEOUT_S = 5.0
"""For each answer of the server."""
TOTAL_S = 20.0
"""For a whole session, from the connection on."""


@dataclass(slots=True)
class EmailChannel:
    """One mailbox for care.

    sender: the address replies come from. starttls: ask for TLS before logging in; tls: TLS from the first byte.
    SMTP has no idempotency: a reply whose fate is unclear is parked for a person.
    Raises ValueError for a sender without an address, no host, or a port that cannot be.
    """

    name: str
    secrets: Sequence[str]
    sender: str
    host: str
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = True
    tls: bool = False
    sender_name: str | None = None
    is_public: bool = False
    is_idempotent: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if not (self.host and "@" in self.sender):
            raise ValueError("an email channel needs a host and a sender address")
        if not 0 < self.port <= 65535:
            raise ValueError("port is a number from 1 to 65535")

    @property
    def is_rehearsal(self) -> bool:
        return False

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        http.verify(headers, raw, secrets=self.secrets)

    def parse(self, raw: bytes) -> list[Inbound]:
        """Read one RFC 5322 message, or our generic JSON payload.

        Automatic mail (absence notices, bounces) and our own has a reason in `automatic`: answering it makes loops.
        """
        if _is_json(raw):
            return payload.parse_messages(raw, channel=self.name, is_public=False)
        return parse_mail(raw, channel=self.name, own_address=self.sender)

    def split(self, raw: bytes) -> list[bytes]:
        return payload.split(raw) if _is_json(raw) else [raw]

    def masked(self, raw: bytes, redactor: Redactor) -> str:
        return payload.masked(raw, redactor) if _is_json(raw) else masked_mail(raw, redactor)

    def parse_receipts(self, raw: bytes) -> list[Receipt]:
        return payload.parse_receipts(raw)

    def send(self, reply: Reply) -> str:
        mail = self._compose(reply)
        self._hand_over(mail, reply.address.recipient)
        return str(mail["Message-ID"])

    def check(self, to: str) -> str:
        """Satisfies ports.Checkable: a mail to somebody of ours, else to the channel's own address."""
        recipient, now = to or self.sender, datetime.now(UTC)
        mail = EmailMessage()
        try:
            mail["From"] = formataddr((self.sender_name, self.sender)) if self.sender_name else self.sender
            mail["To"] = recipient
            mail["Subject"] = "A test message"
            mail["Date"] = format_datetime(now)
            mail["Message-ID"] = f"<{new_id('tst', now=now)}@{self.sender.rpartition('@')[2]}>"
            # It may come back in by the same mailbox. Source: RFC 3834 section 5.
            mail["Auto-Submitted"] = "auto-generated"
        except ValueError as error:
            raise ChannelRefused(self.name, f"{self.name}: {to!r} is no mail address") from error
        mail.set_content(payload.TEST_TEXT)
        self._hand_over(mail, recipient)
        return f"a test mail went to {recipient}; look whether it has arrived"

    def notify(self, notice: Notice) -> None:
        """Satisfies ports.Notifier: tell a contact by mail."""
        mail = EmailMessage()
        try:
            mail["From"] = formataddr((self.sender_name, self.sender)) if self.sender_name else self.sender
            mail["To"] = notice.recipient
            mail["Subject"] = payload.notice_title(notice)
            mail["Date"] = format_datetime(notice.clock.at)
            # The same at every attempt, so that two copies can be told to be one mail.
            mail["Message-ID"] = f"<{notice.id}@{self.sender.rpartition('@')[2]}>"
            # An out-of-office answer to this would come in as a customer's message. Source: RFC 3834 section 5.
            mail["Auto-Submitted"] = "auto-generated"
        except ValueError as error:
            raise ChannelRefused(self.name, f"{self.name}: a header of this notice is not valid") from error
        mail.set_content(payload.notice_text(notice))
        self._hand_over(mail, notice.recipient)

    def _hand_over(self, mail: EmailMessage, recipient: str) -> None:
        raw = mail.as_bytes(policy=email.policy.SMTP)
        with self._session() as smtp:
            try:
                self._judge(smtp.mail(self.sender)[0])
                self._judge(smtp.rcpt(recipient)[0])
            except (OSError, smtplib.SMTPException) as error:
                # Nothing of the mail has gone out.
                raise ChannelBusy(self.name) from error
            try:
                code = smtp.data(raw)[0]
            except smtplib.SMTPDataError as error:
                self._judge(error.smtp_code)
                raise ChannelRefused(self.name, f"{self.name}: the server refused the mail") from error
            except (OSError, smtplib.SMTPException) as error:
                raise ChannelUnclear(self.name, f"{self.name}: the server went away during the mail") from error
            if code // 100 not in (2, 4, 5):
                raise ChannelUnclear(self.name, f"{self.name}: what the server answered to the mail is no SMTP")
            self._judge(code)

    def _compose(self, reply: Reply) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["From"] = formataddr((self.sender_name, self.sender)) if self.sender_name else self.sender
            mail["To"] = reply.address.recipient
            subject = reply.said.subject or "Your message"
            mail["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
            mail["Date"] = format_datetime(reply.consent.approved_at)
            # The same at every attempt, so that two copies can be told to be one mail.
            mail["Message-ID"] = f"<{reply.sending.idempotency_key}@{self.sender.rpartition('@')[2]}>"
            if reply.address.in_reply_to.startswith("<"):
                mail["In-Reply-To"] = reply.address.in_reply_to
                mail["References"] = f"{reply.address.thread_key} {reply.address.in_reply_to}"
        except ValueError as error:
            # A line break in a header: somebody tries to add headers of their own.
            raise ChannelRefused(self.name, f"{self.name}: a header of this reply is not valid") from error
        mail.set_content(reply.said.text)
        return mail

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        try:
            smtp = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            raise ChannelRefused(self.name, f"{self.name}: the server refused our login") from error
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelBusy(self.name) from error
        try:
            yield smtp
        finally:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        smtp: smtplib.SMTP
        if self.tls:
            smtp = _WithDeadlineTls(self.host, self.port, timeout=SMTP_TIMEOUT_S, context=context)
        else:
            smtp = _WithDeadline(self.host, self.port, timeout=SMTP_TIMEOUT_S)
        try:
            if self.starttls and not self.tls:
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if self.user:
                smtp.login(self.user, self.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _judge(self, code: int) -> None:
        """Whether the server takes what it was told. Source: RFC 5321 section 4.2.1."""
        if 200 <= code < 300:
            return
        if code >= 500:
            raise ChannelRefused(self.name, f"{self.name}: the server answered {code}")
        raise ChannelBusy(self.name)


def _is_json(raw: bytes) -> bool:
    return raw.lstrip()[:1] == b"{"


class _WithDeadline(smtplib.SMTP):
    """A session that ends TOTAL_S after it began: with a limit for each read alone a server that trickles holds us."""

    _timer: threading.Timer | None = None

    def connect(self, *given: Any, **named: Any) -> tuple[int, bytes]:
        self._timer = threading.Timer(TOTAL_S, self._hang_up)
        self._timer.daemon = True
        self._timer.start()
        return super().connect(*given, **named)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    def _hang_up(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                # Not by TLS: that would have to wait for the server.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _WithDeadlineTls(_WithDeadline, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""
