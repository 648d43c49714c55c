"""What doors and commands answer that is no value of its own."""

from typing import Annotated, Literal, Self

from pydantic import AliasPath, ConfigDict, Field

from care.message import Inbound
from wiring.shapes.base import Moment, Out, attributes

# doors ---------------------------------------------------------------------------------------------------------


class HandedInOut(Out):
    """A message that was handed in. `is_new`: false where it was here already."""

    object: Literal["message"] = "message"
    id: str | None
    is_new: bool


class TakenOut(Out):
    """What became of one payload. `ids`: of the messages that are new. `known`: how many were here already."""

    object: Literal["receipt"] = "receipt"
    ids: tuple[str, ...]
    accepted: int
    known: int


class ReceiptsOut(Out):
    """How many receipts were read."""

    object: Literal["receipt"] = "receipt"
    accepted: int


class LiveOut(Out):
    status: Literal["ok"] = "ok"


class ChecksOut(Out):
    """`bundle`: the id of the one that serves, or `none`."""

    store: Literal["ok", "away"]
    bundle: str
    queue: Literal["ok", "away"]


class ReadyOut(Out):
    status: Literal["ok", "not ready"]
    checks: ChecksOut


class PlaceOut(Out):
    """One thing that is wrong with a request. `pointer`: where, as JSON Pointer has it."""

    model_config = ConfigDict(extra="allow")

    pointer: str
    detail: str


class ItemProblemOut(Out):
    """Why one item of a batch was not read."""

    code: str
    detail: str
    errors: tuple[PlaceOut, ...]


class ItemErrorOut(Out):
    """Stands in a batch in the place of an item that cannot be read. `input_id`: its sender's own id, if it has one."""

    object: Literal["error"] = "error"
    input_id: str | None
    error: ItemProblemOut


# commands ------------------------------------------------------------------------------------------------------


class MailAuthorOut(Out):
    handle: str
    name: str | None


class MailAttachmentOut(Out):
    name: str | None
    media_type: str
    size_bytes: int | None
    alt: str | None


class MailOut(Out):
    """What would be kept of one mail, as `tactful mail read` prints it; integrators read it, so it stays."""

    file: str
    subject: str | None
    text: str
    author: MailAuthorOut
    reply_to: Annotated[str, Field(validation_alias=AliasPath("author", "handle"))]
    attachments: tuple[MailAttachmentOut, ...]
    automatic: str | None
    thread: Annotated[str, Field(validation_alias="thread_key")]

    @classmethod
    def of_file(cls, file: str, value: Inbound) -> Self:
        return cls.model_validate({**attributes(value), "file": file})


class ChannelOut(Out):
    """One channel to customers. `live_since`: null while it rehearses; `is_set_up`: it could go live."""

    object: Literal["channel"] = "channel"
    name: str
    kind: str
    is_public: bool
    is_set_up: bool
    live_since: Moment | None


class ParkedTaskOut(Out):
    """A message that could not be prepared, and what went wrong last."""

    object: Literal["task"] = "task"
    message_id: str
    channel: str
    received_at: Moment
    tries: Annotated[int, Field(validation_alias="n_tries")]
    problem: str | None
