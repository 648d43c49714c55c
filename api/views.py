"""/v1/views: lists of the inbox that people saved under a name, with how many cases stand in each."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import Caller, Human, Needs, PersonDep
from api.depends import PartsDep
from api.narrowing import filters_of, narrowing_of
from api.reading import JsonBody
from api.schemas import ViewIn
from care.access import Scope
from care.ids import new_id
from care.saved_view import FOR_ALL, SavedView
from care.unit_of_work import Work
from care.viewing import drop_view, save_view
from wiring.shapes.people import SavedViewListOut, SavedViewOut

router = APIRouter(prefix="/v1/views", tags=["cases"])

COUNTED_TO = 100
"""A view that holds more is full: counting on would cost more than it tells."""


@router.get("")
def list_views(parts: PartsDep, caller: Annotated[Caller, Depends(Needs(Scope.READ))]) -> SavedViewListOut:
    """Your own and those for all, each with its cases counted up to 100. A key sees those for all."""
    me = caller.id if isinstance(caller, Human) else None
    with parts.reading() as work:
        views = work.views.of(FOR_ALL, *([me] if me else []))
        return SavedViewListOut.of_all(SavedViewOut.of(view, n=n_in(work, view, me=me)) for view in views)


@router.post("", status_code=201)
def add_view(person: PersonDep, sent: Annotated[ViewIn, Depends(JsonBody(ViewIn))], parts: PartsDep) -> SavedViewOut:
    """Save a list under a name; one of yours with the same name is replaced."""
    filters = filters_of(sent.filters, sent.filters.search)
    owner = FOR_ALL if sent.for_all else person.id
    wanted = SavedView(new_id("viw", now=parts.clock()), sent.name, sent.view, person.id, parts.clock(), owner, filters)
    view = save_view(parts.store, parts.journey.redactor, wanted)
    with parts.reading() as work:
        return SavedViewOut.of(view, n=n_in(work, view, me=person.id))


@router.delete("/{view_id}", status_code=204)
def remove_view(view_id: str, person: PersonDep, parts: PartsDep) -> None:
    """Forget a view of yours, or one for all that you made; supervisors forget any that is for all."""
    drop_view(parts.store, view_id, by=person.person)


def n_in(work: Work, view: SavedView, *, me: str | None) -> int:
    """How many cases stand in a view, counted no further than COUNTED_TO."""
    return work.lists.count(view.view, agent=me, only=narrowing_of(view, me=me), at_most=COUNTED_TO)
