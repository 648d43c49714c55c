"""What doors and commands answer that is no value of its own."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field

from care.message import Inbound
from care.parts import flat
from wiring.shapes.base import Moment, Out, left_out

# doors ---------------------------------------------------------------------------------------------------------


class HandedInOut(Out):
    """A message that was handed in. `is_new`: false where it was here already."""

    object: Literal["message"] = "message"
    id: str | None
    is_new: bool


class UnreadOut(Out):
    """An item of a payload that could not be read. `position`: its place, from 0. It is kept, and need not come again.

    `problem`: what is wrong with it, without repeating it.
    """

    id: str
    position: int
    problem: str


class TakenOut(Out):
    """What became of one payload. `ids`: of the messages that are new. `known`: how many were here already.

    `changed`: ids of those that we keep with another text than they have here; what was kept first stays.
    `quarantined`: items that could not be read, kept for a person to look at.
    """

    object: Literal["receipt"] = "receipt"
    ids: tuple[str, ...]
    accepted: int
    known: int
    changed: tuple[str, ...]
    quarantined: tuple[UnreadOut, ...]


class ReceiptsOut(Out):
    """How many receipts were read. `quarantined`: those that could not be, kept for a person to look at."""

    object: Literal["receipt"] = "receipt"
    accepted: int
    quarantined: tuple[UnreadOut, ...]


class LiveOut(Out):
    status: Literal["ok"] = "ok"


class ReadyOut(Out):
    """checks: by what was looked at, `ok` or what is wrong; `bundle` is the id of the one that serves, or `none`.

    `degraded`: messages are taken, and something else is wrong.
    """

    status: Literal["ok", "degraded", "not ready"]
    checks: dict[str, str]


LONGEST_ID = 256
"""Characters of a sender's own id."""


class PlaceOut(Out):
    """One thing that is wrong with a request. `pointer`: where, as JSON Pointer has it."""

    model_config = ConfigDict(extra="allow")

    pointer: str
    detail: str


class ProblemOut(Out):
    """A problem, as RFC 9457 has it. `code` is stable; `request_id` finds it in our log."""

    type: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: tuple[PlaceOut, ...] | None = left_out(description="Each place that is wrong.")
    state: str | None = left_out(description="Of a conflict: how it stands now.")
    decided_by: str | None = left_out(description="Of a suggestion that is decided already.")
    by: str | None = left_out(description="Of a conflict: who was first.")


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

    @classmethod
    def of_item(cls, item: Any, *, code: str, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> Self:
        """The error of an item that was sent, whatever it is."""
        sent_id = item.get("id") if isinstance(item, dict) else None
        return cls.model_validate(
            {
                "input_id": sent_id if isinstance(sent_id, str) and len(sent_id) <= LONGEST_ID else None,
                "error": {"code": code, "detail": detail, "errors": errors},
            }
        )


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
    reply_to: str
    attachments: tuple[MailAttachmentOut, ...]
    automatic: str | None
    thread: Annotated[str, Field(validation_alias="thread_key")]

    @classmethod
    def of_file(cls, file: str, value: Inbound) -> Self:
        return cls.model_validate({**flat(value), "file": file, "reply_to": value.author.handle})


class ChannelOut(Out):
    """One channel to customers. `live_since`: null while it rehearses; `is_set_up`: it could go live."""

    object: Literal["channel"] = "channel"
    name: str
    kind: str
    is_public: bool
    is_set_up: bool
    live_since: Moment | None


class QuarantinedOut(Out):
    """What a channel handed in and nobody could read. `times`: how often it came. `tries`: again, in vain.

    `is_whole`: false where not all of it is kept, so that it cannot be tried again.
    """

    object: Literal["quarantined"] = "quarantined"
    id: str
    channel: str
    door: Literal["messages", "receipts"]
    problem: str
    is_whole: bool
    size_bytes: Annotated[int, Field(validation_alias="n_bytes")]
    times: Annotated[int, Field(validation_alias="n_seen")]
    tries: Annotated[int, Field(validation_alias="n_tries")]
    first_at: Moment
    last_at: Moment


class ParkedTaskOut(Out):
    """A message that could not be prepared, and what went wrong last."""

    object: Literal["task"] = "task"
    message_id: str
    channel: str
    received_at: Moment
    tries: Annotated[int, Field(validation_alias="n_tries")]
    problem: str | None
