"""Who may come in, at every address there is."""

import asyncio
from html import unescape

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from api.access import OPEN, is_still_in
from api.app import MACHINES, addresses, create_app
from care.access import Scope
from care.people import digest
from care.service_keys import is_key_shaped, new_key
from tests.api.conftest import PASSWORD, House, sign_in

ROUTES = sorted(addresses())
PEOPLE_ONLY = [(method, path) for method, path in ROUTES if path.startswith("/v1/") and method != "GET"]
DROP_IN = ("/v2", "/hf/", "/openai/")
WITH_KEY = {
    ("POST", "/v1/classify"): Scope.CLASSIFY,
    ("POST", "/v1/classify/stream"): Scope.CLASSIFY,
    ("POST", "/v1/tone"): Scope.CLASSIFY,
    ("POST", "/v1/drafts"): Scope.CLASSIFY,
    ("POST", "/v1/messages"): Scope.WRITE,
    **{(method, path): Scope.CLASSIFY for method, path in ROUTES if path.startswith(DROP_IN)},
    **{(method, path): Scope.WEBHOOKS for method, path in ROUTES if path.startswith("/v1/webhooks")},
}
STREAM = "/v1/events/stream"
ADMINISTRATORS_READ = "/v1/training/jobs"
"""What only a person reads, and only an administrator."""
ADMIN = [path for _, path in ROUTES if path.startswith(("/settings/people", "/settings/keys"))]


def filled(path: str) -> str:
    return path.replace("{channel}", "x").replace("{code}", "not-found").replace("{", "").replace("}", "")


def test_there_are_routes_to_test() -> None:
    assert len(ROUTES) > 40
    assert {path for _, path in ROUTES} | {"/openapi.json"} >= OPEN


# One application for a whole row of the matrix: making one takes longer than asking it.


def test_every_route_that_is_not_open_turns_a_stranger_away(anyone: TestClient) -> None:
    for method, path in ROUTES:
        if path in OPEN:
            continue
        response = anyone.request(method, filled(path), headers={"Origin": "http://testserver"})
        if path.startswith(MACHINES):
            assert response.status_code == 401, (method, path)
            assert response.json()["code"] == "unauthenticated", (method, path)
        else:
            assert response.status_code == 303, (method, path)
            assert response.headers["location"].startswith("/login"), (method, path)


def test_no_key_whatever_its_scopes_may_decide(anyone: TestClient, house: House) -> None:
    headers = {"Authorization": f"Bearer {house.keys['all']}", "If-Match": '"1"'}

    for method, path in PEOPLE_ONLY:
        if (method, path) in WITH_KEY or path in OPEN:
            continue
        response = anyone.request(method, filled(path), headers=headers, json={"text": "x", "reason": "other"})
        assert response.status_code == 403, (method, path)
        assert response.json()["code"] == "needs_person", (method, path)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_may_do_what_its_scope_says_and_no_more(anyone: TestClient, house: House, scope: Scope) -> None:
    headers = {"Authorization": f"Bearer {house.keys[scope]}"}

    for method, path in ROUTES:
        if not path.startswith(("/v1/", *DROP_IN)) or path in OPEN:
            continue
        is_read = method == "GET" and not path.startswith(ADMINISTRATORS_READ)
        needed = WITH_KEY.get((method, path), Scope.READ if is_read else None)
        if path == STREAM and needed is scope:
            # It would go on for ever; tests/api/test_events.py listens to it.
            continue
        response = anyone.request(method, filled(path), headers=headers)
        assert (response.status_code == 403) == (needed is not scope), (method, path)


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_only_an_administrator_changes_people_and_keys(anyone: TestClient, role: str) -> None:
    csrf = sign_in(anyone, role)

    refused = [anyone.post(filled(path), data={"csrf": csrf}) for path in ADMIN]

    assert {response.status_code for response in refused} == {403}
    assert all("Only an administrator may do that." in response.text for response in refused)


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_only_an_administrator_manages_endpoints(anyone: TestClient, role: str) -> None:
    headers = {"X-CSRF-Token": sign_in(anyone, role)}
    webhooks = [(method, path) for method, path in ROUTES if path.startswith("/v1/webhooks")]

    statuses = {anyone.request(method, filled(path), headers=headers).status_code for method, path in webhooks}

    assert (403 in statuses) == (role != "admin")
    assert role == "admin" or statuses == {403}


