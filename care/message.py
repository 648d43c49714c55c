"""What a customer wrote, where and when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from care.parts import Part
from care.sensitive import Handling, SensitiveSpan


class Visibility(StrEnum):
    """Who can read it where it was written."""

    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote it, as the channel knows them."""

    handle: str
    name: str | None = None
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message.

    name: as its sender named it; shown, never a path. alt: what the message says in place of a picture. content: reads
    the file out of what came in, before it is kept; raises ValueError. id: ours, once it is kept. stored_as: where the
    file itself lies, None where it does not. problem: why not; empty where nobody wanted it.
    """

    name: str | None = field(repr=False)
    media_type: str
    size_bytes: int | None = None
    alt: str | None = field(default=None, repr=False)
    content: Callable[[], bytes] | None = field(default=None, repr=False, compare=False)
    id: str = ""
    stored_as: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Origin(Part):
    """Where a message comes from, as its channel says.

    outside_id: the channel's own id of this message; with the channel's name it is unique.
    thread_key: the channel's own id of the conversation it belongs to.
    automatic: why no person wrote it (an absence notice, a bounce, our own mail), None when one may have.
    """

    channel: str
    outside_id: str
    thread_key: str
    written_at: datetime
    automatic: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message as a channel handed it to us: raw, and only ever in one request's memory.

    references: the channel's own ids of what it says it answers, ours and the customer's, oldest first.
    answers: where it is ours, written on the network itself: the handle of the customer it answers. is_sample: its
    sender says that it is a sample; no figure counts it, and no live channel answers it. is_mail: the customer's handle
    is a mail address, and answers go there.
    """

    origin: Origin
    author: Author
    text: str = field(repr=False)
    visibility: Visibility
    in_reply_to: str | None = None
    subject: str | None = field(default=None, repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    references: tuple[str, ...] = ()
    answers: str | None = None
    is_sample: bool = False
    is_mail: bool = False


@dataclass(frozen=True, slots=True)
class Masking(Part):
    """What was masked in a message before it was kept, and what its worst finding asks of us."""

    handling: Handling = Handling.ALLOW
    spans: tuple[SensitiveSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One customer message, masked, as it is kept.

    thread_id: ours. turn: of the case, counted from one.
    """

    id: str
    origin: Origin
    thread_id: str
    author: Author
    text: str = field(repr=False)
    visibility: Visibility
    received_at: datetime
    masking: Masking = Masking()
    subject: str | None = field(default=None, repr=False)
    case_id: str = ""
    turn: int = 1
    attachments: tuple[Attachment, ...] = ()

    @property
    def is_public(self) -> bool:
        return self.visibility is Visibility.PUBLIC


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance of a thread, either side, oldest first: what a draft and a label may look back on.

    id: of the message, the reply or the native answer that it is. What came with it stands with it: subject,
    attachments, and why a machine wrote it.
    """

    text: str = field(repr=False)
    by_customer: bool
    at: datetime
    play: str | None = None
    customer: str = ""
    """The handle of who wrote it, or to whom we wrote it; empty: not known."""
    author: str = ""
    """Who of us wrote it on the network itself; empty: it went out from here."""
    id: str = ""
    visibility: Visibility | None = None
    subject: str | None = field(default=None, repr=False)
    """Of a customer's mail."""
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    automatic: str | None = None


@dataclass(frozen=True, slots=True)
class NativeAnswer:
    """What somebody of ours wrote on the network itself, masked: our answer, never a message to classify.

    is_history: it was brought in from before; it settles nothing that waits.
    """

    id: str
    channel: str
    outside_id: str
    thread_id: str
    case_id: str
    author: str
    text: str = field(repr=False)
    written_at: datetime
    received_at: datetime
    is_history: bool = False


def between_us(thread: Sequence[Turn], message: Message) -> list[Turn]:
    """What was said between us and who wrote the message.

    Others join a public thread, and whoever knows an id of a mail can answer it; what they wrote, and what we wrote to
    them, is not this customer's.
    """
    return [turn for turn in thread if not is_somebody_else(turn, message)]


def is_somebody_else(turn: Turn, message: Message) -> bool:
    """Whether it was said by, or to, another customer than who wrote the message."""
    return bool(turn.customer) and turn.customer.casefold() != message.author.handle.casefold()
