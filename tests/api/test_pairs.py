"""A private answer with a word in public, signatures and colleagues, over HTTP and in the console without scripts."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from care.decision import Action
from care.message import Attachment, Author, Inbound, Origin, Visibility
from tests.api.conftest import House, sign_in
from tests.api.doubles import POINTER, POINTING
from tests.doubles import altered

PRIVATE = "Hi Ana, your order AB-10442 is at the depot in Mill Road."


@pytest.fixture
def pointing(house: House) -> House:
    """The house with a channel that takes private answers to public messages, and signs."""
    house.journey.playbook.channels = POINTING  # type: ignore[misc]
    return house


@pytest.fixture
def page(pointing: House) -> Iterator[TestClient]:
    with TestClient(create_app(parts=pointing.parts), follow_redirects=False) as client:
        client.headers["X-CSRF-Token"] = sign_in(client)
        yield client


def approve(client: TestClient, house: House, message_id: str, **sent: Any) -> Any:
    suggestion = house.suggestion(message_id)
    headers = {"If-Match": f'"{suggestion.choice.version}"'}
    return client.post(f"/v1/suggestions/{suggestion.id}/approve", json={"text": PRIVATE, **sent}, headers=headers)


def form(client: TestClient, path: str, **fields: str) -> Any:
    return client.post(path, data={"csrf": client.headers["X-CSRF-Token"], "view": "all", **fields})


def in_words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# over HTTP --------------------------------------------------------------------------------------------------------


def test_one_call_sends_both_and_says_what_became_of_each(page: TestClient, pointing: House) -> None:
    answer = approve(page, pointing, pointing.say("where is my order AB-10442"), pointer=POINTER)

    assert answer.status_code == 200, answer.text
    sent = answer.json()
    assert (sent["visibility"], sent["purpose"], sent["text"]) == ("private", "answer", PRIVATE)
    pointer = sent["pointer"]
    assert (pointer["visibility"], pointer["purpose"], pointer["text"]) == ("public", "pointer", POINTER)
    assert pointer["answer_id"] == sent["id"]
    taken_back = page.post(f"/v1/replies/{pointer['id']}/withdraw")
    assert taken_back.json()["stage"] == "withdrawn"
    assert page.get(f"/v1/replies/{sent['id']}").json()["stage"] == "withdrawn"


def test_own_words_go_in_private_too(page: TestClient, pointing: House) -> None:
    case_id = pointing.case(pointing.say("where is my parcel"))

    answer = page.post(f"/v1/cases/{case_id}/answer", json={"text": PRIVATE, "pointer": POINTER, "key": "click-1"})

    assert answer.json()["pointer"]["text"] == POINTER
    case = page.get(f"/v1/cases/{case_id}").json()
    assert [(reply["purpose"], reply["visibility"]) for reply in case["replies"]] == [
        ("answer", "private"),
        ("pointer", "public"),
    ]


def test_a_refused_public_text_is_named_as_such(page: TestClient, pointing: House) -> None:
    refused = approve(page, pointing, pointing.say("where is my parcel"), pointer="How stupid of us.")

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/pointer"


def test_a_channel_without_private_answers_says_the_way_out(page: TestClient, pointing: House) -> None:
    refused = approve(page, pointing, pointing.say("where is my parcel", channel="email"), pointer=POINTER)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["fix"] == "send one reply"


def test_an_unknown_colleague_is_named_with_the_way_to_find_one(page: TestClient, pointing: House) -> None:
    case_id = pointing.case(pointing.say("where is my parcel"))

    unknown = page.post(f"/v1/cases/{case_id}/assign", json={"to": "per_nobody"})
    typed = page.post(f"/v1/cases/{case_id}/assign", json={"to": "4111 1111 1111 1111"})

    assert unknown.status_code == typed.status_code == 404
    assert "Nobody here has per_nobody." in unknown.json()["detail"]
    assert "GET /v1/people" in unknown.json()["detail"]
    assert "4111" not in typed.text
    people = page.get("/v1/people").json()["data"]
    assert {person["id"] for person in people} == {person.id for person in pointing.people.values()}
    assert all("email" not in person for person in people)
    mine = next(person["id"] for person in people if person["role"] == "agent")
    assert page.post(f"/v1/cases/{case_id}/assign", json={"to": mine}).json()["assigned_to"] == mine


def test_a_signature_goes_out_where_the_channel_signs_and_only_once(page: TestClient, pointing: House) -> None:
    assert page.post("/v1/people/me/signature", json={"signs_as": "AB"}).json()["signs_as"] == "AB"

    sent = approve(page, pointing, pointing.say("where is my order AB-10442"), pointer=f"{POINTER} ^AB").json()
    mail = approve(page, pointing, pointing.say("where is my order AB-10442", channel="email")).json()

    assert (sent["text"], sent["typed"]) == (f"{PRIVATE} ^AB", PRIVATE)
    assert sent["pointer"]["text"] == f"{POINTER} ^AB"
    assert mail["text"] == PRIVATE


@pytest.mark.parametrize("signs_as", ["x" * 41, "{agent}", "A\nB"])
def test_a_signature_that_is_no_name_is_refused(page: TestClient, signs_as: str) -> None:
    assert page.post("/v1/people/me/signature", json={"signs_as": signs_as}).status_code == 422


def test_every_message_of_a_thread_shows_what_came_with_it(page: TestClient, pointing: House) -> None:
    first = Inbound(
        origin=Origin(channel="email", outside_id="one", thread_key="t", written_at=pointing.clock()),
        author=Author("ana@example.com", "Ana"),
        text="It is broken.",
        visibility=Visibility.PRIVATE,
        subject="A broken lamp",
        attachments=(Attachment("lamp.jpg", "image/jpeg", 1200, "a cracked shade"),),
    )
    away = altered(
        first, outside_id="two", text="I am away.", subject="Away", attachments=(), automatic="absence notice",
        written_at=pointing.clock() + timedelta(minutes=1),
    )  # fmt: skip
    last = altered(
        first, outside_id="three", text="Any news?", subject="Re: A broken lamp", attachments=(),
        written_at=pointing.clock() + timedelta(minutes=2),
    )  # fmt: skip
    ids = [message_id for mail in (first, away, last) for message_id in pointing.journey.receive([mail])]

    case = page.get(f"/v1/cases/{pointing.case(ids[-1])}").json()
    html = page.get(f"/cases/{pointing.case(ids[-1])}").text

    shown = [(turn["subject"], turn["automatic"], len(turn["attachments"])) for turn in case["thread"]]
    assert shown == [
        ("A broken lamp", None, 1),
        ("Away", "absence notice", 0),
        ("Re: A broken lamp", None, 0),
    ]
    bubbles = [in_words(bubble) for bubble in re.findall(r'<li class="turn.*?</li>', html, re.DOTALL)]
    assert [
        ("lamp.jpg" in bubble, "a cracked shade" in bubble, "Automatic: absence notice" in bubble) for bubble in bubbles
    ] == [
        (True, True, False),
        (False, False, True),
        (False, False, False),
    ]
    assert [
        name in bubble for bubble, name in zip(bubbles, ("A broken lamp", "Away", "Re: A broken lamp"), strict=True)
    ] == [True] * 3


# in the console ---------------------------------------------------------------------------------------------------


def test_the_second_box_stands_only_where_channel_and_thread_allow_it(page: TestClient, pointing: House) -> None:
    public = page.get(f"/cases/{pointing.say('where is my parcel')}").text
    private = page.get(f"/cases/{pointing.say('where is my parcel', channel='email')}").text

    assert 'id="also"' in public
    assert 'id="pointer"' in public
    assert 'id="also"' not in private
    assert 'id="pointer"' not in private


def test_answer_in_private_never_stands_above_a_button_that_posts_in_public_unsaid(
    page: TestClient, pointing: House
) -> None:
    with_both, alone = pointing.say("where is my order AB-10442"), pointing.say("where is my order AB-10443")
    agent = pointing.people["agent"].id
    for message_id in (with_both, alone):
        pointing.journey.casework.override(message_id, by=agent, reason="Personal.", action=Action.ANSWER_PRIVATE)

    pair = page.get(f"/cases/{with_both}").text
    pointing.journey.playbook.channels = {"x": replace(POINTING["x"], pointer="")}  # type: ignore[misc]
    html = page.get(f"/cases/{alone}").text

    assert "Answer in private, say so in public" in in_words(pair)
    assert re.search(r'id="also"[^>]*checked', pair)
    assert "only we read" in pair
    assert "Ask in public for a private message" in in_words(html)
    assert "Send PUBLIC reply, asking for a private message, as @tactful_care" in in_words(html)


def test_the_form_sends_both_as_two_bubbles_each_with_its_own_undo(page: TestClient, pointing: House) -> None:
    message_id = pointing.say("where is my order AB-10442")
    suggestion = pointing.suggestion(message_id)

    sent = form(
        page, f"/cases/{message_id}/send", mode="approve", suggestion=suggestion.id, version="1", draft="0",
        text=PRIVATE, also="1", pointer=POINTER,
    )  # fmt: skip

    assert sent.status_code == 303
    html = page.get(sent.headers["location"]).text
    bubbles = [in_words(bubble) for bubble in re.findall(r'<li class="turn ours is-reply".*?</li>', html, re.DOTALL)]
    assert [("PRIVATE" in bubble, POINTER in bubble, "Undo both" in bubble) for bubble in bubbles] == [
        (True, False, True),
        (False, True, True),
    ]
    assert "Goes out once the private answer has" in bubbles[1]
    with pointing.store() as work:
        answer, pointer = work.replies.of_message(message_id)
    back = form(page, f"/replies/{pointer.id}/undo")
    restored = page.get(back.headers["location"]).text
    assert PRIVATE in restored
    assert re.search(r'id="also"[^>]*checked', restored)
    with pointing.store() as work:
        assert work.replies.get(answer.id).sending.stage == "withdrawn"


def test_nothing_typed_is_lost_when_the_public_text_is_refused(page: TestClient, pointing: House) -> None:
    message_id = pointing.say("where is my order AB-10442")
    suggestion = pointing.suggestion(message_id)

    refused = form(
        page, f"/cases/{message_id}/send", mode="approve", suggestion=suggestion.id, version="1", draft="0",
        text=PRIVATE, also="1", pointer="How stupid of us.",
    )  # fmt: skip

    assert refused.status_code == 422
    assert "The public text, characters 4 to 10" in in_words(refused.text)
    assert PRIVATE in refused.text
    assert "How stupid of us." in refused.text
    assert re.search(r'id="also"[^>]*checked', refused.text)


def test_without_the_mark_the_second_box_counts_for_nothing(page: TestClient, pointing: House) -> None:
    message_id = pointing.say("where is my order AB-10442")
    suggestion = pointing.suggestion(message_id)

    form(
        page, f"/cases/{message_id}/send", mode="approve", suggestion=suggestion.id, version="1", draft="0",
        text=PRIVATE, pointer=POINTER,
    )  # fmt: skip

    with pointing.store() as work:
        [reply] = work.replies.of_message(message_id)
    assert reply.address.visibility is Visibility.PUBLIC


def test_the_signature_is_set_in_the_settings_and_seen_before_sending(page: TestClient, pointing: House) -> None:
    assert "Put under what you send on X" in in_words(page.get("/settings").text)
    assert form(page, "/settings/signature", signs_as="AB").status_code == 303

    message_id = pointing.say("where is my order AB-10442")
    html = page.get(f"/cases/{message_id}").text
    typed = form(page, f"/cases/{message_id}/tone", text="On its way. ^AB", mode="approve", draft="0").text

    assert "Goes out signed ^AB" in in_words(html)
    assert 'data-added=" ^AB"' in html
    assert "Goes out signed" not in typed


def test_the_check_of_each_box_counts_as_its_own_kind_of_text(page: TestClient, pointing: House) -> None:
    message_id = pointing.say("where is my order AB-10442")
    fields = {"text": "fine", "pointer": "How stupid of us.", "also": "1", "mode": "approve", "draft": "0"}

    public = form(page, f"/cases/{message_id}/tone?box=pointer", **fields).text
    private = form(page, f"/cases/{message_id}/tone", **fields).text

    assert 'id="tone-pointer"' in public
    assert 'data-verdict="stop"' in public
    assert 'id="tone"' in private
    assert 'data-verdict="send"' in private
