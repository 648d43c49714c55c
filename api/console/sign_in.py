"""Signing in and out, and how the console looks in this browser."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access import Agent, check_same_site, clear_cookie, forget_pages, human_of
from api.console.form import check_form
from api.console.look import CHOICES, PREFERENCES, render
from api.depends import PartsDep
from api.failures import Refusal
from api.reading import form_body, small_form
from api.session import let_in, let_in_once
from care.people import is_sign_in_link

router = APIRouter(include_in_schema=False)

Fields = Annotated[dict[str, str], Depends(form_body)]


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


@router.get("/welcome")
def read_welcome(request: Request, parts: PartsDep, token: Annotated[str, Query(max_length=128)] = "") -> Response:
    """The page behind a sign-in link. Who only looks, as a preview of links does, uses up nothing."""
    with parts.reading() as work:
        is_good = is_sign_in_link(work, token, now=parts.clock())
    if not is_good and human_of(request, parts) is not None:
        return RedirectResponse("/", 303)
    return _welcome(request, token if is_good else "")


@router.post("/welcome")
def use_welcome(request: Request, parts: PartsDep, fields: Annotated[dict[str, str], Depends(small_form)]) -> Response:
    """Open a session for whom the link was made, once."""
    check_same_site(request, parts)
    redirect = RedirectResponse("/", 303)
    return redirect if let_in_once(redirect, parts, fields.get("token", "")) else _welcome(request, "")


def _welcome(request: Request, token: str) -> Response:
    return render(request, "welcome.html", status=200 if token else 410, token=token)


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
    forget_pages(redirect)
    return redirect


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
