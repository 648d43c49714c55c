"""The views that people saved, as the head of the list shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.console.viewer import Viewer
from api.narrowing import address_of
from api.views import COUNTED_TO, n_in
from care.saved_view import FOR_ALL, SavedView
from care.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class SavedViewLine:
    """One saved view. where: its address behind `?view=`. n: its cases, in words. is_here: the page shows it."""

    view: SavedView
    where: str
    n: str
    is_here: bool


def saved_views(work: Work, viewer: Viewer, where: str) -> Sequence[SavedViewLine]:
    """One's own first, then those for all. where: the list on the page."""
    views = sorted(work.views.of(viewer.id, FOR_ALL), key=lambda view: view.is_for_all)
    return [_line(work, viewer, view, where) for view in views]


def _line(work: Work, viewer: Viewer, view: SavedView, where: str) -> SavedViewLine:
    n, address = n_in(work, view, me=viewer.id), address_of(view)
    return SavedViewLine(view, address, f"{n - 1}+" if n == COUNTED_TO else str(n), address == where)
