"""POST /v1/classify and /v1/tone: what a text is about, and whether a text may go out. Nothing is kept."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool

from api.access import needs
from api.batching import ReadOptions
from api.depends import PartsDep
from api.failures import Refusal
from api.reading import json_body
from api.schemas import ClassifyIn, ToneIn, a_list, moment, tone_as_json
from care.access import Scope
from care.classification import Classification
from care.ids import new_id
from care.subject import whole
from care.wire import classification_as_json

router = APIRouter(prefix="/v1", tags=["classify"], dependencies=[Depends(needs(Scope.CLASSIFY))])


@router.post("/classify")
async def classify(asked: Annotated[ClassifyIn, Depends(json_body(ClassifyIn))], parts: PartsDep) -> dict[str, Any]:
    """Read one text or a batch of at most 256; offsets are code points of the text as sent.

    A subject that says something of its own is read, and counted, as a first line of the text.
    """
    if (asked.text is None) == (asked.inputs is None):
        raise Refusal("validation_failed", detail="Send either text or inputs.")

    now = parts.clock()
    precision = asked.options.precision
    known = ", ".join(parts.labels)
    unknown = [task for task in precision if task not in parts.labels] if isinstance(precision, dict) else []
    if unknown:
        raise Refusal("validation_failed", detail=f"options.precision names a task we do not have; we have {known}.")
    unknown = [task for task in asked.tasks or () if parts.labels and task not in parts.labels]
    if unknown:
        raise Refusal("validation_failed", detail=f"tasks names one that we do not have; we have {known}.")
    said = [(item.text, item.subject) for item in asked.inputs or ()] or [(asked.text or "", asked.subject)]
    texts = [whole(text, subject) for text, subject in said]
    read = await parts.reader.read(texts, ReadOptions(asked.tasks, asked.options.explain, precision))
    if asked.text is not None:
        return _as_json(asked, read, now=now)[0]
    # A batch takes milliseconds to write down: not on the event loop, where all others would wait.
    return a_list(await run_in_threadpool(_as_json, asked, read, now=now))


def _as_json(asked: ClassifyIn, read: list[Classification], *, now: datetime) -> list[dict[str, Any]]:
    ids = [item.id for item in asked.inputs] if asked.inputs else [None]
    options = asked.options
    return [
        {
            "id": new_id("cls", now=now),
            "created": moment(now),
            **({"input_id": input_id} if input_id else {}),
            **classification_as_json(one, top_k=options.top_k, explain=options.explain, tasks=asked.tasks),
        }
        for input_id, one in zip(ids, read, strict=True)
    ]


@router.post("/tone")
def check_tone(asked: Annotated[ToneIn, Depends(json_body(ToneIn))], parts: PartsDep) -> dict[str, Any]:
    """Judge an outgoing text: send, warn or stop, with each finding's place and reason."""
    return {"object": "tone", **tone_as_json(parts.journey.tone.check(asked.text, channel=asked.channel))}
