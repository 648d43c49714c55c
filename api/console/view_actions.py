"""Saving the list on the page under a name, and forgetting it."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.console.desk import Refused, show_desk
from api.console.form import FormDep, to_list
from api.narrowing import filters_of
from care.errors import BadInput, Conflict
from care.ids import new_id
from care.saved_view import FOR_ALL, SavedView
from care.viewing import drop_view, save_view

router = APIRouter(include_in_schema=False)


@router.post("/views")
def save_list(form: FormDep) -> Response:
    """Keep the list that the page shows under a name."""
    desk, now = form.desk, form.parts.clock()
    filters = filters_of(desk.narrowed, desk.q)
    owner = FOR_ALL if form.text("for_all") else form.human.id
    wanted = SavedView(new_id("viw", now=now), form.text("name")[:200], desk.view, form.human.id, now, owner, filters)
    try:
        save_view(form.parts.store, form.parts.journey.redactor, wanted)
    except BadInput as error:
        said = Refused([str(error)], form.fields, status=422)
        return show_desk(form.request, form.parts, form.human, desk, refused=said)
    return to_list(form)


@router.post("/views/{view_id}/remove")
def remove_view(view_id: str, form: FormDep) -> Response:
    """Forget a saved view; the list itself stays on the page."""
    try:
        drop_view(form.parts.store, view_id, by=form.human.person)
    except Conflict as error:
        said = Refused([str(error)], form.fields, status=409)
        return show_desk(form.request, form.parts, form.human, form.desk, refused=said)
    return to_list(form)
