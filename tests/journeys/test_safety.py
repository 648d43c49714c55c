"""Safety does not depend on a label: with any bundle, at night and on a holiday, somebody is told at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from care.classification import Classification, Judgement, Risk
from care.clocks import climb, lapse_handovers
from care.decision import Action
from care.escalation import NoticeKind
from care.journey import Journey
from care.message import Turn
from care.ports import NOTIFY
from care.sensitive import Redaction
from store.work import SqlStore
from tests.doubles import FixedClock, RecordingQueue, altered, inbound
from tests.playbook.builders import the_playbook
from tests.safety import BUNDLES, MOMENTS, OF_MESSAGE


@dataclass
class Reader:
    """Labels as one bundle gives them, and beside them what the risk heads see."""

    tasks: Mapping[str, Judgement]
    score: float = 0.3
    bundle_id: str = "other@1"
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        return Classification(self.tasks, Redaction(text), risk=(Risk(OF_MESSAGE[text], self.score),))


def test_there_are_sixty_messages() -> None:
    assert len(OF_MESSAGE) == 60


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("bundle", BUNDLES)
def test_every_safety_message_is_escalated_and_told_at_once(
    bundle: str,
    moment: str,
    store: SqlStore,
    make_journey: Callable[..., Journey],
    clock: FixedClock,
    queue: RecordingQueue,
) -> None:
    clock.now = now = MOMENTS[moment]
    walk = make_journey(store, playbook=the_playbook(), classifier=Reader(BUNDLES[bundle]))
    missed: list[str] = []
    for number, (text, kind) in enumerate(OF_MESSAGE.items()):
        queue.rung.clear()
        message = altered(inbound(text, channel="x", outside_id=f"m{number}", thread_key=f"t{number}"), written_at=now)
        [message_id] = walk.receive([message])
        walk.prepare(message_id)
        with store() as work:
            file = work.cases.file(message_id)
            handed = work.handovers.of_case(file.message.case_id)
            notices = [work.notices.get(notice_id) for notice_id in queue.of(NOTIFY)]
        assert file.suggestion is not None
        decision = file.suggestion.decision
        is_told = [
            (notice.about.kind, notice.about.team, bool(notice.recipient))
            for notice in notices
            if notice.clock.at - now < timedelta(minutes=1)
        ] == [(NoticeKind.HAND_OVER, decision.team, True)]
        is_in_time = not decision.is_always or decision.due_at - now <= timedelta(minutes=15)
        plays = [the_playbook().book.play(draft.play.partition("@")[0]) for draft in file.suggestion.drafts]
        is_fit = all(play is not None and kind in play.when.risks for play in plays[:1])
        if not (decision.action is Action.ESCALATE and len(handed) == 1 and is_told and is_in_time and is_fit):
            missed.append(text)

    assert missed == []


def test_a_danger_that_nobody_answers_climbs_at_night(
    store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    clock.now = MOMENTS["at night"]
    text = "the battery puffed up and it's ticking"
    walk = make_journey(store, playbook=the_playbook(), classifier=Reader({}))
    [message_id] = walk.receive([altered(inbound(text, channel="x"), written_at=clock())])
    walk.prepare(message_id)
    with store() as work:
        [handed] = work.handovers.of_case(work.cases.file(message_id).message.case_id)
    # The officer was told at once and has a quarter of an hour, also on a Saturday night; then it is ours again.
    assert handed.until == clock() + timedelta(minutes=15)
    clock.advance(15 * 60 + 1)
    lapse_handovers(store, now=clock())
    clock.advance(16 * 60)
    done = climb(store, the_playbook().policy, now=clock())

    assert done["sla.breached"] == 1
    assert done["case.climbed"] == 2


def test_whoever_has_the_case_is_told_of_a_second_danger_in_it(
    store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock, queue: RecordingQueue
) -> None:
    walk = make_journey(store, playbook=the_playbook(), classifier=Reader({}))
    texts = ("the charger got so hot it scorched the sofa", "the battery puffed up and it's ticking")
    told = []
    for number, (text, wait_s) in enumerate([(texts[0], 0), (texts[0], 20), (texts[1], 600)]):
        clock.advance(wait_s)
        queue.rung.clear()
        [message_id] = walk.receive([altered(inbound(text, channel="x", outside_id=f"m{number}"), written_at=clock())])
        walk.prepare(message_id)
        with store() as work:
            told.append([work.notices.get(notice_id) for notice_id in queue.of(NOTIFY)])

    with store() as work:
        [handed] = work.handovers.of_case(work.cases.file(message_id).message.case_id)
    # In the minute after they were told they look anyway; ten minutes later they may have turned to something else.
    assert [len(notices) for notices in told] == [1, 0, 1]
    [again] = told[2]
    assert (again.about.subject_id, again.about.message_id, again.clock.at) == (handed.id, message_id, clock())
    assert again.contact == told[0][0].contact


def test_a_death_goes_to_a_person_with_words_of_its_own(
    store: SqlStore, make_journey: Callable[..., Journey], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "dad isn't with us any more, please close his account"
    monkeypatch.setitem(OF_MESSAGE, text, "bereavement")
    for number, tasks in enumerate(BUNDLES.values()):
        walk = make_journey(store, playbook=the_playbook(), classifier=Reader(tasks, 0.9))
        [message_id] = walk.receive([inbound(text, channel="x", outside_id=f"m{number}", thread_key=f"t{number}")])
        walk.prepare(message_id)
        with store() as work:
            suggestion = work.cases.file(message_id).suggestion

        assert suggestion is not None
        assert (suggestion.decision.action, suggestion.decision.team) == (Action.ANSWER_PRIVATE, "care")
        assert [draft.play.partition("@")[0] for draft in suggestion.drafts] == ["bereaved"]


def test_sensitive_data_in_it_changes_who_can_read_it_and_not_who_is_told(
    store: SqlStore, make_journey: Callable[..., Journey], queue: RecordingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "the oven door burnt my hand, card 4111111111111111"
    monkeypatch.setitem(OF_MESSAGE, text.replace("4111111111111111", "[card_number]"), "danger")
    walk = make_journey(store, playbook=the_playbook(), classifier=Reader({}))
    [message_id] = walk.receive([inbound(text, channel="x")])
    walk.prepare(message_id)

    with store() as work:
        file = work.cases.file(message_id)
        notices = [work.notices.get(notice_id) for notice_id in queue.of(NOTIFY)]
    assert file.suggestion is not None
    assert file.suggestion.decision.action is Action.TAKE_OFFLINE
    assert [(notice.about.team, notice.contact) for notice in notices] == [("safety", "safety officer")]
