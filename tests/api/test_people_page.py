"""People, sessions, keys and values as pages of their own: who sees them, and that their matrix of roles is true."""

import re

import pytest
from fastapi.testclient import TestClient

from api.console.roles import ADMINS, EVERYBODY, LEADS, MATRIX
from care.access import Role
from tests.api.conftest import House, sign_in

pytestmark = pytest.mark.issue(16)

TRIED = {
    "Read cases, answer, decide, hand over, snooze": ["/", "/needs-a-look"],
    "Reports, plays, views of their own and for all": ["/report", "/plays", "/v1/views"],
    "The written plan": ["/plan", "/plan.md", "/v1/plan"],
    "See what is said in a crisis": ["/crisis", "/v1/crisis"],
    "Staffing, the live board, the quality review": ["/staffing", "/v1/staffing", "/board", "/quality", "/v1/quality"],
    "People, their sessions, keys": ["/people", "/keys"],
    "Train, promote and roll back bundles, settle suspects": ["/training"],
    "Audit trail, service, values of the settings": ["/audit", "/service", "/settings/values"],
}
"""By line of the matrix, pages that only those may read who have it."""


@pytest.mark.parametrize("role", list(Role))
def test_the_matrix_of_roles_is_what_the_service_does(anyone: TestClient, house: House, role: Role) -> None:
    sign_in(anyone, role)

    for what, may in MATRIX:
        for path in TRIED.get(what, ()):
            assert (anyone.get(path).status_code == 200) == (role in may), (what, path)
    assert {what for what, _ in MATRIX} - set(TRIED) == {
        "Remove a view for all that a colleague made",
        "Declare a crisis or a drill, end it",
        "Let a new colleague's reply go out, unless their own are read first",
        "Edit a play, undo an edit, decline what is proposed",
    }
    assert set(ADMINS) < set(LEADS) < set(EVERYBODY) == set(Role)


def test_a_session_is_listed_and_ended_by_its_own_person_and_by_an_administrator(
    anyone: TestClient, house: House
) -> None:
    here, there, other, admin = anyone, *(TestClient(anyone.app, follow_redirects=False) for _ in range(3))
    csrf, _, _ = sign_in(here), sign_in(there), sign_in(other, "supervisor")
    admin_csrf = sign_in(admin, "admin")

    own = re.findall(r'action="(/settings/sessions/\w+/end)"', here.get("/settings").text)
    assert len(own) == 1
    assert "this browser" in here.get("/settings").text
    assert here.post(own[0], data={"csrf": csrf}).status_code == 303
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 303)

    ends = r'action="/settings/people/sessions/(\w+)/end"[^>]*><[^>]+><button[^>]*of Some supervisor'
    [theirs] = re.findall(ends, admin.get("/people").text)
    assert here.post(f"/settings/sessions/{theirs}/end", data={"csrf": csrf}).status_code == 404
    assert here.post(f"/settings/people/sessions/{theirs}/end", data={"csrf": csrf}).status_code == 403
    admin.post(f"/settings/people/sessions/{theirs}/end", data={"csrf": admin_csrf})
    assert other.get("/").status_code == 303
    with house.store() as work:
        assert [event.event for event in work.trail.events(after=0)].count("person.signed_out") == 2


def test_no_page_of_sessions_holds_what_lets_somebody_in(anyone: TestClient, house: House) -> None:
    sign_in(anyone, "admin")
    with house.store() as work:
        hashes = [session.token_hash for session in work.access.sessions(after=house.clock())]
    token = next(iter(anyone.cookies.values()))

    for path in ("/people", "/settings"):
        page = anyone.get(path).text
        assert all(secret not in page for secret in (*hashes, token))


def test_a_test_key_is_made_and_said_to_be_one(anyone: TestClient, house: House) -> None:
    csrf = sign_in(anyone, "admin")

    made = anyone.post("/settings/keys", data={"csrf": csrf, "name": "bridge", "scope.read": "on", "is_test": "on"})

    assert re.search(r"tk_test_\w{38}", made.text)
    assert '<span class="chip">test</span>' in anyone.get("/keys").text
    assert "needs at least one scope" in anyone.post("/settings/keys", data={"csrf": csrf, "name": "none"}).text
