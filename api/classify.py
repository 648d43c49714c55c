"""/v1/classify and /v1/tone: what a text is about, and whether a text may go out. Nothing is kept."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from api.access import Needs
from api.batching import ReadOptions
from api.depends import Parts, PartsDep
from api.failures import REFUSALS, Refusal, failure_of
from api.magic import all_as_told, as_told, is_test
from api.reading import JsonBody, JsonLinesBody, shaped, strict_json
from api.schemas import ClassifyIn, ClassifyItem, StreamOptions, ToneIn
from care.access import Scope
from care.classification import Classification
from care.errors import TactfulError
from care.ids import new_id
from care.subject import whole
from wiring.shapes.answers import ItemErrorOut, ItemProblemOut
from wiring.shapes.reading import ClassifiedListOut, ClassifiedOut, ToneCheckOut, reading_of

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/v1", tags=["classify"], dependencies=[Depends(Needs(Scope.CLASSIFY))])

AT_ONCE = 128
"""Lines of a stream that are read together: the answers to the first ones leave while the last ones wait."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How texts are to be read, and how much of it is shown. is_test: a test key asks."""

    options: ReadOptions
    top_k: int
    is_test: bool = False


@router.post("/classify")
async def classify(
    request: Request, asked: Annotated[ClassifyIn, Depends(JsonBody(ClassifyIn))], parts: PartsDep
) -> ClassifiedOut | ClassifiedListOut:
    """Read one text or a batch of at most 256; offsets are code points of the text as sent.

    A subject that says something of its own is read, and counted, as a first line of the text. An item of a batch that
    cannot be read has an error in its place; the others are answered.
    """
    if (asked.text is None) == (asked.inputs is None):
        raise Refusal("validation_failed", detail="Send either text or inputs.")
    given = asked.options
    precision, tasks = given.precision, asked.tasks
    _check_tasks("options.precision", list(precision) if isinstance(precision, dict) else [], parts)
    _check_tasks("tasks", tasks or [], parts)
    wish = Wish(ReadOptions(tasks, given.explain, precision), given.top_k, is_test(request))
    if asked.inputs is not None:
        return ClassifiedListOut(data=tuple(await _answers(asked.inputs, wish, parts)))
    text = whole(asked.text or "", asked.subject)
    [read] = await parts.reader.read([text], wish.options)
    return _classified(as_told(text, read) if wish.is_test else read, wish, now=parts.clock())


def stream_wish(request: Request, asked: Annotated[StreamOptions, Query()], parts: PartsDep) -> Wish:
    """The wish that stands in an address. Raises Refusal."""
    _check_tasks("task", asked.task or [], parts)
    return Wish(ReadOptions(asked.task, asked.explain), asked.top_k, is_test(request))


@router.post("/classify/stream")
async def classify_stream(
    raw: Annotated[bytes, Depends(JsonLinesBody(ClassifyItem))],
    wish: Annotated[Wish, Depends(stream_wish)],
    parts: PartsDep,
) -> AsyncIterator[ClassifiedOut | ItemErrorOut]:
    """Read one text a line, and answer a line each, in order, as they are read.

    A line that cannot be read has an error in its place. The whole body is taken first, then the answers begin.
    """
    lines = iter(BytesIO(raw))
    while some := await run_in_threadpool(_items, lines):
        for answer in await _answers(some, wish, parts, is_under_way=True):
            yield answer


def _items(lines: Iterator[bytes]) -> list[ClassifyItem | ItemErrorOut]:
    return [_item(line) for line in islice((line for line in lines if line.strip()), AT_ONCE)]


def _item(line: bytes) -> ClassifyItem | ItemErrorOut:
    value = None
    try:
        value = strict_json(line)
        return shaped(ClassifyItem, value)
    except Refusal as refusal:
        return ItemErrorOut.of_item(
            value, code=refusal.code, detail=refusal.detail or REFUSALS[refusal.code].detail, errors=refusal.problems
        )


def _check_tasks(where: str, named: Sequence[str], parts: Parts) -> None:
    if parts.labels and any(task not in parts.labels for task in named):
        known = ", ".join(parts.labels)
        raise Refusal("validation_failed", detail=f"{where} names a task that we do not have; we have {known}.")


async def _answers(
    items: Sequence[ClassifyItem | ItemErrorOut], wish: Wish, parts: Parts, *, is_under_way: bool = False
) -> list[ClassifiedOut | ItemErrorOut]:
    """One answer an item, in order. Raises what the classifier raises on all of them, unless the answer has begun."""
    good = [item for item in items if isinstance(item, ClassifyItem)]
    read = await _read([whole(item.text, item.subject) for item in good], wish, parts)
    failed = [answer for answer in read if isinstance(answer, Exception)]
    if failed and len(failed) == len(read) and not is_under_way:
        raise failed[0]
    for error in failed:
        # The class is enough to find it; its words could quote a customer.
        log.error("a text was not read", error=type(error).__name__)
    # A batch takes milliseconds to write down: not on the event loop, where all others would wait.
    return await run_in_threadpool(_in_order, items, iter(read), wish, now=parts.clock())


async def _read(texts: list[str], wish: Wish, parts: Parts) -> list[Classification | Exception]:
    """What was read of each text; where not all can be read together, each alone, or the error it met."""
    try:
        read = await parts.reader.read(texts, wish.options) if texts else []
        return [*all_as_told(texts, read, is_test=wish.is_test)]
    except Exception as error:  # noqa: BLE001  one text must not take its neighbours with it
        if len(texts) == 1 or isinstance(error, TactfulError):
            return [error] * len(texts)
    return [classification for text in texts for classification in await _read([text], wish, parts)]


def _in_order(
    items: Sequence[ClassifyItem | ItemErrorOut],
    read: Iterator[Classification | Exception],
    wish: Wish,
    *,
    now: datetime,
) -> list[ClassifiedOut | ItemErrorOut]:
    answers: list[ClassifiedOut | ItemErrorOut] = []
    for item in items:
        if isinstance(item, ItemErrorOut):
            answers.append(item)
            continue
        classification = next(read)
        if isinstance(classification, Exception):
            failure = failure_of(classification)
            problem = ItemProblemOut(code=failure.code, detail=failure.detail, errors=())
            answers.append(ItemErrorOut(input_id=item.id, error=problem))
        else:
            answers.append(_classified(classification, wish, now=now, input_id=item.id))
    return answers


def _classified(
    classification: Classification, wish: Wish, *, now: datetime, input_id: str | None = None
) -> ClassifiedOut:
    shown = reading_of(classification, top_k=wish.top_k, explain=wish.options.explain, tasks=wish.options.tasks)
    return ClassifiedOut.model_validate(
        {**shown, "id": new_id("cls", now=now), "created": now, "input_id": input_id or None}
    )


@router.post("/tone")
def check_tone(asked: Annotated[ToneIn, Depends(JsonBody(ToneIn))], parts: PartsDep) -> ToneCheckOut:
    """Judge an outgoing text: send, warn or stop, with each finding's place and reason."""
    return ToneCheckOut.of(parts.journey.tone.check(asked.text, channel=asked.channel))
