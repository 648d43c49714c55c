"""From a message nobody answers to the contact who hears of it: told once, by ids and the clock, whatever dies."""

import email
import email.policy
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from aiosmtpd.controller import Controller

from care import retries
from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear, Conflict, NotFound
from care.escalation import Notice, NoticeState
from care.journey import Journey
from care.ports import NOTIFY
from care.reply import Approval
from channels.email import EmailChannel
from channels.rehearsal import RehearsalChannel
from store.work import SqlStore
from tests.channels.test_email import Mailbox, free_port
from tests.doubles import ANNA, BEN, FixedClock, RecordingQueue, inbound
from tests.playbook.builders import the_book
from workers.sweep import climb, sweep

HOUR = 3600.0
POLICY = replace(the_book().policy, clocks={"*": the_book().policy.clocks["webhook"]})
LEASE_S = 60.0


class Phone(RehearsalChannel):
    """A notifier in memory that fails as it is told to."""

    error: Exception | None = None

    def notify(self, notice: Notice) -> None:
        if self.error is not None:
            raise self.error
        super().notify(notice)


@pytest.fixture
def phone() -> Phone:
    return Phone("notices", is_public=False, secrets=())


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey], phone: Phone) -> Journey:
    return make_journey(any_store, notifier=phone, console_url="https://care.example.org", deliver_lease_s=LEASE_S)


def late(walk: Journey, clock: FixedClock, text: str = "Where is my parcel?", **fields: object) -> str:
    """A prepared message that nobody answered in time: half an hour past its target, and climbed."""
    [message_id] = walk.receive([inbound(text, **fields)])  # type: ignore[arg-type]
    walk.prepare(message_id)
    clock.advance(1.5 * HOUR)
    climb(walk.store, POLICY, now=clock())  # type: ignore[arg-type]
    return message_id


def kept(walk: Journey, message_id: str) -> Notice:
    with walk.store() as work:
        [step] = work.cases.file(message_id).handled.climbed
    assert step.notice is not None
    return step.notice


def rung(walk: Journey, queue: RecordingQueue) -> list[str]:
    """The notices that one round of the sweep rings for."""
    queue.rung.clear()
    sweep(walk.store, queue, {}, unrung_s=10)  # type: ignore[arg-type]
    return queue.of(NOTIFY)


def told(walk: Journey) -> list[str]:
    with walk.store() as work:
        return [event.event for event in work.trail.events(after=0, limit=500) if event.event.startswith("notice.")]


# the way of a notice ------------------------------------------------------------------------------------------------


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, EmailChannel]]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    sender = "alerts@lumofinch.example"
    yield (
        box,
        EmailChannel(
            "notices",
            secrets=[],
            sender=sender,
            host="127.0.0.1",
            port=controller.port,
            starttls=False,
            is_public=False,
        ),
    )
    controller.stop()


def test_a_contact_hears_by_mail_which_message_waits_and_nothing_a_customer_wrote(
    walk: Journey, clock: FixedClock, queue: RecordingQueue, mailbox: tuple[Mailbox, EmailChannel]
) -> None:
    box, channel = mailbox
    walk = replace(walk, notifier=channel)
    message_id = late(walk, clock, "My parcel swordfish: 4111111111111111 secret:tuna", handle="kim", thread_key="t9")

    [notice_id] = rung(walk, queue)
    walk.delivery.notify(notice_id)
    walk.delivery.notify(notice_id)

    [raw] = box.got
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    text = mail.get_content()
    assert mail["To"] == "care-lead@lumofinch.example"
    assert mail["Subject"] == "A message on chat climbed to you: 30 min late"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{notice_id}@lumofinch.example>"
    assert f"https://care.example.org/cases/{message_id}?view=all" in text
    for said in (message_id, "chat", "intent delivery problem, urgency normal", "step 1, to the shift lead",
                 "2026-03-02 10:00 UTC, 30 min of staffed time ago", "2026-03-02 11:00 UTC"):  # fmt: skip
        assert said in text
    for hidden in ("swordfish", "4111", "tuna", "card_number", "password", "kim", "t9"):
        assert hidden not in raw.decode()
    assert kept(walk, message_id).sending.state is NoticeState.SENT
    assert rung(walk, queue) == []


def test_a_mail_server_that_asks_for_patience_gets_the_notice_later(
    walk: Journey, clock: FixedClock, queue: RecordingQueue, mailbox: tuple[Mailbox, EmailChannel]
) -> None:
    box, channel = mailbox
    walk = replace(walk, notifier=channel)
    box.rcpt = "451 try later"
    message_id = late(walk, clock)
    walk.delivery.notify(kept(walk, message_id).id)
    box.rcpt = "250 OK"
    assert kept(walk, message_id).sending.state is NoticeState.WAITING

    clock.advance(retries.NOTIFY.back_off_s[0])
    for notice_id in rung(walk, queue):
        walk.delivery.notify(notice_id)

    assert len(box.got) == 1
    assert kept(walk, message_id).sending.state is NoticeState.SENT


