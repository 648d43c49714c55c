"""Classify in the shapes of Hugging Face, of the Open Inference Protocol and of OpenAI's moderations. Nothing is kept.

A client of one of them changes its address and its key. Members that it sends and that mean nothing here are not
refused, unlike everywhere else: the shapes are not ours. Errors are problem+json, under /v2 with `error` beside.
"""

from importlib.metadata import version
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access import Needs
from api.batching import ReadOptions
from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.health import Readiness, takes_messages
from api.magic import all_as_told, is_test
from api.reading import JsonBody
from api.schemas import Text
from care.access import Scope
from care.classification import Classification
from care.ids import new_id
from wiring.shapes.drop_in import (
    InferenceOut,
    LabelOut,
    LabelsOut,
    ModelMetadataOut,
    ModelReadyOut,
    ModerationOut,
    ModerationsOut,
    ServerLiveOut,
    ServerMetadataOut,
    ServerReadyOut,
)

router = APIRouter(tags=["drop-in"])
MAY_READ = [Depends(Needs(Scope.CLASSIFY))]
Texts = Annotated[list[Text], Field(min_length=1, max_length=256)]


class Foreign(BaseModel):
    """A shape of somebody else's: what it has beside our names is left alone."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class LabelOptions(Foreign):
    top_k: int | None = Field(default=None, ge=1, le=1_000)
    function_to_apply: Literal["sigmoid", "softmax", "none"] | None = None


class LabelIn(Foreign):
    inputs: Text | Texts
    parameters: LabelOptions | None = None


class TensorIn(Foreign):
    name: str
    shape: list[int]
    datatype: Literal["BYTES"]
    data: Texts


class InferenceIn(Foreign):
    id: Annotated[str, Field(max_length=256)] | None = None
    inputs: Annotated[list[TensorIn], Field(min_length=1, max_length=1)]


class TextPart(Foreign):
    type: Literal["text"]
    text: Text


class ModerationsIn(Foreign):
    input: Text | Texts | Annotated[list[TextPart], Field(min_length=1, max_length=256)]


async def _read(
    texts: list[str], request: Request, parts: Parts, *, tasks: list[str] | None = None
) -> list[Classification]:
    read = await parts.reader.read(texts, ReadOptions(tasks))
    return all_as_told(texts, read, is_test=is_test(request))


def known_task(task: str, parts: PartsDep) -> str:
    """A task that we have. Raises Refusal."""
    if task not in parts.labels:
        raise Refusal("not_found", detail=f"There is no such task here; we have {', '.join(parts.labels)}.")
    return task


Task = Annotated[str, Depends(known_task)]


@router.post("/hf/models/{task}", dependencies=MAY_READ)
async def classify_as_hugging_face(
    task: Task, request: Request, asked: Annotated[LabelIn, Depends(JsonBody(LabelIn))], parts: PartsDep
) -> LabelsOut:
    """A list for each text, the likeliest label first, also where one text was sent alone: as its clients read it.

    Scores are calibrated already, so `function_to_apply` changes nothing. A row sums to at most 1.
    """
    texts = [asked.inputs] if isinstance(asked.inputs, str) else asked.inputs
    top_k = asked.parameters.top_k if asked.parameters else None
    read = await _read(texts, request, parts, tasks=[task])
    judged = [classification.tasks[task] for classification in read]
    return LabelsOut(tuple(tuple(map(LabelOut.of, one.candidates[:top_k])) for one in judged))


@router.get("/v2")
def tell_server() -> ServerMetadataOut:
    """What serves here."""
    return ServerMetadataOut(version=version("tactful"))


@router.get("/v2/health/live")
def is_server_live() -> ServerLiveOut:
    """This process answers."""
    return ServerLiveOut(live=True)


@router.get("/v2/health/ready", responses={503: {"model": ServerReadyOut, "description": "Not ready."}})
async def is_server_ready(request: Request, response: Response) -> ServerReadyOut:
    """Whether texts are read; the same look as /health/ready."""
    readiness: Readiness = request.app.state.readiness
    is_ready = takes_messages(await readiness.checks())
    response.status_code = 200 if is_ready else 503
    return ServerReadyOut(ready=is_ready)


@router.get("/v2/models/{task}", dependencies=MAY_READ)
async def tell_model(task: Task, parts: PartsDep) -> ModelMetadataOut:
    """One task as a model: its labels, and the bundle that judges it."""
    return ModelMetadataOut.of_task(task, parts.labels[task], bundle=await _bundle(task, parts))


@router.get("/v2/models/{task}/ready", dependencies=MAY_READ)
def is_model_ready(task: Task) -> ModelReadyOut:
    """A task that is here can be asked."""
    return ModelReadyOut(name=task, ready=True)


@router.post("/v2/models/{task}/infer", dependencies=MAY_READ)
async def infer(
    task: Task, request: Request, asked: Annotated[InferenceIn, Depends(JsonBody(InferenceIn))], parts: PartsDep
) -> InferenceOut:
    """Label, score and all probabilities of each text of one tensor of BYTES."""
    [tensor] = asked.inputs
    if tensor.shape not in ([len(tensor.data)], [len(tensor.data), 1]):
        raise Refusal("validation_failed", detail="The shape of the input is not that of its data: [n] or [n, 1].")
    read = await _read(tensor.data, request, parts, tasks=[task])
    judged = [classification.tasks[task] for classification in read]
    bundle = read[0].bundles.get(task, read[0].bundle)
    named = asked.id or new_id("cls", now=parts.clock())
    return InferenceOut.of_task(task, parts.labels[task], judged, id=named, bundle=bundle)


@router.post("/openai/v1/moderations", dependencies=MAY_READ)
async def moderate(
    request: Request, asked: Annotated[ModerationsIn, Depends(JsonBody(ModerationsIn))], parts: PartsDep
) -> ModerationsOut:
    """What cannot wait and what is sensitive in each text. A list of parts is one text."""
    given = asked.input
    texts = [given] if isinstance(given, str) else [part for part in given if isinstance(part, str)]
    if not texts:
        texts = ["\n".join(part.text for part in given if isinstance(part, TextPart))]
    read = await _read(texts, request, parts)
    results = tuple(ModerationOut.of(classification) for classification in read)
    return ModerationsOut(id=new_id("modr", now=parts.clock()), model=read[0].bundle, results=results)


async def _bundle(task: str, parts: Parts) -> str:
    """The bundle that judges a task now. It is told with every reading and nowhere else."""
    [read] = await parts.reader.read(["?"], ReadOptions([task]))
    return read.bundles.get(task, read.bundle)
