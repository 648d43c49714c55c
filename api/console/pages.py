"""The console's pages: sign in, the inbox with one open case, and what needs a look."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.access import Agent, Human, check_same_site, check_token, clear_cookie, human_of
from api.console import wording
from api.console.look import CHOICES, PREFERENCES, is_swap, render
from api.console.see import BOXES, CAN_RECONSIDER, CaseView, explain, known_of, see
from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.reading import form_body, small_form
from api.session import let_in
from care.case_file import CaseFile
from care.handing_over import reachable_names
from care.lists import View
from care.reply import Purpose, Reply, ReplyStage
from care.unit_of_work import Work

router = APIRouter(include_in_schema=False)

Fields = Annotated[dict[str, str], Depends(form_body)]
Search = Annotated[str | None, Query(max_length=200)]
Id = Annotated[str | None, Query(max_length=64)]
Cursor = Annotated[str | None, Query(max_length=512)]

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


def names_of(work: Work) -> Mapping[str, str]:
    """Person id -> name, for "approved by"."""
    return {person.id: person.name for person in work.access.people()}


def show_desk(
    request: Request,
    parts: Parts,
    human: Human,
    *,
    case_id: str | None,
    view: View = View.NOW_DUE,
    search: str | None = None,
    cursor: str | None = None,
    undo: str | None = None,
    restore: str | None = None,
    decided: str | None = None,
    draft: int = 0,
    text: str | None = None,
    none_of: str = "",
    problems: list[str] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """The inbox: the list of a view, and one case open beside it (on narrow screens: either).

    undo: a reply just approved, decided: a suggestion just rejected or dismissed; both can be taken back from here.
    text: what was written for the composer. typed: what was written into any other field, when it was refused.
    """
    now, typed = parts.clock(), typed or {}
    pointer = typed.get("pointer")
    is_pair = bool(typed.get("also")) if "mode" in typed else None
    with parts.reading() as work:
        latest = work.trail.last()
        page = work.lists.page(view, agent=human.id, search=search or None, limit=40, cursor=cursor)
        counts = work.lists.counts(agent=human.id)
        figures = work.lists.figures()
        names = names_of(work)
        taken_back, pointed = _taken_back(work, restore)
        opened: CaseFile | None = None
        if case_id is not None:
            opened = work.cases.latest(case_id)
        elif page.cases:
            opened = work.cases.file(page.cases[0].message.id)
        undoing = work.replies.get(undo) if undo else None
        undoing_to = work.messages.get(undoing.message_id).author if undoing else None
        sent = undoing if undoing is not None and undoing.stage is not ReplyStage.WITHDRAWN else None
        dropped = work.suggestions.get(decided) if decided else None
        if dropped is not None and dropped.state not in CAN_RECONSIDER:
            dropped = None
        dropped_of = work.messages.get(dropped.message_id).author if dropped else None
        known = known_of(work, opened, names, now=now) if opened else None
    if (
        taken_back is not None
        and opened is not None
        and taken_back.case_id == opened.case.id
        and taken_back.stage is ReplyStage.WITHDRAWN
    ):
        text = taken_back.words if text is None else text
        pointer = pointed.words if pointed else pointer
        is_pair = pointed is not None
        plays = [one.play for one in opened.suggestion.drafts] if opened and opened.suggestion else []
        draft = plays.index(taken_back.play) if taken_back.play in plays else draft
    if undoing is not None and (undoing.stage is not ReplyStage.PENDING or undoing.not_before <= now):
        undoing = None
    rows = [see(case, parts, me=human.id, names=names, now=now) for case in page.cases]
    case = (
        see(
            opened,
            parts,
            me=human.id,
            names=names,
            now=now,
            chosen=draft,
            text=text,
            why=explain(opened, parts),
            known=known,
            none_of=none_of,
            pointer=pointer,
            is_pair=is_pair,
            signs_as=human.person.signs_as,
        )
        if opened
        else None
    )
    return render(
        request,
        "desk.html",
        status=status,
        human=human,
        views=[(one, VIEWS[one][0], counts.get(one, 0)) for one in View],
        view=view,
        empty=_empty(view, search),
        search=search or "",
        rows=rows,
        next_cursor=page.next_cursor,
        opened=case,
        below=_below(rows, case),
        kept="" if case is None or case.composer in BOXES else text or "",
        sent=sent,
        dropped=dropped,
        dropped_of=(dropped_of.name or dropped_of.handle) if dropped_of else "",
        is_case_page=case_id is not None,
        problems=problems or [],
        typed=typed,
        is_given=bool(problems and text),
        undoing=undoing,
        undoing_to=(undoing_to.name or undoing_to.handle) if undoing_to else "",
        undo_s=max(0, int((undoing.not_before - now).total_seconds())) if undoing else 0,
        n_stuck=stuck(figures),
        latest=latest,
        **_offered(parts, draft),
    )


def _taken_back(work: Work, restore: str | None) -> tuple[Reply | None, Reply | None]:
    """The reply whose text is wanted again, and its pointer where that was taken back with it."""
    if not restore:
        return None, None
    reply = work.replies.get(restore)
    other = work.replies.other_half(reply)
    answer, pointer = (other, reply) if reply.purpose is Purpose.POINTER else (reply, other)
    return answer, pointer if pointer is not None and pointer.stage is ReplyStage.WITHDRAWN else None


def _offered(parts: Parts, draft: int) -> dict[str, Any]:
    """What the open case offers to choose from."""
    return {
        "chosen": draft,
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


def _empty(view: View, search: str | None) -> str:
    if not search:
        return VIEWS[view][1]
    where = "message" if view is View.ALL else f"message in {VIEWS[view][0]}"
    return f"No {where} has these words. The search looks at masked texts and names."


def stuck(figures: Mapping[str, Mapping[str, int]]) -> int:
    """How many replies a person has to look at."""
    replies = figures.get("replies", {})
    return (
        replies.get("failed", 0)
        + replies.get("unknown", 0)
        + replies.get("held", 0)
        + figures.get("tasks", {}).get("parked", 0)
    )


@router.get("/")
def read_inbox(
    request: Request,
    human: Agent,
    parts: PartsDep,
    view: View = View.NOW_DUE,
    q: Search = None,
    cursor: Cursor = None,
    undo: Id = None,
    decided: Id = None,
) -> HTMLResponse:
    """The inbox, with the first message of the view open."""
    return show_desk(
        request, parts, human, case_id=None, view=view, search=q, cursor=cursor, undo=undo, decided=decided
    )


@router.get("/cases/{case_id}")
def read_case(
    case_id: str,
    request: Request,
    human: Agent,
    parts: PartsDep,
    view: View = View.NOW_DUE,
    q: Search = None,
    cursor: Cursor = None,
    draft: Annotated[int, Query(ge=0, le=2)] = 0,
    undo: Id = None,
    restore: Id = None,
    decided: Id = None,
) -> HTMLResponse:
    """One message with everything that belongs to it. restore: a reply just taken back, whose text is wanted again."""
    if is_swap(request, "#case"):
        return show_case(request, parts, human, case_id=case_id, view=view, draft=draft)
    return show_desk(
        request,
        parts,
        human,
        case_id=case_id,
        view=view,
        search=q,
        cursor=cursor,
        draft=draft,
        undo=undo,
        restore=restore,
        decided=decided,
    )


def show_case(request: Request, parts: Parts, human: Human, *, case_id: str, view: View, draft: int) -> HTMLResponse:
    """The open case alone, for a page that has its list already."""
    now = parts.clock()
    with parts.reading() as work:
        names = names_of(work)
        case = work.cases.latest(case_id)
        known = known_of(work, case, names, now=now)
    why = explain(case, parts)
    opened = see(
        case,
        parts,
        me=human.id,
        names=names,
        now=now,
        chosen=draft,
        why=why,
        known=known,
        signs_as=human.person.signs_as,
    )
    return render(
        request,
        "case_only.html",
        human=human,
        opened=opened,
        view=view,
        below="",
        kept="",
        problems=[],
        typed={},
        is_given=False,
        **_offered(parts, draft),
    )


@router.get("/cases/{case_id}/mark")
def read_mark(case_id: str, human: Agent, parts: PartsDep) -> dict[str, str]:
    """What an open page compares with its own mark, to know whether it still shows what is."""
    with parts.reading() as work:
        case = work.cases.latest(case_id)
    return {"mark": see(case, parts, me=human.id, names={}, now=parts.clock()).mark}


@router.get("/needs-a-look")
def read_stuck(request: Request, human: Agent, parts: PartsDep) -> HTMLResponse:
    """Replies that did not go out, or of which nobody knows, and messages that could not be prepared."""
    now = parts.clock()
    with parts.reading() as work:
        names = names_of(work)
        cases, cursor = [], None
        # The desk has no view of its own for these; ten pages are 2,000 messages back.
        for _ in range(10):
            page = work.lists.page(View.ALL, limit=200, cursor=cursor)
            cases += [case for case in page.cases if _is_stuck(case)]
            cursor = page.next_cursor
            if cursor is None:
                break
        n_stuck = stuck(work.lists.figures())
    rows = [see(case, parts, me=human.id, names=names, now=now) for case in cases]
    return render(request, "stuck.html", human=human, rows=rows, stages=wording.STAGES, n_stuck=n_stuck)


def _is_stuck(case: CaseFile) -> bool:
    stuck_at = (ReplyStage.FAILED, ReplyStage.UNKNOWN, ReplyStage.HELD)
    return case.work == "parked" or any(reply.stage in stuck_at for reply in case.handled.replies)


@router.get("/login")
def read_login(request: Request, parts: PartsDep, next: Annotated[str, Query(max_length=200)] = "/") -> Response:
    """The sign-in form."""
    if human_of(request, parts) is not None:
        return RedirectResponse(_inside(next), 303)
    return render(request, "login.html", next=_inside(next), problem="", email="")


@router.post("/login")
def sign_in(request: Request, parts: PartsDep, fields: Annotated[dict[str, str], Depends(small_form)]) -> Response:
    """Open a session, always a new one, so that nobody can plant one beforehand."""
    check_same_site(request, parts)
    email, target = fields.get("email", ""), _inside(fields.get("next", "/"))
    redirect = RedirectResponse(target, 303)
    try:
        let_in(request, redirect, email, fields.get("password", ""))
    except Refusal as refusal:
        problem = refusal.detail or f"Too many tries. Wait {refusal.headers['Retry-After']} s, then try again."
        status = 429 if refusal.code == "rate_limited" else 401
        response = render(request, "login.html", status=status, next=target, problem=problem, email=email[:320])
        response.headers.update(refusal.headers)
        return response
    return redirect


def _inside(path: str) -> str:
    """A path of ours, whatever was asked for: no other site, no other scheme."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if is_ours and "\\" not in path else "/"


@router.post("/logout")
def sign_out(request: Request, human: Agent, parts: PartsDep, fields: Fields) -> Response:
    """End this session."""
    check_form(request, parts, human, fields)
    with parts.store() as work:
        work.access.end_sessions(token_hash=human.session.token_hash)
    redirect = RedirectResponse("/login", 303)
    clear_cookie(redirect, parts)
    return redirect


def check_form(request: Request, parts: Parts, human: Human, fields: Mapping[str, str]) -> None:
    """Every form of ours carries the session's token and comes from our own page. Raises Refusal."""
    check_same_site(request, parts)
    check_token(request, human, fields.get("csrf", ""))


@router.post("/look")
def choose_look(request: Request, human: Agent, parts: PartsDep, fields: Fields) -> Response:
    """Light or dark, roomy or dense, single keys on or off: kept in this browser only."""
    check_form(request, parts, human, fields)
    chosen = [f"{name}:{fields[name]}" for name, allowed in CHOICES.items() if fields.get(name) in allowed]
    redirect = RedirectResponse("/settings", 303)
    redirect.set_cookie(
        PREFERENCES, ".".join(chosen), max_age=400 * 86400, httponly=True, samesite="lax", secure=parts.is_https
    )
    return redirect
