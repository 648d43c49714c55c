"""One RFC 5322 message as one Inbound: who wrote what to us, in which conversation, with what attached."""

import hashlib
import html as entities
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from care.errors import BadPayload
from care.message import Attachment, Author, Inbound, Origin, Visibility
from care.subject import REPLY_SUBJECT
from channels import payload
from channels.mail import automatic, danger, html, structure
from channels.mail.phrases import SEE_SUBJECT
from channels.mail.quotes import Letter, has_words, own_words, parts_of_own_words, plain, says_anything
from channels.mail.structure import Branch, Headers, Leaf

LATE_MAX = timedelta(days=1)
"""How much earlier than its arrival a mail may say it was written; else the sender's clock is wrong, or lies."""

ATTACHMENTS_MAX = 100
REFERENCES_MAX = 20
"""Ids of earlier mails that are looked up, the latest ones: a thread may have hundreds."""
TEXT_MAX = 100_000
"""Characters of text that are kept of one mail, about 40 pages; of more the start, the end and what names a danger."""
_IN_BRACKETS = re.compile(r"<\s*([^<>\s@]{1,200}@[^<>\s@]{1,200})\s*>")
_BARE = re.compile(r"[^\s<>,;:\"()\[\]@]{1,200}@[^\s<>,;:\"()\[\]@]{1,200}")
_SIGNED, _SIGNATURE, _SIGNATURE_END = (
    f"-----{words}-----" for words in ("BEGIN PGP SIGNED MESSAGE", "BEGIN PGP SIGNATURE", "END PGP SIGNATURE")
)


@dataclass(frozen=True, slots=True)
class _Body:
    """What stands in a mail. texts: its parts of text. forwarded: mails inside it."""

    texts: Sequence[str]
    forwarded: Sequence[str]
    attachments: tuple[Attachment, ...]


@dataclass(slots=True)
class _Seen:
    """What reading the parts of one mail leaves behind. alts: what stands for pictures, by content id."""

    alts: dict[str, str] = field(default_factory=dict)
    tags_left: int = html.TAGS_MAX


def _unless_danger(reason: str | None, text: str) -> str | None:
    """Why a mail counts as automatic. Rather one absence notice too many before a person than a fire too few."""
    if reason and not automatic.is_bounce_or_own(reason) and danger.words_of_danger(text):
        return None
    return reason


def _author(letter: Letter) -> Author:
    name = payload.tidy_text(letter.name)[:200] or None
    return Author(handle=payload.tidy_text(letter.author)[: payload.MAX_ID], name=name)


def parse_mail(raw: bytes, *, channel: str, own_address: str, arrived_at: datetime | None = None) -> list[Inbound]:
    """One mail as one Inbound: the words its writer typed now, without what it quotes.

    Automatic mail and our own come back with `automatic` set to a reason. arrived_at: now, unless said.
    Raises BadPayload when nobody can be named who sent it.
    """
    mail = structure.parse(raw)
    headers = mail.headers
    sender_name, sender = _sender(headers)
    name, answered = _to_answer(headers, name=sender_name, sender=sender, own=own_address)
    subject = payload.tidy_text(headers.get("subject"))[:500]
    replied = [*headers.ids("references"), *headers.ids("in-reply-to")]
    body = _body(mail)
    ours = _ours(headers, own_address=own_address, sender=sender)
    letter = Letter(author=answered or sender, name=name, subject=subject, ours=ours, is_answer=bool(replied))
    said = automatic.reason(
        mail,
        sender=sender,
        sender_name=sender_name,
        subject=subject,
        text="\n".join([*body.texts, *body.forwarded]),
        is_own=sender.casefold() == own_address.casefold(),
        has_reply_to=bool(answered) and answered.casefold() != sender.casefold(),
    )
    text = _text(body, letter)
    in_reply_to = next(iter(headers.ids("in-reply-to")), "") or (replied[-1] if replied else "")
    message_id = next(iter(headers.ids("message-id")), "") or _id_of(headers, raw)
    origin = Origin(
        channel=channel,
        outside_id=message_id[: payload.MAX_ID],
        thread_key=(replied[0] if replied else message_id)[: payload.MAX_ID],
        written_at=_written(headers, arrived_at or datetime.now(UTC)),
        automatic=_unless_danger(said, text),
    )
    return [
        Inbound(
            origin=origin,
            author=_author(letter),
            text=text,
            visibility=Visibility.PRIVATE,
            in_reply_to=in_reply_to[: payload.MAX_ID] or None,
            references=tuple(dict.fromkeys(id for id in replied if len(id) <= payload.MAX_ID))[-REFERENCES_MAX:],
            subject=subject or None,
            attachments=body.attachments,
            is_mail=True,
        )
    ]


