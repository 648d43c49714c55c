"""The page behind the signed link of a hand-over: a contact without a login sees one matter, takes it, answers it.

The token in the link is the right itself, so that no session and no form token are asked for.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.console import wording
from api.console.desk import names_of
from api.console.look import render
from api.depends import Parts, PartsDep
from api.reading import small_form
from care.errors import BadInput, Conflict, NotFound
from care.handing_over import LONGEST_ANSWER
from care.handover import HandOver, HandOverState
from care.message import between_us

LINK_LASTS = timedelta(days=14)

router = APIRouter(include_in_schema=False)

Fields = Annotated[dict[str, str], Depends(small_form)]
Token = Annotated[str, Query(max_length=128)]


@router.get("/handovers/{handover_id}")
def read_handover(handover_id: str, request: Request, parts: PartsDep, token: Token = "") -> HTMLResponse:
    """The matter that was handed over, while nobody has answered it."""
    handover = _opened(parts, handover_id, token)
    return _show(request, parts, handover, token=token, status=410 if _is_too_old(parts, handover) else 200)


@router.post("/handovers/{handover_id}")
def answer_handover(handover_id: str, request: Request, parts: PartsDep, fields: Fields) -> Response:
    """The contact says that they have it, or what the answer is; the answer becomes a note on the case."""
    token, text = fields.get("token", ""), fields.get("text", "")
    handover = _opened(parts, handover_id, token)
    if _is_too_old(parts, handover):
        return _show(request, parts, handover, token=token, text=text, status=410)
    desk = parts.journey.handing_over
    try:
        if fields.get("act") == "answer":
            desk.answer(handover.id, by=handover.contact, text=text)
        else:
            desk.take(handover.id, by=handover.contact)
    except Conflict:
        with parts.reading() as work:
            handover = work.handovers.get(handover_id)
        return _show(request, parts, handover, token=token, text=text, problem=_over(handover), status=409)
    except BadInput as error:
        return _show(request, parts, handover, token=token, problem=str(error), status=422)
    return RedirectResponse(f"/handovers/{handover.id}?token={token}", 303)


def _opened(parts: Parts, handover_id: str, token: str) -> HandOver:
    """Raises NotFound for a token that is not this matter's, as for a matter that is not there."""
    links = parts.journey.delivery.links
    if links is None or not links.is_good(handover_id, token):
        raise NotFound("hand-over", handover_id)
    with parts.reading() as work:
        return work.handovers.get(handover_id)


def _is_too_old(parts: Parts, handover: HandOver) -> bool:
    return parts.clock() > handover.opened_at + LINK_LASTS


def _over(handover: HandOver) -> str:
    if handover.state is HandOverState.ANSWERED:
        return "This was answered already; one answer is kept. Write to the team if there is more to say."
    return "The team took this matter back; nothing is asked of you any more."


def _show(
    request: Request,
    parts: Parts,
    handover: HandOver,
    *,
    token: str,
    text: str = "",
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    """What was said is shown only while an answer is awaited."""
    is_over = status == 410 or handover.state in (HandOverState.ANSWERED, HandOverState.CALLED_BACK)
    now = parts.clock()
    with parts.reading() as work:
        file = work.cases.file(handover.message_id)
        by = names_of(work).get(handover.opened_by, "tactful, by the rules of the playbook")
    zone = parts.playbook.policy.clock(file.case.channel).hours.zone
    return render(
        request,
        "handover.html",
        status=status,
        handover=handover,
        by=by,
        until=wording.hour(handover.until, now, zone),
        is_late=handover.until < now,
        is_too_old=status == 410,
        is_over=is_over,
        over=_over(handover) if is_over else "",
        turns=() if is_over else between_us(file.thread, file.message),
        channel=file.case.channel,
        token=token,
        text=text,
        problem=problem,
        longest=LONGEST_ANSWER,
    )
