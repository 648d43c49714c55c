"""The console without scripts: forms post and redirect, and every page says what it shows in words."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.console import wording
from api.console.commands import COMMANDS
from api.console.look import HERE
from api.console.roles import ADMINS
from api.narrowing import LONGEST_LABEL, LONGEST_NAME
from care.classification import Classification
from care.hold import ASK_S
from care.message import Attachment, Author, Inbound, Origin, Visibility
from care.policy import EscalationStep, Policy
from care.reply import Approval, ReplyStage
from care.writing import take_hold
from tests.api.conftest import PASSWORD, House, sign_in
from tests.api.doubles import PlainPlaybook
from tests.doubles import altered
from wiring.links import SignedLinks


@pytest.fixture
def page(anyone: TestClient) -> TestClient:
    """A signed-in agent's browser; the forms' token is in its headers for the tests to use."""
    anyone.headers["X-Test-Csrf"] = sign_in(anyone)
    return anyone


def post(client: TestClient, path: str, **fields: str) -> str:
    """Send a form; returns where it leads, or the page."""
    response = client.post(path, data={"csrf": client.headers["X-Test-Csrf"], **fields})
    return response.headers.get("location", response.text)


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_signing_in_with_the_form_opens_the_inbox(anyone: TestClient) -> None:
    form = {"email": "Agent@Example.com ", "password": PASSWORD, "next": "/settings"}

    response = anyone.post("/login", data=form, headers={"Origin": "http://testserver"})

    assert (response.status_code, response.headers["location"]) == (303, "/settings")
    assert anyone.get("/").status_code == 200


def test_a_wrong_password_says_so_and_keeps_nothing(anyone: TestClient) -> None:
    form = {"email": "agent@example.com", "password": "wrong-secret-word"}

    response = anyone.post("/login", data=form, headers={"Origin": "http://testserver"})

    assert response.status_code == 401
    assert "do not fit together" in response.text
    assert "tactful people password" in response.text
    assert 'value="agent@example.com"' in response.text
    assert "wrong-secret-word" not in response.text


@pytest.mark.parametrize("view", ["now_due", "offline", "waiting", "mine", "all"])
def test_an_empty_list_says_why(page: TestClient, view: str) -> None:
    html = page.get(f"/?view={view}").text

    assert 'class="nothing-card"' in html
    assert len(words_of(html.split('class="nothing-card"')[1])) > 40


def test_a_case_shows_everything_a_person_decides_by(page: TestClient, house: House) -> None:
    message_id = house.say("You charged me twice for order AB-10442!")

    shown = words_of(page.get(f"/cases/{message_id}").text)

    for said in (
        "Answer in public · billing problem · very negative · high urgency",
        "right about 97 times in 100 at this score",
        "45 = urgency high (40) + reach 1200 followers (5)",
        "due in 25 min",
        "Send PUBLIC reply as @tactful_care",
        "I have opened your account",
        "look-into-it 3f2a91c0",
        "Because: money taken",
        "/ 280",
    ):
        assert said in shown, said


def test_the_deciding_words_are_marked(page: TestClient, house: House) -> None:
    html = page.get(f"/cases/{house.say('You charged me twice')}").text

    assert '<mark title="points to: billing problem">charged</mark>' in html


def test_public_and_private_are_said_in_words_everywhere(page: TestClient, house: House) -> None:
    public = words_of(page.get(f"/cases/{house.say('where is my parcel')}").text)
    private = words_of(page.get(f"/cases/{house.say('where is my parcel', channel='email')}").text)

    assert "PUBLIC X" in public
    assert "Send PUBLIC reply" in public
    assert "PRIVATE E-mail" in private
    assert "Send private reply" in private
    assert "Send PUBLIC" not in private


def test_accepting_sends_the_draft_and_offers_undo(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    text = suggestion.drafts[0].text

    where = post(
        page,
        f"/cases/{message_id}/send",
        mode="approve",
        suggestion=suggestion.id,
        version=str(suggestion.choice.version),
        draft="0",
        text=text,
    )

    assert where.startswith(f"/cases/{message_id}?")
    shown = words_of(page.get(where).text)
    assert "Goes out in 10 s" in shown
    assert "Undo" in shown
    with house.store() as work:
        reply = work.cases.file(message_id).reply
    assert reply is not None
    assert (reply.said.text, reply.said.is_edited, reply.sending.stage) == (text, False, ReplyStage.PENDING)


def test_sending_and_going_on_opens_the_next_one_with_undo_still_there(page: TestClient, house: House) -> None:
    first, second = house.say("where is my order AB-10442"), house.say("where is my parcel")
    suggestion = house.suggestion(first)

    where = post(
        page,
        f"/cases/{first}/send",
        mode="approve",
        suggestion=suggestion.id,
        version="1",
        draft="0",
        text="It comes on Friday.",
        then="next",
    )
    html = page.get(where).text

    assert f'data-id="{house.case(second)}"' in html
    assert "Goes out to Ana Alvarez · PUBLIC X · in 10 s Undo" in words_of(html)
    assert "Goes out to Ana Alvarez" in words_of(page.get("/settings").text)


def test_undo_brings_the_text_back(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    post(
        page,
        f"/cases/{message_id}/send",
        mode="approve",
        suggestion=suggestion.id,
        version="1",
        draft="0",
        text="My own.",
    )
    with house.store() as work:
        reply = work.cases.file(message_id).reply
    assert reply is not None

    where = post(page, f"/replies/{reply.id}/undo")

    assert re.search(r"<textarea[^>]*>My own\.</textarea>", page.get(where).text)


def test_undo_brings_the_chosen_suggestion_back_with_its_text(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    fields = {"mode": "approve", "suggestion": suggestion.id, "version": "1", "draft": "1"}
    post(page, f"/cases/{message_id}/send", text=suggestion.drafts[1].text + " Bye!", **fields)
    with house.store() as work:
        reply = work.cases.file(message_id).reply
    assert reply is not None

    html = page.get(post(page, f"/replies/{reply.id}/undo")).text

    assert '<input type="hidden" name="draft" value="1">' in html


@pytest.mark.parametrize(
    "text", ["Your order [[order_number]] is late.", "You are stupid.", "Card 4111 1111 1111 1111"]
)
def test_a_text_that_may_not_go_out_comes_back_with_the_reason(page: TestClient, house: House, text: str) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    form = {"mode": "approve", "suggestion": suggestion.id, "version": "1", "draft": "0", "text": text}

    response = page.post(f"/cases/{message_id}/send", data={"csrf": page.headers["X-Test-Csrf"], **form})

    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert f">{text}</textarea>" in response.text
    assert house.suggestion(message_id).choice.state == "proposed"


def test_the_second_person_keeps_their_text_and_sends_nothing(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    form = {"mode": "approve", "suggestion": suggestion.id, "version": "1", "draft": "0"}
    post(page, f"/cases/{message_id}/send", **form, text="The first answer.")

    response = page.post(
        f"/cases/{message_id}/send", data={"csrf": page.headers["X-Test-Csrf"], **form, "text": "The second answer."}
    )

    assert response.status_code == 409
    with house.store() as work:
        assert [reply.said.text for reply in work.replies.of_message(message_id)] == ["The first answer."]


@pytest.mark.parametrize("reason", ["wrong_intent", "wrong_tone", "missing_facts", "policy", "other"])
def test_rejecting_takes_a_reason_and_leaves_an_empty_composer(page: TestClient, house: House, reason: str) -> None:
    message_id = house.say("where is my order AB-10442")

    where = post(page, f"/cases/{message_id}/reject", version="1", reason=reason)
    html = page.get(where).text

    assert house.suggestion(message_id).choice.reject_reason == reason
    assert 'name="mode" value="own"' in html
    assert "></textarea>" in html


def test_dismissing_takes_the_message_off_the_list(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")

    assert house.case(message_id) in page.get("/").text

    post(page, f"/cases/{message_id}/dismiss", version="1")

    assert house.case(message_id) not in page.get("/").text


def test_no_clock_runs_for_what_is_over(page: TestClient, house: House) -> None:
    dismissed = house.say("where is my order AB-10442")
    post(page, f"/cases/{dismissed}/dismiss", version="1")
    open_one = house.say("where is my parcel", thread="one")

    html = page.get(f"/cases/{dismissed}?view=all").text
    rows = {
        message_id: words_of(html.split(f'data-row="{house.case(message_id)}"')[1].split("</li>")[0])
        for message_id in (dismissed, open_one)
    }
    shown = words_of(html.split('id="case"')[1].split('id="t-known"')[0])

    assert "No answer needed" in rows[dismissed]
    assert "No answer needed, said Some agent" in shown
    assert "due in" not in rows[dismissed] + shown
    assert "due in" in rows[open_one]


def test_a_label_that_is_more_likely_wrong_is_not_said_as_a_fact(page: TestClient, house: House) -> None:
    classifier = house.journey.classifier
    read = classifier.classify

    def unsure(text: str, **kwargs: object) -> Classification:
        classification = read(text, **kwargs)  # type: ignore[arg-type]
        shaky = replace(classification.tasks["sentiment"], score=0.353)
        return replace(classification, tasks={**classification.tasks, "sentiment": shaky})

    classifier.classify = unsure  # type: ignore[method-assign]
    try:
        message_id = house.say("You charged me twice for order AB-10442!")
    finally:
        del classifier.classify  # type: ignore[attr-defined]

    shown = words_of(page.get(f"/cases/{message_id}").text)

    assert "billing problem · perhaps very negative · high urgency" in shown
    assert "right about 35 times in 100 at this score" in shown


@pytest.mark.parametrize(
    ("score", "said"),
    [(1.0, "over 99 %"), (0.995, "over 99 %"), (0.99, "99 %"), (0.5, "50 %"), (0.005, "0 %"), (0.004, "under 1 %")],
)
def test_a_score_is_never_said_to_be_certain(score: float, said: str) -> None:
    assert wording.share(score) == said


def test_kinds_of_sensitive_values_are_written_as_people_write_them() -> None:
    said = {kind: wording.kind(kind) for kind in ("iban", "us_ssn", "api_key", "payment_card", "jwt")}

    assert said == {
        "iban": "IBAN", "us_ssn": "US SSN", "api_key": "API key", "payment_card": "payment card", "jwt": "JWT"
    }  # fmt: skip


def test_a_search_says_where_it_looked_and_offers_the_rest(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    post(page, f"/cases/{message_id}/dismiss", version="1")

    here = page.get("/?view=now_due&q=AB-10442").text
    everywhere = page.get("/?view=all&q=AB-10442").text

    assert "No case in Now due has all these words." in words_of(here)
    assert 'href="/?view=all&amp;q=AB-10442"' in here
    assert house.case(message_id) in everywhere
    assert "Search all cases" not in everywhere


def test_a_list_is_narrowed_in_the_address_and_stays_so_after_an_answer(page: TestClient, house: House) -> None:
    first, second = house.say("where is my order AB-10442"), house.say("where is my order AB-10443")
    with house.store() as work:
        team = work.cases.file(first).decision.team  # type: ignore[union-attr]
    asked = f"view=now_due&q=AB-10442&team={team}"

    html = page.get(f"/?{asked}").text
    where = post(page, f"/cases/{first}/assign", to="me", view=asked.removeprefix("view="))

    def listed(html: str) -> list[str]:
        return re.findall(r'data-row="(\w+)"', html)

    assert listed(html) == [house.case(first)]
    assert f'name="view" value="now_due&amp;q=AB-10442&amp;team={team}"' in html
    assert where == f"/cases/{first}?{asked}"
    assert listed(page.get("/?assignee=me").text) == [house.case(first)]
    assert listed(page.get("/?assignee=nobody").text) == [house.case(second)]
    assert "fits what you narrowed the list to" in page.get("/?team=nobody-knows").text
    assert page.get("/?clock=nonsense&intent=" + "x" * 500).status_code == 200


def test_a_label_narrows_a_list_as_far_as_a_label_is_long(page: TestClient) -> None:
    label = "i" * LONGEST_LABEL

    assert f"intent={label}&" in unescape(page.get(f"/?intent={label}&clock=late").text)
    assert f"intent={label}&" in unescape(page.get(f"/?intent={label}too_long&clock=late").text)
    assert page.get("/?assignee=" + "a" * (LONGEST_NAME + 1)).status_code == 200


def test_choosing_another_label_keeps_a_correction_and_says_so(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")

    where = post(
        page,
        f"/cases/{message_id}/labels",
        **{"label.intent": "praise", "label.sentiment": "neutral", "label.urgency": "normal"},
    )

    assert "Suggested order status, a person chose praise" in words_of(page.get(where).text)
    with house.store() as work:
        assert work.cases.file(message_id).corrections == (("intent", "praise"),)


def test_a_label_that_no_list_offers_is_not_kept(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")

    post(page, f"/cases/{message_id}/labels", **{"label.intent": "no_label_of_ours"})

    with house.store() as work:
        assert work.cases.file(message_id).corrections == ()


def test_another_decision_is_kept_with_its_reason(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    assert 'role="alert"' in post(page, f"/cases/{message_id}/decision", action="escalate", team="legal", reason=" ")

    where = post(page, f"/cases/{message_id}/decision", action="escalate", team="legal", reason="They name a lawyer.")

    assert "Escalate to legal" in words_of(page.get(where).text)
    api = page.get(f"/v1/messages/{message_id}").json()
    assert (api["decision"]["action"], api["decision"]["team"]) == ("escalate", "legal")


def test_a_second_suggestion_can_be_chosen(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")

    html = page.get(f"/cases/{message_id}?draft=1").text

    assert "could you tell me the e-mail address" in html.split("<textarea")[1]
    assert 'name="draft" value="1"' in html


def test_open_slots_stand_in_the_text_for_a_person_to_fill(page: TestClient, house: House) -> None:
    html = page.get(f"/cases/{house.say('where is my order')}").text

    assert "[[order_number]]" in html.split("<textarea")[1]


def test_the_offline_path_is_a_check_list_that_blocks_resolving(page: TestClient, house: House) -> None:
    message_id = house.say("charged, my card is 4111 1111 1111 1111")
    shown = words_of(page.get(f"/cases/{message_id}").text)
    assert "1 value hidden: payment card" in shown
    assert "Payment card ··· 1111" in shown
    assert "Value removed before anything was kept (done)" in shown
    assert "Ask to delete the public post and offer a safe channel (to do now)" in shown
    assert 'aria-disabled="true" aria-describedby="why-resolve"' in page.get(f"/cases/{message_id}").text

    assert 'role="alert"' in post(page, f"/cases/{message_id}/resolve")
    where = post(page, f"/cases/{message_id}/offline", state="waived", waiver="Solved on the phone.")

    assert "Closing here was waived (done)" in words_of(page.get(where).text)
    assert post(page, f"/cases/{message_id}/resolve").startswith("/?")


def test_an_offline_matter_is_closed_where_it_began(page: TestClient, house: House) -> None:
    message_id = house.say("charged, my card is 4111 1111 1111 1111")
    suggestion = house.suggestion(message_id)
    post(
        page,
        f"/cases/{message_id}/send",
        mode="approve",
        suggestion=suggestion.id,
        version="1",
        draft="0",
        text=suggestion.drafts[0].text,
    )
    where = post(page, f"/cases/{message_id}/offline", state="contacted")
    assert "Close in PUBLIC as @tactful_care" in words_of(page.get(where).text)

    where = post(page, f"/cases/{message_id}/send", mode="close", text="All sorted out now.")

    assert "Closed where it began (done)" in words_of(page.get(where).text)


def test_a_resolved_customer_can_be_asked_whether_they_are_content(anyone: TestClient, house: House) -> None:
    playbook = PlainPlaybook(asked="Did that solve it? 1 to 5", not_after=frozenset({"praise"}))
    parts = replace(house.parts, journey=replace(house.journey, playbook=playbook))
    message_id, thanks = house.say("where is my order AB-10442"), house.say("love it")
    for asked in (message_id, thanks):
        suggestion = house.suggestion(asked)
        reply = house.journey.approve(
            suggestion.id, Approval(by=house.people["agent"].id, text="There it is.", version=1)
        )
        house.clock.move(60)
        house.journey.deliver(reply.id)
    with TestClient(create_app(parts=parts), follow_redirects=False) as client:
        client.headers["X-Test-Csrf"] = sign_in(client)
        assert "Resolve and ask" in client.get(f"/cases/{message_id}").text
        assert "Resolve and ask" not in client.get(f"/cases/{thanks}").text

        post(client, f"/cases/{message_id}/resolve", ask="yes")

    with house.store() as work:
        assert [sent.said.text for sent in work.replies.of_message(message_id)][1:] == ["Did that solve it? 1 to 5"]


def test_whether_they_are_asked_depends_on_what_was_decided_and_not_on_the_label(house: House) -> None:
    playbook = PlainPlaybook(asked="Did that solve it? 1 to 5", not_after=frozenset({"praise"}))
    journey = replace(house.journey, playbook=playbook, undo_s={"*": 0.0})
    message_id = house.say("I love it, but why is it still broken")
    reply = journey.approve(
        house.suggestion(message_id).id, Approval(by=house.people["agent"].id, text="There it is.", version=1)
    )
    journey.deliver(reply.id)

    with TestClient(create_app(parts=replace(house.parts, journey=journey)), follow_redirects=False) as client:
        sign_in(client)

        assert "Resolve and ask" in client.get(f"/cases/{message_id}").text


def test_console_and_api_ask_the_question_of_today(house: House) -> None:
    playbook = PlainPlaybook(asked="Did that solve it? 1 to 5")
    journey = replace(house.journey, playbook=playbook, undo_s={"*": 0.0})
    first, second = house.say("where is my order AB-10442"), house.say("where is my parcel")
    for message_id in (first, second):
        approval = Approval(by=house.people["agent"].id, text="There it is.", version=1)
        journey.deliver(journey.approve(house.suggestion(message_id).id, approval).id)
    with TestClient(create_app(parts=replace(house.parts, journey=journey)), follow_redirects=False) as client:
        client.headers["X-Test-Csrf"] = client.headers["X-CSRF-Token"] = sign_in(client)
        playbook.asked = "Are you content?"

        assert "Are you content?" in client.get(f"/cases/{first}").text
        post(client, f"/cases/{first}/resolve", ask="yes")
        client.post(f"/v1/cases/{house.case(second)}/resolve", json={"ask": True})

    with house.store() as work:
        replies = [reply for message_id in (first, second) for reply in work.replies.of_message(message_id)]
    assert [reply.said.text for reply in replies if reply.purpose == "satisfaction"] == ["Are you content?"] * 2


def test_a_withheld_message_says_what_happened(page: TestClient, house: House) -> None:
    shown = words_of(page.get(f"/cases/{house.say('BREAK THE DETECTOR 4111 1111 1111 1111')}").text)

    assert "Withheld." in shown
    assert "4111" not in shown


def undo_of(html: str) -> str:
    """Where the first thing under the header is taken back."""
    return re.findall(r'<form class="undo[^"]*" method="post" action="([^"]+)"', html)[0]


def test_resolving_and_new_labels_can_be_taken_back_from_any_page(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    case_id = house.case(message_id)
    post(page, f"/cases/{message_id}/labels", **{"label.intent": "praise"})
    post(page, undo_of(page.get("/settings").text))
    with house.store() as work:
        assert work.cases.file(message_id).labels["intent"] == "order_status"

    post(page, f"/cases/{message_id}/resolve")
    post(page, undo_of(page.get("/needs-a-look").text))
    with house.store() as work:
        assert not work.cases.get(case_id).is_resolved
    assert 'class="undo' not in page.get("/settings").text


def test_a_case_is_snoozed_seen_so_by_others_and_taken_back(page: TestClient, house: House) -> None:
    message_id, below = house.say("where is my order AB-10442"), house.say("where is my parcel")
    case_id = house.case(message_id)
    assert "The target runs on: due in" in words_of(page.get(f"/cases/{case_id}").text)

    to = post(page, f"/cases/{case_id}/snooze", until="tomorrow", next=house.case(below))

    assert to == f"/cases/{house.case(below)}?view=now_due"
    assert f'data-row="{case_id}"' not in page.get("/").text
    assert "Snoozed by Some agent until" in words_of(page.get("/?view=waiting").text)
    assert "Wake now" in page.get(f"/cases/{case_id}").text
    post(page, undo_of(page.get("/settings").text))
    assert f'data-row="{case_id}"' in page.get("/").text
    post(page, f"/cases/{case_id}/snooze", day="2026-03-09")
    with house.store() as work:
        assert work.cases.get(case_id).standing.snoozed_until.isoformat().startswith("2026-03-09")
    post(page, f"/cases/{case_id}/wake")
    assert "This case is not snoozed" in post(page, f"/cases/{case_id}/wake")
    assert "Say until when" in post(page, f"/cases/{case_id}/snooze", day="soon")


def test_nobody_takes_back_what_a_colleague_did(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    house.journey.answering.dismiss(house.suggestion(message_id).id, by=house.people["supervisor"].id, version=1)
    with house.store() as work:
        number = next(event.number for event in work.trail.events(after=0) if event.event == "suggestion.dismissed")

    response = page.post(f"/acts/{number}/undo", data={"csrf": page.headers["X-Test-Csrf"]})

    assert response.status_code == 404
    assert 'class="undo' not in page.get("/").text


def test_rejecting_one_draft_shows_the_next_and_can_be_taken_back(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    drafts = house.suggestion(message_id).drafts
    post(page, f"/cases/{house.case(message_id)}/unsent", place=f"{house.suggestion(message_id).id}.0", text="Mine.")

    html = page.get(post(page, f"/cases/{message_id}/reject", version="1", reason="policy", draft="0")).text

    assert f">{drafts[1].text}</textarea>" in html
    assert "bring back “Mine.”" in words_of(html)
    assert house.suggestion(message_id).choice.state == "proposed"
    assert "(rejected)" in html
    assert "(rejected)" not in page.get(post(page, undo_of(html))).text
    post(page, f"/cases/{message_id}/reject", version="1", reason="policy", draft="0", all="1")
    assert house.suggestion(message_id).choice.state == "rejected"


def test_unsent_words_come_back_masked_each_in_its_place(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    case_id, place = house.case(message_id), house.suggestion(message_id).id
    post(page, f"/cases/{case_id}/unsent", place=f"{place}.0", text="Card 4111 1111 1111 1111, half a thought")
    house.clock.move(1)
    post(page, f"/cases/{case_id}/unsent", place=f"{place}.1", text="Another thought")

    assert ">Another thought</textarea>" in page.get(f"/cases/{case_id}").text
    first = page.get(f"/cases/{case_id}?draft=0").text
    assert ">Card [payment card 1111], half a thought</textarea>" in first
    assert "bring back “Another thought”" in words_of(first)
    assert "4111" not in first


def test_a_held_case_is_read_only_for_others_until_it_is_given(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    case_id, other = house.case(message_id), house.people["supervisor"].id
    take_hold(house.store, case_id, by=other)

    html = page.get(f"/cases/{case_id}").text
    assert "Some supervisor holds this case" in words_of(html)
    assert re.search(r'<textarea id="text"[^>]* readonly', html)
    response = page.post(
        f"/cases/{case_id}/send", data={"csrf": page.headers["X-Test-Csrf"], "mode": "own", "text": "Hi."}
    )
    assert response.status_code == 409
    assert "Some supervisor holds this case now. Ask to take it over. Your text is kept below." in words_of(
        response.text
    )

    post(page, f"/cases/{case_id}/hold/ask")
    house.clock.move(ASK_S + 1)
    post(page, f"/cases/{case_id}/hold")

    html = page.get(f"/cases/{case_id}").text
    assert "You hold this case" in words_of(html)
    assert re.search(r'name="fence" id="fence" value="2"', html)


def test_signs_that_deceive_are_marked_and_do_nothing(page: TestClient, house: House) -> None:
    message_id = house.say("my order \u202egnp.exe\u202c at pаypal.example zero\u200bwidth", name="Ana Alva\u202erez")

    html = page.get(f"/cases/{message_id}").text

    assert "Marked: turns the direction of text, letters of two alphabets, invisible sign" in words_of(html)
    assert not {"\u202e", "\u202c", "\u200b"} & set(html)
    assert "Name: turns the direction of text" in words_of(html)
    assert [part.kind for part in wording.marked("Füße für Жанна 你好 👩‍👩‍👧 and κόσμος")] == ["plain"]


def test_a_draft_is_green_only_when_nothing_is_open(page: TestClient, house: House) -> None:
    full = page.get(f"/cases/{house.say('where is my order AB-10442')}").text
    gap = page.get(f"/cases/{house.say('where is my order')}").text

    assert 'data-verdict="send"' in full
    assert "Ready to send tone : in order promise : in order private data : in order" in words_of(full)
    assert 'data-verdict="open"' in gap
    assert "Not ready: order number is still open" in words_of(gap)


def test_files_of_ours_are_fetched_by_an_address_that_changes_with_them(page: TestClient) -> None:
    address = re.findall(r'src="(/static/[0-9a-f]{8}/console.js)"', page.get("/").text)[0]

    assert "immutable" in page.get(address).headers["cache-control"]
    assert "immutable" not in page.get("/static/console.js").headers["cache-control"]


def test_what_needs_a_look_is_settled_by_a_person(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    post(
        page,
        f"/cases/{message_id}/send",
        mode="approve",
        suggestion=suggestion.id,
        version="1",
        draft="0",
        text="Soon.",
    )
    with house.store() as work:
        reply = work.cases.file(message_id).reply
        assert reply is not None
        work.replies.save(
            reply.with_sending(stage=ReplyStage.UNKNOWN, problem="The line broke."), was=ReplyStage.PENDING
        )
    shown = words_of(page.get("/needs-a-look").text)
    assert "Unclear: it may or may not have gone out" in shown
    assert "The line broke." in shown
    case = words_of(page.get(f"/cases/{message_id}").text.split('class="case-head"')[1].split("</header>")[0])
    assert "waiting for" not in case
    assert "Needs a look" in case

    post(page, f"/replies/{reply.id}/sent")

    assert "Every approved reply has gone out" in page.get("/needs-a-look").text


def test_a_case_is_taken_and_given_back(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")

    post(page, f"/cases/{message_id}/assign", to="me")
    assert house.case(message_id) in page.get("/?view=mine").text
    post(page, f"/cases/{message_id}/assign", to="nobody")

    assert house.case(message_id) not in page.get("/?view=mine").text


def test_the_tone_of_what_is_typed_is_said_at_once(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")

    shown = post(page, f"/cases/{message_id}/tone", text="lol whatever")

    assert "Worth a second look" in shown
    assert 'data-start="0" data-end="3"' in shown


@pytest.mark.parametrize(
    ("asked", "typed", "said"),
    [
        ("why was I charged twice", "great, we look at it", "Not “great” now."),
        ("why was I charged twice", "we look at it some day", "Not “some day” now."),
        ("where is my order AB-10442", "great, we look at it some day", ""),
    ],
)
def test_the_tone_of_what_is_typed_is_judged_by_the_mood_and_the_hurry_of_who_wrote(
    page: TestClient, house: House, asked: str, typed: str, said: str
) -> None:
    message_id = house.say(asked)

    shown = post(page, f"/cases/{message_id}/tone", text=typed)

    assert said in shown
    assert ("Worth a second look" in shown) == bool(said)


def test_a_card_number_in_a_reply_is_seen_before_it_is_sent(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    text = "We use 4111 1111 1111 1111."

    typed = post(page, f"/cases/{message_id}/tone", text=text)
    fields = {"mode": "approve", "suggestion": suggestion.id, "version": "1", "draft": "0"}
    sent = words_of(post(page, f"/cases/{message_id}/send", text=text, **fields))

    assert 'data-verdict="stop"' in typed
    assert "This is a payment card: take it out." in typed
    assert 'data-start="7" data-end="26"' in typed
    assert "Characters 7 to 26: holds a payment card – take it out." in sent


def test_an_administrator_adds_people_and_keys_and_ends_them(anyone: TestClient, house: House) -> None:
    anyone.headers["X-Test-Csrf"] = sign_in(anyone, "admin")
    post(anyone, "/settings/people", name="New One", email="new@example.com", role="agent", password="long enough word")
    html = post(anyone, "/settings/keys", name="bridge", **{"scope.classify": "on"})
    match = re.search(r"tk_live_\w+", html)
    assert match is not None
    headers = {"Authorization": f"Bearer {match.group()}"}
    assert anyone.post("/v1/classify", json={"text": "hello"}, headers=headers).status_code == 200
    assert match.group() not in anyone.get("/keys").text

    with house.store() as work:
        key = next(kept_key for kept_key in work.access.keys() if kept_key.name == "bridge")
        person = work.access.person(email="new@example.com")
    assert person is not None
    post(anyone, f"/settings/keys/{key.id}/revoke")
    post(anyone, f"/settings/people/{person.id}", is_active="no")

    assert anyone.post("/v1/classify", json={"text": "hello"}, headers=headers).status_code == 401
    with house.store() as work:
        assert work.access.person(email="new@example.com") == replace(person, is_active=False)


def test_the_last_administrator_cannot_lock_everybody_out(anyone: TestClient, house: House) -> None:
    anyone.headers["X-Test-Csrf"] = sign_in(anyone, "admin")

    assert "last administrator" in post(anyone, f"/settings/people/{house.people['admin'].id}", is_active="no")


def test_the_look_is_remembered_and_odd_cookies_are_ignored(page: TestClient) -> None:
    post(page, "/look", theme="dark", density="dense", keys="off")
    assert 'data-theme="dark" data-density="dense" data-keys="off"' in page.get("/").text

    page.cookies.set("tactful_look", 'theme:"><script>.keys:alt', domain="testserver.local")
    html = page.get("/settings").text

    assert 'data-theme="auto"' in html
    assert "<script>" not in html


HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "{% raw %}", "javascript:alert(1)",
    "</textarea><script>alert(1)</script>", "' onmouseover='alert(1)", "<svg/onload=alert(1)>", "&lt;script&gt;",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(page: TestClient, house: House, text: str) -> None:
    message_id = house.say(f"order {text}", name=f"{text} x")

    html = page.get(f"/cases/{message_id}").text

    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "<svg/onload" not in html
    assert "order 49" not in html


def test_every_page_brings_a_policy_with_a_fresh_nonce_and_nothing_inline(page: TestClient, house: House) -> None:
    house.say("where is my order")
    nonces = set()
    for path in ("/", "/needs-a-look", "/settings", "/problems/not-found", "/nowhere"):
        response = page.get(path)
        policy = response.headers["content-security-policy"]
        nonces.add(re.findall(r"'nonce-([^']+)'", policy)[0])
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)", response.text)
        assert not re.search(r"\s(?:style|on\w+)=", response.text)
        assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", response.text)
    assert len(nonces) == 5


def test_templates_never_switch_escaping_off() -> None:
    for template in (HERE / "templates").glob("*.html"):
        assert not re.search(r"\|\s*safe|autoescape|Markup", template.read_text("utf-8")), template.name


def test_scripts_never_build_html_from_text() -> None:
    script = (HERE / "static" / "console.js").read_text("utf-8")

    assert not re.search(r"innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function", script)


def test_every_asset_a_page_names_is_served_by_us(page: TestClient) -> None:
    for path in ("/", "/docs"):
        for url in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.get(path).text):
            assert page.get(url).status_code == 200, url


def test_vendored_files_are_what_their_list_says() -> None:
    vendor = HERE / "static" / "vendor"
    listed = {
        name: sum_
        for library in json.loads((vendor / "vendor.json").read_text())
        for name, sum_ in library["files"].items()
    }
    there = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.suffix in (".js", ".css", ".woff2")}

    assert set(listed) == there
    for name, expected in listed.items():
        digest = hashlib.sha384((vendor / name).read_bytes()).digest()
        assert expected == f"sha384-{base64.b64encode(digest).decode()}", name


def test_the_keys_of_the_page_of_the_manual_are_those_of_the_console() -> None:
    said = (HERE.parents[1] / "docs/console.md").read_text("utf-8").partition("## Keys")[2].partition("\n`Ctrl`")[0]
    rows = re.findall(r"^\| (`.+) \| (.+) \|$", said, re.MULTILINE)

    keys = [" ".join(f"`{part}`" if is_key else part for part, is_key in command.parts) for command in COMMANDS]
    assert rows == [(key, command.said) for key, command in zip(keys, COMMANDS, strict=True) if key]


def test_no_key_does_two_things_and_every_command_can_be_run_by_the_scripts() -> None:
    pressed = [press for command in COMMANDS for press in command.press]
    script = (HERE / "static/console.js").read_text("utf-8")

    assert len(pressed) == len(set(pressed))
    for command in COMMANDS:
        assert not command.run or re.search(rf'[ "]{command.run}"?[:,\]]', script), command.run
    assert {command.href for command in COMMANDS if command.href and command.may == ADMINS} == {
        "/people", "/keys", "/settings/values", "/service", "/audit",
    }  # fmt: skip


def test_only_administrators_are_offered_their_pages(page: TestClient) -> None:
    assert 'data-href="/report"' in page.get("/settings").text
    assert 'data-href="/audit"' not in page.get("/settings").text


def test_the_consoles_scripts_and_styles_stay_small() -> None:
    static = HERE / "static"
    files = [*static.glob("*.js"), *static.glob("*.css"), *(static / "vendor").glob("*.js")]

    assert sum(path.stat().st_size for path in files) <= 150_000


def test_every_problem_has_a_page_behind_its_link(anyone: TestClient) -> None:
    problem = anyone.get("/v1/messages").json()

    response = anyone.get(urlsplit(problem["type"]).path)

    assert response.status_code == 200
    assert problem["code"] in response.text


def test_no_file_of_ours_is_served_from_outside_the_folder(anyone: TestClient) -> None:
    for path in ("/static/../look.py", "/static/%2e%2e/look.py", "/static/..%2flook.py", "/static//etc/passwd"):
        assert anyone.get(path).status_code in (404, 405)
    assert Path(HERE / "look.py").exists()


# the case ------------------------------------------------------------------------------------------------------


def send(client: TestClient, house: House, message_id: str, text: str, **fields: str) -> str:
    """Approve the first draft with this text."""
    suggestion = house.suggestion(message_id)
    known = {"mode": "approve", "suggestion": suggestion.id, "version": str(suggestion.choice.version), "draft": "0"}
    return post(client, f"/cases/{message_id}/send", text=text, **known, **fields)


def head(html: str) -> str:
    return words_of(html.split('class="case-head"')[1].split("</header>")[0])


def test_the_head_says_where_a_case_stands(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    path = f"/cases/{message_id}"
    said = [head(page.get(path).text)]
    send(page, house, message_id, "It is on its way.")
    said.append(head(page.get(path).text))
    post(page, f"{path}/resolve")
    said.append(head(page.get(path).text))
    post(page, f"{path}/reopen")
    said.append(head(page.get(path).text))

    assert "New" in said[0]
    assert "Waiting for customer" in said[1]
    assert "Resolved by Some agent" in said[2]
    assert "Reopen" in said[2]
    assert "Resolved" not in said[3]


def test_one_may_write_again_after_an_answer(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    html = page.get(send(page, house, message_id, "It is on its way.")).text
    assert "Write again" in html
    turn = re.search(r'name="turn" value="(\d+)"', html)
    assert turn is not None
    house.clock.move(1)

    post(page, f"/cases/{message_id}/send", mode="own", turn=turn.group(1), key="k1", text="And it has just arrived.")

    with house.store() as work:
        texts = [reply.said.text for reply in work.replies.of_message(message_id)]
    assert texts == ["It is on its way.", "And it has just arrived."]


def test_what_the_customer_wrote_meanwhile_is_read_before_own_words_go_out(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442", thread="one")
    turn = re.search(r'name="turn" value="(\d+)"', page.get(f"/cases/{message_id}").text)
    assert turn is not None
    house.clock.move(60)
    house.say("no wait, do not send it", thread="one")

    html = post(page, f"/cases/{message_id}/send", mode="own", turn=turn.group(1), text="It goes out today!")

    assert "This case changed while you looked at it. Your text is kept below." in words_of(html)
    assert ">It goes out today!</textarea>" in html
    with house.store() as work:
        assert work.cases.file(message_id).reply is None


@pytest.mark.parametrize(("act", "fields"), [("reject", {"reason": "policy"}), ("dismiss", {})])
def test_a_rejection_and_a_dismissal_can_be_taken_back(
    page: TestClient, house: House, act: str, fields: dict[str, str]
) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    page.get(post(page, f"/cases/{message_id}/{act}", version="1", **fields))
    assert f'action="/cases/{house.case(message_id)}/reconsider"' in page.get(f"/cases/{message_id}").text
    post(page, f"/cases/{message_id}/reconsider", suggestion=suggestion.id)
    assert house.suggestion(message_id).choice.state == "proposed"

    post(page, f"/cases/{message_id}/{act}", version="3", **fields)
    post(page, undo_of(page.get("/settings").text))

    assert house.suggestion(message_id).choice.state == "proposed"
    assert house.case(message_id) in page.get("/").text


def test_a_suggestion_of_another_case_is_not_taken_back_from_here(page: TestClient, house: House) -> None:
    own, other = house.say("where is my order AB-10442"), house.say("where is my parcel")
    post(page, f"/cases/{own}/dismiss", version="1")

    answer = page.post(
        f"/cases/{other}/reconsider",
        data={"csrf": page.headers["X-Test-Csrf"], "suggestion": house.suggestion(own).id},
    )

    assert answer.status_code == 404
    assert house.suggestion(own).choice.state == "dismissed"


def hidden(html: str, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', html)
    return match.group(1) if match else ""


def test_an_hour_in_ones_own_words_starts_a_clock_once_it_is_confirmed(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    text = "I will write to you by 17:15."
    asked = send(page, house, message_id, text)
    assert "confirm the hour below by sending once more, or say that it is no promise" in asked
    typed = post(page, f"/cases/{message_id}/tone", text=text)
    assert "Promises 17:15 today (UTC): the clock starts when you send." in words_of(typed)

    promise, quoted = hidden(typed, "promise"), hidden(typed, "quoted")
    where = send(page, house, message_id, text, promise=promise, quoted=quoted)

    assert "Promised until 02 Mar 17:15 UTC" in head(page.get(where).text)


def test_words_that_promise_nothing_start_no_clock(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    text = "I will write to you by 17:15."
    typed = post(page, f"/cases/{message_id}/tone", text=text)

    fields = {"promise": hidden(typed, "promise"), "quoted": hidden(typed, "quoted"), "no_promise": "1"}
    again = post(page, f"/cases/{message_id}/tone", text=text, **fields)
    where = send(page, house, message_id, text, **fields)

    assert " checked" in again
    assert "Waiting for customer" in head(page.get(where).text)


def test_an_hour_that_was_changed_after_it_was_shown_is_asked_about_again(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    typed = post(page, f"/cases/{message_id}/tone", text="I will write to you by 17:15.")

    shown = send(
        page,
        house,
        message_id,
        "I will write to you by 18:15.",
        promise=hidden(typed, "promise"),
        quoted=hidden(typed, "quoted"),
    )

    assert "Promises 18:15 today" in words_of(shown)
    assert house.suggestion(message_id).choice.state == "proposed"


def test_the_second_person_is_told_who_was_first_and_where_the_case_stands(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    house.journey.approve(suggestion.id, Approval(by=house.people["supervisor"].id, text="Mine.", version=1))

    shown = words_of(send(page, house, message_id, "And mine."))

    assert "Some supervisor has already approved an answer to this message." in shown
    assert "The case is now: waiting for customer. Your text is kept below." in shown


def test_a_text_for_a_case_that_was_resolved_stands_on_the_page_unsent(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    house.journey.casework.resolve(house.case(message_id), by=house.people["supervisor"].id)

    html = post(page, f"/cases/{message_id}/send", mode="own", text="One more thing.")

    assert "Your text was not sent; it stands below." in words_of(html)
    assert re.search(r"<textarea[^>]* readonly[^>]*>One more thing\.</textarea>", html)


def test_send_next_goes_to_the_case_below_and_not_to_the_top(page: TestClient, house: House) -> None:
    for n in range(3):
        house.say(f"where is my parcel {n}")
    rows = re.findall(r'data-row="([^"]+)"', page.get("/").text)
    with house.store() as work:
        second = work.cases.get(rows[1]).latest_message_id
    below = hidden(page.get(f"/cases/{second}").text.split('id="reply"')[1], "next")

    where = send(page, house, second, "Soon.", then="next", next=below)

    assert below == rows[2]
    assert where.startswith(f"/cases/{below}?")
    assert "Goes out to" in words_of(page.get(where).text)


def test_notes_are_for_colleagues_and_hold_no_card_number(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")

    where = post(page, f"/cases/{message_id}/notes", note="@admin their card is 4111 1111 1111 1111")
    post(page, f"/cases/{message_id}/reject", version="1", reason="policy", note="We never say that.")
    shown = words_of(page.get(where).text)

    assert "@admin their card is [payment card 1111] Some agent ·" in shown
    assert "We never say that. Some agent , why no draft was taken" in shown
    assert "Write what your colleagues should know." in words_of(post(page, f"/cases/{message_id}/notes", note=" "))


def test_the_other_cases_of_a_customer_stand_beside(page: TestClient, house: House) -> None:
    other = house.say("You charged me twice", name="Bea Brown")
    message_id = house.say("where is my parcel", name="Bea Brown")
    house.say("love it", name="Carl Cox")

    card = page.get(f"/cases/{message_id}").text.split('id="t-known"')[1].split("</section>")[0]

    assert f"/cases/{house.case(other)}?" in card
    assert "Billing problem X, since" in words_of(card)
    assert "@bea" in card
    assert card.count("<a ") == 1


def test_files_subject_and_machines_are_named(page: TestClient, house: House) -> None:
    files = (Attachment("crack.jpg", "image/jpeg", 9000, alt="a crack across the screen"),)
    seen = Inbound(
        origin=Origin(channel="email", outside_id="m-1", thread_key="m-1", written_at=house.clock()),
        author=Author(handle="dee@example.com", name="Dee"),
        text="My order AB-10442 came broken.",
        visibility=Visibility.PRIVATE,
        subject="Broken order",
        attachments=files,
    )
    away = altered(
        seen, outside_id="m-2", thread_key="m-2", subject="Away", attachments=(), automatic="it is an absence notice"
    )
    house.journey.receive([seen, away])
    with house.store() as work:
        mails = [work.messages.find("email", outside_id) for outside_id in ("m-1", "m-2")]
    assert mails[0] is not None
    assert mails[1] is not None
    first, second = mails[0].id, mails[1].id
    house.journey.prepare(first)

    bubble = words_of(page.get(f"/cases/{first}").text.split("is-now")[1].split("</li>")[0])
    assert "Broken order" in bubble
    assert "1 photo, not kept: crack.jpg “a crack across the screen”" in bubble
    assert "Set aside: it is an absence notice." in words_of(page.get(f"/cases/{second}").text)


def test_a_held_reply_says_why_and_keeps_its_text(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442", thread="one")
    send(page, house, message_id, "I cancel it now.")
    house.clock.move(2)
    later = house.say("no wait, do not cancel my order", thread="one")
    html = page.get(f"/cases/{later}").text
    with house.store() as work:
        (reply,) = work.replies.of_message(message_id)
    assert reply.sending.stage is ReplyStage.HELD
    assert "Needs a look" in head(html)
    assert "Send all the same in PUBLIC" in words_of(html)

    html = page.get(post(page, f"/replies/{reply.id}/undo")).text

    assert ">I cancel it now.</textarea>" in html
    assert ">I cancel it now.</textarea>" in page.get(f"/cases/{later}").text


def test_sending_a_public_reply_again_takes_two_steps(page: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    send(page, house, message_id, "Soon.")
    with house.store() as work:
        (reply,) = work.replies.of_message(message_id)
        work.replies.save(reply.with_sending(stage=ReplyStage.FAILED, problem="Refused."), was=ReplyStage.PENDING)

    for path in ("/needs-a-look", f"/cases/{message_id}"):
        steps = page.get(path).text.split('<details class="twice">')[1].split("</details>")[0]
        assert f'action="/replies/{reply.id}/again"' in steps


# handed over ---------------------------------------------------------------------------------------------------


@pytest.fixture
def handed(house: House) -> Iterator[tuple[TestClient, House]]:
    """A signed-in agent where the safety lead can be reached, and links are signed."""
    step = EscalationStep("Safety lead", timedelta(0), timedelta(hours=2), email="safety@example.com")
    policy = replace(PlainPlaybook().policy, steps={"safety": (step,)})

    class Reaching(PlainPlaybook):
        @property
        def policy(self) -> Policy:
            return policy

    journey = replace(house.journey, playbook=Reaching(), links=SignedLinks("a key of this test"))
    house.journey = journey
    house.parts = replace(house.parts, journey=journey)
    with TestClient(create_app(parts=house.parts), follow_redirects=False) as client:
        client.headers["X-Test-Csrf"] = sign_in(client)
        yield client, house


def hand_over(client: TestClient, house: House, message_id: str) -> tuple[str, str]:
    """Hand a case to the safety lead; returns the hand-over's id and its token."""
    post(client, f"/cases/{message_id}/hand-over", to="safety", why="Is it dangerous?")
    with house.store() as work:
        (handover,) = work.handovers.of_case(house.case(message_id))
    return handover.id, SignedLinks("a key of this test").token(handover.id)


