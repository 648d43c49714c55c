"""`tactful doctor`: what it says of parts that do not fit together."""

from pathlib import Path

from cli.doctor import check_playbook
from tests.model.tiny import tiny_folder
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
