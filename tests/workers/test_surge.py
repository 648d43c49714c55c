"""The watch over arrivals: begins and ends a surge, tells leads once, and says nothing without history."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from care.access import Person, Role
from care.escalation import NoticeKind
from care.events import public
from care.surge import Surge, SurgeKind
from care.surge_watch import SurgeWatch
from channels.payload import notice_text, notice_title
from store.work import SqlStore
from tests.doubles import ANNA, MONDAY, StubPlaybook
from tests.workload import arrived, weekly

NOON = MONDAY + timedelta(hours=3)
LEAD = Person("per_lead", "lead@example.test", "Lea", Role.SUPERVISOR, "$argon2id$not-a-hash")


def watch(store: SqlStore) -> SurgeWatch:
    book = StubPlaybook()
    return SurgeWatch(store, lambda: book)


def usual_past(store: SqlStore, **labels: str) -> None:
    """Five weeks of ten an hour, and this morning as well."""
    arrived(store, weekly(MONDAY, 5, per_hour=10), labels=labels or {"intent": "order_status", "sentiment": "neutral"})
    arrived(store, [MONDAY + n * timedelta(minutes=6) for n in range(29)], labels={"intent": "order_status"})


def burst(end: datetime, n: int) -> list[datetime]:
    return [end - timedelta(seconds=250) + n * timedelta(seconds=5) for n in range(n)]


def on(store: SqlStore) -> list[Surge]:
    with store() as work:
        return work.surges.open()


def events(store: SqlStore) -> Sequence[str]:
    with store() as work:
        return [event.event for event in work.trail.events(after=0) if event.event.startswith("surge.")]


def test_a_surge_begins_is_told_to_leads_once_and_ends_when_it_is_calm(any_store: SqlStore) -> None:
    with any_store() as work:
        work.access.add_person(LEAD)
    usual_past(any_store)
    arrived(any_store, burst(NOON, 30), labels={"intent": "outage", "sentiment": "neutral"})
    looking = watch(any_store)

    assert looking.look(now=NOON) == {"surge.began": 1}
    assert looking.look(now=NOON + timedelta(minutes=1)) == {}
    [surge] = on(any_store)
    assert (surge.kind, surge.channel, surge.intent) == (SurgeKind.ARRIVALS, "", "outage")
    assert surge.n >= 30 > surge.usual
    with any_store() as work:
        [id] = work.recovery.unrung_notices(unrung_s=-1)
        notice = work.notices.get(id)
        [event] = [event for event in work.trail.events(after=0) if event.event == "surge.began"]
    assert (notice.about.kind, notice.recipient) == (NoticeKind.SURGE, LEAD.email)
    assert notice_title(notice) == "Far more messages than usual on all channels"
    assert "top of the console" in notice_text(notice)
    assert public(event).data == {"surge_id": surge.id, "kind": "arrivals", "intent": "outage", "n": surge.n,
                                  "usual": surge.usual}  # fmt: skip

    assert looking.look(now=NOON + timedelta(minutes=20)) == {}
    assert looking.look(now=NOON + timedelta(minutes=45)) == {"surge.ended": 1}
    assert (on(any_store), events(any_store)) == ([], ["surge.began", "surge.ended"])


def test_a_surge_of_negative_messages_is_found_where_no_more_come_than_usual(store: SqlStore) -> None:
    usual_past(store)
    arrived(store, [NOON - n * timedelta(minutes=3) for n in range(1, 15)],
            labels={"intent": "service_complaint", "sentiment": "very_negative"})  # fmt: skip

    watch(store).look(now=NOON)

    [surge] = on(store)
    assert (surge.kind, surge.intent) == (SurgeKind.NEGATIVE, "service_complaint")


def test_what_comes_as_always_and_what_has_no_history_is_no_surge(store: SqlStore) -> None:
    arrived(store, burst(NOON, 60))
    assert watch(store).look(now=NOON) == {}

    usual_past(store)
    assert watch(store).look(now=NOON - timedelta(hours=1)) == {}


def test_of_two_watches_at_once_one_begins_a_surge(store: SqlStore) -> None:
    surge = Surge("srg_1", SurgeKind.ARRIVALS, "x", "", 50, 5.0, MONDAY, MONDAY)
    with store() as work:
        assert work.surges.begin(surge)
        assert not work.surges.begin(replace(surge, id="srg_2"))
        assert work.surges.begin(replace(surge, id="srg_3", kind=SurgeKind.NEGATIVE))
        assert work.surges.end("srg_1", at=MONDAY)
        assert not work.surges.end("srg_1", at=MONDAY)
        assert work.surges.begin(replace(surge, id="srg_4"))
    assert [surge.id for surge in on(store)] == ["srg_3", "srg_4"]
    assert ANNA.role is Role.AGENT
