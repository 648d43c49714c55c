"""Endpoints of other systems: what a real receiver gets, how it is signed and retried, and when it ends."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from care.endpoint import DeliveryState, Endpoint, EndpointFormat, EventDelivery
from care.errors import BadStep, Conflict
from care.escalation import NoticeKind, NoticeState
from care.events import EventType
from care.journey import Journey
from care.reply import Approval
from care.retries import TELL
from care.telling import Endpoints, Telling, Wanted
from channels.rehearsal import RehearsalChannel
from store.work import SqlStore
from tests.doubles import ANNA, FixedClock, RecordingQueue, inbound
from tests.receiver import Receiver, receiving
from wiring.telling import EndpointTeller

KEY = "the deployment's secret key, as a test has it"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listener:
        yield listener


class Side:
    """What a program has of us: endpoints, and a worker that tells them."""

    def __init__(self, store: SqlStore, clock: FixedClock, queue: RecordingQueue) -> None:
        self.store, self.clock = store, clock
        # The signature's time is the real one: the reference library compares it with its own clock.
        self.teller = EndpointTeller(store, _real_clock, "https://care.example.org", KEY, is_private_allowed=True)
        self.endpoints = Endpoints(store, self.teller, queue, clock)
        self.telling = Telling(store, self.teller, clock, lease_s=60)

    def add(self, receiver: Receiver, **wanted: object) -> Endpoint:
        return self.endpoints.add(Wanted(url=receiver.url, **wanted), by="per_admin")  # type: ignore[arg-type]

    def log(self, endpoint: Endpoint) -> list[EventDelivery]:
        with self.store() as work:
            return sorted(work.endpoints.deliveries(endpoint.id), key=lambda delivery: delivery.event_number)

    def work_off(self, endpoint: Endpoint) -> None:
        """A worker does everything that is due."""
        for delivery in self.log(endpoint):
            self.telling.tell(delivery.id)

    def kept(self, endpoint: Endpoint) -> Endpoint:
        with self.store() as work:
            return work.endpoints.get(endpoint.id)


def _real_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def side(any_store: SqlStore, clock: FixedClock, queue: RecordingQueue) -> Side:
    return Side(any_store, clock, queue)


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store)


def answered(walk: Journey, store: SqlStore, text: str = "My parcel is lost") -> None:
    [message_id] = walk.receive([inbound(text=text)])
    walk.prepare(message_id)
    with store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    approval = Approval(by=ANNA.id, text="We are on it.", version=suggestion.choice.version)
    walk.deliver(walk.approve(suggestion.id, approval).id)


def test_an_endpoint_hears_of_a_message_from_its_first_moment_to_its_answer(
    side: Side, walk: Journey, any_store: SqlStore, receiver: Receiver
) -> None:
    endpoint = side.add(receiver)
    answered(walk, any_store)

    side.work_off(endpoint)

    assert receiver.types == [
        "message.received",
        "message.classified",
        "suggestion.ready",
        "suggestion.decided",
        "reply.sent",
    ]
    assert {delivery.state for delivery in side.log(endpoint)} == {DeliveryState.DELIVERED}


def test_what_is_told_holds_ids_and_labels_and_no_word_of_anybody(
    side: Side, walk: Journey, any_store: SqlStore, receiver: Receiver
) -> None:
    endpoint = side.add(receiver)
    answered(walk, any_store, text="My parcel is lost, card 4111 1111 1111 1111")

    side.work_off(endpoint)

    told = b" ".join(post.body for post in receiver.posts)
    assert all(word not in told for word in (b"parcel", b"4111", b"on it", b"@ana"))
    assert all(post.json["data"]["case_id"] for post in receiver.posts)


def test_with_objects_it_gets_them_in_the_shapes_of_the_api_masked_as_they_are_kept(
    side: Side, walk: Journey, any_store: SqlStore, receiver: Receiver
) -> None:
    endpoint = side.add(receiver, has_objects=True)
    answered(walk, any_store)

    side.work_off(endpoint)

    received, _, ready, _, sent = (post.json["data"] for post in receiver.posts)
    assert received["message"]["text"] == "My parcel is lost"
    assert ready["suggestion"]["object"] == "suggestion"
    assert sent["reply"]["text"] == "We are on it."
    assert sent["case"]["state"] == "waiting_for_customer"


def test_the_reference_library_accepts_every_signature_and_no_other_secret(
    side: Side, walk: Journey, receiver: Receiver
) -> None:
    endpoint = side.add(receiver)
    walk.receive([inbound()])
    side.work_off(endpoint)

    [post] = receiver.posts
    [secret] = side.teller.secrets(endpoint)
    Webhook(secret).verify(post.body, post.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(side.teller.secrets(replace(endpoint, id="whk_other"))[0]).verify(post.body, post.headers)


def test_for_a_day_after_a_rotation_both_secrets_fit_and_then_the_new_one_alone(
    any_store: SqlStore, clock: FixedClock, queue: RecordingQueue, walk: Journey, receiver: Receiver
) -> None:
    side = Side(any_store, clock, queue)
    side.teller = replace(side.teller, clock=clock)
    side.telling = replace(side.telling, teller=side.teller)
    endpoint = side.add(receiver)
    [old] = side.teller.secrets(endpoint)
    rotated = side.endpoints.rotate(endpoint.id, by="per_admin")
    new, still = side.teller.secrets(rotated)
    walk.receive([inbound()])
    side.work_off(endpoint)

    signatures = receiver.posts[0].headers["webhook-signature"].split(" ")
    clock.advance(timedelta(hours=24).total_seconds() + 1)

    assert still == old != new
    assert len(signatures) == 2
    assert side.teller.secrets(rotated) == (new,)


def test_no_secret_of_an_endpoint_stands_in_the_database(side: Side, receiver: Receiver) -> None:
    endpoint = side.add(receiver)
    [secret] = side.teller.secrets(endpoint)

    with side.store() as work:
        assert secret.removeprefix("whsec_") not in repr(work.endpoints.get(endpoint.id))


def test_as_a_cloud_event_it_is_one_by_its_specification(side: Side, walk: Journey, receiver: Receiver) -> None:
    endpoint = side.add(receiver, format=EndpointFormat.CLOUDEVENTS)
    walk.receive([inbound()])
    side.work_off(endpoint)

    [post] = receiver.posts
    told = post.json
    assert post.headers["content-type"] == "application/cloudevents+json"
    assert told["specversion"] == "1.0"
    assert (told["id"], told["type"]) == (post.headers["webhook-id"], "tactful.message.received")
    assert told["source"] == "https://care.example.org"
    assert told["subject"] == told["data"]["case_id"]
    Webhook(side.teller.secrets(endpoint)[0]).verify(post.body, post.headers)


def test_what_was_not_taken_is_told_again_later_with_the_same_id(
    side: Side, walk: Journey, clock: FixedClock, receiver: Receiver
) -> None:
    receiver.statuses = [500, 404, 302, 204]
    endpoint = side.add(receiver)
    walk.receive([inbound()])

    side.work_off(endpoint)
    side.work_off(endpoint)
    for wait_s in TELL.back_off_s[:3]:
        clock.advance(wait_s * 1.2)
        side.work_off(endpoint)

    [delivery] = side.log(endpoint)
    assert [attempt.status for attempt in delivery.attempts] == [500, 404, 302, 204]
    assert len({post.headers["webhook-id"] for post in receiver.posts}) == 1
    assert len({post.body for post in receiver.posts}) == 1
    assert side.kept(endpoint).failing_since is None


def test_who_asks_for_time_gets_it(side: Side, walk: Journey, clock: FixedClock, receiver: Receiver) -> None:
    receiver.statuses, receiver.headers = [503, 204], {"retry-after": "3000"}
    endpoint = side.add(receiver)
    walk.receive([inbound()])
    side.work_off(endpoint)

    clock.advance(2900)
    side.work_off(endpoint)
    assert len(receiver.posts) == 1
    clock.advance(200)
    side.work_off(endpoint)

    assert len(receiver.posts) == 2


def test_an_endpoint_that_takes_nothing_for_a_day_is_switched_off_and_its_owner_told(
    side: Side, walk: Journey, clock: FixedClock, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    endpoint = side.add(receiver, owner="ops@example.org")
    walk.receive([inbound()])
    side.work_off(endpoint)
    for wait_s in TELL.back_off_s:
        clock.advance(wait_s * 1.2)
        side.work_off(endpoint)

    kept = side.kept(endpoint)
    phone = RehearsalChannel("notices", is_public=False, secrets=())
    with side.store() as work:
        ids = work.recovery.unrung_notices(unrung_s=0)
    replace(walk, notifier=phone, console_url="https://care.example.org").delivery.notify(ids[0])

    assert (kept.is_on, kept.off_why) == (False, "It took nothing for a day.")
    [notice] = phone.told
    assert (notice.about.kind, notice.recipient, notice.about.subject_id) == (
        NoticeKind.ENDPOINT_OFF,
        "ops@example.org",
        endpoint.id,
    )
    with side.store() as work:
        assert work.notices.get(notice.id).sending.state is NoticeState.SENT


def test_one_that_took_something_meanwhile_stays_on(
    side: Side, walk: Journey, clock: FixedClock, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    endpoint = side.add(receiver)
    walk.receive([inbound()])
    [first] = side.log(endpoint)
    for n, wait_s in enumerate((0.0, *TELL.back_off_s)):
        clock.advance(wait_s * 1.2)
        side.telling.tell(first.id)
        if n == 4:
            receiver.statuses = [204]
            walk.receive([inbound(outside_id="m2", thread_key="t2")])
            side.telling.tell(side.log(endpoint)[-1].id)
            receiver.statuses = [500]

    assert side.log(endpoint)[0].state is DeliveryState.FAILED
    assert side.kept(endpoint).is_on


def test_one_that_says_it_is_gone_is_told_nothing_more(side: Side, walk: Journey, receiver: Receiver) -> None:
    receiver.statuses = [410]
    endpoint = side.add(receiver)
    walk.receive([inbound()])
    side.work_off(endpoint)
    walk.receive([inbound(outside_id="m2", thread_key="t2")])

    assert not side.kept(endpoint).is_on
    assert [delivery.state for delivery in side.log(endpoint)] == [DeliveryState.FAILED]


def test_what_was_missed_is_sent_again_once_it_is_on_again(side: Side, walk: Journey, receiver: Receiver) -> None:
    receiver.statuses = [410, 204]
    endpoint = side.add(receiver)
    walk.receive([inbound()])
    side.work_off(endpoint)
    [missed] = side.log(endpoint)
    with pytest.raises(Conflict, match="switch it on first"):
        side.endpoints.resend(missed.id, by="per_admin")

    side.endpoints.change(endpoint.id, Wanted(is_on=True), by="per_admin")
    assert side.endpoints.resend_failed(endpoint.id, by="per_admin") == [missed.id]
    side.work_off(endpoint)

    assert side.log(endpoint)[0].state is DeliveryState.DELIVERED
    side.endpoints.resend(missed.id, by="per_admin")
    side.work_off(endpoint)
    assert len(receiver.posts) == 3


def test_an_endpoint_that_is_off_misses_what_happens_and_can_read_it_in_the_feed(
    side: Side, walk: Journey, any_store: SqlStore, receiver: Receiver
) -> None:
    endpoint = side.add(receiver)
    side.endpoints.change(endpoint.id, Wanted(is_on=False), by="per_admin")
    walk.receive([inbound()])

    assert side.log(endpoint) == []
    with any_store(read=True) as work:
        assert work.trail.events(after=0, names=["message.received"])


def test_a_sample_goes_to_the_endpoint_that_is_tried(side: Side, receiver: Receiver) -> None:
    endpoint = side.add(receiver, types=frozenset({EventType.REPLY_SENT}))

    made = side.endpoints.trigger(endpoint.id, EventType.CASE_CLIMBED, by="per_admin")
    side.telling.tell(made.id)

    [post] = receiver.posts
    assert (post.json["type"], post.json["data"]["is_sample"]) == ("case.climbed", True)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://[64:ff9b::7f00:1]/",
        "ftp://example.org/",
        "https:///x",
        "x",
    ],
)
def test_an_address_inside_or_in_clear_is_refused_when_it_is_named(side: Side, url: str) -> None:
    teller = replace(side.teller, is_private_allowed=False)

    with pytest.raises(BadStep, match="public internet"):
        replace(side.endpoints, teller=teller).add(Wanted(url=url), by="per_admin")


def test_an_address_that_leads_inside_later_gets_no_byte(side: Side, walk: Journey, receiver: Receiver) -> None:
    endpoint = side.add(receiver)
    walk.receive([inbound()])
    strict = replace(side.telling, teller=replace(side.teller, is_private_allowed=False))

    strict.tell(side.log(endpoint)[0].id)

    assert receiver.posts == []
    [attempt] = side.log(endpoint)[0].attempts
    assert attempt.status is None
    assert attempt.problem