# Who -----------------------------------------------------------------------------------------------------------------


def addresses(value: str) -> Iterator[tuple[str, str]]:
    """Names and addresses of a header like From, in their order; what is no address is left out."""
    last = 0
    for match in _IN_BRACKETS.finditer(value):
        name = value[last : match.start()].strip(" \t,;\"'").replace('\\"', '"')
        yield name, match.group(1).strip()
        last = match.end()
    if last == 0:
        for match in _BARE.finditer(value):
            comment = re.search(r"\(([^()]{1,200})\)", value[match.end() :][:220])
            yield (comment.group(1).strip() if comment else ""), match.group().rstrip(".")


def _sender(headers: Headers) -> tuple[str, str]:
    for header in ("from", "sender", "reply-to", "x-original-from", "return-path"):
        for value in headers.all(header):
            for name, address in addresses(value):
                return name, address
    # Bounces are sent by nobody.
    if "mailer-daemon" in headers.get("from").casefold() or headers.get("return-path").strip() == "<>":
        return "Mail Delivery System", "mailer-daemon@unknown.invalid"
    raise BadPayload("The mail needs a sender: a From or Reply-To header with an address like kim@mail.example.")


def _to_answer(headers: Headers, *, name: str, sender: str, own: str) -> tuple[str, str]:
    """Who is to be answered: Reply-To, unless that is the list or we ourselves. Source: RFC 5322 section 3.6.2."""
    ours = {own.casefold(), *(address.casefold() for value in headers.all("to") for _, address in addresses(value))}
    for value in headers.all("list-post"):
        ours |= {address.casefold() for address in re.findall(r"mailto:([^>?]+)", value)}
    for header in ("reply-to", "x-original-from", "x-original-sender"):
        for value in headers.all(header):
            for other_name, address in addresses(value):
                if address.casefold() not in ours:
                    same = address.casefold() == sender.casefold()
                    return (other_name or (name if same or header == "reply-to" else "")), address
        if sender.casefold() not in ours:
            # A list that writes in its own name is the only reason to look further.
            break
    return name, sender


def _ours(headers: Headers, *, own_address: str, sender: str) -> frozenset[str]:
    """Addresses the mail was sent to: whoever writes from one of them in a quote is us."""
    own = {own_address.casefold()} if own_address else set()
    for header in ("to", "delivered-to", "x-original-to"):
        own |= {address.casefold() for value in headers.all(header) for _, address in addresses(value)}
    return frozenset(own - {sender.casefold()})


def _id_of(headers: Headers, raw: bytes) -> str:
    """An id that is the same each time the same mail comes in: its own without brackets, else one of its bytes."""
    named = headers.get("message-id").strip()
    if named and named.isprintable() and " " not in named:
        return f"<{named.strip('<>')}>" if "@" in named else named
    return "sha256:" + hashlib.sha256(raw).hexdigest()[:40]


# When ----------------------------------------------------------------------------------------------------------------


def _written(headers: Headers, arrived_at: datetime) -> datetime:
    """The sender's clock where it can be right, else ours: messages are put in order by this."""
    try:
        moment = parsedate_to_datetime(headers.get("date")[:200])
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return arrived_at
    return moment if arrived_at - LATE_MAX <= moment <= arrived_at else arrived_at


# What ----------------------------------------------------------------------------------------------------------------


def _text(body: _Body, letter: Letter) -> str:
    """What the writer says: own words, what they pass on, and the subject where the body needs it."""
    own = parts_of_own_words(body.texts, letter)
    text = "\n\n".join(part for part in (own, *body.forwarded) if part)
    subject = letter.subject
    is_answer = REPLY_SUBJECT.match(subject) is not None
    if not says_anything(text) or danger.would_be_lost(subject, text) or not (is_answer or has_words(text)):
        text = f"{subject}\n\n{text}"
    elif subject and not is_answer and (SEE_SUBJECT.fullmatch(text) or _is_only_extra(text)):
        text = subject
    return payload.tidy_text(text).strip()


def _is_only_extra(text: str) -> bool:
    """Only a signature: what is kept because else nothing would be."""
    return own_words(f"x\n{text}", Letter()).strip() == "x"


