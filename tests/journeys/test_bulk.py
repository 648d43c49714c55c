"""One thing done to several cases: what cannot be is left out and named, and all of it is taken back at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from care.bulk import AT_MOST, Bulk, BulkAct, BulkDone, BulkWish
from care.case_file import CaseFile
from care.errors import BadStep
from care.journey import Journey
from care.writing import take_hold
from store.work import SqlStore
from tests.doubles import ANNA, BEN, FixedClock, inbound

pytestmark = pytest.mark.issue(16)


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store, undo_s={"*": 10.0})


@pytest.fixture
def cases(walk: Journey) -> list[str]:
    """Three cases that wait for us."""
    return [says(walk, n) for n in range(3)]


def says(walk: Journey, n: int, text: str = "Where is my parcel?", *, thread: int | None = None) -> str:
    key = f"t{n if thread is None else thread}"
    sent = inbound(text, outside_id=f"m{n}", thread_key=key, handle=key, written_at=walk.clock())
    [message_id] = walk.receive([sent])
    walk.prepare(message_id)
    with walk.store() as work:
        return work.cases.of_message(message_id).id


def file_of(walk: Journey, case_id: str) -> CaseFile:
    with walk.store() as work:
        return work.cases.latest(case_id)


def done(walk: Journey, act: BulkAct, cases: list[str], **more: object) -> BulkDone:
    seen = {case_id: file_of(walk, case_id).case.turn for case_id in cases}
    return walk.bulk.do(BulkWish(act, ANNA.id, seen, **more))  # type: ignore[arg-type]


def taken_back(walk: Journey, bulk: BulkDone) -> list[str]:
    assert bulk.number is not None
    with walk.store() as work:
        event = work.recent.act(bulk.number)
    assert event is not None
    return walk.taking_back.several(event, by=ANNA.id)


def as_it_is(walk: Journey, case_id: str) -> tuple[object, ...]:
    file = file_of(walk, case_id)
    stands, decision = file.case.standing, file.decision
    assert decision is not None
    return (stands.state, stands.snoozed_until, file.case.assignment.assigned_to, decision.team, file.labels)


@pytest.mark.parametrize(
    ("act", "more", "is_so"),
    [
        (BulkAct.ASSIGN, {"to": BEN.id}, lambda file: file.case.assignment.assigned_to == BEN.id),
        (BulkAct.RESOLVE, {}, lambda file: file.case.is_resolved),
        (BulkAct.DISMISS, {}, lambda file: file.case.is_resolved),
        (BulkAct.LABEL, {"labels": {"intent": "praise"}}, lambda file: file.labels["intent"] == "praise"),
    ],
)
def test_it_is_done_to_all_and_taken_back_at_once(
    walk: Journey, cases: list[str], act: BulkAct, more: dict[str, object], is_so: Callable[[CaseFile], bool]
) -> None:
    before = [as_it_is(walk, case_id) for case_id in cases]

    bulk = done(walk, act, cases, **more)

    assert (bulk.done, bulk.skipped) == (tuple(cases), ())
    assert all(is_so(file_of(walk, case_id)) for case_id in cases)
    assert taken_back(walk, bulk) == []
    assert [as_it_is(walk, case_id) for case_id in cases] == before
    with walk.store() as work:
        assert [work.replies.of_case(case_id) for case_id in cases] == [[], [], []]


def test_all_are_snoozed_and_woken_at_once(walk: Journey, cases: list[str], clock: FixedClock) -> None:
    bulk = done(walk, BulkAct.SNOOZE, cases, until=clock() + timedelta(hours=2))

    assert all(file_of(walk, case_id).case.standing.snoozed_until for case_id in cases)
    assert taken_back(walk, bulk) == []
    assert not any(file_of(walk, case_id).case.standing.snoozed_until for case_id in cases)


def test_a_team_that_nobody_knows_leaves_all_of_them_out(walk: Journey, cases: list[str]) -> None:
    bulk = done(walk, BulkAct.TEAM, cases, to="nonsense")

    assert (bulk.done, bulk.number) == ((), None)
    assert {left.why.partition(".")[0] for left in bulk.skipped} == {"The playbook knows no such team"}


def test_what_a_colleague_holds_was_written_in_or_is_so_already_is_left_out(
    walk: Journey, cases: list[str], clock: FixedClock
) -> None:
    held, written, assigned = cases
    seen = {case_id: file_of(walk, case_id).case.turn for case_id in cases}
    take_hold(walk.store, held, by=BEN.id)
    clock.advance(1)
    says(walk, 9, "Hello?", thread=1)
    walk.casework.assign(assigned, by=BEN.id, to=ANNA.id)

    bulk = walk.bulk.do(BulkWish(BulkAct.ASSIGN, ANNA.id, {**seen, "cas_none": None}, to=ANNA.id))

    assert (bulk.done, bulk.number) == ((), None)
    assert [(left.case_id, left.why, left.by) for left in bulk.skipped] == [
        (held, "Somebody else is writing in it.", BEN.id),
        (written, "Something was written in it since.", None),
        (assigned, "It is so already.", None),
        ("cas_none", "There is no message cas_none.", None),
    ]


def test_offline_matters_are_not_resolved_along_with_others(walk: Journey, cases: list[str]) -> None:
    offline = says(walk, 7, "my card 4111111111111111")

    bulk = done(walk, BulkAct.RESOLVE, [*cases, offline])

    assert bulk.done == tuple(cases)
    assert "taken offline" in bulk.skipped[0].why


def test_what_has_changed_since_stays_when_the_rest_is_taken_back(walk: Journey, cases: list[str]) -> None:
    bulk = done(walk, BulkAct.ASSIGN, cases, to=ANNA.id)
    walk.casework.assign(cases[1], by=BEN.id, to=BEN.id)

    assert taken_back(walk, bulk) == [cases[1]]
    assert [file_of(walk, case_id).case.assignment.assigned_to for case_id in cases] == [None, BEN.id, None]
    assert taken_back(walk, bulk) == [cases[2], cases[1], cases[0]]


def test_nobody_takes_back_what_a_colleague_did_to_several(walk: Journey, cases: list[str]) -> None:
    bulk = done(walk, BulkAct.RESOLVE, cases)
    assert bulk.number is not None
    with walk.store() as work:
        event = work.recent.act(bulk.number)
    assert event is not None

    assert len(walk.taking_back.several(event, by=BEN.id)) == 3
    assert all(file_of(walk, case_id).case.is_resolved for case_id in cases)


def test_a_hundred_are_one_act_with_one_way_back(store: SqlStore, make_journey: Callable[..., Journey]) -> None:
    walk = make_journey(store)
    cases = [says(walk, n) for n in range(AT_MOST)]
    bulk = done(walk, BulkAct.ASSIGN, cases, to=ANNA.id)

    assert len(bulk.done) == AT_MOST
    assert taken_back(walk, bulk) == []
    assert {file_of(walk, case_id).case.assignment.assigned_to for case_id in cases} == {None}


@pytest.mark.parametrize(
    "wish",
    [
        BulkWish(BulkAct.RESOLVE, ANNA.id, {}),
        BulkWish(BulkAct.RESOLVE, ANNA.id, {f"cas_{n}": None for n in range(AT_MOST + 1)}),
        BulkWish(BulkAct.SNOOZE, ANNA.id, {"cas_1": None}),
        BulkWish(BulkAct.TEAM, ANNA.id, {"cas_1": None}),
        BulkWish(BulkAct.LABEL, ANNA.id, {"cas_1": None}),
    ],
)
def test_what_is_not_said_is_asked_for(walk: Journey, wish: BulkWish) -> None:
    with pytest.raises(BadStep):
        Bulk(walk.casework).do(wish)
