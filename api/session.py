"""/v1/session: a person signs in for the JSON API with the same cookie the console uses."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Human, PersonDep, Throttle, check_same_site, clear_cookie, set_cookie
from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.reading import SMALL_MAX_BYTES, JsonBody
from api.schemas import SignInIn
from care.access import Person, Session
from care.people import digest, find_person, open_session
from wiring.passwords import may_enter
from wiring.shapes.people import SessionOut, SignedInOut

router = APIRouter(prefix="/v1/session", tags=["session"])


class Guard:
    """The throttles of one application: by account, and by address for those who try many accounts."""

    def __init__(self) -> None:
        self.accounts = Throttle(tries=5, window_s=900)
        self.addresses = Throttle(tries=20, window_s=900)


def let_in(request: Request, parts: Parts, email: str, password: str) -> tuple[str, Person, Session]:
    """Check the password and open a session. Raises Refusal: throttled or wrong, in the same words for both kinds."""
    guard: Guard = request.app.state.guard
    # Digests, so that a typed password in the e-mail field does not stay in memory.
    account = digest(email.strip().casefold())
    address = request.client.host if request.client else "?"
    wait_s = max(guard.accounts.wait_s(account), guard.addresses.wait_s(address))
    if wait_s > 0:
        raise Refusal("rate_limited", headers={"Retry-After": str(int(wait_s) + 1)})
    with parts.reading() as work:
        person = find_person(work, email)
    if may_enter(person, password) and person is not None:
        guard.accounts.forget(account)
        with parts.store() as work:
            token, session = open_session(work, person, now=parts.clock())
        return token, person, session
    guard.accounts.failed(account)
    guard.addresses.failed(address)
    raise Refusal("unauthenticated", detail="That e-mail address and password do not fit together.")


@router.post("")
def start_session(
    request: Request,
    response: Response,
    sent: Annotated[SignInIn, Depends(JsonBody(SignInIn, limit=SMALL_MAX_BYTES))],
    parts: PartsDep,
) -> SessionOut:
    """Sign in. The cookie comes back; put `csrf` into X-CSRF-Token on every request that changes something."""
    check_same_site(request, parts)
    token, person, session = let_in(request, parts, sent.email, sent.password)
    set_cookie(response, parts, token)
    return _session(Human(person, session))


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


def _session(human: Human) -> SessionOut:
    return SessionOut(csrf=human.session.csrf, person=SignedInOut.of(human.person))