def _body(mail: Leaf | Branch) -> _Body:
    texts: list[str] = []
    forwarded: list[str] = []
    attached: list[Leaf] = []
    extra: list[Leaf] = []
    seen = _Seen()
    left = TEXT_MAX
    for leaf, text in _read(mail, seen):
        if text is not None:
            text = danger.shortened(text, max(left, 400))
            left -= len(text)
            (forwarded if leaf.is_forwarded else texts).append(text)
        elif leaf.media_type in ("text/x-preamble", "text/x-epilogue"):
            extra.append(leaf)
        else:
            attached.append(leaf)
    if not any(says_anything(text) for text in (*texts, *forwarded)):
        # Better what stands before the first part, or in an attached text, than nothing.
        readable = [leaf for leaf in (*extra, *attached) if leaf.media_type.startswith("text/")]
        texts = [_text_of(leaf, seen) for leaf in readable[:5]]
    attachments = tuple(_attachment(leaf, seen.alts) for leaf in attached[:ATTACHMENTS_MAX])
    return _Body(texts, [plain(text) for text in forwarded], attachments)


def _attachment(leaf: Leaf, alts: Mapping[str, str]) -> Attachment:
    attachment = leaf.attachment
    name = payload.tidy_text(attachment.name) if attachment.name else None
    return replace(
        attachment, name=name, alt=payload.tidy_text(alts[leaf.content_id]) if leaf.content_id in alts else None
    )


def _read(part: Leaf | Branch, seen: _Seen) -> Iterator[tuple[Leaf, str | None]]:
    """The leaves in their order; with a text those that are read, with None what is attached."""
    if isinstance(part, Leaf):
        is_text = part.media_type in ("text/plain", "text/html", "text/enriched", "text/markdown", "text/richtext")
        yield part, _text_of(part, seen) if is_text and not part.is_attached else None
    elif part.kind == "alternative":
        yield from _alternative([list(_read(below, seen)) for below in part.parts])
    else:
        for below in part.parts:
            yield from _read(below, seen)


def _text_of(leaf: Leaf, seen: _Seen) -> str:
    text = leaf.text
    is_html = leaf.media_type == "text/html" and "<" in text
    if is_html or html.LOOKS_LIKE_HTML.match(text[:100_000]):
        page = html.html_text(text, tags_max=seen.tags_left)
        seen.tags_left -= min(text.count("<"), html.TAGS_MAX)
        seen.alts.update(page.alts)
        return danger.shortened(page.text, TEXT_MAX)
    if leaf.media_type == "text/html":
        text = entities.unescape(text[:TEXT_MAX]).replace("\u00a0", " ")
    if leaf.media_type == "text/enriched":
        text = re.sub(r"</?[A-Za-z]{1,20}>", "", text)
    return _without_armour(danger.shortened(text, TEXT_MAX)).replace(html.SURE, "")


def _without_armour(text: str) -> str:
    """The text that a PGP signature is about. Source: RFC 9580 section 7."""
    head, signed, text_and_signature = text.partition(_SIGNED)
    if not signed:
        return text
    # Header lines like `Hash: SHA512` end at the first empty one.
    _, parted, said = text_and_signature.partition("\n\n")
    said, _, rest = (said if parted else text_and_signature).partition(_SIGNATURE)
    return f"{head}{re.sub('^- ', '', said, flags=re.MULTILINE)}{rest.partition(_SIGNATURE_END)[2]}"


def _alternative(versions: Sequence[list[tuple[Leaf, str | None]]]) -> Iterator[tuple[Leaf, str | None]]:
    """Versions of one text: the first that says everything, or all that say something of their own."""
    told = [(version, _vocabulary(version)) for version in versions]
    chosen: list[int] = []
    known: set[str] = set()
    for n, (_, vocabulary) in enumerate(told):
        if _says_more(vocabulary, known):
            # A later version that says all of an earlier one, and more, stands for it.
            chosen = [place for place in chosen if _says_more(told[place][1], vocabulary)] + [n]
            known |= vocabulary
    for n, (version, _) in enumerate(told):
        for leaf, text in version:
            if text is None or n in chosen:
                yield leaf, text


def _vocabulary(version: Sequence[tuple[Leaf, str | None]]) -> set[str]:
    joined = " ".join(text for _, text in version if text)
    return set(re.findall(r"\w{2,40}", re.sub(r"https?://\S+|\S+@\S+", " ", joined).casefold()))


def _says_more(vocabulary: set[str], known: set[str]) -> bool:
    new = vocabulary - known
    if not new or not known:
        return bool(new)
    return len(new) > max(2, len(vocabulary) // 10) or bool(danger.words_of_danger(" ".join(new)))
