"""Changing plays in the console: words proposed out of a reply, an edit of the file with a preview, and undo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Agent, Human, Lead
from api.console.form import Form, FormDep, LeadFormDep
from api.console.look import render
from api.depends import Parts, PartsDep
from care.errors import BadPlaybook, BadStep, Conflict, NotFound, Problem
from care.play_changes import ChangeState
from care.plays import PlayEntry, PlayPreview

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Edit:
    """What the page of an edit shows. digest: of the file that the text was begun from. takes: a proposal beside it.

    problems: why it is not written. theirs: the file as somebody else left it meanwhile.
    """

    text: str
    digest: str = ""
    takes: str = ""
    reason: str = ""
    problems: Sequence[Problem | str] = ()
    preview: PlayPreview | None = None
    theirs: str = ""


@router.get("/plays/{play_id}/propose")
def read_proposal(
    request: Request, human: Agent, parts: PartsDep, play_id: str, reply: Annotated[str, Query(max_length=64)] = ""
) -> HTMLResponse:
    """A form with the words of a reply in it, for whoever wrote something better than the play."""
    words = ""
    if reply:
        with parts.reading() as work:
            words = work.replies.get(reply).said.words
    return _show_proposal(request, human, parts, play_id, reply=reply, words=words)


@router.post("/plays/{play_id}/propose")
def propose_words(play_id: str, form: FormDep) -> Response:
    """Keep the words for those who edit plays."""
    words, reason, reply = form.text("words"), form.text("reason"), form.text("reply")[:64]
    case_id = None
    if reply:
        with form.parts.reading() as work:
            case_id = work.replies.get(reply).case_id
    try:
        form.parts.play_desk.propose(play_id, words, by=form.human.id, reason=reason, case_id=case_id)
    except BadStep as error:
        return _show_proposal(
            form.request, form.human, form.parts, play_id, reply=reply, words=words, reason=reason, problem=str(error)
        )
    return RedirectResponse(f"/plays/{play_id}#changes", 303)


@router.get("/plays/{play_id}/edit")
def read_edit(
    request: Request, human: Lead, parts: PartsDep, play_id: str, takes: Annotated[str, Query(max_length=64)] = ""
) -> HTMLResponse:
    """The file of a play, to be edited. takes: a proposal that stands beside it."""
    try:
        source = parts.play_desk.source(play_id)
    except BadPlaybook as error:
        # The file that stops the rest may well be this one: it is mended where it stands.
        return _show_edit(request, human, parts, play_id, Edit("", takes=takes, problems=error.problems))
    return _show_edit(request, human, parts, play_id, Edit(source.text, source.digest, takes))


@router.post("/plays/{play_id}/edit")
def edit_play(play_id: str, form: LeadFormDep) -> Response:
    """Show what an edit would give, or write it where it is sound."""
    desk, reason = form.parts.play_desk, form.text("reason")
    edit = Edit(form.text("text"), form.text("digest")[:64], form.text("takes")[:64], reason)
    try:
        if form.text("then") == "save":
            desk.change(play_id, edit.text, digest=edit.digest, by=form.human.id, reason=reason, takes=edit.takes)
            return RedirectResponse(f"/plays/{play_id}#changes", 303)
        preview = desk.preview(play_id, edit.text)
        edit = replace(edit, preview=preview, problems=preview.problems)
    except BadPlaybook as error:
        edit = replace(edit, problems=error.problems)
    except BadStep as error:
        edit = replace(edit, problems=[str(error)])
    except Conflict as error:
        now = desk.source(play_id)
        edit = replace(edit, problems=[str(error)], digest=now.digest, theirs=now.text)
    return _show_edit(form.request, form.human, form.parts, play_id, edit)


@router.post("/plays/changes/{change_id}/decline")
def decline_proposal(change_id: str, form: LeadFormDep) -> Response:
    """Not these words."""
    play_id = _play_of(form, change_id)
    form.parts.play_desk.decline(change_id, by=form.human.id)
    return RedirectResponse(f"/plays/{play_id}#changes", 303)


@router.post("/plays/changes/{change_id}/undo")
def undo_edit(change_id: str, form: LeadFormDep) -> Response:
    """Have a play as it was before an edit."""
    play_id = _play_of(form, change_id)
    form.parts.play_desk.undo(change_id, by=form.human.id)
    return RedirectResponse(f"/plays/{play_id}#changes", 303)


def _play_of(form: Form, change_id: str) -> str:
    with form.parts.reading() as work:
        return work.play_changes.get(change_id[:64]).play_id


def _entry(parts: Parts, play_id: str) -> PlayEntry:
    play = next((play for play in parts.playbook.plays if play.id == play_id), None)
    if play is None:
        raise NotFound("play", play_id[:64])
    return play


def _show_proposal(request: Request, human: Human, parts: Parts, play_id: str, **values: str) -> HTMLResponse:
    given = {"reply": "", "words": "", "reason": "", "problem": ""} | values
    status = 422 if given["problem"] else 200
    return render(request, "play_propose.html", status=status, human=human, play=_entry(parts, play_id), **given)


def _show_edit(request: Request, human: Human, parts: Parts, play_id: str, edit: Edit) -> HTMLResponse:
    play = _entry(parts, play_id)
    with parts.reading() as work:
        waiting = [change for change in work.play_changes.of_play(play_id) if change.state is ChangeState.PROPOSED]
    return render(
        request,
        "play_edit.html",
        status=422 if edit.problems else 200,
        human=human,
        play=play,
        edit=edit,
        proposal=next((change for change in waiting if change.id == edit.takes), None),
    )
