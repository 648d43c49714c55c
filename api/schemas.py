"""The JSON shapes of what comes in: unknown keys are refused. What goes out stands in `wiring/shapes/`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from api.narrowing import NarrowQuery
from api.reading import as_problems, n_wrong
from care.bulk import AT_MOST, BulkAct
from care.decision import Action
from care.lists import View
from care.offline import OfflineState
from care.quality import Answer
from care.reply import RejectReason
from care.signing import LONGEST
from care.times import moment_of
from wiring.shapes.answers import ItemErrorOut

TEXT_MAX = 20_000
Text = Annotated[str, StringConstraints(max_length=TEXT_MAX)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Share = Annotated[float, Field(ge=0.5, lt=1)]
Labels = Annotated[dict[Label, Label], Field(max_length=8)]


def _moment(value: object) -> datetime:
    # Pydantic takes a number, and one in a text, for seconds since 1970.
    try:
        return moment_of(value)
    except ValueError as error:
        raise PydanticCustomError("datetime_parsing", "not a time") from error


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A time as RFC 3339 has it, with its offset, in the years 1990 to 2200."""


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ClassifyOptions(Shape):
    top_k: int = Field(default=3, ge=1, le=50)
    explain: bool = False
    precision: Share | dict[Label, Share] | None = None


class ClassifyItem(Shape):
    id: Name | None = None
    text: Text
    subject: Text | None = None


