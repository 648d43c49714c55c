"""Who may come in: people with a session cookie, services with a key; and what each may do.

A route names what it needs (`Needs(Scope.READ)`, `Agent`, `Admin`); the routes in OPEN ask for nothing, and a test
compares that list with the routes that exist.
"""

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.keys import KnownKeys
from care.access import Person, Role, Scope, ServiceKey, Session
from care.people import living_session

OPEN = frozenset(
    {
        "/health/live", "/health/ready", "/v2", "/v2/health/live", "/v2/health/ready",
        "/problems/{code}", "/docs", "/openapi.json", "/login", "/v1/session",
        # A link that lets in once: looking at it opens nothing, only its form does.
        "/welcome",
        # Signed by the network, checked on the raw bytes before anything is parsed.
        "/inbox/{channel}", "/inbox/{channel}/receipts",
        # The signed link of one hand-over: its token is checked before anything is looked up.
        "/handovers/{handover_id}",
    }
)  # fmt: skip
"""Routes that answer without a session or a key."""

NO_KEY = "No key came with this request. Send it as `Authorization: Bearer tk_live_...`, or sign in."
NO_BEARER = "Send the key as a Bearer token: `Authorization: Bearer tk_live_...`."
UNKNOWN_KEY = (
    "This key is unknown, revoked or past its end. "
    "An administrator makes keys in the console, or with `tactful keys create`."
)
NO_TOKEN = "The session's token is missing or another one's. Reload the page; a program sends `csrf` as X-CSRF-Token."
LEADS_ONLY = "Only a supervisor or an administrator may read that."
SESSION_OVER = "Your session has ended. Sign in again."

TOUCH_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Human:
    """A signed-in person: the only caller that can decide about a reply."""

    person: Person
    session: Session

    @property
    def id(self) -> str:
        return self.person.id


Caller = Human | ServiceKey


def leading(human: Human) -> Human:
    """The same person, where they are a supervisor or an administrator. Raises Refusal."""
    if human.person.role is Role.AGENT:
        raise Refusal("forbidden_scope", detail=LEADS_ONLY)
    return human


def administering(human: Human) -> Human:
    """The same person, where they are an administrator. Raises Refusal."""
    if human.person.role is not Role.ADMIN:
        raise Refusal("forbidden_scope", detail="Only an administrator may do that.")
    return human


# cookies -------------------------------------------------------------------------------------------------------


def cookie_name(parts: Parts) -> str:
    """`__Host-` binds the cookie to this host and to https; plain http on loopback cannot have it."""
    return "__Host-tactful" if parts.is_https else "tactful_session"


def set_cookie(response: Response, parts: Parts, token: str) -> None:
    response.set_cookie(
        cookie_name(parts), token, max_age=12 * 3600, path="/", httponly=True, samesite="lax", secure=parts.is_https
    )


def clear_cookie(response: Response, parts: Parts) -> None:
    response.delete_cookie(cookie_name(parts), path="/", httponly=True, samesite="lax", secure=parts.is_https)


def forget_pages(response: Response) -> None:
    """Have a browser that somebody signs out of keep nothing of what it was shown."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


# who is asking -------------------------------------------------------------------------------------------------


def human_of(request: Request, parts: Parts) -> Human | None:
    """The person behind the session cookie, if any."""
    token = request.cookies.get(cookie_name(parts), "")
    if not token:
        return None
    now = parts.clock()
    with parts.reading() as work:
        living = living_session(work, token, now=now)
    if living is not None and now - living[1].seen_at >= TOUCH_AFTER:
        with parts.store() as work:
            work.access.touch_session(living[1].token_hash, seen_at=now)
    return Human(*living) if living else None


def is_signed_in(request: Request, parts: Parts) -> bool:
    """Whether the cookie is still good. An open page is no activity: the session is not kept awake by it."""
    with parts.reading() as work:
        return living_session(work, request.cookies.get(cookie_name(parts), ""), now=parts.clock()) is not None


async def key_of(request: Request, parts: Parts, secret: str) -> ServiceKey | None:
    """The living key with this secret, if any."""
    keys: KnownKeys = request.app.state.keys
    return keys.recall(secret) or await run_in_threadpool(keys.look_up, secret, parts)


async def caller_of(request: Request) -> Caller:
    """Who is asking. A Bearer key wins over a cookie; a wrong key is not rescued by a cookie. Raises Refusal.

    A coroutine that fetches a thread only where the store must be asked: not for a key it knew a moment ago.
    """
    parts: Parts = request.app.state.parts
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        key = await key_of(request, parts, secret.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            said = UNKNOWN_KEY if scheme.lower() == "bearer" else NO_BEARER
            raise Refusal("unauthenticated", detail=said, headers={"WWW-Authenticate": "Bearer"})
        request.state.caller = key
        request.state.allowance = request.app.state.rates.spend(key.id)
        return key
    human = await run_in_threadpool(human_of, request, parts)
    if human is None:
        said = SESSION_OVER if cookie_name(parts) in request.cookies else NO_KEY
        raise Refusal("unauthenticated", detail=said, headers={"WWW-Authenticate": "Bearer"})
    if request.method not in ("GET", "HEAD"):
        check_same_site(request, parts)
        check_token(request, human, request.headers.get("x-csrf-token", ""))
    return human


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency: a service key with this scope, or any signed-in person."""

    scope: Scope

    async def __call__(self, request: Request) -> Caller:
        caller = await caller_of(request)
        if isinstance(caller, ServiceKey) and self.scope not in caller.scopes:
            detail = f"This call needs the scope {self.scope}. Your key does not have it."
            raise Refusal("forbidden_scope", detail=detail)
        return caller


