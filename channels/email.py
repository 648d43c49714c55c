"""The e-mail channel: RFC 5322 messages are posted in by a mail gateway, replies go out by SMTP."""

import email
import email.policy
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

from care.errors import BadPayload, ChannelBusy, ChannelRefused, ChannelUnclear
from care.escalation import Notice
from care.message import Author, Inbound, Visibility
from care.ports import Receipt
from care.reply import Reply
from channels import http, payload

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

        Automatic mail (out of office, bounces, lists) and our own gives an empty list: answering it makes loops.
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

    def notify(self, notice: Notice) -> None:
        """Satisfies ports.Notifier: tell a contact by mail."""
        mail = EmailMessage()
        try:
            mail["From"] = formataddr((self.sender_name, self.sender)) if self.sender_name else self.sender
            mail["To"] = notice.recipient
            mail["Subject"] = f"A message on {notice.channel} climbed to you: {payload.span(notice.late)} late"
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


def parse_mail(raw: bytes, *, channel: str, own_address: str) -> list[Inbound]:
    """One RFC 5322 message as at most one Inbound: its newest words, without what it quotes.

    Raises BadPayload when it has no usable sender or id.
    """
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    try:
        sender_name, sender = parseaddr(str(mail.get("From", "")))
        message_id = str(mail.get("Message-ID", "")).strip()
        subject = str(mail.get("Subject", ""))
        references = str(mail.get("References", "")).split()
        reply_to = str(mail.get("In-Reply-To", "")).strip()
    except (ValueError, IndexError, AttributeError) as error:
        raise BadPayload("A header of this mail cannot be read.") from error
    if "@" not in sender or not message_id:
        raise BadPayload("The mail needs a From address and a Message-ID.")
    if sender.casefold() == own_address.casefold() or _is_automatic(mail):
        return []
    return [
        Inbound(
            channel=channel,
            outside_id=message_id[: payload.MAX_ID],
            thread_key=(references[0] if references else reply_to or message_id)[: payload.MAX_ID],
            author=Author(
                handle=payload.clean(sender)[: payload.MAX_ID], name=payload.clean(sender_name)[:200] or None
            ),
            text=payload.clean(newest_words(_body(mail))),
            visibility=Visibility.PRIVATE,
            written_at=_date(mail),
            in_reply_to=reply_to[: payload.MAX_ID] or None,
            subject=payload.clean(subject)[:500] or None,
        )
    ]


def _is_automatic(mail: EmailMessage) -> bool:
    """Source: RFC 3834 section 5 (Auto-Submitted); the other headers are common practice."""
    if str(mail.get("Auto-Submitted", "no")).strip().casefold() != "no":
        return True
    if str(mail.get("Precedence", "")).strip().casefold() in ("bulk", "junk", "auto_reply", "list"):
        return True
    return any(header in mail for header in ("X-Autoreply", "X-Autorespond", "List-Id")) or (
        str(mail.get("Return-Path", "")).strip() == "<>"
    )


def _date(mail: EmailMessage) -> datetime:
    try:
        moment = parsedate_to_datetime(str(mail["Date"]))
    except (TypeError, ValueError):
        return datetime.now(UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        content = part.get_content()
    except (LookupError, ValueError):
        # An unknown or lying charset: keep what can be read.
        loaded = part.get_payload(decode=True)
        content = loaded.decode("utf-8", "replace") if isinstance(loaded, bytes) else ""
    text = content if isinstance(content, str) else ""
    return _html_as_text(text) if part.get_content_type() == "text/html" else text


class _Text(HTMLParser):
    _BREAKS = frozenset({"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3"})
    _HIDDEN = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._HIDDEN:
            self._hidden += 1
        elif tag in self._BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._HIDDEN and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _html_as_text(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts)


# Matched against one stripped line at a time, so a hostile mail cannot make them slow.
_QUOTE_STARTS = re.compile(
    r"(?:On .{5,200} wrote:|Am .{5,200} schrieb .{1,200}:|Le .{5,200} a écrit :|-{3,} ?Original Message ?-{3,}|_{20,})"
)


def newest_words(body: str) -> str:
    """The part of a mail its writer typed now, without quoted lines, what follows them, and the signature."""
    kept: list[str] = []
    for line in body.splitlines():
        stripped = line.strip()
        if _QUOTE_STARTS.fullmatch(stripped[:420]) or line.rstrip("\n") in ("-- ", "--"):
            break
        if not stripped.startswith(">"):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()