@pytest.mark.parametrize("key", ["", "tk_live_" + "a" * 38, "nonsense", "tk_live_é" + "a" * 37])
def test_a_wrong_key_is_turned_away_even_beside_a_good_cookie(agent: TestClient, key: str) -> None:
    response = agent.get("/v1/messages", headers={"Authorization": f"Bearer {key}".encode()})

    assert response.status_code == 401


def test_a_revoked_key_is_turned_away(anyone: TestClient, house: House) -> None:
    key = house.keys[Scope.READ]
    with house.store() as work:
        kept_key = work.access.key(digest(key))
        assert kept_key is not None
        work.access.revoke_key(kept_key.id, at=house.clock())

    assert anyone.get("/v1/messages", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_who_is_turned_away_is_told_why(agent: TestClient, house: House) -> None:
    agent.cookies.clear()

    def said(**headers: str) -> str:
        return str(agent.post("/v1/messages", json={}, headers=headers).json()["detail"])

    assert said().startswith("No key came with this request.")
    assert said(Authorization="Basic YTpi").startswith("Send the key as a Bearer token")
    assert said(Authorization="Bearer tk_live_nobody").startswith("This key is unknown, revoked or past its end.")
    assert "the scope write" in said(Authorization=f"Bearer {house.keys['classify']}")
    assert said(Cookie="tactful_session=long-gone").startswith("Your session has ended.")


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer tk_live_nobody"}])
def test_who_is_turned_away_is_told_how_to_sign_in_as_http_has_it(anyone: TestClient, sent: dict[str, str]) -> None:
    assert anyone.get("/v1/messages", headers=sent).headers["www-authenticate"] == "Bearer"


def test_several_spaces_before_a_key_are_one(anyone: TestClient, house: House) -> None:
    for spaces in (" ", "   "):
        headers = {"Authorization": f"Bearer{spaces}{house.keys[Scope.READ]}"}
        assert anyone.get("/v1/messages", headers=headers).status_code == 200


def test_a_program_that_forgets_the_sessions_token_is_told_so(anyone: TestClient) -> None:
    sign_in(anyone)

    answer = anyone.post("/v1/cases/any/reopen")

    assert (answer.status_code, answer.json()["code"]) == (403, "bad_origin")
    assert "X-CSRF-Token" in answer.json()["detail"]


def test_a_key_in_the_address_is_refused(anyone: TestClient, house: House) -> None:
    response = anyone.get(f"/v1/messages?api_key={house.keys['all']}")

    assert response.status_code == 400
    assert response.json()["code"] == "key_in_url"
    assert house.keys["all"] not in response.text


def test_keys_carry_a_checksum_and_are_kept_only_as_a_digest(house: House) -> None:
    key = new_key()

    assert key.startswith("tk_live_")
    assert is_key_shaped(key)
    assert not is_key_shaped(key[:-1] + ("a" if key[-1] != "a" else "b"))
    with house.store() as work:
        assert all(house.keys["all"] not in repr(kept_key) for kept_key in work.access.keys())


def test_a_session_ends_when_nobody_uses_it_and_after_twelve_hours(agent: TestClient, house: House) -> None:
    house.clock.move(29 * 60)
    assert agent.get("/v1/session").status_code == 200
    house.clock.move(31 * 60)
    assert agent.get("/v1/session").status_code == 401

    sign_in(agent)
    for _ in range(25):
        house.clock.move(29 * 60)
        status = agent.get("/v1/session").status_code
    assert status == 401


def test_use_is_noted_once_a_minute(agent: TestClient, house: House) -> None:
    token, signed_in_at = agent.cookies["tactful_session"], house.clock()

    def seen_after_s(seconds: float) -> float:
        house.clock.move(seconds)
        assert agent.get("/v1/session").status_code == 200
        with house.store() as work:
            session = work.access.session(digest(token))
        assert session is not None
        return (session.seen_at - signed_in_at).total_seconds()

    assert [seen_after_s(59), seen_after_s(1), seen_after_s(59), seen_after_s(1)] == [0, 60, 60, 120]


def is_in(client: TestClient, house: House, **headers: str) -> bool:
    """Whether a stream that was opened with these headers stays open."""
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return asyncio.run(is_still_in(Request({"type": "http", "app": client.app, "headers": sent}), house.parts))


def test_a_stream_stays_open_for_a_good_key_or_session_and_for_nobody_else(agent: TestClient, house: House) -> None:
    cookie = f"tactful_session={agent.cookies['tactful_session']}"
    key = f"Bearer   {house.keys[Scope.READ]}"

    assert is_in(agent, house, Authorization=key)
    assert is_in(agent, house, Cookie=cookie)
    assert not is_in(agent, house, Authorization="Bearer tk_live_nobody", Cookie=cookie)
    assert not is_in(agent, house, Cookie="tactful_session=long-gone-0123456789")
    assert not is_in(agent, house)


def test_an_open_stream_is_no_activity(agent: TestClient, house: House) -> None:
    cookie = f"tactful_session={agent.cookies['tactful_session']}"
    for minutes in (20, 9):
        house.clock.move(minutes * 60)
        assert is_in(agent, house, Cookie=cookie)

    house.clock.move(60)

    assert not is_in(agent, house, Cookie=cookie)
    assert agent.get("/v1/session").status_code == 401


def test_signing_in_again_leads_back_to_the_page_that_was_open(anyone: TestClient) -> None:
    page = "http://testserver/cases/msg_1?view=all"

    swap = anyone.post("/cases/msg_1/send", data={}, headers={"HX-Request": "true", "HX-Current-URL": page})
    plain = anyone.get("/cases/msg_1")
    inbox = anyone.get("/")

    assert (swap.status_code, swap.headers["hx-redirect"]) == (401, "/login?next=/cases/msg_1%3Fview%3Dall")
    assert plain.headers["location"] == "/login?next=/cases/msg_1"
    assert inbox.headers["location"] == "/login"
    assert 'name="next" value="/cases/msg_1?view=all"' in anyone.get(swap.headers["hx-redirect"]).text


def test_signing_out_and_being_kept_out_end_the_session(agent: TestClient, house: House) -> None:
    cookies = dict(agent.cookies)
    assert agent.delete("/v1/session").status_code == 204
    agent.cookies.update(cookies)
    assert agent.get("/v1/session").status_code == 401

    sign_in(agent)
    from care.people import switch_person

    with house.store() as work:
        switch_person(work, house.people["agent"].id, is_active=False, by="test")
    assert agent.get("/v1/session").status_code == 401


def test_signing_in_always_makes_a_new_session(anyone: TestClient) -> None:
    anyone.cookies.set("tactful_session", "planted-by-somebody-else-0123456789")
    sign_in(anyone)

    assert "planted" not in str(anyone.cookies.get("tactful_session", domain="testserver.local"))


def test_the_cookie_is_bound_to_the_host_where_there_is_https(house: House) -> None:
    from dataclasses import replace

    with TestClient(create_app(parts=replace(house.parts, public_url="https://care.example"))) as client:
        response = client.post("/v1/session", json={"email": "agent@example.com", "password": PASSWORD})

    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-tactful=")
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=43200"))
    assert "Domain" not in cookie
    assert response.headers["strict-transport-security"] == "max-age=31536000"


def test_a_form_of_our_own_page_with_the_sessions_token_is_taken(anyone: TestClient, house: House) -> None:
    message_id = house.say("where is my parcel")
    csrf = sign_in(anyone)

    anyone.post(f"/cases/{message_id}/dismiss", data={"csrf": csrf, "version": "1"})

    assert house.suggestion(message_id).choice.state == "dismissed"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_on_another_site_changes_nothing(anyone: TestClient, house: House, headers: dict[str, str]) -> None:
    message_id = house.say("where is my parcel")
    csrf = sign_in(anyone)
    del anyone.headers["Origin"]

    response = anyone.post(f"/cases/{message_id}/dismiss", data={"csrf": csrf, "version": "1"}, headers=headers)

    assert response.status_code == 403
    assert house.suggestion(message_id).choice.state == "proposed"


@pytest.mark.parametrize("csrf", ["", "wrong", "é"])
def test_a_form_without_the_sessions_token_changes_nothing(anyone: TestClient, house: House, csrf: str) -> None:
    message_id = house.say("where is my parcel")
    sign_in(anyone)

    response = anyone.post(f"/cases/{message_id}/dismiss", data={"csrf": csrf, "version": "1"})

    assert response.status_code == 403
    assert house.suggestion(message_id).choice.state == "proposed"


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://care.example:8000", 200), ("HTTP://Care.Example:8000", 200), ("http://care.example", 403)],
)
def test_the_address_a_browser_came_to_is_our_own_site_whatever_its_case(
    house: House, origin: str, status: int
) -> None:
    entry = {"email": "agent@example.com", "password": PASSWORD}
    with TestClient(create_app(parts=house.parts), base_url="http://Care.Example:8000") as client:
        assert client.post("/v1/session", json=entry, headers={"Origin": origin}).status_code == status


