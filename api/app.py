"""The HTTP door: assembles the parts once, mounts the routes, and turns every error into words."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import (
    bulk,
    cases,
    classify,
    colleagues,
    crisis,
    customers,
    docs,
    drafts,
    drop_in,
    events,
    handovers,
    health,
    inbox,
    messages,
    notices,
    plan,
    playbook,
    quality,
    replies,
    report,
    session,
    staffing,
    suggestions,
    training,
    views,
    webhooks,
)
from api.access import SignInFirst, clear_cookie
from api.admission import Admission, Allowance, Rates
from api.broadcast import Broadcast
from api.console import (
    audit_page,
    board_page,
    bulk_actions,
    case_actions,
    crisis_page,
    files,
    handover_page,
    live,
    pages,
    people_pages,
    plan_page,
    play_changes_page,
    plays_page,
    presence,
    quality_page,
    quarantine_page,
    reply_actions,
    report_page,
    service_page,
    settings_page,
    sign_in,
    staffing_page,
    training_page,
    undoing,
    view_actions,
)
from api.console.assets import ADDRESS, STATIC
from api.console.look import error_page
from api.depends import Parts, assembled
from api.failures import REFUSALS, STATUSES, Refusal, failure_of, new_request_id, problem
from api.guessing import Tries
from api.idempotency import Idempotency
from api.keys import KnownKeys
from api.openapi import describe
from api.queries import known_names
from api.reading import utf8_query
from care.errors import TactfulError
from wiring.settings import Settings, load_settings
from wiring.traces import Traces, of_fastapi

log = structlog.get_logger(__name__)

MACHINES = ("/v1/", "/inbox/", "/health/", "/metrics", "/openapi.json", "/openai/", "/hf/", "/v2", "/static/")
"""Paths whose errors are problem+json; all others are read by people."""

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
"""On every answer that does not say otherwise itself."""

ONLY_HTTPS = (b"strict-transport-security", b"max-age=31536000")
"""On every answer where people reach us by https."""

FILE_HEADERS = (*HEADERS[:-1], (b"cache-control", b"public, max-age=3600"))
ASSET_HEADERS = (*HEADERS[:-1], (b"cache-control", b"public, max-age=31536000, immutable"))

CLIENT_WENT_AWAY = 499
"""How it is counted when nobody waits for the answer any more."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_KEY_IN_URL = re.compile(rb"(?i)tk_(?:live|test)_|(?:^|&)(?:api_key|apikey|access_token|key)=")


# Looked through from the top for each request: what is asked most comes first.
ROOMS: tuple[Any, ...] = (
    classify,
    drafts,
    drop_in,
    health,
    cases,
    messages,
    suggestions,
    replies,
    handovers,
    notices,
    customers,
    views,
    bulk,
    colleagues,
    playbook,
    events,
    webhooks,
    report,
    plan,
    quality,
    staffing,
    crisis,
    training,
    session,
    inbox,
    docs,
    pages,
    case_actions,
    reply_actions,
    presence,
    undoing,
    view_actions,
    bulk_actions,
    sign_in,
    files,
    people_pages,
    play_changes_page,
    plays_page,
    handover_page,
    report_page,
    plan_page,
    quality_page,
    staffing_page,
    board_page,
    crisis_page,
    training_page,
    audit_page,
    quarantine_page,
    service_page,
    settings_page,
    live,
)
PAGES = ROOMS[ROOMS.index(docs) :]
"""Those that people read."""


def machine_routes() -> list[APIRoute]:
    """Every route that the OpenAPI document tells of."""
    return [route for room in ROOMS if room not in PAGES for route in room.router.routes]


def addresses() -> set[tuple[str, str]]:
    """Every method and path this door answers, for tests that must miss none."""
    routes = [route for room in ROOMS for route in room.router.routes]
    return {(method, route.path) for route in routes for method in route.methods}


