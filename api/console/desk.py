"""The desk: the list of a view, and one case open beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.access import Human
from api.console import wording
from api.console.bulk_view import Options, bulk_choices
from api.console.case_view import CaseView, case_view
from api.console.composer_view import BOXES, NOTHING_WRITTEN, Typed, Written, composer_of
from api.console.customer_view import customer_view
from api.console.decision_view import explain
from api.console.look import render
from api.console.narrowing_view import NarrowingView, narrowing_view
from api.console.presence_view import colleagues_of
from api.console.saved_views_view import SavedViewLine, saved_views
from api.console.viewer import Viewer
from api.depends import Parts
from api.narrowing import NarrowQuery, address
from care.case_file import CaseFile
from care.handing_over import reachable_names
from care.lists import Page, View
from care.reply import Purpose, Reply, ReplyStage
from care.taking_back import rejected_drafts
from care.unit_of_work import Work
from care.unsent import OWN, place_of

VIEWS: dict[View, tuple[str, str]] = {
    View.NOW_DUE: ("Now due", "Nobody waits for a decision. New messages appear here by themselves."),
    View.OFFLINE: (
        "Offline",
        "Nothing sensitive is open. Messages with card numbers, passwords and the like come here.",
    ),
    View.WAITING: ("Waiting", "Nothing is being prepared or on its way out, and no customer owes us a word."),
    View.MINE: ("Mine", "Nothing is assigned to you. Press A on a message to take it."),
    View.ALL: ("All", "No message has come in yet. Connect a channel, or post one to /v1/messages."),
}


@dataclass(frozen=True, slots=True)
class DeskQuery:
    """What the address asks for. narrowed: what the list is narrowed to.

    draft: the one that is wanted in the composer; words: the place of unsent words that are. restore: a reply that was
    taken back, whose text is wanted again.
    """

    view: View = View.NOW_DUE
    q: str | None = None
    cursor: str | None = None
    draft: int | None = None
    words: str | None = None
    restore: str | None = None
    narrowed: NarrowQuery = field(default_factory=lambda: NarrowQuery())

    @property
    def where(self) -> str:
        """The list, as it stands in an address behind `?view=`."""
        return address(self.view, self.q or "", self.narrowed)


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not taken: what is in the way, and everything that was typed into it."""

    problems: Sequence[str] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    status: int = 200

    def over(self, typed: Typed) -> Typed:
        """The composer with what was in the form, where one was refused."""
        if "mode" not in self.fields:
            return typed
        return replace(
            typed,
            text=self.text,
            pointer=self.fields.get("pointer"),
            is_pair=bool(self.fields.get("also")),
            none_of=self.fields.get("quoted", "") if self.fields.get("no_promise") else "",
            place=self.fields.get("place") or typed.place,
        )


NOT_REFUSED = Refused()


@dataclass(frozen=True, slots=True)
class Desk:
    """What one look at the desk read from the store."""

    page: Page
    counts: Mapping[View, int]
    opened: CaseFile | None
    written: Written
    narrowing: NarrowingView
    saved: Sequence[SavedViewLine]
    bulk: Mapping[str, Options]


def show_desk(
    request: Request,
    parts: Parts,
    human: Human,
    query: DeskQuery,
    *,
    case_id: str | None = None,
    refused: Refused = NOT_REFUSED,
) -> HTMLResponse:
    """The inbox: the list of a view, and one case open beside it (on narrow screens: either)."""
    with parts.reading() as work:
        viewer = viewer_of(work, parts, human)
        desk = _read(work, parts, viewer, query, case_id=case_id, refused=refused)
        customer = customer_view(work, desk.opened, viewer) if desk.opened else None
    rows = [case_view(case, parts, viewer) for case in desk.page.cases]
    case = None
    if desk.opened:
        why = explain(desk.opened, parts)
        case = case_view(desk.opened, parts, viewer, written=desk.written, why=why, customer=customer)
    return render(
        request,
        "desk.html",
        status=refused.status,
        human=human,
        views=[(view, VIEWS[view][0], desk.counts.get(view, 0)) for view in View],
        view=query.view,
        where=query.where,
        narrowing=desk.narrowing,
        saved=desk.saved,
        bulk=desk.bulk,
        empty=_empty(query),
        search=query.q or "",
        rows=rows,
        next_cursor=desk.page.next_cursor,
        is_case_page=case_id is not None,
        **_shown(parts, case, desk.written.typed, below=_below(rows, case), refused=refused),
    )


def show_case(request: Request, parts: Parts, human: Human, query: DeskQuery, *, case_id: str) -> HTMLResponse:
    """The open case alone, for a page that has its list already."""
    with parts.reading() as work:
        viewer = viewer_of(work, parts, human)
        case = work.cases.latest(case_id)
        customer = customer_view(work, case, viewer)
        written = written_by(work, viewer, query, case)
    why = explain(case, parts)
    opened = case_view(case, parts, viewer, written=written, why=why, customer=customer)
    shown = _shown(parts, opened, written.typed, below="", refused=NOT_REFUSED)
    return render(request, "case_only.html", human=human, view=query.view, where=query.where, **shown)