def test_a_refused_address_is_seen_on_the_case_and_logged_without_it(
    walk: Journey, clock: FixedClock, mailbox: tuple[Mailbox, EmailChannel], caplog: pytest.LogCaptureFixture
) -> None:
    box, channel = mailbox
    box.rcpt = "550 no such user"
    message_id = late(walk, clock)

    with caplog.at_level(logging.INFO):
        replace(walk, notifier=channel).delivery.notify(kept(walk, message_id).id)

    notice = kept(walk, message_id)
    assert (notice.sending.state, notice.sending.problem) == (NoticeState.FAILED, "notices: the server answered 550")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("tactful")]
    assert ours == [f"contact not told: notice {notice.id}, step 1, notices: the server answered 550"]
    with walk.store() as work:
        events = work.trail.events(after=0, limit=500)
        assert work.lists.figures()["notices"] == {"failed": 1}
    assert [event.event for event in events][-1] == "notice.failed"
    for words in (repr(events), repr(notice)):
        assert "care-lead@" not in words


# who is told -------------------------------------------------------------------------------------------------------


def test_a_contact_without_an_address_only_stands_on_the_case(
    walk: Journey, clock: FixedClock, queue: RecordingQueue
) -> None:
    [message_id] = walk.receive([inbound()])
    walk.prepare(message_id)
    walk.casework.override(message_id, by=ANNA.id, team="press", reason="A newspaper asks.")
    clock.advance(1.5 * HOUR)
    climb(walk.store, POLICY, now=clock())  # type: ignore[arg-type]

    with walk.store() as work:
        [step] = work.cases.file(message_id).handled.climbed
    assert (step.contact, step.notice) == ("press officer", None)
    assert rung(walk, queue) == []


def test_a_customer_who_writes_again_pages_nobody_again(
    walk: Journey, clock: FixedClock, queue: RecordingQueue, phone: Phone
) -> None:
    late(walk, clock)
    for number in (2, 3, 4):
        [again] = walk.receive([inbound("Hello?", outside_id=f"m{number}", written_at=clock())])
        walk.prepare(again)
        climb(walk.store, POLICY, now=clock())  # type: ignore[arg-type]
    for notice_id in rung(walk, queue):
        walk.delivery.notify(notice_id)

    assert [notice.step for notice in phone.told] == ["step 1"]


def test_a_thread_that_waits_anew_is_told_anew(
    walk: Journey, clock: FixedClock, queue: RecordingQueue, phone: Phone
) -> None:
    with walk.store() as work:
        suggestion = work.cases.file(late(walk, clock)).suggestion
    assert suggestion is not None
    walk.approve(suggestion.id, Approval(by=ANNA.id, text="We are on it.", version=1))
    late(walk, clock, outside_id="m2", written_at=clock())
    for notice_id in rung(walk, queue):
        walk.delivery.notify(notice_id)

    assert [notice.step for notice in phone.told] == ["step 1", "step 1"]


def test_the_next_step_tells_the_next_contact(walk: Journey, clock: FixedClock) -> None:
    message_id = late(walk, clock)
    clock.advance(HOUR)
    climb(walk.store, POLICY, now=clock())  # type: ignore[arg-type]

    with walk.store() as work:
        steps = work.cases.file(message_id).handled.climbed
    assert [(step.notice.contact, step.notice.clock.late) for step in steps if step.notice] == [
        ("shift lead", timedelta(minutes=30)),
        ("head of care", timedelta(minutes=90)),
    ]


# when it fails --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ChannelBusy("notices", retry_after_s=1), ChannelUnclear("notices", "went away")])
def test_a_notice_is_tried_five_times_with_longer_waits_and_then_given_up(
    walk: Journey, clock: FixedClock, queue: RecordingQueue, phone: Phone, error: Exception
) -> None:
    message_id = late(walk, clock)
    phone.error = error
    tried_at = []

    for _ in range(10_000):
        for notice_id in rung(walk, queue):
            tried_at.append(clock())
            walk.delivery.notify(notice_id)
        clock.advance(30)
        if kept(walk, message_id).sending.state is NoticeState.FAILED:
            break

    waits = [(b - a).total_seconds() for a, b in pairwise(tried_at)]
    assert waits == list(retries.NOTIFY.back_off_s)
    assert kept(walk, message_id).sending.problem == str(error)
    assert told(walk) == ["notice.failed"]


def test_a_server_that_names_a_longer_wait_gets_it(
    walk: Journey, clock: FixedClock, queue: RecordingQueue, phone: Phone
) -> None:
    message_id = late(walk, clock)
    phone.error = ChannelBusy("notices", retry_after_s=900)
    walk.delivery.notify(kept(walk, message_id).id)

    clock.advance(899)
    assert rung(walk, queue) == []
    clock.advance(1)
    assert len(rung(walk, queue)) == 1


