"""A message with something sensitive leaves the open by itself, and its thread stays open until the loop is closed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.depends import Parts
from care.answering import Words
from care.case import Ending
from care.decision import Action
from care.errors import Conflict, SensitiveBlocked
from care.journey import Journey
from care.lists import View
from care.message import Author, Inbound, Origin, Visibility
from care.offline import OfflineState
from care.people import change_password
from care.ports import Receipt
from care.reply import Approval, Rejection, RejectReason, ReplyStage
from care.sensitive import Handling
from model.sensitive import SensitiveFinder
from playbook.book import load
from store.work import SqlStore
from tests.doubles import ANNA, FixedClock, StubChannel, StubClassifier, StubRedactor
from tests.journeys.planted import Planted, planted
from wiring.assemble import Assembly
from wiring.passwords import hash_password
from wiring.settings import SOURCE, Settings

pytestmark = pytest.mark.issue(4)
CARD = "my card is 4111 1111 1111 1111, you charged it twice"
FLAGGED = [planted_value for planted_value in planted() if planted_value.kind not in ("email", "phone")][:200]
BOOK = load(SOURCE / "fixtures" / "playbook")
REACHED = BOOK.reach.safe_channels
SAFE = [word for channel in REACHED for word in (channel.say, channel.link) if word] + [BOOK.brand.phone]
PLACES = ("x", "facebook", "chat", "email")


@pytest.fixture(scope="module")
def thinking() -> dict[str, object]:
    """The real detector, playbook and tone check; none of them keeps anything."""
    parts = Assembly(Settings(home=Path("/nowhere")), is_trial=True)
    return {
        "redactor": parts.redactor,
        "playbook": parts.playbook,
        "tone": parts.tone,
        "channels": {name: StubChannel(name, is_public=name in ("x", "facebook")) for name in PLACES},
    }


@pytest.fixture
def walk(store: SqlStore, make_journey: Callable[..., Journey], thinking: dict[str, object]) -> Journey:
    return make_journey(store, **thinking)


def written(text: str, *, n: int = 0, channel: str = "x", thread: str | None = None, name: str = "Kim Doe") -> Inbound:
    return Inbound(
        origin=Origin(channel=channel, outside_id=f"m{n}", thread_key=thread or f"t{n}", written_at=FixedClock().now),
        author=Author(handle=f"kim{thread or n}", name=name),
        text=text,
        visibility=Visibility.PUBLIC if channel in ("x", "facebook") else Visibility.PRIVATE,
    )


def prepared(walk: Journey, *messages: Inbound) -> list[str]:
    ids = walk.receive(messages)
    for message_id in ids:
        walk.prepare(message_id)
    return ids


def thread_of(walk: Journey, message_id: str) -> str:
    with walk.store() as work:
        return work.messages.get(message_id).case_id


def hidden_digits(planted_value: Planted) -> set[str]:
    """Every row of five digits of the value: fewer are in any telephone number."""
    digits = re.sub(r"\D", "", "".join(planted_value.cores))
    return {digits[place : place + 5] for place in range(len(digits) - 4)}


def test_200_flagged_messages_get_only_safe_drafts_and_each_its_task(walk: Journey) -> None:
    ids = prepared(
        walk, *(written(planted_value.text, n=n, channel=PLACES[n % 4]) for n, planted_value in enumerate(FLAGGED))
    )

    n_drafts = 0
    for message_id, planted_value in zip(ids, FLAGGED, strict=True):
        with walk.store() as work:
            case = work.cases.file(message_id)
        assert case.message.masking.handling is Handling.OFFLINE, planted_value.kind
        assert case.suggestion is not None
        assert case.suggestion.decision.action is Action.TAKE_OFFLINE
        assert case.suggestion.drafts
        for draft in case.suggestion.drafts:
            n_drafts += 1
            assert draft.is_offline
            assert any(safe in draft.text for safe in SAFE), draft.text
            assert not any(core in draft.text for core in planted_value.cores)
            said = re.sub(r"\D", "", draft.text.replace(BOOK.brand.phone, ""))
            assert not any(digits in said for digits in hidden_digits(planted_value))
            if case.message.is_public:
                assert "delete" in draft.text.lower(), draft.text
        task = case.offline
        assert task is not None
        assert (task.state, task.message_id, task.case_id) == (OfflineState.OPEN, message_id, case.message.case_id)
        assert task.owner in BOOK.reach.teams
        assert task.owner != "none"
        assert task.due_at == case.suggestion.decision.due_at
        assert planted_value.kind in task.categories
    assert n_drafts > len(FLAGGED)
    with walk.store() as work:
        assert work.lists.figures()["offline"] == {"open": 200}


def test_the_task_is_there_before_anything_was_thought_about(walk: Journey) -> None:
    broken = replace(walk, classifier=StubClassifier(error=RuntimeError("no model")))
    [message_id] = broken.receive([written(CARD)])
    with pytest.raises(RuntimeError):
        broken.prepare(message_id)

    with walk.store() as work:
        case = work.cases.file(message_id)
        assert [listed.message.id for listed in work.lists.page(View.OFFLINE).cases] == [message_id]
    assert case.offline is not None
    assert case.offline.categories == ("payment_card",)
    with pytest.raises(Conflict):
        walk.casework.resolve(case.message.case_id, by=ANNA.id)


def test_what_only_the_subject_gave_away_is_flagged_too(walk: Journey) -> None:
    [message_id] = prepared(walk, replace(written("See above.", channel="email"), subject=CARD))

    with walk.store() as work:
        case = work.cases.file(message_id)
    assert case.message.masking.handling is Handling.OFFLINE
    assert "4111 1111" not in (case.message.subject or "")
    assert case.offline is not None
    assert case.offline.categories == ("payment_card",)


def test_nobody_can_resolve_the_thread_while_the_matter_is_open(walk: Journey) -> None:
    [message_id] = prepared(walk, written(CARD))
    case_id = thread_of(walk, message_id)

    with pytest.raises(Conflict, match="taken offline"):
        walk.casework.resolve(case_id, by=ANNA.id)
    with pytest.raises(Conflict, match="taken offline"), walk.store() as work:
        # Whoever goes past the journey, a bulk action say, meets the store.
        work.cases.save(replace(work.cases.lock(case_id), ending=Ending(walk.clock())))
    with pytest.raises(Conflict):
        walk.answering.close_in_public(message_id, Words(ANNA.id, "All settled, thank you."))
    with pytest.raises(Conflict):
        walk.casework.move_offline(case_id, OfflineState.CLOSED, by=ANNA.id)
    with pytest.raises(Conflict, match="why"):
        walk.casework.move_offline(case_id, OfflineState.WAIVED, by=ANNA.id, waiver="  ")


def test_contact_and_a_reply_where_it_began_close_it(walk: Journey) -> None:
    [message_id] = prepared(walk, written(CARD))
    case_id = thread_of(walk, message_id)

    task = walk.casework.move_offline(case_id, OfflineState.CONTACTED, by=ANNA.id)
    assert task.owner == ANNA.id
    with pytest.raises(Conflict, match="taken offline"):
        walk.casework.resolve(case_id, by=ANNA.id)
    reply = walk.answering.close_in_public(message_id, Words(ANNA.id, "It is settled, thank you for your patience."))
    walk.casework.resolve(case_id, by=ANNA.id)

    assert (reply.address.channel, reply.address.in_reply_to) == ("x", "m0")
    with walk.store() as work:
        assert work.cases.file(message_id).case.is_resolved


def test_a_closing_reply_that_is_taken_back_opens_the_matter_again(walk: Journey) -> None:
    [message_id] = prepared(walk, written(CARD))
    case_id = thread_of(walk, message_id)
    walk.casework.move_offline(case_id, OfflineState.CONTACTED, by=ANNA.id)
    reply = walk.answering.close_in_public(message_id, Words(ANNA.id, "It is settled, thank you for your patience."))
    walk.casework.resolve(case_id, by=ANNA.id)

    walk.answering.withdraw(reply.id, by=ANNA.id)

    with walk.store() as work:
        case = work.cases.file(message_id)
    assert case.offline is not None
    assert case.offline.state is OfflineState.CONTACTED
    assert not case.case.is_resolved
    walk.answering.close_in_public(message_id, Words(ANNA.id, "It is settled now, thank you for your patience."))
    with pytest.raises(Conflict, match="closed already"):
        walk.casework.move_offline(case_id, OfflineState.CONTACTED, by=ANNA.id)


def test_a_waiver_is_a_persons_reason_without_the_value(walk: Journey) -> None:
    [message_id] = prepared(walk, written(CARD))
    case_id = thread_of(walk, message_id)

    reason = "She rang us about 4111 1111 1111 1111 and deleted her account."
    task = walk.casework.move_offline(case_id, OfflineState.WAIVED, by=ANNA.id, waiver=reason)
    walk.casework.resolve(case_id, by=ANNA.id)

    assert task.waiver == "She rang us about <PAYMENT_CARD 411111…1111> and deleted her account."
    assert (task.owner, task.changed_by) == (ANNA.id, ANNA.id)


def test_of_several_messages_each_thread_has_its_own_task_and_one_at_a_time(walk: Journey, clock: FixedClock) -> None:
    first, plain, other, again = prepared(
        walk,
        written(CARD, n=1, thread="a"),
        written("Where is my parcel?", n=2, thread="b"),
        written("my password is hunter2!swordfish", n=3, thread="c"),
        written("my iban is DE89370400440532013000", n=4, thread="a"),
    )

    with walk.store() as work:
        tasks = {id: work.cases.file(id).offline for id in (first, plain, other, again)}
    assert tasks[plain] is None
    assert tasks[first] == tasks[again]
    assert [task.message_id for task in (tasks[first], tasks[other]) if task] == [first, other]
    case_id = thread_of(walk, first)
    walk.casework.move_offline(case_id, OfflineState.WAIVED, by=ANNA.id, waiver="Settled by phone.")
    clock.advance(60)
    [third] = prepared(walk, written(CARD, n=5, thread="a"))
    with walk.store() as work:
        task = work.offline.of_case(case_id)
    assert task is not None
    assert (task.message_id, task.state) == (third, OfflineState.OPEN)


def test_something_sensitive_in_a_resolved_thread_opens_it_again(walk: Journey) -> None:
    [message_id] = prepared(walk, written("Where is my parcel?", n=1, thread="a"))
    walk.casework.resolve(thread_of(walk, message_id), by=ANNA.id)

    [later] = prepared(walk, written(CARD, n=2, thread="a"))

    with walk.store() as work:
        assert not work.cases.file(later).case.is_resolved


# what a person writes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", FLAGGED[:40], ids=lambda planted_value: planted_value.kind)
def test_a_reply_with_the_value_is_refused_by_kind_and_place(walk: Journey, one: Planted) -> None:
    [message_id] = prepared(walk, written("Where is my parcel?"))
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None

    with pytest.raises(SensitiveBlocked) as refused:
        walk.approve(suggestion.id, Approval(by=ANNA.id, text=one.text, version=1))

    assert one.kind in str(refused.value)
    assert not any(core in str(refused.value) for core in one.cores)
    with walk.store() as work:
        assert work.cases.file(message_id).reply is None


@pytest.mark.issue(13)
@pytest.mark.parametrize("text", ["please send it to 31 Elm Road, York YO10 4DD", "Kim Doe 07700 900123, call me"])
def test_an_address_or_a_persons_number_leaves_the_open_in_public_and_stays_readable_in_private(
    walk: Journey, text: str
) -> None:
    in_public, in_private = prepared(walk, written(text), written(text, n=1, channel="chat"))

    with walk.store() as work:
        public, private = work.messages.get(in_public), work.messages.get(in_private)
        tasks = [work.offline.of_case(kept.case_id) for kept in (public, private)]
    assert text not in public.text
    assert private.text == text
    assert [task is not None for task in tasks] == [True, False]


def test_our_own_number_and_address_may_go_out(walk: Journey) -> None:
    [message_id] = prepared(walk, written(CARD))
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None

    text = f"Hi Kim, please call {BOOK.brand.phone} or write to {BOOK.brand.care_email}, we will help you there."
    reply = walk.approve(suggestion.id, Approval(by=ANNA.id, text=text, version=1))

    assert reply.said.text == text


def test_a_card_number_never_goes_out_even_where_it_is_only_masked(walk: Journey) -> None:
    lenient = replace(walk, redactor=SensitiveFinder({"payment_card": Handling.MASK, "iban": Handling.MASK}))
    [message_id] = prepared(lenient, written("Where is my parcel?"))
    with lenient.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None

    with pytest.raises(SensitiveBlocked, match="payment_card"):
        lenient.approve(suggestion.id, Approval(by=ANNA.id, text=CARD, version=1))
    ours = "Please use our account DE89370400440532013000 for the transfer, thank you."
    assert lenient.approve(suggestion.id, Approval(by=ANNA.id, text=ours, version=1)).said.text == ours


def test_a_reply_that_cannot_be_checked_does_not_go_out(walk: Journey) -> None:
    [message_id] = prepared(walk, written("Where is my parcel?"))
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    blind = replace(walk, redactor=StubRedactor(is_broken=True))

    with pytest.raises(SensitiveBlocked, match="could not be checked"):
        blind.approve(suggestion.id, Approval(by=ANNA.id, text="We are on it.", version=1))


def test_labels_and_receipts_keep_no_value_either(walk: Journey) -> None:
    [message_id] = prepared(walk, written("Where is my parcel?"))
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    card = {"intent": "4111111111111111"}

    with pytest.raises(SensitiveBlocked):
        walk.casework.relabel(message_id, by=ANNA.id, labels=card)
    with pytest.raises(SensitiveBlocked):
        walk.answering.reject(suggestion.id, Rejection(by=ANNA.id, version=1, reason=RejectReason.OTHER, labels=card))
    with pytest.raises(SensitiveBlocked):
        walk.approve(suggestion.id, Approval(by=ANNA.id, text="We are on it.", version=1, labels=card))
    reply = walk.approve(suggestion.id, Approval(by=ANNA.id, text="We are on it.", version=1))
    walk.deliver(reply.id)
    failed = walk.acknowledge("x", Receipt(reply.id, None, is_delivered=False, detail=f"refused: {CARD}"))

    assert failed.sending.stage is ReplyStage.FAILED
    assert failed.sending.problem == "refused: my card is <PAYMENT_CARD 411111…1111>, you charged it twice"


def test_a_name_is_no_place_for_a_card_and_an_address_stays(walk: Journey) -> None:
    typed, mailed, numbered = prepared(
        walk,
        written("Where is my parcel?", n=1, name="4111 1111 1111 1111"),
        replace(
            written("Any news?", n=2, channel="email"), author=Author("kim@example.test", "Kim 4111-1111-1111-1111")
        ),
        replace(written("Hello?", n=3), author=Author("4111111111111111", "Kim")),
    )

    with walk.store() as work:
        authors = [work.messages.get(id).author for id in (typed, mailed, numbered)]
    assert [author.name for author in authors] == [None, None, "Kim"]
    assert [author.handle for author in authors] == ["kim1", "kim@example.test", "4111111111111111"]


# where people see it -------------------------------------------------------------------------------------------------


@pytest.fixture
def person(walk: Journey) -> Iterator[TestClient]:
    """Anna, signed in."""
    password = "correct horse battery"
    with walk.store() as work:
        change_password(work, ANNA, hash_password(password))
    parts = Parts(journey=walk, public_url="http://testserver")
    with TestClient(create_app(parts=parts), follow_redirects=False) as client:
        entry = client.post("/v1/session", json={"email": ANNA.email, "password": password})
        client.headers.update({"Origin": "http://testserver", "X-CSRF-Token": entry.json()["csrf"]})
        yield client


def test_the_states_stand_in_the_api_with_owner_and_due_time(walk: Journey, person: TestClient) -> None:
    [message_id] = prepared(walk, written(CARD))
    message = person.get(f"/v1/messages/{message_id}").json()
    url = f"/v1/cases/{message['case_id']}"
    case = person.get(url).json()

    assert message["sensitive"]["action"] == "offline"
    assert case["state"] == "offline"
    assert case["offline"]["state"] == "open"
    assert case["offline"]["owner"] == message["suggestion"]["decision"]["team"]
    assert case["offline"]["due_at"] == message["suggestion"]["decision"]["due_at"]
    assert person.post(f"{url}/resolve", json={}).status_code == 409
    assert person.post(f"{url}/offline", json={"state": "closed"}).status_code == 409
    assert person.post(f"{url}/offline", json={"state": "waived"}).status_code == 409
    assert person.post(f"{url}/offline", json={"state": "contacted"}).json()["owner"] == ANNA.id
    assert person.post(f"{url}/offline/close", json={"text": CARD}).json()["code"] == "sensitive_blocked"
    assert person.post(f"{url}/offline/close", json={"text": "It is settled, thank you."}).status_code == 200
    assert person.get(f"{url}/offline").json()["state"] == "closed"
    assert person.post(f"{url}/resolve", json={}).json()["state"] == "resolved"


def test_the_console_shows_the_path_and_refuses_to_resolve(walk: Journey, person: TestClient) -> None:
    [message_id] = prepared(walk, written(CARD))
    page = person.get(f"/cases/{message_id}").text

    assert "Offline path" in page
    assert "4111 1111" not in page
    refused = person.post(f"/cases/{message_id}/resolve", data=form(person))
    assert refused.status_code == 409
    assert "taken offline" in refused.text


def test_a_withheld_message_is_shown_as_such(walk: Journey, person: TestClient) -> None:
    classifier = StubClassifier()
    blind = replace(walk, redactor=StubRedactor(is_broken=True), classifier=classifier)
    [message_id] = prepared(blind, written(CARD))

    message = person.get(f"/v1/messages/{message_id}").json()
    page = person.get(f"/cases/{message_id}").text

    assert message["sensitive"]["action"] == "withheld"
    assert person.get(f"/v1/cases/{message['case_id']}").json()["offline"]["is_open"]
    assert "4111" not in person.get(f"/v1/messages/{message_id}").text
    assert "Withheld." in page
    assert "4111" not in page
    assert classifier.asked == [""]
    assert all(draft["offline"] for draft in message["suggestion"]["drafts"])
    with walk.store() as work:
        facts = [event.facts for event in work.trail.events(after=0) if event.event == "message.withheld"]
    assert facts == [{"error": "RuntimeError"}]
    assert 'tactful_kept{kind="sensitive",state="withheld"} 1.0' in person.get("/metrics").text


def form(person: TestClient) -> dict[str, str]:
    return {"csrf": str(person.headers["X-CSRF-Token"]), "view": "offline"}


def test_a_value_that_begins_in_the_subject_and_ends_in_the_body_flags_the_message(walk: Journey) -> None:
    halves = replace(written("1111 1111 is the rest of it", channel="email"), subject="my card number 4111 1111")
    [message_id] = prepared(walk, halves)

    with walk.store() as work:
        case = work.cases.file(message_id)
    assert case.message.masking.handling is Handling.OFFLINE
    assert "1111 1111" not in case.message.text


def test_a_subject_says_what_the_body_does_not(walk: Journey) -> None:
    [message_id] = prepared(walk, replace(written("See attached.", channel="email"), subject="I was charged twice"))

    with walk.store() as work:
        case = work.cases.file(message_id)
        [turn] = work.messages.turns(case.message.thread_id)
    assert case.classification is not None
    assert case.classification.tasks["intent"].label == "billing_problem"
    assert (case.message.text, turn.subject) == ("See attached.", "I was charged twice")