def viewer_of(work: Work, parts: Parts, human: Human) -> Viewer:
    people = work.access.people()
    names = {person.id: person.name for person in people}
    others = [(person.id, person.name) for person in people if person.is_active and person.id != human.id]
    is_checked, signs_as = human.person.is_checked, human.person.signs_as
    return Viewer(human.id, names, parts.clock(), signs_as, colleagues_of(work), others, is_checked)


def names_of(work: Work) -> Mapping[str, str]:
    """Person id -> name, for "approved by"."""
    return {person.id: person.name for person in work.access.people()}


def _read(work: Work, parts: Parts, viewer: Viewer, query: DeskQuery, *, case_id: str | None, refused: Refused) -> Desk:
    only = query.narrowed.narrowing(search=query.q, me=viewer.id)
    page = work.lists.page(query.view, agent=viewer.id, only=only, limit=40, cursor=query.cursor)
    opened: CaseFile | None = None
    if case_id is not None:
        opened = work.cases.latest(case_id)
    elif page.cases:
        opened = work.cases.file(page.cases[0].message.id)
    return Desk(
        page=page,
        counts=work.lists.counts(agent=viewer.id),
        opened=opened,
        written=written_by(work, viewer, query, opened, refused),
        narrowing=narrowing_view(work, parts, viewer, query.view, query.q or "", query.narrowed),
        saved=saved_views(work, viewer, query.where),
        bulk=bulk_choices(parts, viewer),
    )


def written_by(
    work: Work, viewer: Viewer, query: DeskQuery, opened: CaseFile | None, refused: Refused = NOT_REFUSED
) -> Written:
    """What stands in the composer: what was asked for, else what this person wrote last, else the first draft."""
    if opened is None:
        return NOTHING_WRITTEN
    unsent = work.unsent.of(viewer.id, opened.case.id)
    suggestion = opened.suggestion
    rejected = rejected_drafts(work, opened.case.id, suggestion.id) if suggestion else frozenset()
    is_open = composer_of(opened) == "approve" and suggestion is not None
    places = [place_of(suggestion.id, n) for n in range(len(suggestion.drafts))] if suggestion and is_open else []
    draft = query.draft if query.draft is not None else next((n for n in range(3) if n not in rejected), 0)
    wanted = query.words or (places[draft] if query.draft is not None and draft < len(places) else None)
    kept = (
        {kept_draft.place: kept_draft for kept_draft in unsent}.get(wanted) if wanted else unsent[0] if unsent else None
    )
    if kept is None:
        typed = Typed(draft, place=wanted or (places[draft] if draft < len(places) else OWN))
    else:
        draft = places.index(kept.place) if kept.place in places else draft
        typed = Typed(draft, kept.text, pointer=kept.pointer or None, is_pair=kept.is_pair, place=kept.place)
    return Written(refused.over(_restored(work, opened, query.restore, typed)), unsent, rejected)


def _restored(work: Work, opened: CaseFile, restore: str | None, typed: Typed) -> Typed:
    """The composer with the words of a reply that was taken back, where they are wanted again."""
    reply, pointer = _taken_back(work, restore)
    if reply is None or reply.case_id != opened.case.id or reply.sending.stage is not ReplyStage.WITHDRAWN:
        return typed
    plays = [draft.play for draft in opened.suggestion.drafts] if opened.suggestion else []
    return replace(
        typed,
        draft=plays.index(reply.said.play) if reply.said.play in plays else typed.draft,
        text=reply.said.words,
        pointer=pointer.said.words if pointer else typed.pointer,
        is_pair=pointer is not None,
    )


def _taken_back(work: Work, restore: str | None) -> tuple[Reply | None, Reply | None]:
    """The reply whose text is wanted again, and its pointer where that was taken back with it."""
    if not restore:
        return None, None
    reply = work.replies.get(restore)
    other = work.replies.other_half(reply)
    answer, pointer = (other, reply) if reply.purpose is Purpose.POINTER else (reply, other)
    return answer, pointer if pointer is not None and pointer.sending.stage is ReplyStage.WITHDRAWN else None


def _shown(parts: Parts, case: CaseView | None, typed: Typed, *, below: str, refused: Refused) -> dict[str, Any]:
    """The open case, and what it offers to choose from."""
    return {
        "opened": case,
        "below": below,
        "kept": "" if case is None or case.composer.kind in BOXES else typed.text or "",
        "problems": refused.problems,
        "typed": refused.fields,
        "chosen": typed.draft,
        "reasons": wording.REASONS,
        "stages": wording.STAGES,
        "question": parts.playbook.question,
        "actions": list(wording.ACTIONS.items()),
        "teams": tuple(parts.playbook.teams),
        "reachable": sorted(reachable_names(parts.playbook.policy)),
    }


def _below(rows: Sequence[CaseView], opened: CaseView | None) -> str:
    """The case under the open one in this list; empty at its end."""
    ids = [row.id for row in rows]
    at = ids.index(opened.id) + 1 if opened is not None and opened.id in ids else len(ids)
    return ids[at] if at < len(ids) else ""


def _empty(query: DeskQuery) -> str:
    where = "case" if query.view is View.ALL else f"case in {VIEWS[query.view][0]}"
    if query.q:
        return f"No {where} has all these words. The search looks at what both sides said, at names and notes."
    return f"No {where} fits what you narrowed the list to." if query.narrowed.chosen else VIEWS[query.view][1]
