"""`tactful doctor`: what it says of parts that do not fit together."""

import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from care.ports import utc_now
from cli.doctor import check_backup, check_channels, check_playbook, check_processes, check_work
from store.work import open_store
from tests.doubles import inbound
from tests.journeys.crash import ShiftedClock, pointed_journey
from tests.model.tiny import tiny_folder
from wiring import assemble
from wiring.lock import only_service
from wiring.measures import BACKED_UP
from wiring.settings import Settings


def test_labels_of_the_bundle_that_the_playbook_does_not_know_are_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, model={"bundle": tiny_folder(), "encoder": "none"})  # type: ignore[arg-type]

    finding = check_playbook(settings)

    assert (finding.check, finding.state) == ("playbook", "warning")
    assert "does not know labels of the bundle: " in finding.detail
    assert "playbook.yaml" in finding.fix


def test_a_bundle_that_is_not_there_is_no_problem_of_the_playbook(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, model={"bundle": tmp_path / "nowhere"})  # type: ignore[arg-type]

    assert check_playbook(settings).state == "ok"


def test_a_channel_that_is_set_up_and_was_not_switched_on_is_named(tmp_path: Path) -> None:
    bridge = {"kind": "webhook", "url": "https://bridge.example.test/"}
    settings = Settings(home=tmp_path, channels={"bridge": bridge})  # type: ignore[dict-item]
    assemble.migrate(settings)

    waiting = check_channels(settings)
    with assemble.store(settings)() as work:
        work.switches.turn_on("bridge", by="operator", at=utc_now())

    assert (waiting.state, waiting.detail) == ("warning", "set up, and still rehearsing: bridge")
    assert waiting.fix == "`tactful channels go-live bridge`"
    assert check_channels(settings).detail == "live: bridge"


def test_what_waits_too_long_is_named_with_who_should_work(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assemble.migrate(settings)
    assert check_work(settings).state == "ok"

    hour_ago = ShiftedClock(timedelta(hours=-1))
    with closing(open_store(settings.database_url, clock=hour_ago)) as store:
        pointed_journey(settings.database_url, tmp_path, lambda _: None, store=store, clock=hour_ago).receive(
            [inbound()]
        )

    waiting = check_work(settings)
    assert (waiting.state, waiting.detail[:14]) == ("warning", "waits: tasks f")
    assert "tactful worker prepare" in waiting.fix


def test_an_old_backup_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert check_backup(settings).state == "ok"

    (tmp_path / BACKED_UP).touch()
    assert check_backup(settings).detail == "the last one is 0.0 days old"
    os.utime(tmp_path / BACKED_UP, (0, 0))
    assert check_backup(settings).state == "warning"


def test_a_process_without_life_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert check_processes(settings).detail == "no service runs in this home"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "sweep.beat").touch()
    with only_service(tmp_path):
        assert check_processes(settings).state == "ok"
        os.utime(tmp_path / "run" / "sweep.beat", (0, 0))
        assert check_processes(settings).detail == "no life: sweep"
