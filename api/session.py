"""/v1/session: a person signs in for the JSON API with the same cookie the console uses."""

import math
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Human, PersonDep, check_same_site, clear_cookie, forget_pages, set_cookie
from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.guessing import Tries, know_device, place_of
from api.reading import SMALL_MAX_BYTES, JsonBody
from api.schemas import SignInIn
from care.access import Person, Session
from care.people import digest, find_person, open_session, use_sign_in_link
from wiring.passwords import may_enter
from wiring.shapes.people import SessionOut, SignedInOut

router = APIRouter(prefix="/v1/session", tags=["session"])


def let_in(request: Request, response: Response, email: str, password: str) -> tuple[Person, Session]:
    """Check the password and open a session, whose cookie goes on the response.

    Raises Refusal: delayed or wrong, in the same words whether there is such a person or not.
    """
    parts: Parts = request.app.state.parts
    tries: Tries = request.app.state.tries
    # A digest, so that a typed password in the e-mail field does not stay in memory.
    account = digest(email.strip().casefold())
    name = f"{account} {place_of(request, parts, account)}"
    wait_s = tries.begin(name)
    if wait_s > 0:
        raise Refusal("rate_limited", headers={"Retry-After": str(math.ceil(wait_s))})
    with parts.reading() as work:
        person = find_person(work, email)
    if not may_enter(person, password) or person is None:
        raise Refusal("unauthenticated", detail="That e-mail address and password do not fit together.")
    tries.forget(name)
    with parts.store() as work:
        token, session = open_session(work, person, now=parts.clock())
    set_cookie(response, parts, token)
    know_device(response, parts, account)
    return person, session


def let_in_once(response: Response, parts: Parts, token: str) -> bool:
    """Use a sign-in link and open a session, whose cookie goes on the response. False: it lets nobody in."""
    now = parts.clock()
    with parts.store() as work:
        person = use_sign_in_link(work, token, now=now)
        if person is None:
            return False
        cookie, _ = open_session(work, person, now=now)
    set_cookie(response, parts, cookie)
    return True


@router.post("")
def start_session(
    request: Request,
    response: Response,
    sent: Annotated[SignInIn, Depends(JsonBody(SignInIn, limit=SMALL_MAX_BYTES))],
    parts: PartsDep,
) -> SessionOut:
    """Sign in. The cookie comes back; put `csrf` into X-CSRF-Token on every request that changes something."""
    check_same_site(request, parts)
    return _session(Human(*let_in(request, response, sent.email, sent.password)))


@router.get("")
def read_session(human: PersonDep) -> SessionOut:
    """Who is signed in."""
    return _session(human)


@router.delete("", status_code=204)
def end_session(human: PersonDep, parts: PartsDep, response: Response) -> None:
    """Sign out."""
    with parts.store() as work:
        work.access.end_sessions(token_hash=human.session.token_hash)
    clear_cookie(response, parts)
    forget_pages(response)


def _session(human: Human) -> SessionOut:
    return SessionOut(csrf=human.session.csrf, person=SignedInOut.of(human.person))
