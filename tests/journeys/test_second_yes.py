"""What a new colleague writes goes out once somebody else has read it: whichever way it was written."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from care.access import Role
from care.answering import Words
from care.colleague_reading import ColleagueReading
from care.errors import BadStep, Conflict, NotAllowed
from care.journey import Journey
from care.note import NoteKind
from care.people import check_person, make_person
from care.reply import Approval, Reply, ReplyStage
from store.tables import ReplyRow
from store.work import SqlStore
from tests.doubles import ANNA, BEN, FixedClock, StubChannel, inbound

pytestmark = pytest.mark.issue(19)


@pytest.fixture
def told(journey: Journey, store: SqlStore) -> str:
    """A message that Anna, whose replies are read first, is to answer."""
    with store() as work:
        check_person(work, ANNA.id, is_checked=True, by=BEN.id)
    (message_id,) = journey.receive([inbound("Where is my parcel?")])
    journey.prepare(message_id)
    return message_id


def approved(journey: Journey, store: SqlStore, message_id: str, *, by: str = ANNA.id) -> Reply:
    with store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    return journey.approve(suggestion.id, Approval(by, suggestion.drafts[0].text, suggestion.choice.version))


def test_it_waits_and_goes_out_after_a_colleagues_yes(
    journey: Journey, store: SqlStore, told: str, channel: StubChannel, clock: FixedClock
) -> None:
    reply = approved(journey, store, told)

    assert journey.delivery.deliver(reply.id) is None
    with store() as work:
        assert [waiting.id for waiting in work.replies.unread(limit=9)] == [reply.id]
        assert (work.replies.due(limit=9), work.recovery.unrung_replies(unrung_s=0), work.lists.stuck()) == ([], [], 1)
        assert work.recent.waiting(ANNA.id) == []
    assert channel.takes == []

    read = ColleagueReading(journey.answering).agree(reply.id, by=BEN.id)
    assert ColleagueReading(journey.answering).agree(reply.id, by=BEN.id) == read

    assert journey.delivery.deliver(reply.id) is ReplyStage.SENT
    with store() as work:
        assert work.replies.get(reply.id).consent.second_by == BEN.id
        assert work.replies.unread(limit=9) == []
    assert len(channel.takes) == 1


def test_what_waits_for_a_colleague_is_no_late_work_of_a_sender(
    journey: Journey, store: SqlStore, told: str, clock: FixedClock
) -> None:
    reply = approved(journey, store, told)
    with store.engine.begin() as connection:
        connection.execute(update(ReplyRow).values(not_before=clock() - timedelta(hours=1)))

    with store(read=True) as work:
        assert work.watching.oldest_s()["replies"] == 0.0
    with store.engine.begin() as connection:
        connection.execute(update(ReplyRow).where(ReplyRow.id == reply.id).values(second_by=BEN.id))
    with store(read=True) as work:
        assert work.watching.oldest_s()["replies"] > 3000


def test_words_of_their_own_wait_as_well(journey: Journey, store: SqlStore, told: str) -> None:
    reply = journey.answering.answer(told, Words(ANNA.id, "It comes on Tuesday, I am told."))

    assert reply.waits_for_colleague
    assert journey.delivery.deliver(reply.id) is None


def test_neither_its_author_nor_somebody_else_who_is_checked_can_let_it_go(
    journey: Journey, store: SqlStore, told: str, clock: FixedClock
) -> None:
    reply = approved(journey, store, told)
    second = ColleagueReading(journey.answering)
    with store() as work:
        other = make_person(work, "new@example.test", "New", Role.AGENT, "$argon2id$not-a-hash", now=clock())
        check_person(work, other.id, is_checked=True, by=BEN.id)
        with pytest.raises(Conflict, match="Somebody else says"):
            check_person(work, ANNA.id, is_checked=False, by=ANNA.id)

    for by in (ANNA.id, other.id, "per_nobody"):
        with pytest.raises(NotAllowed):
            second.agree(reply.id, by=by)
    with pytest.raises(Conflict):
        journey.answering.send_again(reply.id, by=ANNA.id)
    assert journey.delivery.deliver(reply.id) is None


def test_the_database_lets_nothing_unread_move_on(journey: Journey, store: SqlStore, told: str) -> None:
    reply = approved(journey, store, told)

    for forged in ("stage = 'claimed'", "stage = 'sent'", "second_by = approved_by", "second_by = 'key_1'"):
        with pytest.raises(IntegrityError), store.engine.begin() as connection:
            connection.execute(text(f"UPDATE reply SET {forged} WHERE id = :id"), {"id": reply.id})


def test_what_is_given_back_is_the_authors_text_again_with_a_note_for_them(
    journey: Journey, store: SqlStore, told: str, channel: StubChannel
) -> None:
    reply = approved(journey, store, told)
    second = ColleagueReading(journey.answering)
    with pytest.raises(BadStep):
        second.give_back(reply.id, by=BEN.id, why="  ")

    second.give_back(reply.id, by=BEN.id, why="Say when it arrives.")

    with store() as work:
        file = work.cases.file(told)
        (note,) = work.notes.of_case(file.case.id)
        (kept,) = work.unsent.of(ANNA.id, file.case.id)
    assert (note.kind, note.by, note.mentions, note.text) == (
        NoteKind.FEEDBACK,
        BEN.id,
        (ANNA.id,),
        "Say when it arrives.",
    )
    assert kept.text == reply.said.text
    assert file.suggestion is not None
    assert file.suggestion.choice.state == "proposed"
    assert channel.takes == []
    with pytest.raises(Conflict):
        second.agree(reply.id, by=BEN.id)


def test_what_was_held_needs_a_new_yes(journey: Journey, store: SqlStore, told: str) -> None:
    reply = approved(journey, store, told)
    ColleagueReading(journey.answering).agree(reply.id, by=BEN.id)
    journey.receive([inbound("It is here!", outside_id="m2")])
    with store() as work:
        assert work.replies.get(reply.id).sending.stage is ReplyStage.HELD

    again = journey.answering.send_again(reply.id, by=ANNA.id)

    assert again.waits_for_colleague
    assert journey.delivery.deliver(reply.id) is None


def test_a_colleague_who_sends_what_was_held_is_its_second_reader(journey: Journey, store: SqlStore, told: str) -> None:
    reply = approved(journey, store, told)
    journey.receive([inbound("It is here!", outside_id="m2")])

    assert journey.answering.send_again(reply.id, by=BEN.id).consent.second_by == BEN.id
    assert journey.delivery.deliver(reply.id) is ReplyStage.SENT


def test_what_nobody_read_yet_keeps_a_colleagues_answer_from_nothing(
    journey: Journey, store: SqlStore, told: str, make_journey: Callable[..., Journey]
) -> None:
    approved(journey, store, told)

    other = journey.answering.answer(told, Words(BEN.id, "It comes on Tuesday."))

    assert journey.delivery.deliver(other.id) is ReplyStage.SENT