def test_what_is_refused_is_not_tried_again(walk: Journey, clock: FixedClock, phone: Phone) -> None:
    message_id = late(walk, clock)
    phone.error = ChannelRefused("notices", "notices answered 410")
    walk.delivery.notify(kept(walk, message_id).id)
    phone.error = None
    clock.advance(HOUR)

    walk.delivery.notify(kept(walk, message_id).id)

    assert phone.told == []


def test_a_worker_that_died_while_telling_is_followed_by_another_when_its_lease_is_over(
    walk: Journey, any_store: SqlStore, clock: FixedClock, queue: RecordingQueue, phone: Phone
) -> None:
    message_id = late(walk, clock)
    notice_id = kept(walk, message_id).id
    with any_store() as work:
        claimed = work.notices.claim(notice_id, lease_s=LEASE_S)
    assert claimed is not None

    walk.delivery.notify(notice_id)
    assert phone.told == []
    clock.advance(LEASE_S)
    assert rung(walk, queue) == [notice_id]
    walk.delivery.notify(notice_id)

    assert [notice.id for notice in phone.told] == [notice_id]
    with any_store() as work:
        assert not work.notices.sent(*claimed)


def test_a_notice_that_takes_down_every_worker_is_given_up(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    message_id = late(walk, clock)
    for _ in range(retries.NOTIFY.max_attempts or 0):
        with any_store() as work:
            assert work.notices.claim(kept(walk, message_id).id, lease_s=LEASE_S) is not None
        clock.advance(LEASE_S)

    with any_store() as work:
        assert work.notices.claim(kept(walk, message_id).id, lease_s=LEASE_S) is None
        assert work.recovery.expired_telling() == {"notices_failed": 1}
    assert kept(walk, message_id).sending.problem == "It stopped its worker too often."
    assert told(walk) == ["notice.failed"]


# when a person wants it told after all --------------------------------------------------------------------------------


def given_up(walk: Journey, clock: FixedClock, phone: Phone) -> str:
    """A notice that was refused, with a phone that is mended since. Returns its id."""
    message_id = late(walk, clock)
    phone.error = ChannelRefused("notices", "notices answered 410")
    walk.delivery.notify(kept(walk, message_id).id)
    phone.error = None
    return kept(walk, message_id).id


def test_a_notice_that_failed_is_told_when_a_person_wants_it_sent_again(
    walk: Journey, clock: FixedClock, queue: RecordingQueue, phone: Phone
) -> None:
    notice_id = given_up(walk, clock, phone)
    clock.advance(HOUR)
    queue.rung.clear()

    walk.casework.notify_again(notice_id, by=ANNA.id)
    assert queue.of(NOTIFY) == [notice_id]
    walk.delivery.notify(notice_id)
    walk.delivery.notify(notice_id)

    [notice] = phone.told
    assert (notice.id, notice.recipient) == (notice_id, "care-lead@lumofinch.example")
    assert told(walk) == ["notice.failed", "notice.sent_again", "notice.sent"]


def test_a_bell_that_was_lost_when_a_person_sent_it_again_is_rung_by_the_sweep(
    walk: Journey, clock: FixedClock, queue: RecordingQueue, phone: Phone
) -> None:
    notice_id = given_up(walk, clock, phone)
    queue.is_away = True
    walk.casework.notify_again(notice_id, by=ANNA.id)
    queue.is_away = False

    assert rung(walk, queue) == []
    clock.advance(10)
    assert rung(walk, queue) == [notice_id]


def test_a_notice_that_was_tried_to_the_end_has_all_its_tries_again(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    notice_id = kept(walk, late(walk, clock)).id
    for _ in range(2):
        for _ in range(retries.NOTIFY.max_attempts or 0):
            with any_store() as work:
                assert work.notices.claim(notice_id, lease_s=LEASE_S) is not None
            clock.advance(LEASE_S)
        with any_store() as work:
            assert work.recovery.expired_telling() == {"notices_failed": 1}
        walk.casework.notify_again(notice_id, by=ANNA.id)

    with any_store() as work:
        assert work.recovery.expired_telling() == {}


def test_of_two_people_who_send_it_again_one_does(
    walk: Journey, any_store: SqlStore, clock: FixedClock, phone: Phone
) -> None:
    notice_id = given_up(walk, clock, phone)

    walk.casework.notify_again(notice_id, by=ANNA.id)
    with pytest.raises(Conflict, match="is waiting"):
        walk.casework.notify_again(notice_id, by=BEN.id)
    with any_store() as work:
        assert not work.notices.again(notice_id)
    with pytest.raises(NotFound):
        walk.casework.notify_again("ntc_0", by=ANNA.id)

    assert told(walk) == ["notice.failed", "notice.sent_again"]


def test_no_bell_is_lost_for_good(walk: Journey, clock: FixedClock, queue: RecordingQueue) -> None:
    late(walk, clock)

    assert len(rung(walk, queue)) == 1
    assert rung(walk, queue) == []
    clock.advance(10)
    assert len(rung(walk, queue)) == 1
