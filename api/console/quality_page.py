"""The quality review in the console: what is left to read, one reply with its form, and what was found."""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Human, Lead
from api.console.desk import names_of
from api.console.form import LeadFormDep
from api.console.look import render
from api.depends import Parts, PartsDep
from care.errors import BadStep, Conflict
from care.note import LONGEST_NOTE
from care.quality import Answer
from care.quality_desk import QualityDesk, may_read
from care.quality_results import WEEKS, quality_standing
from care.reporting import say_share

router = APIRouter(include_in_schema=False)

DOUBTS = {
    "unhappy": "the customer was not content",
    "reopened": "opened again since",
    "corrected": "somebody put another label to the message",
    "held": "it was held back first",
    "": "by chance",
}
ANSWERS = ((Answer.YES, "Yes"), (Answer.NO, "No"), (Answer.NOT_HERE, "Does not fit here"))
MOST = 100


@router.get("/quality")
def read_quality(request: Request, human: Lead, parts: PartsDep) -> HTMLResponse:
    """What is left to read, and what twelve weeks of it found."""
    standing = quality_standing(parts.store, parts.playbook, by=human.id, now=parts.clock())
    with parts.reading() as work:
        names = names_of(work)
        rows = [(pick, work.replies.get(pick.reply_id)) for pick in standing.to_read[:MOST]]
    return render(
        request,
        "quality.html",
        human=human,
        standing=standing,
        rows=rows,
        names=names,
        doubts=DOUBTS,
        n_weeks=WEEKS,
        say_share=say_share,
    )


@router.get("/quality/{reply_id}")
def read_one(reply_id: str, request: Request, human: Lead, parts: PartsDep) -> HTMLResponse:
    """One reply with what it answers, and the form; nothing of what somebody else said of it."""
    return _show(request, human, parts, reply_id)


@router.post("/quality/{reply_id}")
def keep_review(reply_id: str, form: LeadFormDep) -> Response:
    """Keep what was said; on to the next one."""
    parts, said = form.parts, form.fields
    answers = {name.removeprefix("q."): Answer(value) for name, value in said.items() if _is_answer(name, value)}
    try:
        desk = QualityDesk(parts.journey.answering)
        desk.read(reply_id, by=form.human.id, answers=answers, note=form.text("note"))
    except (BadStep, Conflict) as error:
        return _show(form.request, form.human, parts, reply_id, problem=str(error), given=said)
    standing = quality_standing(parts.store, parts.playbook, by=form.human.id, now=parts.clock())
    following = f"/quality/{standing.to_read[0].reply_id}" if standing.to_read else "/quality"
    return RedirectResponse(following, 303)


def _is_answer(name: str, value: str) -> bool:
    return name.startswith("q.") and value in set(Answer)


def _show(
    request: Request,
    human: Human,
    parts: Parts,
    reply_id: str,
    *,
    problem: str = "",
    given: Mapping[str, str] = MappingProxyType({}),
) -> HTMLResponse:
    with parts.reading() as work:
        pick, reply, names = work.quality.pick(reply_id), work.replies.get(reply_id), names_of(work)
        message = work.messages.get(reply.message_id)
        thread = work.cases.file(reply.message_id).thread
        is_open = may_read(pick, work.quality.of_reply(reply_id), human.id)
    return render(
        request,
        "quality_reply.html",
        status=422 if problem else 200,
        human=human,
        pick=pick,
        reply=reply,
        message=message,
        before=[turn for turn in thread if turn.at < message.origin.written_at and turn.id != message.id][-6:],
        names=names,
        is_open=is_open,
        questions=parts.playbook.policy.teams.quality.questions,
        answers=ANSWERS,
        doubts=DOUBTS,
        longest=LONGEST_NOTE,
        problem=problem,
        given=given,
    )
