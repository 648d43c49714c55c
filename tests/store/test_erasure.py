"""A customer leaves every table, on both databases; the trail over what happened stays whole."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from care.answering import Words
from care.case import Source
from care.customer import Identity
from care.errors import BadStep, NotFound
from care.forgetting import Forgetting
from care.journey import Journey
from care.keeping import Gone
from care.lists import View
from care.message import Attachment
from care.reply import Approval
from care.saved_view import SavedView
from store.erasure import OF_A_CASE, OF_NOBODY, SqlErasure
from store.files import FolderFiles
from store.tables import TableRow
from store.work import SqlStore
from tests.doubles import ANNA, FixedClock, inbound
from wiring.beside import ProofList, read_proofs
from wiring.copies import FileCopies
from wiring.settings import Settings

CANARY = "canary"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20) + b"canary"
pytestmark = [pytest.mark.issue(15)]


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "attachments", True, 10**6, 10**5, frozenset({"image/png"}))


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey], files: FolderFiles) -> Journey:
    return make_journey(any_store, files=files)


@pytest.fixture
def forgetting(any_store: SqlStore, clock: FixedClock, files: FolderFiles, tmp_path: Path) -> Forgetting:
    settings = Settings(home=tmp_path)
    return Forgetting(any_store, files, ProofList(tmp_path, "a secret of ours"), FileCopies(settings), clock)


def lived(walk: Journey, handle: str = "kim", number: int = 1) -> str:
    """A message with everything that can happen to it. Returns its case."""
    picture = Attachment(f"{CANARY}.png", "image/png", len(PNG), content=lambda: PNG)
    wrote = replace(
        inbound(f"Where is it? {CANARY}", outside_id=f"m{number}", thread_key=f"t{number}", handle=handle),
        attachments=(picture,),
    )
    [message_id] = walk.receive([wrote])
    walk.prepare(message_id)
    with walk.store() as work:
        file = work.cases.file(message_id)
    assert file.suggestion is not None
    walk.casework.relabel(message_id, by=ANNA.id, labels={"intent": "praise"})
    walk.casework.note(file.case.id, by=ANNA.id, text=f"Said {CANARY} on the phone")
    approval = Approval(by=ANNA.id, text=f"On its way, {CANARY}.", version=file.suggestion.choice.version)
    walk.deliver(walk.approve(file.suggestion.id, approval).id)
    walk.answering.answer(message_id, Words(by=ANNA.id, text=f"Also this, {CANARY}."))
    return file.case.id


def texts_with(store: SqlStore, word: str) -> list[str]:
    """Tables in which any column of any row holds the word."""
    found = []
    with store.engine.connect() as connection:
        for name in TableRow.metadata.tables:
            rows = connection.execute(text(f'SELECT * FROM "{name}"')).all()
            if any(word in str(value) for row in rows for value in row):
                found.append(name)
    return found


def test_nothing_of_a_forgotten_customer_is_left(
    walk: Journey, any_store: SqlStore, forgetting: Forgetting, files: FolderFiles, tmp_path: Path
) -> None:
    lived(walk)
    other = lived(walk, handle="lee", number=2)
    assert {"message", "reply", "note", "attachment"} <= set(texts_with(any_store, CANARY))
    forgetting.forget("chat:lee", by="operator")
    assert len(list((tmp_path / "attachments").glob("*/*"))) == 1

    done = forgetting.forget("chat:kim", by="operator")

    assert texts_with(any_store, CANARY) == []
    assert texts_with(any_store, "kim") == []
    assert texts_with(any_store, other) == []
    assert list((tmp_path / "attachments").glob("*/*")) == []
    assert (done.cases, done.removed["message"], done.removed["reply"], done.removed["file"]) == (1, 1, 2, 1)
    [*_, proof] = read_proofs(tmp_path / "forgotten.jsonl")
    assert proof.mark == done.proofs[0]
    assert "kim" not in (tmp_path / "forgotten.jsonl").read_text()


def test_what_is_forgotten_stays_sealed_in_the_trail(
    walk: Journey, any_store: SqlStore, forgetting: Forgetting, clock: FixedClock
) -> None:
    lived(walk)
    lived(walk, handle="lee", number=2)
    clock.advance(120)
    with any_store() as work:
        first = work.seals.seal(least_age_s=60)
        assert work.seals.seal(least_age_s=60) is None
    assert first is not None
    forgetting.forget("chat:kim", by="operator")
    clock.advance(120)
    with any_store() as work:
        second = work.seals.seal(least_age_s=60)
    assert second is not None

    with any_store() as work:
        verdict = work.seals.verify({1: first.hash, 2: second.hash})
    assert (verdict.problem, verdict.n_seals, verdict.n_open) == ("", 2, 0)
    assert verdict.n_forgotten > 5


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE event SET by = 'per_ben' WHERE number = 2",
        "DELETE FROM event WHERE number = 3",
        "UPDATE event SET digest = salt, facts = '{}' WHERE number = 2",
        "DELETE FROM seal",
        "UPDATE seal SET hash = 'x'",
    ],
)
def test_a_changed_trail_is_found(walk: Journey, any_store: SqlStore, clock: FixedClock, tampering: str) -> None:
    lived(walk)
    clock.advance(120)
    with any_store() as work:
        sealed = work.seals.seal(least_age_s=60)
    assert sealed is not None
    with any_store.engine.begin() as connection:
        connection.execute(text(tampering))

    with any_store() as work:
        assert work.seals.verify({1: sealed.hash}).problem


def test_who_is_forgotten_again_keeps_what_they_wrote_since(
    walk: Journey, any_store: SqlStore, forgetting: Forgetting, clock: FixedClock
) -> None:
    lived(walk)
    forgetting.forget("chat:kim", by="operator")
    clock.advance(60)
    walk.receive([inbound("A new matter", outside_id="m9", thread_key="t9", handle="kim")])

    assert forgetting.again() == {}
    assert [message.text for message in all_messages(any_store)] == ["A new matter"]


def all_messages(store: SqlStore) -> list[object]:
    with store(read=True) as work:
        return list(work.messages.page())


def test_what_was_stopped_in_between_is_ended_by_the_sweep(
    walk: Journey, any_store: SqlStore, forgetting: Forgetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived(walk)
    lived(walk, number=2)
    erase, n = SqlErasure.erase, 0

    def dies(self: SqlErasure, case_id: str) -> Gone:
        nonlocal n
        n += 1
        if n == 2:
            raise KeyboardInterrupt
        return erase(self, case_id)

    monkeypatch.setattr(SqlErasure, "erase", dies)
    with pytest.raises(KeyboardInterrupt):
        forgetting.forget("chat:kim", by="operator")
    assert len(all_messages(any_store)) == 1

    assert forgetting.again() == {"forgotten_again": 1}
    assert texts_with(any_store, CANARY) == []
    assert texts_with(any_store, "kim") == []


def test_a_list_saved_by_a_customers_name_goes_with_them(
    walk: Journey, any_store: SqlStore, forgetting: Forgetting, clock: FixedClock
) -> None:
    lived(walk, "kim.doe")
    searches = {"hers": "Kim.Doe", "another's": "kimono", "none's": "parcel"}
    with any_store() as work:
        for name, search in searches.items():
            work.views.add(SavedView(name, name, View.ALL, ANNA.id, clock(), filters={"search": search}))

    done = forgetting.forget("kim.doe", by=ANNA.id)

    assert done.removed["saved_view"] == 1
    with any_store() as work:
        assert [view.name for view in work.views.everybodys()] == ["another's", "none's"]


def test_one_of_several_on_a_thread_leaves_alone(walk: Journey, any_store: SqlStore, forgetting: Forgetting) -> None:
    walk.receive([inbound("Mine", outside_id="a", thread_key="shared", handle="kim")])
    walk.receive([inbound("Yours", outside_id="b", thread_key="shared", handle="lee")])

    forgetting.forget("kim", by="operator")

    assert [message.text for message in all_messages(any_store)] == ["Yours"]  # type: ignore[attr-defined]


def test_a_customer_is_named_in_several_ways(walk: Journey, any_store: SqlStore, forgetting: Forgetting) -> None:
    walk.receive([inbound(handle="kim")])
    with any_store() as work:
        customer = work.customers.of(Identity("chat", "kim"))
    assert customer is not None

    assert forgetting.customer(customer.id) == forgetting.customer("kim") == forgetting.customer("chat:kim")
    with pytest.raises(NotFound):
        forgetting.customer("nobody")
    with any_store() as work:
        work.cases.open(
            channel="x", thread_id=work.messages.thread_id("x", "t"), customer="kim", name=None, source=Source.LIVE
        )
    with pytest.raises(BadStep, match="Several"):
        forgetting.customer("kim")


def test_a_customers_data_is_one_document(walk: Journey, forgetting: Forgetting) -> None:
    lived(walk)
    lived(walk, handle="lee", number=2)

    data = forgetting.everything("chat:kim")

    assert [row["text"] for row in data["message"]] == [f"Where is it? {CANARY}"]
    assert len(data["reply"]) == 2
    assert data["identity"][0]["handle"] == "kim"
    assert "lee" not in str(data)


def test_cases_are_kept_as_long_as_their_channel_and_kind_say(
    walk: Journey, any_store: SqlStore, forgetting: Forgetting, clock: FixedClock
) -> None:
    resolved, waiting = lived(walk), lived(walk, handle="lee", number=2)
    walk.casework.resolve(resolved, by=ANNA.id)
    days = {"*": {Source.LIVE: 30}, "x": {Source.LIVE: 1}}

    assert forgetting.retire(days, ["chat", "x"], is_dry=False) == {}
    clock.advance(31 * 86_400)
    assert forgetting.retire(days, ["chat", "x"], is_dry=True) == {"chat.live": 1}
    assert forgetting.retire(days, ["chat", "x"], is_dry=False) == {"chat.live": 1}

    with any_store(read=True) as work:
        assert work.cases.get(waiting).id == waiting
        with pytest.raises(NotFound):
            work.cases.get(resolved)


def test_every_table_is_cleared_of_customers_or_holds_nothing_of_them() -> None:
    records = {"thread", "customer", "identity", "identity_move", "event", "kept_answer", "quarantine"}

    known = {table.__tablename__ for table in OF_A_CASE} | OF_NOBODY | records

    assert known == set(TableRow.metadata.tables)