def test_a_case_is_handed_over_and_called_back(handed: tuple[TestClient, House]) -> None:
    client, house = handed
    message_id = house.say("my parcel is burning")
    handover_id, _ = hand_over(client, house, message_id)
    card = words_of(client.get(f"/cases/{message_id}").text.split('id="handed"')[1].split("</section>")[0])
    assert "Safety: Safety lead told, has not said that they have it, until" in card
    assert "Is it dangerous?" in card

    where = post(client, f"/cases/{message_id}/handovers/{handover_id}/call-back")

    assert "called back by Some agent" in words_of(client.get(where).text)


def test_a_refused_hand_over_keeps_what_was_typed(handed: tuple[TestClient, House]) -> None:
    client, house = handed
    message_id = house.say("my parcel is burning")
    hand_over(client, house, message_id)

    html = post(client, f"/cases/{message_id}/hand-over", to="safety", why="Please look once more.")

    assert "Safety lead has this case already." in words_of(html)
    assert ">Please look once more.</textarea>" in html


def test_the_contact_takes_and_answers_by_the_link_alone(handed: tuple[TestClient, House]) -> None:
    client, house = handed
    message_id = house.say("my parcel is burning, card 4111 1111 1111 1111")
    handover_id, token = hand_over(client, house, message_id)
    path = f"/handovers/{handover_id}"
    with TestClient(create_app(parts=house.parts), follow_redirects=False) as contact:
        shown = words_of(contact.get(path, params={"token": token}).text)
        assert "my parcel is burning, card [payment card 1111]" in shown
        assert "Some agent" in shown
        assert "Is it dangerous?" in shown
        contact.post(path, data={"token": token, "act": "take"})
        assert "You said that you have it." in words_of(contact.get(path, params={"token": token}).text)

        contact.post(path, data={"token": token, "act": "answer", "text": "Stop using it."})
        second = contact.post(path, data={"token": token, "act": "answer", "text": "One more."})
        after = words_of(contact.get(path, params={"token": token}).text)

    assert second.status_code == 409
    assert "This was answered already" in second.text
    assert ">One more.</textarea>" in second.text
    assert "Thank you." in after
    assert "burning" not in after
    assert "Stop using it. Safety lead , answered" in words_of(client.get(f"/cases/{message_id}").text)


def test_a_link_without_its_token_or_too_old_opens_nothing(handed: tuple[TestClient, House]) -> None:
    client, house = handed
    message_id = house.say("my parcel is burning")
    handover_id, token = hand_over(client, house, message_id)
    path = f"/handovers/{handover_id}"
    for wrong in ({}, {"token": ""}, {"token": token[:-1] + "x"}, {"token": "é"}):
        assert client.get(path, params=wrong).status_code == 404
        assert client.post(path, data={"act": "answer", "text": "x", **wrong}).status_code == 404

    house.clock.move(14 * 86_400 + 1)
    old = client.get(path, params={"token": token})
    late = client.post(path, data={"act": "answer", "text": "Too late.", "token": token})

    assert (old.status_code, late.status_code) == (410, 410)
    assert "14 days" in old.text
    assert "burning" not in old.text
