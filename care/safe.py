"""What comes in is masked before anything of it is kept: one way for what a channel hands us and for history."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from care.files import keep
from care.masking import mask, masked_author
from care.message import Attachment, Author, Inbound, Visibility
from care.ports import Files, Redactor
from care.sensitive import Handling, Redaction, SensitiveSpan
from care.unit_of_work import Store, Work

Speaker = tuple[str, str, str]
"""Channel, thread and handle of who wrote something."""


@dataclass(frozen=True, slots=True)
class Safe:
    """One message as it may be kept: everything in it masked.

    customer: the handle of whose case it is, whoever wrote it. problem: why it is withheld, if it is.
    """

    item: Inbound
    author: Author
    customer: str
    text: str
    subject: str | None
    spans: tuple[SensitiveSpan, ...]
    categories: frozenset[str]
    handling: Handling
    attachments: tuple[Attachment, ...] = ()
    problem: str = ""

    @property
    def address(self) -> str | None:
        """The customer's mail address, where the channel answers to one."""
        return self.customer.lower() if self.item.is_mail and "@" in self.customer else None


def made_safe(
    inbound: Sequence[Inbound], *, store: Store, redactor: Redactor, files: Files | None = None
) -> list[Safe]:
    """Messages of one channel or several, masked, without those that are here already: nobody masks them twice.

    Takes time; no transaction is open while it masks. files: where what came with them is kept; None: nowhere.
    """
    with store(read=True) as work:
        by_channel: dict[str, list[str]] = {}
        for item in inbound:
            by_channel.setdefault(item.origin.channel, []).append(item.origin.outside_id)
        known = {(channel, id) for channel, ids in by_channel.items() for id in work.messages.known(channel, ids)}
        unknown = [item for item in inbound if (item.origin.channel, item.origin.outside_id) not in known]
        new = [_in_its_thread(work, item) for item in unknown]
        authors = [masked_author(item.author, redactor=redactor) for item in new]
        speakers = {_speaker(item, author) for item, author in zip(new, authors, strict=True)}
        before = {speaker: work.messages.previous(*speaker) for speaker in speakers}
    said = {speaker: message.text for speaker, message in before.items() if message is not None}
    safe: list[Safe] = []
    for item, author in zip(new, authors, strict=True):
        message = _safe(item, author, redactor=redactor, files=files, before=said.get(_speaker(item, author)))
        said[_speaker(item, author)] = message.text
        safe.append(message)
    return safe


def _safe(item: Inbound, author: Author, *, redactor: Redactor, files: Files | None, before: str | None) -> Safe:
    is_public = item.visibility is Visibility.PUBLIC
    subject = Redaction(text="")
    if item.subject:
        subject = mask(item.subject, redactor=redactor, is_public=is_public)
        # Both are read as one text: a value may begin in the subject and end in the body.
        before = f"{before}\n{subject.text}" if before else subject.text
    redaction = mask(item.text, redactor=redactor, before=before, is_public=is_public)
    customer = author.handle
    if item.answers is not None:
        customer = masked_author(Author(handle=item.answers), redactor=redactor).handle
    return Safe(
        item=item,
        author=author,
        customer=customer,
        text=redaction.text,
        subject=subject.text or None,
        spans=redaction.spans,
        categories=frozenset(span.category for span in (*redaction.spans, *subject.spans)),
        handling=Handling.worst((redaction.handling, subject.handling)),
        # What we sent ourselves is not kept a second time.
        attachments=tuple(
            _attachment(keep(attachment, files=None if item.answers else files), redactor=redactor, is_public=is_public)
            for attachment in item.attachments
        ),
        problem=redaction.problem or subject.problem,
    )


def _attachment(attachment: Attachment, *, redactor: Redactor, is_public: bool) -> Attachment:
    name, alt = (
        mask(words, redactor=redactor, is_public=is_public).text if words else ""
        for words in (attachment.name, attachment.alt)
    )
    return replace(attachment, name=name[:200] or None, alt=alt[:2000] or None)


def _speaker(item: Inbound, author: Author) -> Speaker:
    return item.origin.channel, item.origin.thread_key, author.handle


def _in_its_thread(work: Work, item: Inbound) -> Inbound:
    """What answers our words, or earlier ones of the thread, put where they stand, whatever a mail program left of it.

    Only the thread is theirs by that: a case is one customer's, and who quotes an id of somebody else's gets their own.
    """
    for id in reversed(item.references):
        reply = work.replies.find(channel=item.origin.channel, receipt=id)
        message = work.messages.find(item.origin.channel, id) if reply is None else None
        if reply is not None:
            return replace(item, origin=replace(item.origin, thread_key=reply.address.thread_key))
        if message is not None:
            return replace(item, origin=replace(item.origin, thread_key=message.origin.thread_key))
    return item