class Manages(Needs):
    """A dependency: a service key with this scope, or a signed-in administrator."""

    async def __call__(self, request: Request) -> Caller:
        caller = await Needs.__call__(self, request)
        if isinstance(caller, Human) and caller.person.role is not Role.ADMIN:
            raise Refusal("forbidden_scope", detail="Only an administrator may do that.")
        return caller


class Leads(Needs):
    """A dependency: a service key with this scope, or a signed-in supervisor or administrator."""

    async def __call__(self, request: Request) -> Caller:
        caller = await Needs.__call__(self, request)
        return leading(caller) if isinstance(caller, Human) else caller


async def is_still_in(request: Request, parts: Parts) -> bool:
    """Whether the key or session of a stream is still good. An open stream is no activity."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return await key_of(request, parts, secret.strip()) is not None
    return await run_in_threadpool(is_signed_in, request, parts)


async def a_person(request: Request) -> Human:
    """A signed-in person. Refuses every service key, whatever its scopes: a reply takes a human yes."""
    caller = await caller_of(request)
    if isinstance(caller, ServiceKey):
        raise Refusal("needs_person")
    return caller


PersonDep = Annotated[Human, Depends(a_person)]


async def a_leading_person(human: PersonDep) -> Human:
    return leading(human)


LeadPersonDep = Annotated[Human, Depends(a_leading_person)]
"""A signed-in supervisor or administrator: no key, and no agent."""


async def an_admin_person(human: PersonDep) -> Human:
    return administering(human)


AdminPersonDep = Annotated[Human, Depends(an_admin_person)]
"""A signed-in administrator: no key."""


# the console's pages -------------------------------------------------------------------------------------------


class SignInFirst(Exception):
    """A page was asked for without a session."""


def page_reader(request: Request, parts: PartsDep) -> Human:
    """The person a page is for. Raises SignInFirst."""
    human = human_of(request, parts)
    if human is None:
        raise SignInFirst
    return human


Agent = Annotated[Human, Depends(page_reader)]


async def an_admin(human: Agent) -> Human:
    return administering(human)


Admin = Annotated[Human, Depends(an_admin)]


async def a_lead(human: Agent) -> Human:
    return leading(human)


Lead = Annotated[Human, Depends(a_lead)]


# forged requests -----------------------------------------------------------------------------------------------


def check_same_site(request: Request, parts: Parts) -> None:
    """Refuse a state change that a browser says began on another site. Raises Refusal."""
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None and fetch_site != "same-origin":
        raise Refusal("bad_origin")
    origin = request.headers.get("origin")
    if origin is not None:
        here = {_origin(parts.public_url), f"{request.url.scheme}://{request.headers.get('host', '')}".lower()}
        if origin.lower() not in here:
            raise Refusal("bad_origin")


def _origin(url: str) -> str:
    at = urlsplit(url)
    return f"{at.scheme}://{at.netloc}".lower()


def check_token(request: Request, human: Human, token: str) -> None:
    """Refuse a state change without the session's own token.

    A program may leave Origin out, but then the token must be in a header, which no other site's form can set.
    """
    if not hmac.compare_digest(token.encode(), human.session.csrf.encode()):
        raise Refusal("bad_origin", detail=NO_TOKEN)
    if (
        "sec-fetch-site" not in request.headers
        and "origin" not in request.headers
        and not request.headers.get("x-csrf-token")
    ):
        raise Refusal("bad_origin", detail=NO_TOKEN)


def is_loopback(request: Request) -> bool:
    """Whether the request came from this machine itself and through no proxy."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