def _or_error(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError as error:
        problems = as_problems(ClassifyItem, error)
        return ItemErrorOut.of_item(value, code="validation_failed", detail=n_wrong(problems), errors=problems)


BatchItem = Annotated[ClassifyItem, WrapValidator(_or_error)]
"""An item of a batch, or in its place the error that answers it."""


class Queried(BaseModel):
    """What stands behind the `?` of an address: words, whatever they mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(Queried):
    """limit: how many at most. cursor: `next_cursor` of the page before."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=512)


class ViewQuery(PageQuery):
    view: View = View.ALL


class MessageQuery(PageQuery):
    channel: str | None = Field(default=None, max_length=64)


class CaseQuery(NarrowQuery, ViewQuery):
    search: str | None = Field(
        default=None,
        max_length=200,
        description="Words that a case has: of both sides, names and notes; all of them. Quotes keep words together.",
    )


class StreamOptions(Queried):
    """How the lines of a stream are to be read."""

    task: list[Label] | None = Field(default=None, max_length=32, description="Only these; may be repeated.")
    top_k: int = Field(default=3, ge=1, le=50)
    explain: bool = False


class ClassifyIn(Shape):
    """One text, or up to 256 inputs. subject: of a mail, read as the first line."""

    text: Text | None = None
    subject: Text | None = None
    inputs: list[BatchItem] | None = Field(default=None, min_length=1, max_length=256)
    tasks: list[Label] | None = Field(default=None, max_length=32)
    options: ClassifyOptions = ClassifyOptions()


class AuthorIn(Shape):
    handle: Name
    name: Name | None = None
    followers: int | None = Field(default=None, ge=0, le=10**10)


class MessageIn(Shape):
    """A message handed in by a service. `id` and `thread` are the sender's own; the same id twice is kept once."""

    id: Name
    thread: Name | None = None
    author: AuthorIn
    text: Text
    visibility: Literal["public", "private"] = "private"
    written_at: Moment | None = None
    in_reply_to: Name | None = None


class ApproveIn(Shape):
    """`promise`: the hour that the text quotes, confirmed; one that the draft itself quotes needs no confirmation.
    `is_no_promise`: what reads like an hour is no promise. `pointer`: what is said in public; the text then goes in
    private, and the pointer once it has gone.
    """

    text: Text
    draft: int = Field(default=0, ge=0, le=2)
    labels: Labels = {}
    promise: Moment | None = None
    is_no_promise: bool = False
    pointer: Text | None = None


class RejectIn(Shape):
    reason: Annotated[RejectReason, Field(strict=False)]
    note: Annotated[str, StringConstraints(max_length=1000)] | None = None
    labels: Labels = {}


class AnswerIn(Shape):
    """A person's own words. `promise`: the hour they quote, confirmed. `is_no_promise`: what reads like an hour is no
    promise. `turn`: of the case, as the person had read it; a newer one refuses the words. `key`: the same one twice
    is one reply. `pointer`: what is said in public; the text then goes in private, and the pointer once it has gone.
    """

    text: Text
    promise: Moment | None = None
    is_no_promise: bool = False
    turn: int | None = Field(default=None, ge=0)
    key: Name | None = None
    pointer: Text | None = None


class ClosingIn(Shape):
    """A person's own words that close a matter where it began: in public, and only there."""

    text: Text
    promise: Moment | None = None
    is_no_promise: bool = False
    turn: int | None = Field(default=None, ge=0)
    key: Name | None = None


class AnswerTextIn(Shape):
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class NoteIn(Shape):
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class ReviewIn(Shape):
    answers: Annotated[dict[Label, Annotated[Answer, Field(strict=False)]], Field(max_length=8)]
    note: Annotated[str, StringConstraints(max_length=4000)] = ""


class AwayIn(Shape):
    until: Moment | None


class AssignIn(Shape):
    to: Name | None


class SnoozeIn(Shape):
    """`until`: when the case is to be back in its list, within a year. It is back earlier when something happens."""

    until: Moment


class FiltersIn(NarrowQuery):
    search: str | None = Field(default=None, max_length=200)


class ViewIn(Shape):
    """`filters`: what the list is narrowed to, by the names that `GET /v1/cases` has. `for_all`: everybody sees it."""

    name: Name
    view: Annotated[View, Field(strict=False)] = View.NOW_DUE
    filters: FiltersIn = FiltersIn()
    for_all: bool = False


class StatementIn(Shape):
    """What is said in public and in private, and who signed for these words."""

    public_text: Text
    private_text: Text
    approved_by: Name


class CrisisIn(Shape):
    """What it is about: any of `intents` or `phrases`, on one of `channels` (empty: on any)."""

    name: Name
    reason: Name
    intents: tuple[Name, ...] = Field(default=(), max_length=40, strict=False)
    phrases: tuple[Name, ...] = Field(default=(), max_length=40, strict=False)
    channels: tuple[Name, ...] = Field(default=(), max_length=40, strict=False)
    statement: StatementIn
    is_drill: bool = False


class TrainingIn(Shape):
    """A job of training. `data`: a dataset in the home, to learn from or to measure on. `job`: the retraining whose
    bundle is compared or promoted. `after`: one whose settled suspects are learnt. `reason`: why a promotion is forced.
    """

    kind: Literal["retrain", "compare", "promote", "rollback"]
    data: str = Field(default="", max_length=64)
    job: str = Field(default="", max_length=64)
    encoder: Literal["minilm", "none"] = "minilm"
    after: str = Field(default="", max_length=64)
    reason: str = Field(default="", max_length=200)


class BulkCaseIn(Shape):
    """`turn`: of the case, as the person saw it; with another one it is left out."""

    id: Name
    turn: int | None = Field(default=None, ge=0)


class BulkIn(Shape):
    """`to`: a person's id, null for nobody, or a team. `labels`: by task. `until`: of a snooze."""

    act: Annotated[BulkAct, Field(strict=False)]
    cases: list[BulkCaseIn] = Field(min_length=1, max_length=AT_MOST)
    to: Name | None = None
    labels: Labels = {}
    until: Moment | None = None


class HandOverIn(Shape):
    """`to`: a team or contact of the playbook that can be reached."""

    to: Label
    reason: Annotated[str, StringConstraints(max_length=1000)] = ""


class ResolveIn(Shape):
    ask: bool = True


class JoinIn(Shape):
    channel: Name
    handle: Name
    evidence: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class RelabelIn(Shape):
    labels: Labels = Field(min_length=1)


class DecisionIn(Shape):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    action: Annotated[Action, Field(strict=False)] | None = None
    team: Label | None = None


class OfflineIn(Shape):
    state: Annotated[OfflineState, Field(strict=False)]
    waiver: Annotated[str, StringConstraints(max_length=1000)] | None = None


class ToneIn(Shape):
    text: Text
    channel: Name = "webhook"


class SignatureIn(Shape):
    """How a person signs where a channel signs, such as `AB` or `Anna`; empty: not at all."""

    signs_as: Annotated[str, StringConstraints(max_length=LONGEST, pattern=r"^[^\x00-\x1f\x7f]*$")]


class SignInIn(Shape):
    email: Annotated[str, StringConstraints(max_length=320)]
    password: Annotated[str, StringConstraints(max_length=1024)]
