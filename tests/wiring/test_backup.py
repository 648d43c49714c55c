"""A backup of everything, put back after more was sent: nothing goes out twice, nobody who was forgotten returns."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from care.errors import BadInput, BadSettings, Conflict, Unreachable
from care.holding import PROBLEM, ask, held, mark_sent
from care.journey import Journey
from care.outcome import Outcome
from care.ports import utc_now
from care.reply import Approval, ReplyStage
from store.copying import copy_to
from store.work import open_engine
from tests.doubles import ANNA, RecordingQueue, StubChannel, inbound
from wiring.assemble import Assembly, migrate
from wiring.backup import back_up, check, restore
from wiring.beside import note_seen, read_epoch
from wiring.lock import only_service
from wiring.opening import accept_key, check_in, forgetting, look_again
from wiring.settings import Settings
from wiring.spool import FolderSpool
from workers.sweep import sweep

pytestmark = [pytest.mark.issue(18)]
MakeJourney = Callable[..., Journey]
Running = Callable[[Settings], Journey]


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    url = "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return opened(Settings(home=home, database={"url": url}))  # type: ignore[arg-type]


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return opened(Settings(home=home))


def opened(settings: Settings) -> Settings:
    migrate(settings)
    check_in(settings)
    with Assembly(settings) as parts, parts.store() as work:
        work.access.add_person(ANNA)
    return settings


class Service:
    """The parts of a service on one home; whoever asks for them anew has stopped the one before."""

    def __init__(self) -> None:
        self._open: list[Assembly] = []

    def parts(self, settings: Settings) -> Assembly:
        self.stop()
        self._open.append(Assembly(settings))
        return self._open[-1]

    def stop(self) -> None:
        while self._open:
            self._open.pop().__exit__()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


@pytest.fixture
def running(make_journey: MakeJourney, channel: StubChannel, service: Service) -> Running:
    """A service on a home as it is now, with a channel that remembers what it took."""

    def run(settings: Settings) -> Journey:
        store = service.parts(settings).store
        return make_journey(store, clock=utc_now, channels={"chat": channel}, queue=RecordingQueue())

    return run


def approve(journey: Journey, number: int) -> str:
    [message_id] = journey.receive([inbound(f"Parcel {number}?", outside_id=f"m{number}", thread_key=f"t{number}")])
    journey.prepare(message_id)
    with journey.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    return journey.approve(
        suggestion.id, Approval(by=ANNA.id, text="On its way.", version=suggestion.choice.version)
    ).id


def work_all(journey: Journey, reply_ids: list[str]) -> None:
    """What sweep and workers do by themselves: ring whatever waits, try whatever was rung."""
    sweep(journey.store, journey.queue, journey.channels, unrung_s=0)  # type: ignore[arg-type]
    for reply_id in reply_ids:
        journey.deliver(reply_id)


def test_what_was_sent_since_the_backup_is_not_sent_again(
    settings: Settings, running: Running, channel: StubChannel, service: Service, tmp_path: Path
) -> None:
    before = running(settings)
    replies = [approve(before, number) for number in range(12)]
    with before.store() as work:
        claimed = work.replies.claim(replies[0], lease_s=600)
        assert claimed is not None
        work.replies.enter_flight(*claimed)
    back_up(settings, tmp_path / "backup")
    with before.store() as work:
        [flying] = [work.replies.get(replies[0])]
        channel.send(flying)
        work.replies.save(flying.moved(ReplyStage.SENT, receipt="r"), was=ReplyStage.INFLIGHT)
    work_all(before, replies[1:])
    assert len(channel.takes) == 12

    service.stop()

    restored = restore(settings, tmp_path / "backup")

    after = running(settings)
    work_all(after, replies)
    assert restored["replies"] == 12
    assert len(channel.takes) == 12
    waiting, _ = held(after.store)
    assert {reply.id for reply in waiting} == set(replies)
    assert {reply.sending.problem for reply in waiting} == {PROBLEM}
    assert {reply.sending.stage for reply in waiting} == {ReplyStage.HELD, ReplyStage.UNKNOWN}
    # A person saw one on the channel, and has another one sent after all.
    assert mark_sent(after.store, replies[1], by="operator")
    after.answering.send_again(replies[2], by="operator")
    work_all(after, replies)
    with after.store() as work:
        assert work.replies.get(replies[1]).sending.stage is ReplyStage.SENT
        assert work.replies.get(replies[2]).sending.stage is ReplyStage.SENT
    assert len(channel.takes) == 13


def test_a_database_that_was_copied_back_by_hand_is_held_too(
    on_sqlite: Settings, running: Running, channel: StubChannel, service: Service, tmp_path: Path
) -> None:
    before = running(on_sqlite)
    reply_id = approve(before, 1)
    copy_to(on_sqlite.database_url, tmp_path / "copy.db")
    before.deliver(reply_id)
    look_again(service.parts(on_sqlite))
    service.stop()
    for path in on_sqlite.home.glob("tactful.db*"):
        path.unlink()
    shutil.copy(tmp_path / "copy.db", on_sqlite.home / "tactful.db")

    looked_at = look_again(service.parts(on_sqlite))

    work_all(running(on_sqlite), [reply_id])
    assert looked_at["replies"] == 1
    assert len(channel.takes) == 1
    assert check_in(on_sqlite) == {}


def test_a_channel_that_can_tell_is_asked(
    on_sqlite: Settings, make_journey: MakeJourney, service: Service, tmp_path: Path
) -> None:
    parts = service.parts(on_sqlite)
    journey = make_journey(parts.store, channels=parts.channels)
    first, second = approve(journey, 1), approve(journey, 2)
    back_up(on_sqlite, tmp_path / "backup")
    journey.deliver(first)
    service.stop()

    restore(on_sqlite, tmp_path / "backup")

    after = service.parts(on_sqlite)
    assert [reply.id for reply in held(after.store)[0]] == [second]
    with after.store() as work:
        assert work.replies.get(first).sending.stage is ReplyStage.SENT
    assert ask(after.store, after.channels) == 0


def test_a_backup_is_whole_while_others_write(
    settings: Settings, running: Running, service: Service, tmp_path: Path
) -> None:
    journey, stop, n_kept = running(settings), threading.Event(), 0

    def write() -> None:
        nonlocal n_kept
        while not stop.is_set():
            journey.receive([inbound(outside_id=f"w{n_kept}", thread_key=f"w{n_kept}")])
            n_kept += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        back_up(settings, tmp_path / "backup.tar.gz")
    finally:
        stop.set()
        writer.join()

    service.stop()
    restore(settings, tmp_path / "backup.tar.gz")
    with service.parts(settings).store(read=True) as work:
        assert 0 <= work.keeping.n_messages() <= n_kept
    assert n_kept > 0


def test_what_channels_answered_while_the_store_was_away_goes_through_backup_and_restore(
    settings: Settings, running: Running, channel: StubChannel, service: Service, tmp_path: Path
) -> None:
    before = running(settings)
    replies = [approve(before, number) for number in range(3)]
    spool = FolderSpool(settings.home / "spool")
    for reply_id in replies[:2]:
        with before.store() as work:
            claimed = work.replies.claim(reply_id, lease_s=600)
            assert claimed is not None
            work.replies.enter_flight(*claimed)
    spool.keep(Outcome(replies[0], 1, ReplyStage.SENT, False, receipt="out-0"))
    back_up(settings, tmp_path / "backup.tar.gz")
    shutil.rmtree(spool.folder)
    # Answered since the backup, of a reply that was on its way in it and of one that waited.
    for reply_id in replies[1:]:
        spool.keep(Outcome(reply_id, 1, ReplyStage.SENT, False, receipt="out-1"))
    service.stop()

    found = restore(settings, tmp_path / "backup.tar.gz")

    after = running(settings)
    work_all(after, replies)
    assert found["replies"] == 0
    assert channel.takes == []
    assert spool.outcomes() == []
    with after.store(read=True) as work:
        assert {work.replies.get(reply_id).sending.stage for reply_id in replies} == {ReplyStage.SENT}


def test_a_damaged_backup_is_refused_and_changes_nothing(on_sqlite: Settings, tmp_path: Path) -> None:
    back_up(on_sqlite, tmp_path / "backup")
    kept = (on_sqlite.home / "tactful.db").read_bytes()
    path = tmp_path / "backup" / "secret.key"
    path.chmod(0o600)
    path.write_text("another")

    with pytest.raises(BadInput, match=r"secret\.key is not what was backed up"):
        restore(on_sqlite, tmp_path / "backup")
    path.unlink()
    with pytest.raises(BadInput, match=r"secret\.key is missing"):
        check(tmp_path / "backup")
    assert (on_sqlite.home / "tactful.db").read_bytes() == kept


def test_nothing_is_restored_under_a_service_that_runs(on_sqlite: Settings, tmp_path: Path) -> None:
    back_up(on_sqlite, tmp_path / "backup")

    with only_service(on_sqlite.home), pytest.raises(Conflict, match="stop it"):
        restore(on_sqlite, tmp_path / "backup")


def test_a_restore_that_did_not_end_opens_no_door(on_sqlite: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    back_up(on_sqlite, tmp_path / "backup")
    monkeypatch.setattr("wiring.backup._put_key", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        restore(on_sqlite, tmp_path / "backup")
    monkeypatch.undo()

    with pytest.raises(BadSettings, match="restore"):
        check_in(on_sqlite)
    restore(on_sqlite, tmp_path / "backup")
    assert check_in(on_sqlite) == {}


def test_who_was_forgotten_is_forgotten_again_after_a_restore(
    settings: Settings, running: Running, service: Service, tmp_path: Path
) -> None:
    journey = running(settings)
    journey.receive([inbound("I am Kim Canary", handle="kim")])
    journey.receive([inbound("Somebody else", outside_id="m2", thread_key="t2", handle="lee")])
    back_up(settings, tmp_path / "backup")
    forgetting(service.parts(settings)).forget("chat:kim", by="operator")
    service.stop()

    # Even in a new home, which has only what lies beside the backup.
    (settings.home / "forgotten.jsonl").unlink()
    restore(settings, tmp_path / "backup")

    with service.parts(settings).store(read=True) as work:
        kept = [message.text for message in work.messages.page()]
        events = [event.event for event in work.trail.events(after=0)]
    assert kept == ["Somebody else"]
    assert "customer.forgotten" in events


# starts that would lie ---------------------------------------------------------------------------------------------


def test_a_lost_key_is_refused_until_somebody_says_that_it_is_lost(on_sqlite: Settings) -> None:
    (on_sqlite.home / "secret.key").unlink()

    with pytest.raises(BadSettings, match=r"secret\.key is missing"):
        check_in(on_sqlite)
    accept_key(on_sqlite)
    assert check_in(on_sqlite) == {}


def test_another_key_is_refused(on_sqlite: Settings) -> None:
    (on_sqlite.home / "secret.key").write_text("k" * 64)

    with pytest.raises(BadSettings, match="not the one that this database was used with"):
        check_in(on_sqlite)


def test_an_empty_database_beside_a_used_home_is_refused(on_sqlite: Settings) -> None:
    note_seen(on_sqlite.home, 7)
    for path in on_sqlite.home.glob("tactful.db*"):
        path.unlink()
    migrate(on_sqlite)

    with pytest.raises(BadSettings, match="The database is empty"):
        check_in(on_sqlite)
    assert check_in(on_sqlite, is_accepted=True) == {}
    assert check_in(on_sqlite) == {}


def test_a_used_database_in_a_home_that_never_saw_it_is_held(on_sqlite: Settings, running: Running) -> None:
    approve(running(on_sqlite), 1)
    (on_sqlite.home / "epoch.json").unlink()

    assert check_in(on_sqlite)["replies"] == 1


def test_an_upgrade_holds_nothing(on_sqlite: Settings, running: Running) -> None:
    journey = running(on_sqlite)
    reply_id = approve(journey, 1)
    # As a tactful of before left it: neither table nor file knows a store.
    (on_sqlite.home / "epoch.json").unlink()
    engine = open_engine(on_sqlite.database_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM store"))
    engine.dispose()

    assert check_in(on_sqlite) == {}
    with journey.store() as work:
        assert work.replies.get(reply_id).sending.stage is ReplyStage.PENDING


def test_a_door_does_not_open_on_tables_of_another_version(on_sqlite: Settings) -> None:
    engine = open_engine(on_sqlite.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
    engine.dispose()

    with pytest.raises(Unreachable, match="tactful migrate"):
        check_in(on_sqlite)


def test_a_backup_ends_an_epoch(on_sqlite: Settings, tmp_path: Path) -> None:
    first = read_epoch(on_sqlite.home)
    back_up(on_sqlite, tmp_path / "backup")
    second = read_epoch(on_sqlite.home)

    assert first is not None
    assert second is not None
    assert replace(second, copies=(), seen=0) == replace(first, epoch=first.epoch + 1, seen=0)
    assert second.copies == (str(tmp_path / "backup"),)
