"""Rendering: one Jinja environment that escapes everything, and the headers every page carries."""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.access import Human
from api.console import wording
from api.console.assets import asset
from api.console.commands import commands_for, grouped
from api.console.mine_view import undoables
from api.depends import Parts
from api.failures import Failure
from care.crisis import Crisis
from care.errors import Problem
from care.surge import Surge

HERE = Path(__file__).parent
ENVIRONMENT = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters.update(
    words=wording.words,
    kind=wording.kind,
    channel=wording.channel,
    capital=wording.capital,
    attached=wording.attached,
    marked=wording.marked,
    kind_of_file=wording.kind_of_file,
    size=wording.size,
    grouped=grouped,
    iso=lambda at: at.astimezone(UTC).isoformat(),
)
ENVIRONMENT.globals["asset"] = asset
ENVIRONMENT.filters["clock"] = lambda at: at.astimezone(UTC).strftime("%d %b %H:%M UTC")

PREFERENCES = "tactful_look"
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("auto", "light", "dark"),
    "density": ("roomy", "dense"),
    "keys": ("on", "alt", "off"),
}


def preferences(request: Request) -> dict[str, str]:
    """How this browser wants to see the console; unknown values are the default."""
    chosen = dict(pair.partition(":")[::2] for pair in request.cookies.get(PREFERENCES, "").split("."))
    return {name: chosen[name] if chosen.get(name) in allowed else allowed[0] for name, allowed in CHOICES.items()}


def policy(nonce: str) -> str:
    """The Content-Security-Policy of a page: nothing but our own files, no inline anything, no other site."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types htmx"
    )


def render(
    request: Request, template: str, *, status: int = 200, human: Human | None = None, **values: Any
) -> HTMLResponse:
    """A page. `hx` goes onto every element that htmx drives: without the page's nonce htmx leaves it alone."""
    nonce = secrets.token_urlsafe(12)
    hx = Markup('hx-nonce="{}" hx-target="#shell" hx-select="#shell" hx-swap="outerHTML show:none"').format(nonce)
    parts: Parts = request.app.state.parts

    if human is not None:
        with parts.reading() as work:
            mine = undoables(work, me=human.id, now=parts.clock().timestamp())
            values = {"mine": mine, "latest": work.trail.last(), **values}
    page = ENVIRONMENT.get_template(template).render(
        nonce=nonce,
        hx=hx,
        me=human.person if human else None,
        commands=commands_for(human.person) if human else (),
        csrf=human.session.csrf if human else "",
        look=preferences(request),
        path=request.url.path,
        **_asked_of(parts),
        now=parts.clock(),
        request_key=lambda: secrets.token_urlsafe(12),
        **values,
    )
    headers = {"Content-Security-Policy": policy(nonce)}
    if is_swap(request, "#shell", "#case") and "x-quiet" not in request.headers:
        # After a form, fetch has followed our redirect: tell the address bar where it ended.
        query = f"?{request.url.query}" if request.url.query else ""
        headers["HX-Push-Url"] = request.url.path + query if request.method == "GET" else "false"
    return HTMLResponse(page, status, headers)


def _asked_of(parts: Parts) -> dict[str, Callable[..., Any]]:
    """What templates ask for where they show it."""

    def stuck() -> int:
        with parts.reading() as work:
            return work.lists.stuck()

    def surges() -> list[Surge]:
        with parts.reading() as work:
            return work.surges.open()

    @cache
    def crisis() -> Crisis | None:
        """Read once a page."""
        with parts.reading() as work:
            return work.crises.on()

    def drill_for(case_id: str) -> Crisis | None:
        """The drill that is on, where it is about a case."""
        on = crisis()
        if on is None or not on.is_drill:
            return None
        with parts.reading() as work:
            return on if work.crises.is_about(on.id, case_id) else None

    def book_problems() -> Sequence[Problem]:
        """What is wrong with the newest edit of the playbook."""
        problem = parts.playbook.problem
        return problem.problems if problem else ()

    return {
        "stuck": stuck,
        "surges": surges,
        "crisis": crisis,
        "drill_for": drill_for,
        "book_problems": book_problems,
    }


def is_swap(request: Request, *targets: str) -> bool:
    """Whether htmx asks, and the answer goes into one of these elements."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-target", "").endswith(targets)


def error_page(request: Request, failure: Failure, *, detail: str, headers: dict[str, str]) -> HTMLResponse:
    """An error for a person who was on a page."""
    response = render(
        request, "error.html", status=failure.status, failure=failure, detail=detail, request_id=request.state.id
    )
    response.headers.update(headers)
    return response