def create_app(
    settings: Settings | None = None, *, parts: Parts | None = None, traces: Traces | None = None
) -> FastAPI:
    """The application. With `parts` nothing is loaded from `settings`: that is how tests plug in doubles.

    traces: where spans of requests go; None: nowhere.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.parts = parts if parts is not None else assembled(settings or load_settings())
        app.state.rates = Rates(app.state.parts.requests_per_minute)
        app.state.live = Broadcast(app.state.parts)
        app.state.readiness = health.Readiness(app.state.parts)
        try:
            yield
        finally:
            await app.state.live.stop()
            app.state.readiness.stop()

    app = FastAPI(
        title="tactful",
        version=version("tactful"),
        description="Reads what customers write, drafts a tactful reply, and lets a person decide.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
        telemetry=of_fastapi(traces),  # type: ignore[arg-type]
    )
    app.state.tries = Tries()
    app.state.keys = KnownKeys()
    app.state.figures = health.Figures()
    for room in ROOMS:
        # A page takes any address: links to it carry what others put there.
        asked = [] if room in PAGES else [Depends(known_names)]
        app.include_router(room.router, dependencies=asked)
    app.mount(ADDRESS, StaticFiles(directory=STATIC), name="assets")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.openapi = lambda: describe(app, machine_routes())  # type: ignore[method-assign]
    app.add_middleware(Idempotency)
    app.add_middleware(Admission)
    app.add_middleware(RequestEnvelope)
    app.add_exception_handler(SignInFirst, _to_sign_in)
    for kind in (Refusal, TactfulError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer_error)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


class RequestEnvelope:
    """Gives every request an id, refuses what no route should see, and every answer its headers.

    Plain ASGI, so that a stream stays a stream.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        given = request.headers.get("x-request-id", "")
        request.state.id = given if _REQUEST_ID.match(given) else new_request_id()
        started, status = perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, request)
            await send(message)

        try:
            _check_address(request)
            await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            # Nobody is there to be answered, and nothing of ours failed.
            status = CLIENT_WENT_AWAY
        except Exception as error:
            if not isinstance(error, Refusal):
                # The class and the place are enough to find it; the words could quote a customer.
                log.error("request failed", error=type(error).__name__, request_id=request.state.id, at=_place(error))
            if status:
                raise
            response = await _answer_error(request, error)
            await response(scope, receive, send_with_headers)
        figures: health.Figures = request.app.state.figures
        route = getattr(scope.get("route"), "path", "none")
        figures.requests.labels(request.method if request.method in METHODS else "other", route, status).inc()
        figures.seconds.labels(route).observe(perf_counter() - started)


def _add_headers(message: Message, request: Request) -> None:
    given = {name for name, _ in message["headers"]}
    path = request.scope["path"]
    ours = HEADERS
    if path.startswith("/static/"):
        ours = ASSET_HEADERS if path.startswith(f"{ADDRESS}/") else FILE_HEADERS
    parts: Parts = request.app.state.parts
    message["headers"] = [
        *message["headers"],
        *((ONLY_HTTPS,) if parts.is_https else ()),
        *(header for header in ours if header[0] not in given),
        *_allowance_headers(request),
        (b"x-request-id", request.state.id.encode()),
    ]


def _allowance_headers(request: Request) -> list[tuple[bytes, bytes]]:
    allowance: Allowance | None = getattr(request.state, "allowance", None)
    headers = allowance.headers if allowance is not None else {}
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _check_address(request: Request) -> None:
    parts: Parts = request.app.state.parts
    if parts.hosts and (request.url.hostname or "") not in parts.hosts:
        raise Refusal("wrong_host")
    query = request.scope.get("query_string", b"")
    if _KEY_IN_URL.search(query):
        raise Refusal("key_in_url")
    utf8_query(query)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace is not None else "?"


async def _to_sign_in(request: Request, _: Exception) -> Response:
    parts: Parts = request.app.state.parts
    response: Response
    if request.headers.get("hx-request") == "true":
        # Back to the page itself, where what was typed still lies in the browser; never to the address of a form.
        page = urlsplit(request.headers.get("hx-current-url", ""))
        target = f"{page.path}?{page.query}" if page.query else page.path
        response = Response(status_code=401, headers={"HX-Redirect": _login(target)})
    else:
        path = request.url.path if request.method == "GET" else ""
        response = RedirectResponse(_login(path), status_code=303)
    clear_cookie(response, parts)
    return response


def _login(target: str) -> str:
    return f"/login?next={quote(target[:200], safe='/')}" if target not in ("", "/") else "/login"


def _route(request: Request) -> str:
    # The route's own path: what was sent in its place could be a card number.
    return str(getattr(request.scope.get("route"), "path", ""))


async def _answer_error(request: Request, error: Exception) -> Response:
    parts: Parts = request.app.state.parts
    headers: dict[str, str] = {}
    if isinstance(error, RequestValidationError):
        # Only addresses get here: bodies are read by our own reader.
        places = [
            {"pointer": "/" + "/".join(map(str, e["loc"])), "code": e["type"], "detail": e["msg"]}
            for e in error.errors()
        ]
        error = Refusal("validation_failed", problems=places, detail="Part of the address or a header is not valid.")
    elif isinstance(error, HTTPException):
        headers.update(error.headers or {})
        error = Refusal(STATUSES.get(error.status_code, "internal_error"))
    failure = failure_of(error)
    if isinstance(error, Refusal):
        headers.update(error.headers)
    if failure.status == HTTPStatus.SERVICE_UNAVAILABLE and failure.code != "overloaded":
        headers.setdefault("Retry-After", "5")
        # Whoever runs the service must be able to see what was away; words could quote a customer, names cannot.
        cause = type(error.__cause__ or error).__name__
        log.warning("answered unavailable", code=failure.code, error=cause, request_id=request.state.id)
    body = problem(failure, base_url=parts.public_url, path=_route(request), request_id=request.state.id, error=error)
    if request.url.path.startswith(MACHINES) or failure is REFUSALS["wrong_host"]:
        # Clients of the Open Inference Protocol look for this member.
        more = {"error": body.detail} if request.url.path.startswith("/v2") else {}
        return JSONResponse(body.as_json() | more, failure.status, headers, media_type="application/problem+json")
    return error_page(request, failure, detail=body.detail, headers=headers)
