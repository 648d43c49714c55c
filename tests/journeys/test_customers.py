"""One customer: the same mail address is one record over all mailboxes, until a person parts it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from care.case import Case
from care.customer import Identity
from care.errors import NotFound
from care.history import History, Said
from care.joining import SAME_ADDRESS
from care.journey import Journey
from care.message import Inbound
from channels.mail.reading import parse_mail
from store.work import SqlStore
from tests.doubles import ANNA, BEN, MONDAY, FixedClock, StubChannel, StubRedactor, altered, inbound


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store, channels={name: StubChannel(name) for name in ("care", "sales", "shop", "chat")})


def mail(channel: str, handle: str, *, n: int, thread: str = "") -> Inbound:
    item = inbound(channel=channel, outside_id=f"m{n}", thread_key=thread or f"t{n}", handle=handle)
    return replace(item, is_mail=True)


def case_of(walk: Journey, item: Inbound) -> Case:
    walk.receive([item])
    with walk.store() as work:
        kept = work.messages.find(item.origin.channel, item.origin.outside_id)
        assert kept is not None
        return work.cases.of_message(kept.id)


def identities(walk: Journey, case: Case) -> set[tuple[str, str]]:
    assert case.customer_id is not None
    with walk.store() as work:
        return {(identity.channel, identity.handle) for identity in work.customers.get(case.customer_id).identities}


def test_one_address_in_two_mailboxes_is_one_customer_with_that_evidence(walk: Journey) -> None:
    first = case_of(walk, mail("care", "Kim@Example.test", n=1))
    second = case_of(walk, mail("sales", "kim@example.TEST", n=2))

    assert first.customer_id == second.customer_id
    assert identities(walk, first) == {("care", "Kim@Example.test"), ("sales", "kim@example.TEST")}
    assert second.customer_id is not None
    with walk.store() as work:
        [move] = work.customers.moves(second.customer_id)
        assert (move.evidence, move.by, move.identity.channel) == (SAME_ADDRESS, "tactful", "sales")
        assert {case.id for case in work.cases.of_customer(second.customer_id)} == {first.id, second.id}
        assert "customer.joined" in [event.event for event in work.trail.of_case(second.id)]


def test_a_mail_that_is_read_says_that_its_handle_is_an_address() -> None:
    [item] = parse_mail(b"From: Kim <kim@example.test>\r\n\r\nHello", channel="email", own_address="care@example.test")

    assert (item.is_mail, item.author.handle) == (True, "kim@example.test")


def test_the_letter_case_of_an_address_makes_no_second_case_on_one_thread(walk: Journey) -> None:
    first = case_of(walk, mail("care", "Kim@Example.test", n=1, thread="t"))
    second = case_of(walk, mail("care", "kim@example.test", n=2, thread="t"))

    assert (second.id, second.turn) == (first.id, 2)


def test_a_join_that_a_person_parted_stays_parted(walk: Journey) -> None:
    case_of(walk, mail("care", "kim@example.test", n=1))
    second = case_of(walk, mail("sales", "kim@example.test", n=2))
    assert second.customer_id is not None
    with walk.store() as work:
        [move] = work.customers.moves(second.customer_id)

    walk.casework.part(move.id, by=BEN.id)
    again = case_of(walk, mail("sales", "kim@example.test", n=3))
    third = case_of(walk, mail("shop", "kim@example.test", n=4))

    assert identities(walk, again) == {("sales", "kim@example.test")}
    assert identities(walk, third) == {("shop", "kim@example.test")}


def test_where_a_person_put_an_address_it_stays(walk: Journey) -> None:
    case_of(walk, mail("care", "kim@example.test", n=1))
    case_of(walk, mail("sales", "kim@example.test", n=2))
    other = case_of(walk, inbound(channel="chat", outside_id="m3", thread_key="t3", handle="jo"))
    assert other.customer_id is not None

    # Found in whatever letter case the person writes it.
    with pytest.raises(NotFound):
        walk.casework.join(
            Identity("shop", "KIM@example.test"), to_customer=other.customer_id, by=ANNA.id, evidence="x"
        )
    walk.casework.join(
        Identity("sales", "KIM@example.test"), to_customer=other.customer_id, by=ANNA.id, evidence="They share a desk."
    )
    case = case_of(walk, mail("sales", "kim@example.test", n=4))

    assert case.customer_id == other.customer_id
    assert identities(walk, case) == {("chat", "jo"), ("sales", "kim@example.test")}


def test_the_same_handle_elsewhere_is_no_evidence(walk: Journey) -> None:
    first = case_of(walk, inbound(channel="chat", outside_id="m1", thread_key="t1", handle="kim@example.test"))
    second = case_of(walk, inbound(channel="shop", outside_id="m2", thread_key="t2", handle="kim@example.test"))

    assert first.customer_id != second.customer_id


def test_history_of_a_mailbox_joins_the_customer_who_writes_today(walk: Journey, clock: FixedClock) -> None:
    today = case_of(walk, mail("care", "kim@example.test", n=1, thread="t1"))

    def said(n: int, thread: str, handle: str, *, from_us: bool = False) -> Said:
        return Said(n, thread, f"h{n}", handle, from_us, "Hello", MONDAY)

    past = [said(1, "old", "Kim@Example.test"), said(2, "old", "kim@example.test", from_us=True)]
    for channel in ("care", "sales"):
        more = [said(3, "t1", "KIM@example.test")] if channel == "care" else []
        History(walk.store, StubRedactor(), clock, channel, is_mail=True).bring_in([*past, *more])

    assert today.customer_id is not None
    with walk.store() as work:
        cases = work.cases.of_customer(today.customer_id)
        assert sorted((case.channel, case.thread_id == today.thread_id) for case in cases) == [
            ("care", False),
            ("care", True),
            ("sales", False),
        ]
        assert len(work.messages.turns(today.thread_id)) == 2


def test_two_mailboxes_that_hear_of_one_address_at_once_agree(walk: Journey) -> None:
    def writes(channel: str, n: int) -> Any:
        return walk.receive([mail(channel, f"kim{n}@example.test", n=n)])

    with ThreadPoolExecutor(2) as both:
        for n in range(20):
            list(both.map(writes, ("care", "sales"), (n, n)))

    with walk.store() as work:
        assert {len(work.customers.with_address(f"kim{n}@example.test")) for n in range(20)} == {1}


def test_our_answer_gives_the_customer_no_name_of_ours(walk: Journey) -> None:
    ours = inbound(channel="chat", outside_id="o1", handle="shop")
    walk.receive([replace(ours, author=replace(ours.author, name="Anna of the shop"), answers="kim")])
    case = case_of(walk, altered(inbound(), author=replace(inbound().author, name="Kim"), thread_key="t2"))

    assert case.customer_id is not None
    with walk.store() as work:
        assert work.customers.get(case.customer_id).name == "Kim"


def test_who_decides_hears_of_the_customers_other_open_case_and_of_none_that_is_done(walk: Journey) -> None:
    first = case_of(walk, mail("care", "kim@example.test", n=1))

    def reasons_of(n: int) -> str:
        item = mail("sales", "kim@example.test", n=n)
        case = case_of(walk, item)
        walk.prepare(case.latest_message_id)
        with walk.store(read=True) as work:
            suggestion = work.cases.file(case.latest_message_id).suggestion
        assert suggestion is not None
        walk.casework.resolve(case.id, by=ANNA.id)
        return " ".join(suggestion.decision.reasons)

    assert "they have an open case on care since 02 March" in reasons_of(2)
    walk.casework.resolve(first.id, by=ANNA.id)
    assert "open case" not in reasons_of(3)