def test_a_program_that_sends_the_token_in_a_form_alone_is_told_where_it_belongs(
    anyone: TestClient, house: House
) -> None:
    message_id = house.say("where is my parcel")
    csrf = sign_in(anyone)
    del anyone.headers["Origin"]

    response = anyone.post(f"/cases/{message_id}/dismiss", data={"csrf": csrf, "version": "1"})

    assert response.status_code == 403
    assert "a program sends `csrf` as X-CSRF-Token" in unescape(response.text)
    assert house.suggestion(message_id).choice.state == "proposed"


def test_signing_out_takes_the_cookie_back_under_the_rules_it_was_given_by(agent: TestClient) -> None:
    cookie = agent.delete("/v1/session").headers["set-cookie"]

    assert cookie.startswith('tactful_session=""')
    assert all(rule in cookie for rule in ("Max-Age=0", "Path=/", "HttpOnly", "SameSite=lax"))
    assert "Secure" not in cookie


def test_signing_out_has_the_browser_forget_what_it_was_shown(agent: TestClient) -> None:
    assert agent.delete("/v1/session").headers["clear-site-data"] == '"cache", "storage"'


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1"])
def test_figures_are_read_without_a_key_from_this_machine(house: House, address: str) -> None:
    with TestClient(create_app(parts=house.parts), client=(address, 5000)) as here:
        assert here.get("/metrics").status_code == 200


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("203.0.113.9", {}),
        ("no address", {}),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}),
    ],
)
def test_figures_take_a_key_from_elsewhere_and_through_a_proxy(
    house: House, address: str, headers: dict[str, str]
) -> None:
    with TestClient(create_app(parts=house.parts), client=(address, 5000), headers=headers) as elsewhere:
        assert elsewhere.get("/metrics").status_code == 401


def test_an_unknown_person_gets_the_same_answer_as_a_wrong_password(anyone: TestClient) -> None:
    known = anyone.post("/v1/session", json={"email": "agent@example.com", "password": "wrong password"}).json()
    unknown = anyone.post("/v1/session", json={"email": "nobody@example.com", "password": "wrong password"}).json()

    assert {**known, "request_id": ""} == {**unknown, "request_id": ""}


@pytest.mark.parametrize(
    "password",
    ["", "a" * 1024, "😀" * 20, "' OR 1=1 --", "agent@example.com\n"],
    ids=["empty", "long", "emoji", "sql", "nl"],
)
def test_odd_passwords_are_just_wrong(anyone: TestClient, password: str) -> None:
    response = anyone.post("/v1/session", json={"email": "agent@example.com", "password": password})

    assert response.status_code == 401


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(anyone: TestClient, target: str) -> None:
    form = {"email": "agent@example.com", "password": PASSWORD, "next": target}

    response = anyone.post("/login", data=form, headers={"Origin": "http://testserver"})

    assert response.headers["location"] == "/"
