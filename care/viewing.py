"""Saving a list of the inbox under a name, and forgetting it again."""

from dataclasses import replace

from care.access import Person, Role
from care.errors import BadStep, Conflict, NotFound
from care.masking import mask
from care.ports import Redactor
from care.saved_view import AT_MOST, LONGEST_NAME, SavedView
from care.unit_of_work import Store


def save_view(store: Store, redactor: Redactor, wanted: SavedView) -> SavedView:
    """Keep a view; one of the same name and owner is replaced by it.

    Raises BadStep for an unusable name, for sensitive data in the name or in a filter, and for one view too many.
    """
    name = " ".join(wanted.name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadStep(f"A view's name has 1 to {LONGEST_NAME} printable characters.")
    words = (name, *wanted.filters.values())
    if any(mask(text, redactor=redactor, is_public=False).handling.leaves_the_open for text in words):
        raise BadStep("Neither the name nor the search of a view may hold sensitive data: it is kept for long.")
    view = replace(wanted, name=name)
    with store() as work:
        others = [known for known in work.views.of(view.owner) if known.name.casefold() != name.casefold()]
        if len(others) >= AT_MOST:
            raise BadStep(f"There are {AT_MOST} views already. Remove one first.")
        for known in work.views.of(view.owner):
            if known not in others:
                work.views.drop(known.id)
        work.views.add(view)
        work.note("view.saved", view.id, by=view.made_by, facts={"is_for_all": view.is_for_all})
    return view


def drop_view(store: Store, view_id: str, *, by: Person) -> None:
    """Forget a view: one's own, or one for all that one made oneself; leads may forget any that is for all.

    Raises NotFound, also for the view of somebody else, and Conflict.
    """
    with store() as work:
        view = work.views.get(view_id)
        if view.owner not in ("", by.id):
            raise NotFound("view", view_id)
        if view.made_by != by.id and by.role is Role.AGENT:
            raise Conflict("This view is for all, and a colleague made it: they or a supervisor can remove it.")
        work.views.drop(view_id)
        work.note("view.removed", view_id, by=by.id)
