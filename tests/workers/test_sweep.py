"""What the sweep does by itself: lets climb what nobody answered, and tells the owners of plays."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from care.case import Source
from care.case_file import CaseFile
from care.decision import Action
from care.journey import Journey
from care.learning import DraftOutcome, PlayCount, PlayFlag
from care.ports import Playbook, utc_now
from care.reply import Approval, Rejection, RejectReason, Suggestion
from store.work import SqlStore
from tests.doubles import (
    ANNA,
    BEN,
    FixedClock,
    RecordingQueue,
    StubClassifier,
    StubPlaybook,
    StubRedactor,
    StubTone,
    altered,
    inbound,
)
from tests.playbook.builders import the_book, the_playbook
from wiring import assemble
from wiring.assemble import Assembly
from wiring.beside import anchors
from wiring.settings import Settings
from workers.sweep import Round, climb, nightly, review, seal

HOUR = 3600.0
POLICY = replace(the_book().policy, clocks={"*": the_book().policy.clocks["webhook"]})


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store)


def suggested(walk: Journey, number: int = 1, **fields: object) -> Suggestion:
    [message_id] = walk.receive([inbound(outside_id=f"m{number}", **fields)])  # type: ignore[arg-type]
    walk.prepare(message_id)
    suggestion = case_of(walk, message_id).suggestion
    assert suggestion is not None
    return suggestion


def case_of(walk: Journey, message_id: str) -> CaseFile:
    with walk.store() as work:
        return work.cases.file(message_id)


def told(walk: Journey, prefix: str) -> list[str]:
    with walk.store() as work:
        return [event.event for event in work.trail.events(after=0, limit=500) if event.event.startswith(prefix)]


def swept(walk: Journey, store: SqlStore) -> dict[str, int]:
    return climb(store, POLICY, now=walk.clock())


def test_a_message_past_its_target_climbs_step_by_step_and_each_step_once(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    suggestion = suggested(walk)

    assert swept(walk, any_store) == {}
    clock.advance(0.8 * HOUR)
    assert swept(walk, any_store) == {"sla.warning": 1}
    assert swept(walk, any_store) == {}
    clock.advance(0.3 * HOUR)
    assert swept(walk, any_store) == {"sla.breached": 1, "case.climbed": 1}
    assert swept(walk, any_store) == {}
    clock.advance(HOUR)
    assert swept(walk, any_store) == {"case.climbed": 1}
    clock.advance(5 * HOUR)
    assert swept(walk, any_store) == {}

    case = case_of(walk, suggestion.message_id)
    assert [(step.step, step.contact) for step in case.handled.climbed] == [
        ("step 1", "shift lead"),
        ("step 2", "head of care"),
    ]
    assert told(walk, "sla.") == ["sla.warning", "sla.breached"]


def test_the_trail_of_a_climb_holds_ids_and_names_of_the_playbook_only(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    suggestion = suggested(walk, text="swordfish")
    clock.advance(1.5 * HOUR)

    swept(walk, any_store)

    with any_store() as work:
        [event] = [event for event in work.trail.events(after=0) if event.event == "case.climbed"]
    assert (event.subject_id, event.by) == (suggestion.message_id, "tactful")
    assert event.facts == {"step": "step 1", "contact": "shift lead", "team": "care"}


def test_what_was_answered_dismissed_or_resolved_climbs_no_further(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    answered, dismissed, resolved = (suggested(walk, n, thread_key=f"t{n}") for n in (1, 2, 3))
    walk.approve(answered.id, Approval(by=ANNA.id, text="We are on it.", version=1))
    walk.answering.dismiss(dismissed.id, by=ANNA.id, version=1)
    walk.casework.resolve(case_of(walk, resolved.message_id).message.case_id, by=ANNA.id)
    clock.advance(9 * HOUR)

    assert swept(walk, any_store) == {}


def test_a_rejected_suggestion_without_an_answer_still_climbs(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    suggestion = suggested(walk)
    walk.answering.reject(suggestion.id, Rejection(by=ANNA.id, version=1, reason=RejectReason.WRONG_TONE))
    clock.advance(1.5 * HOUR)

    assert swept(walk, any_store)["case.climbed"] == 1


def test_a_message_that_no_worker_prepares_climbs_too(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    [message_id] = walk.receive([inbound()])
    clock.now = POLICY.clock("chat").due_at(clock()) + timedelta(minutes=1)

    swept(walk, any_store)

    assert [step.contact for step in case_of(walk, message_id).handled.climbed] == ["shift lead"]


def test_a_customer_who_writes_again_has_waited_since_the_first_message(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    suggested(walk, 1)
    clock.advance(0.9 * HOUR)
    second = suggested(walk, 2, text="Hello?", written_at=clock())
    clock.advance(0.2 * HOUR)

    swept(walk, any_store)

    assert [step.step for step in case_of(walk, second.message_id).handled.climbed] == ["step 1"]


def test_what_asks_for_no_answer_stays_where_it_is(
    any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    walk = make_journey(any_store, playbook=StubPlaybook(action=Action.IGNORE, has_drafts=False))
    suggested(walk)
    clock.advance(9 * HOUR)

    assert swept(walk, any_store) == {}


def test_a_case_climbs_the_ladder_of_the_team_a_person_chose(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    suggestion = suggested(walk)
    walk.casework.override(suggestion.message_id, by=ANNA.id, team="legal", reason="Her solicitor writes.")
    clock.advance(1.5 * HOUR)

    swept(walk, any_store)

    assert [step.contact for step in case_of(walk, suggestion.message_id).handled.climbed] == ["counsel"]


def test_more_messages_than_a_page_all_climb(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    walk.receive([inbound(outside_id=f"n{n}", thread_key=f"n{n}") for n in range(520)])
    clock.advance(9 * HOUR)

    assert swept(walk, any_store)["sla.breached"] == 520


def test_two_sweeps_at_once_take_each_step_once(any_store: SqlStore, walk: Journey, clock: FixedClock) -> None:
    for number in range(5):
        suggested(walk, number, thread_key=f"t{number}")
    clock.advance(1.5 * HOUR)
    done: list[dict[str, int]] = []
    sweeps = [threading.Thread(target=lambda: done.append(swept(walk, any_store))) for _ in range(2)]

    for sweep in sweeps:
        sweep.start()
    for sweep in sweeps:
        sweep.join()

    assert sum(counts.get("case.climbed", 0) for counts in done) == 5
    assert told(walk, "case.climbed") == ["case.climbed"] * 5


# plays ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def agreed() -> Playbook:
    return the_playbook()


def test_a_play_rejected_ten_times_in_a_row_is_flagged_once(
    walk: Journey, any_store: SqlStore, agreed: Playbook, clock: FixedClock
) -> None:
    for number in range(10):
        assert review(any_store, agreed) == {}
        suggestion = suggested(walk, number, thread_key=f"t{number}")
        clock.advance(1)
        walk.answering.reject(suggestion.id, Rejection(by=ANNA.id, version=1, reason=RejectReason.WRONG_TONE))

    assert review(any_store, agreed) == {"play.flagged": 1}
    assert review(any_store, agreed) == {}
    assert told(walk, "play.") == ["play.flagged"]


def test_a_play_rewritten_five_times_the_same_way_is_flagged_with_the_change(
    walk: Journey, any_store: SqlStore, agreed: Playbook, clock: FixedClock
) -> None:
    for number in range(5):
        suggestion = suggested(walk, number, thread_key=f"t{number}")
        clock.advance(1)
        text = suggestion.drafts[0].text.replace("we are on it", "I am looking into it")
        walk.approve(suggestion.id, Approval(by=BEN.id, text=text, version=1))

    with any_store() as work:
        counts, flags = agreed.learn(work.learning.outcomes())

    assert [(line.play_id, line.n_shown, line.n_edited) for line in counts] == [("sorry", 5, 5)]
    assert {flag.kind for flag in flags} == {"rewritten"}
    assert review(any_store, agreed) == {"play.flagged": len(flags)}


def test_the_trail_of_a_flag_holds_no_passage(any_store: SqlStore) -> None:
    class Flagging(StubPlaybook):
        def learn(self, outcomes: object) -> tuple[list[PlayCount], list[PlayFlag]]:
            return [], [PlayFlag("sorry@1", "rewritten", owner="care", change=("Monday", "swordfish"))]

    review(any_store, Flagging())

    with any_store() as work:
        [event] = [event for event in work.trail.events(after=0) if event.event == "play.flagged"]
    assert (event.subject_id, event.facts) == ("sorry@1", {"kind": "rewritten", "owner": "care"})


def test_outcomes_are_what_people_made_of_drafts_in_order(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    as_it_was, edited, rejected, dismissed, taken_back = (suggested(walk, n, thread_key=f"t{n}") for n in range(5))
    walk.approve(as_it_was.id, Approval(by=ANNA.id, text=as_it_was.drafts[0].text, version=1))
    clock.advance(1)
    walk.approve(edited.id, Approval(by=ANNA.id, text="Hello Kim, we look.", version=1))
    clock.advance(1)
    walk.answering.reject(rejected.id, Rejection(by=ANNA.id, version=1, reason=RejectReason.POLICY))
    walk.answering.dismiss(dismissed.id, by=ANNA.id, version=1)
    walk.answering.withdraw(walk.approve(taken_back.id, Approval(by=ANNA.id, text="Oh.", version=1)).id, by=ANNA.id)

    with any_store() as work:
        outcomes = work.learning.outcomes()
        latest = work.learning.outcomes(limit=1)

    draft = as_it_was.drafts[0]
    assert outcomes == [
        DraftOutcome(draft.play, draft.text, draft.text, True),
        DraftOutcome(draft.play, draft.text, "Hello Kim, we look.", True),
        DraftOutcome(draft.play, draft.text, "", False),
    ]
    assert latest == outcomes[-1:]


def test_the_first_answer_of_each_conversation_stands_beside_what_was_promised(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    answered, waiting = (suggested(walk, n, thread_key=f"t{n}") for n in range(2))
    reply = walk.approve(answered.id, Approval(by=ANNA.id, text=answered.drafts[0].text, version=1))
    clock.advance(60)
    walk.deliver(reply.id)

    with any_store() as work:
        answers = work.learning.first_answers()
        sent_at = work.replies.get(reply.id).sending.sent_at

    assert sent_at is not None
    assert {(answer.promised_at, answer.answered_at) for answer in answers} == {
        (answered.decision.promised_at, sent_at),
        (waiting.decision.promised_at, None),
    }


def test_a_round_that_fails_does_not_wait_for_its_next_turn() -> None:
    from care.errors import Unreachable

    tries: list[int] = []

    def work() -> dict[str, int]:
        tries.append(1)
        if len(tries) == 1:
            raise Unreachable("The database is away.")
        return {}

    errand = Round(3600, work)
    for _ in range(3):
        errand.run()

    assert len(tries) == 2


def test_what_is_old_enough_of_the_trail_is_sealed_and_anchored_outside(
    walk: Journey, any_store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    suggested(walk)
    settings = Settings(home=tmp_path)
    assert seal(any_store, settings) == {}
    clock.advance(61)

    done = seal(any_store, settings)

    assert done["events_sealed"] >= 2
    with any_store(read=True) as work:
        assert work.seals.verify(anchors(tmp_path)).problem == ""
        assert work.seals.verify({**anchors(tmp_path), 2: "gone"}).problem != ""


def test_what_is_over_is_deleted_at_night_and_once(tmp_path: Path) -> None:
    days = {"*": {"demo": 1}}
    settings = Settings(home=tmp_path, retention={"days": days}, playbook=tmp_path)  # type: ignore[arg-type]
    assemble.migrate(settings)
    with Assembly(settings) as parts:
        old = altered(inbound(channel="chat"), written_at=utc_now() - timedelta(days=3))
        the_journey(parts).receive([old], source=Source.DEMO)
        noon, night = (utc_now().astimezone().replace(hour=hour) for hour in (12, 2))

        (tmp_path / ".night").touch()
        assert nightly(parts, now=noon) == {}
        (tmp_path / ".night").unlink()
        assert nightly(parts, now=night) == {"retired.chat.demo": 1}
        assert nightly(parts, now=night) == {}


def the_journey(parts: Assembly) -> Journey:
    return Journey(
        store=parts.store,
        channels={},
        redactor=StubRedactor(),
        classifier=StubClassifier(),
        playbook=StubPlaybook(),
        tone=StubTone(),
        queue=RecordingQueue(),
        clock=utc_now,
        undo_s={},
    )
