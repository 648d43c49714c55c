"""A case over HTTP: read, answered, noted on, given, resolved and opened again; and what each refusal says."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from care.access import Scope
from care.answering import Words
from care.case import CaseState
from care.message import Origin
from care.policy import EscalationStep
from tests.api.conftest import House, sign_in

CARD = "4111 1111 1111 1111"


@pytest.fixture
def message_id(house: House) -> str:
    return house.say("where is my order AB-10442")


@pytest.fixture
def url(house: House, message_id: str) -> str:
    return f"/v1/cases/{house.case(message_id)}"


def ok(response: Any, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


def refused(response: Any, status: int = 409, code: str = "conflict") -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"]) == (status, code), response.text
    return body


def decide(agent: TestClient, house: House, message_id: str, act: str, **sent: Any) -> Any:
    suggestion = house.suggestion(message_id)
    return agent.post(
        f"/v1/suggestions/{suggestion.id}/{act}", json=sent, headers={"If-Match": f'"{suggestion.choice.version}"'}
    )


# read ----------------------------------------------------------------------------------------------------------


def test_a_case_is_read_whole_at_what_its_customer_wrote_last(agent: TestClient, house: House, message_id: str) -> None:
    case = ok(agent.get(f"/v1/cases/{house.case(message_id)}"))

    assert (case["object"], case["state"], case["turn"], case["customer"]) == ("case", "new", 1, "@ana")
    assert (case["message"]["id"], case["message"]["work"]) == (message_id, "open")
    assert case["message"]["suggestion"]["case_id"] == case["id"]
    assert case["due_at"] is not None
    assert [case[name] for name in ("replies", "promises", "handovers", "notes")] == [[], [], [], []]
    assert ok(agent.get(f"/v1/messages/{message_id}"))["case_id"] == case["id"]


def test_cases_are_listed_by_view_channel_and_words(agent: TestClient, house: House) -> None:
    order, parcel = (house.case(house.say(text)) for text in ("where is my order", "where is my parcel"))
    ok(agent.post(f"/v1/cases/{parcel}/answer", json={"text": "It is at your neighbour's."}))
    ok(agent.post(f"/v1/cases/{order}/assign", json={"to": house.people["agent"].id}))

    def listed(**asked: str) -> set[str]:
        return {case["id"] for case in ok(agent.get("/v1/cases", params=asked))["data"]}

    assert listed() == {order, parcel}
    assert listed(view="now_due") == listed(view="mine") == {order}
    assert listed(view="waiting") == {parcel}
    assert listed(search="parcel") == listed(search="PARCEL") == {parcel}
    assert listed(channel="x") == {order, parcel}
    assert listed(channel="email") == set()
    assert [item["case_id"] for item in ok(agent.get("/v1/suggestions?view=mine"))["data"]] == [order]


@pytest.mark.parametrize("view", ["all", "now_due"])
def test_pages_of_cases_follow_each_other(agent: TestClient, house: House, view: str) -> None:
    ids = [house.case(house.say(f"where is my parcel {n}")) for n in range(5)]

    first = agent.get(f"/v1/cases?limit=3&view={view}")
    second = agent.get(first.headers["link"].split(">")[0].lstrip("<"))

    assert sorted(item["id"] for page in (first, second) for item in page.json()["data"]) == sorted(ids)
    assert (first.json()["has_more"], second.json()["has_more"]) == (True, False)
    refused(
        agent.get("/v1/cases", params={"view": "offline", "cursor": first.json()["next_cursor"]}), 422, "bad_cursor"
    )


def test_the_trail_of_a_case_tells_what_happened_and_no_text(agent: TestClient, house: House, url: str) -> None:
    ok(agent.post(f"{url}/answer", json={"text": "It left the depot this morning."}))
    ok(agent.post(f"{url}/notes", json={"text": "The depot is slow."}), 201)
    ok(agent.post(f"{url}/resolve", json={"ask": False}))

    answer = agent.get(f"{url}/trail")

    events = [event["event"] for event in ok(answer)["data"]]
    assert [event for event in events if event in ("reply.written", "note.added", "case.resolved")] == [
        "reply.written",
        "note.added",
        "case.resolved",
    ]
    assert {event["case_id"] for event in answer.json()["data"]} == {url.rsplit("/", 1)[1]}
    assert not [words for words in ("depot", "order AB", "@ana") if words in answer.text]


def test_a_message_in_a_list_says_what_files_came_with_it(agent: TestClient, house: House) -> None:
    from care.message import Attachment, Author, Inbound, Visibility

    photo = Attachment(name="toaster.jpg", media_type="image/jpeg", size_bytes=20_000)
    inbound = Inbound(
        origin=Origin(channel="email", outside_id="a-1", thread_key="a-1", written_at=house.clock()),
        author=Author("ana@example.test"),
        text="see the photo",
        visibility=Visibility.PRIVATE,
        attachments=(photo,),
    )
    house.journey.receive([inbound])

    [message] = ok(agent.get("/v1/messages?channel=email"))["data"]

    assert [attachment["name"] for attachment in message["attachments"]] == ["toaster.jpg"]


# answered ------------------------------------------------------------------------------------------------------


def test_own_words_go_out_any_number_of_times_before_the_case_is_resolved(
    agent: TestClient, house: House, message_id: str, url: str
) -> None:
    approved = ok(decide(agent, house, message_id, "approve", text="I look into it."))
    house.clock.move(1)
    second = ok(agent.post(f"{url}/answer", json={"text": "It has left the depot."}))
    house.clock.move(1)
    third = ok(agent.post(f"/v1/messages/{message_id}/answer", json={"text": "It is at your door."}))

    case = ok(agent.get(url))
    assert [reply["id"] for reply in case["replies"]] == [approved["id"], second["id"], third["id"]]
    assert (case["state"], case["due_at"]) == ("waiting_for_customer", None)
    assert {reply["case_id"] for reply in case["replies"]} == {case["id"]}


def test_a_suggestion_has_one_live_reply(agent: TestClient, house: House, message_id: str) -> None:
    ok(decide(agent, house, message_id, "approve", text="I look into it."))

    problem = refused(decide(agent, house, message_id, "approve", text="Another."), 409, "already_decided")

    assert (problem["state"], problem["decided_by"]) == ("approved", house.people["agent"].id)
    assert "Another person" not in problem["detail"]


def test_a_resolved_case_takes_no_words_and_says_who_resolved_it(agent: TestClient, house: House, url: str) -> None:
    ok(agent.post(f"{url}/resolve", json={"ask": False}))

    problem = refused(agent.post(f"{url}/answer", json={"text": "One more thing."}))

    assert (problem["state"], problem["by"]) == ("resolved", house.people["agent"].id)
    assert "open it again" in problem["detail"]
    ok(agent.post(f"{url}/reopen"))
    ok(agent.post(f"{url}/answer", json={"text": "One more thing."}))


def test_the_same_send_twice_is_one_reply(agent: TestClient, url: str) -> None:
    sent = {"text": "It has left the depot.", "key": "click-1"}

    first, again = (ok(agent.post(f"{url}/answer", json=sent)) for _ in range(2))

    assert first == again
    assert len(ok(agent.get(url))["replies"]) == 1


def test_the_same_send_many_times_at_once_is_one_reply(house: House, message_id: str) -> None:
    words = Words(house.people["agent"].id, "It has left the depot.", request_key="click-1")

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda _: house.journey.answering.answer(message_id, words).id, range(8)))

    assert len(set(sent)) == 1
    with house.store() as work:
        assert len(work.replies.of_message(message_id)) == 1


def test_a_send_that_went_through_answers_alike_after_the_case_was_resolved(agent: TestClient, url: str) -> None:
    sent = {"text": "It has left the depot.", "key": "click-1"}
    first = ok(agent.post(f"{url}/answer", json=sent))
    ok(agent.post(f"{url}/resolve", json={"ask": False}))

    assert ok(agent.post(f"{url}/answer", json=sent))["id"] == first["id"]


def test_a_key_that_was_used_for_other_words_loses_none(agent: TestClient, house: House, url: str) -> None:
    other = f"/v1/cases/{house.case(house.say('where is my parcel'))}"
    ok(agent.post(f"{url}/answer", json={"text": "It has left the depot.", "key": "click-1"}))

    changed = refused(agent.post(f"{url}/answer", json={"text": "It has not.", "key": "click-1"}))
    elsewhere = refused(agent.post(f"{other}/answer", json={"text": "It has left the depot.", "key": "click-1"}))

    assert "with a new one" in changed["detail"]
    assert elsewhere["detail"] == changed["detail"]
    assert ok(agent.get(other))["replies"] == []


def test_words_written_before_the_customer_wrote_again_are_refused(agent: TestClient, house: House) -> None:
    first = house.say("where is my order", thread="t")
    url = f"/v1/cases/{house.case(first)}"
    house.say("no wait, I have it", thread="t")

    refused(agent.post(f"{url}/answer", json={"text": "It is on its way.", "turn": 1}), 412, "stale_version")
    assert ok(agent.post(f"{url}/answer", json={"text": "Good to hear.", "turn": 2}))["turn"] == 2


def test_an_answer_may_not_hold_what_no_reply_may(agent: TestClient, url: str) -> None:
    refused(agent.post(f"{url}/answer", json={"text": f"Your card {CARD} is fine."}), 422, "sensitive_blocked")
    refused(agent.post(f"{url}/answer", json={"text": "  "}), 422, "reply_blocked")
    refused(agent.post(f"{url}/answer", json={"text": "Hello [[name]]."}), 422, "reply_blocked")

    assert ok(agent.get(url))["replies"] == []


# promised ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["answer", "approve"])
def test_an_hour_in_own_words_is_a_promise_once_it_is_confirmed(
    agent: TestClient, house: House, message_id: str, url: str, how: str
) -> None:
    text = "You will hear from me by 5 pm."

    def send(**more: Any) -> Any:
        if how == "approve":
            return decide(agent, house, message_id, "approve", text=text, **more)
        return agent.post(f"{url}/answer", json={"text": text, **more})

    problem = refused(send(), 422, "reply_blocked")
    [error] = problem["errors"]
    assert (error["pointer"], error["detail"]) == ("/text", "promises an hour")
    hour = error["fix"].removeprefix("confirm ")
    assert hour.startswith("2026-03-02T17:00:00")
    assert ok(agent.get(url))["replies"] == []

    reply = ok(send(promise=hour))

    case = ok(agent.get(url))
    assert (case["state"], case["until"]) == ("promised", "2026-03-02T17:00:00.000Z")
    assert "2026-03-02T16:00:00.000Z" <= case["due_at"] < case["until"]
    [promise] = case["promises"]
    assert (promise["reply_id"], promise["state"]) == (reply["id"], "open")
    assert promise["made_by"] == house.people["agent"].id


@pytest.mark.parametrize("how", ["answer", "approve"])
def test_what_only_reads_like_a_promise_can_be_said_to_be_none(
    agent: TestClient, house: House, message_id: str, url: str, how: str
) -> None:
    sent = {"text": "I see that we will call you by 5 pm is what the shop wrote.", "is_no_promise": True}

    if how == "approve":
        ok(decide(agent, house, message_id, "approve", **sent))
    else:
        ok(agent.post(f"{url}/answer", json=sent))

    case = ok(agent.get(url))
    assert (case["state"], case["promises"]) == ("waiting_for_customer", [])


@pytest.mark.parametrize("text", ["You will hear from me by 5 pm.", "I look into it."])
def test_a_promise_in_the_past_is_refused(
    agent: TestClient, house: House, message_id: str, url: str, text: str
) -> None:
    sent = {"text": text, "promise": "2026-03-02T11:59:00Z"}

    for answer in (agent.post(f"{url}/answer", json=sent), decide(agent, house, message_id, "approve", **sent)):
        [error] = refused(answer, 422, "reply_blocked")["errors"]
        assert "passed" in error["detail"]
        assert "later" in error["fix"]
    case = ok(agent.get(url))
    assert (case["state"], case["replies"], case["promises"]) == ("new", [], [])


@pytest.mark.parametrize("promise", ["2026-03-02T17:00:00", "five o'clock", "1772470800", 1772470800])
def test_a_promise_without_an_offset_or_a_clock_is_refused(agent: TestClient, url: str, promise: object) -> None:
    sent = {"text": "You will hear from me by 5 pm.", "promise": promise}

    problem = refused(agent.post(f"{url}/answer", json=sent), 422, "validation_failed")

    assert [error["pointer"] for error in problem["errors"]] == ["/promise"]


def test_a_promise_is_moved_kept_withdrawn_or_broken(agent: TestClient, house: House, url: str) -> None:
    def say(text: str, hour: str | None = None) -> Any:
        sent = {"text": text} | ({"promise": f"2026-03-02T{hour}:00Z"} if hour else {})
        house.clock.move(1)
        return ok(agent.post(f"{url}/answer", json=sent))

    say("You will hear from me by 3 pm.", "15:00")
    say("It takes until 5 pm, I will write then.", "17:00")
    say("It is solved.")
    last = say("I will ring you by 6 pm.", "18:00")
    ok(agent.post(f"/v1/replies/{last['id']}/withdraw"))
    say("I will ring you by 7 pm.", "19:00")
    from care.clocks import break_promises

    house.clock.move(8 * 3600)
    break_promises(house.store, now=house.clock())
    sign_in(agent)

    case = ok(agent.get(url))
    assert [promise["state"] for promise in case["promises"]] == ["moved", "kept", "withdrawn", "broken"]
    assert case["state"] != "promised"


# decided -------------------------------------------------------------------------------------------------------


def test_a_rejection_keeps_its_note_masked(agent: TestClient, house: House, message_id: str, url: str) -> None:
    note = f"The draft names {CARD}, which is not theirs."

    ok(decide(agent, house, message_id, "reject", reason="other", note=note))

    answer = agent.get(url)
    [kept] = ok(answer)["notes"]
    assert (kept["kind"], kept["by"]) == ("rejection", house.people["agent"].id)
    assert kept["text"] == "The draft names [payment card 1111], which is not theirs."
    assert CARD not in answer.text


def test_a_dismissal_resolves_and_can_be_taken_back_once(
    agent: TestClient, house: House, message_id: str, url: str
) -> None:
    suggestion = house.suggestion(message_id)
    ok(decide(agent, house, message_id, "dismiss"))
    case = ok(agent.get(url))
    assert (case["state"], case["resolution"]) == ("resolved", "dismissed")

    again = ok(agent.post(f"/v1/suggestions/{suggestion.id}/reconsider"))
    problem = refused(agent.post(f"/v1/suggestions/{suggestion.id}/reconsider"))

    assert again["state"] == "proposed"
    assert (problem["state"], ok(agent.get(url))["state"]) == ("proposed", "new")


def test_who_decides_second_hears_what_it_is_and_who_did_it(agent: TestClient, house: House, message_id: str) -> None:
    suggestion = house.suggestion(message_id)
    ok(decide(agent, house, message_id, "reject", reason="wrong_tone"))

    with TestClient(create_app(parts=house.parts)) as other:
        other.headers["X-CSRF-Token"] = sign_in(other, "supervisor")
        sent = {"json": {"text": "Hello."}, "headers": {"If-Match": f'"{suggestion.choice.version}"'}}
        problem = refused(other.post(f"/v1/suggestions/{suggestion.id}/approve", **sent), 409, "already_decided")

    assert (problem["state"], problem["decided_by"]) == ("rejected", house.people["agent"].id)


def test_a_parked_message_is_taken_up_again(agent: TestClient, house: House) -> None:
    message_id = house.say("where is my order")
    again = f"/v1/messages/{message_id}/prepare_again"
    assert "not parked" in refused(agent.post(again))["detail"]

    class Broken:
        bundle_id = "broken"

        def classify(self, text: str, *, thread: object = ()) -> object:
            raise RuntimeError("it broke")

    sound = house.journey
    house.journey = replace(sound, classifier=Broken())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        parked = house.say("where is my parcel")
    with house.store() as work:
        [parked] = [message.id for message in work.messages.page() if "parcel" in message.text]
    for _ in range(4):
        house.clock.move(24 * 3600)
        with pytest.raises(RuntimeError):
            house.journey.prepare(parked)
    agent.headers["X-CSRF-Token"] = sign_in(agent)

    assert ok(agent.get(f"/v1/messages/{parked}"))["work"] == "parked"
    assert ok(agent.post(f"/v1/messages/{parked}/prepare_again"))["work"] != "parked"
    assert sound.queue.rung[-1] == ("prepare", parked)  # type: ignore[attr-defined]


# worked on -----------------------------------------------------------------------------------------------------


def test_a_case_is_given_to_a_person_and_to_nobody(agent: TestClient, house: House, url: str) -> None:
    person = house.people["supervisor"].id

    assert ok(agent.post(f"{url}/assign", json={"to": person}))["assigned_to"] == person
    assert ok(agent.post(f"{url}/assign", json={"to": None}))["assigned_to"] is None
    refused(agent.post(f"{url}/assign", json={"to": "per_nobody"}), 404, "not_found")
    refused(agent.post(f"{url}/assign", json={}), 422, "validation_failed")


def test_a_case_is_snoozed_until_an_hour_and_woken(agent: TestClient, house: House, url: str) -> None:
    until = (house.clock() + timedelta(hours=3)).isoformat()

    case = ok(agent.post(f"{url}/snooze", json={"until": until}))

    assert case["snoozed_until"] == case["snooze"]["until"]
    assert case["snooze"]["by"] == house.people["agent"].id
    assert ok(agent.get("/v1/cases?view=now_due"))["data"] == []
    [listed] = ok(agent.get("/v1/cases?clock=snoozed"))["data"]
    assert listed["id"] == case["id"]
    back = ok(agent.post(f"{url}/wake", json={}))
    assert (back["snoozed_until"], back["snooze"]) == (None, None)
    refused(agent.post(f"{url}/wake", json={}))
    refused(agent.post(f"{url}/snooze", json={"until": house.clock().isoformat()}), 422, "validation_failed")


def test_a_note_is_masked_and_tells_whom_it_names(agent: TestClient, house: House, url: str) -> None:
    note = ok(agent.post(f"{url}/notes", json={"text": f"@supervisor their card is {CARD}"}), 201)

    assert note["text"] == "@supervisor their card is [payment card 1111]"
    assert note["mentions"] == [house.people["supervisor"].id]
    job, notice_id = house.journey.queue.rung[-1]  # type: ignore[attr-defined]
    notice = ok(agent.get(f"/v1/notices/{notice_id}"))
    assert (job, notice["kind"], notice["state"]) == ("notify", "mention", "waiting")
    assert [listed["id"] for listed in ok(agent.get(url))["notes"]] == [note["id"]]


def test_a_note_of_nothing_is_refused_with_what_to_do(agent: TestClient, url: str) -> None:
    problem = refused(agent.post(f"{url}/notes", json={"text": " \n "}), 422, "validation_failed")

    assert problem["detail"] == "Write what your colleagues should know."


def test_a_case_is_resolved_once_and_by_who_did_it_first(agent: TestClient, house: House, url: str) -> None:
    first = ok(agent.post(f"{url}/resolve", json={"ask": False}))
    house.clock.move(60)
    with TestClient(create_app(parts=house.parts)) as other:
        other.headers["X-CSRF-Token"] = sign_in(other, "supervisor")
        second = ok(other.post(f"{url}/resolve", json={"ask": False}))

    assert (first["state"], first["resolution"]) == ("resolved", "solved")
    assert first["resolved_by"] == second["resolved_by"] == house.people["agent"].id
    assert first["resolved_at"] == second["resolved_at"]


def test_only_a_resolved_case_is_opened_again(agent: TestClient, url: str) -> None:
    problem = refused(agent.post(f"{url}/reopen"))
    assert (problem["state"], problem["detail"]) == ("new", "This case is open already.")

    ok(agent.post(f"{url}/resolve", json={"ask": False}))

    case = ok(agent.post(f"{url}/reopen"))
    assert (case["state"], case["resolved_by"], case["resolution"]) == ("new", None, None)


def test_who_writes_again_opens_a_resolved_case(agent: TestClient, house: House) -> None:
    url = f"/v1/cases/{house.case(house.say('where is my order', thread='t'))}"
    reply = ok(agent.post(f"{url}/answer", json={"text": "It is on its way."}))
    house.clock.move(60)
    house.journey.deliver(reply["id"])
    ok(agent.post(f"{url}/resolve", json={"ask": False}))

    house.say("it is still not here", thread="t")

    case = ok(agent.get(url))
    assert (case["state"], case["turn"], case["resolved_at"]) == ("open", 2, None)


def test_what_is_offline_is_refused_with_where_it_stands(agent: TestClient, house: House) -> None:
    url = f"/v1/cases/{house.case(house.say(f'charged, my card is {CARD}'))}"

    still_open = refused(agent.post(f"{url}/resolve", json={}))
    ok(agent.post(f"{url}/offline", json={"state": "contacted"}))
    waived = ok(agent.post(f"{url}/offline", json={"state": "waived", "waiver": f"They rang about {CARD}."}))
    twice = refused(agent.post(f"{url}/offline", json={"state": "contacted"}))

    assert (still_open["state"], waived["state"]) == (CaseState.OFFLINE, "waived")
    assert CARD not in str(waived)
    assert (twice["state"], twice["by"]) == ("waived", house.people["agent"].id)
    assert "waived already" in twice["detail"]


def test_a_case_that_was_never_offline_has_no_loop_to_close(agent: TestClient, url: str) -> None:
    refused(agent.get(f"{url}/offline"), 404, "not_found")
    refused(agent.post(f"{url}/offline", json={"state": "contacted"}), 404, "not_found")
    assert "no loop" in refused(agent.post(f"{url}/offline/close", json={"text": "All settled."}))["detail"]


def test_a_question_asked_on_a_channel_that_rehearses_is_a_rehearsal(agent: TestClient, house: House) -> None:
    from tests.api.doubles import PlainPlaybook

    asking = replace(house.journey, playbook=PlainPlaybook(asked="Were we of help? Answer with 1 to 5."))
    with TestClient(create_app(parts=replace(house.parts, journey=asking))) as client:
        client.headers["X-CSRF-Token"] = sign_in(client)
        url = f"/v1/cases/{house.case(house.say('where is my order'))}"
        ok(client.post(f"{url}/answer", json={"text": "It is on its way."}))
        house.clock.move(1)
        ok(client.post(f"{url}/resolve", json={"ask": True}))
        replies = ok(client.get(url))["replies"]

    assert [(reply["purpose"], reply["is_rehearsal"]) for reply in replies] == [
        ("answer", True),
        ("satisfaction", True),
    ]


@pytest.mark.parametrize("address", ["/v1/threads/any/resolve", "/v1/threads/any/reopen", "/v1/offline/any"])
def test_the_steps_of_a_thread_stand_under_its_case_alone(agent: TestClient, address: str) -> None:
    refused(agent.post(address, json={}), 404, "not_found")


# the page of the API -------------------------------------------------------------------------------------------


def test_what_the_page_of_the_api_shows_for_cases_can_be_sent(agent: TestClient, house: House, url: str) -> None:
    page = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8").partition("## Cases")[2].partition("\n## ")[0]
    reads = re.findall(r'^curl "http://127\.0\.0\.1:8080(/v1/cases\S*)" -H "Authorization', page, re.MULTILINE)
    acts = re.findall(r"^act (\S+) '(.+)'$", page, re.MULTILINE)
    officer = EscalationStep("Officer", timedelta(0), timedelta(hours=1), "officer@example.org")
    house.journey.playbook.steps = {"safety": (officer,)}  # type: ignore[attr-defined]

    assert (len(reads), len(acts)) == (3, 7)
    for path in reads:
        ok(agent.get(path.replace("$CASE", url.rsplit("/", 1)[1])))
    for act, body in acts:
        assert agent.post(f"{url}/{act}", json=json.loads(body)).status_code < 300, act


# who may -------------------------------------------------------------------------------------------------------

ACTS: dict[str, dict[str, Any]] = {
    "answer": {"text": "Hello."},
    "assign": {"to": None},
    "snooze": {"until": "2026-03-05T09:00:00Z"},
    "wake": {},
    "notes": {"text": "A note."},
    "hand_over": {"to": "safety"},
    "resolve": {"ask": False},
    "reopen": {},
    "offline": {"state": "contacted"},
    "offline/close": {"text": "Hello."},
}


def test_a_key_reads_a_case_and_acts_on_none(anyone: TestClient, house: House, message_id: str, url: str) -> None:
    key = {"Authorization": f"Bearer {house.keys['all']}"}
    before = ok(anyone.get(url, headers={"Authorization": f"Bearer {house.keys[Scope.READ]}"}))

    for act, sent in ACTS.items():
        refused(anyone.post(f"{url}/{act}", json=sent, headers=key), 403, "needs_person")

    assert ok(anyone.get(url, headers=key)) == before
    assert ok(anyone.get("/v1/cases", headers=key))["data"] == [before]
    assert ok(anyone.get("/v1/cases?view=mine", headers=key))["data"] == []


@pytest.mark.parametrize("act", [*ACTS, ""])
def test_a_case_that_is_none_is_not_found(agent: TestClient, act: str) -> None:
    address = "/v1/cases/cas_none" + (f"/{act}" if act else "")

    answer = agent.post(address, json=ACTS[act]) if act else agent.get(address)

    if act == "hand_over":  # Nobody can be reached by this playbook, whatever the case.
        refused(answer, 422, "validation_failed")
    else:
        refused(answer, 404, "not_found")


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"reopen", "resolve", "wake"}))
def test_an_act_takes_no_key_it_does_not_name(agent: TestClient, url: str, act: str) -> None:
    problem = refused(agent.post(f"{url}/{act}", json={**ACTS[act], "approved_by": "x"}), 422, "validation_failed")

    assert "a key here that this request does not have" in problem["errors"][0]["detail"]
