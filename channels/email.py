"""The e-mail channel: RFC 5322 messages are posted in by a mail gateway, replies go out by SMTP."""

import email.policy
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear
from care.escalation import Notice
from care.ids import new_id
from care.message import Inbound
from care.ports import Receipt
from care.reply import Reply
from channels import http, payload
from channels.mail.reading import parse_mail

SMTP_TIMEOUT_S = 10.0


@dataclass(slots=True)
class EmailChannel:
    """One mailbox for care.

    sender: the address replies come from. starttls: ask for TLS before logging in; is_tls: TLS from the first byte.
    SMTP has no idempotency: a reply whose fate is unclear is parked for a person.
    """

    name: str
    secrets: Sequence[str]
    sender: str
    host: str
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = True
    is_tls: bool = False
    sender_name: str | None = None
    is_public: bool = False
    is_idempotent: bool = False

    @property
    def is_rehearsal(self) -> bool:
        return False

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        http.verify(headers, raw, secrets=self.secrets)

    def parse(self, raw: bytes) -> list[Inbound]:
        """Read one RFC 5322 message, or our generic JSON payload.

        Automatic mail (absence notices, bounces) and our own has a reason in `automatic`: answering it makes loops.
        """
        if raw.lstrip()[:1] == b"{":
            return payload.parse_messages(raw, channel=self.name, is_public=False)
        return parse_mail(raw, channel=self.name, own_address=self.sender)

    def parse_receipts(self, raw: bytes) -> list[Receipt]:
        return payload.parse_receipts(raw)

    def send(self, reply: Reply) -> str:
        mail = self._compose(reply)
        self._hand_over(mail, reply.recipient)
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
            mail["Date"] = format_datetime(notice.at)
            # The same at every attempt, so that two copies can be told to be one mail.
            mail["Message-ID"] = f"<{notice.id}@{self.sender.rpartition('@')[2]}>"
            # An out-of-office answer to this would come in as a customer's message. Source: RFC 3834 section 5.
            mail["Auto-Submitted"] = "auto-generated"
        except ValueError as error:
            raise ChannelRefused(self.name, f"{self.name}: a header of this notice is not valid") from error
        mail.set_content(payload.notice_text(notice))
        self._hand_over(mail, notice.recipient)

    def _hand_over(self, mail: EmailMessage, recipient: str) -> None:
        with self._session() as smtp:
            self._step(smtp, smtp.mail(self.sender))
            self._step(smtp, smtp.rcpt(recipient))
            try:
                code, answer = smtp.data(mail.as_bytes(policy=email.policy.SMTP))
            except smtplib.SMTPDataError as error:
                self._judge(error.smtp_code)
                raise ChannelRefused(self.name, f"{self.name}: the server refused the mail") from error
            except (OSError, smtplib.SMTPException) as error:
                raise ChannelUnclear(self.name, f"{self.name}: the server went away during the mail") from error
            self._judge(code)
            del answer

    def _compose(self, reply: Reply) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["From"] = formataddr((self.sender_name, self.sender)) if self.sender_name else self.sender
            mail["To"] = reply.recipient
            subject = reply.subject or "Your message"
            mail["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
            mail["Date"] = format_datetime(reply.approved_at)
            # The same at every attempt, so that two copies can be told to be one mail.
            mail["Message-ID"] = f"<{reply.idempotency_key}@{self.sender.rpartition('@')[2]}>"
            if reply.in_reply_to.startswith("<"):
                mail["In-Reply-To"] = reply.in_reply_to
                mail["References"] = f"{reply.thread_key} {reply.in_reply_to}"
        except ValueError as error:
            # A line break in a header: somebody tries to add headers of their own.
            raise ChannelRefused(self.name, f"{self.name}: a header of this reply is not valid") from error
        mail.set_content(reply.text)
        return mail

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        try:
            smtp = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            raise ChannelRefused(self.name, f"{self.name}: the server refused our login") from error
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelBusy(self.name, retry_after_s=http.RETRY_AFTER_S) from error
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
        if self.is_tls:
            smtp = smtplib.SMTP_SSL(self.host, self.port, timeout=SMTP_TIMEOUT_S, context=context)
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=SMTP_TIMEOUT_S)
        try:
            if self.starttls and not self.is_tls:
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if self.user:
                smtp.login(self.user, self.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _step(self, smtp: smtplib.SMTP, answer: tuple[int, bytes]) -> None:
        """Judge an answer given before any of the mail went out."""
        self._judge(answer[0])

    def _judge(self, code: int) -> None:
        if 400 <= code < 500:
            raise ChannelBusy(self.name, retry_after_s=http.RETRY_AFTER_S)
        if code >= 500:
            raise ChannelRefused(self.name, f"{self.name}: the server answered {code}")
