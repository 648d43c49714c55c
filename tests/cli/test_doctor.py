"""`tactful doctor`: what it says of parts that do not fit together."""

from pathlib import Path

from care.ports import utc_now
from cli.doctor import check_channels, check_playbook
from tests.model.tiny import tiny_folder
from wiring import assemble
from wiring.settings import Settings


def test_labels_of_the_bundle_that_the_playbook_does_not_know_are_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, model={"bundle": tiny_folder(), "encoder": "none"})  # type: ignore[arg-type]

    found = check_playbook(settings)

    assert (found.check, found.state) == ("playbook", "warning")
    assert "does not know labels of the bundle: " in found.detail
    assert "playbook.yaml" in found.fix


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
