"""POST /v1/classify and /v1/tone: what a text is about, and whether a text may go out. Nothing is kept."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.access import needs
from api.depends import PartsDep
from api.failures import Refusal
from api.reading import json_body
from api.schemas import ClassifyIn, ClassifyItem, ToneIn, a_list, moment, tone_as_json
from care.access import Scope
from care.ids import new_id
from care.wire import classification_as_json

router = APIRouter(prefix="/v1", tags=["classify"], dependencies=[Depends(needs(Scope.CLASSIFY))])


@router.post("/classify")
def classify(asked: Annotated[ClassifyIn, Depends(json_body(ClassifyIn))], parts: PartsDep) -> dict[str, Any]:
    """Read one text or a batch of at most 256; offsets are code points of the text as sent."""
    if (asked.text is None) == (asked.inputs is None):
        raise Refusal("validation_failed", detail="Send either text or inputs.")

    inputs = asked.inputs or [ClassifyItem(text=asked.text or "")]
    now = parts.clock()
    precision = asked.options.precision
    unknown = [task for task in precision if task not in parts.labels] if isinstance(precision, dict) else []
    if unknown:
        known = ", ".join(parts.labels)
        raise Refusal("validation_failed", detail=f"options.precision names a task we do not have; we have {known}.")
    texts = [item.text for item in inputs]
    read = parts.read_texts(texts, tasks=asked.tasks, explain=asked.options.explain, precision=precision)
    answers = [
        {
            "id": new_id("cls", now=now),
            "created": moment(now),
            **({"input_id": item.id} if item.id else {}),
            **classification_as_json(one, top_k=asked.options.top_k, explain=asked.options.explain, tasks=asked.tasks),
        }
        for item, one in zip(inputs, read, strict=True)
    ]
    return answers[0] if asked.text is not None else a_list(answers)


@router.post("/tone")
def check_tone(asked: Annotated[ToneIn, Depends(json_body(ToneIn))], parts: PartsDep) -> dict[str, Any]:
    """Judge an outgoing text: send, warn or stop, with each finding's place and reason."""
    return {"object": "tone", **tone_as_json(parts.journey.tone.check(asked.text, channel=asked.channel))}
