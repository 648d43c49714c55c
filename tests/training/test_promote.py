"""A bundle that kills a rule for safety or a play is not promoted, unless somebody says why."""

import json
import shutil
from pathlib import Path

import pytest

from model.bundle import Bundle
from tests.model.tiny import own_folder, tiny_folder
from tests.playbook.builders import FOLDER
from training.__main__ import main
from training.gate import killed_by, promote, rollback
from wiring.settings import Settings, load_settings

RULE = "rules:\n  - {name: fire, when: {intents: [login], cues: [danger]}, action: escalate, reason: It burns.}\n"


@pytest.fixture
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `current` names the tiny bundle, which serves with a playbook that has a rule and a play for its labels."""
    playbook = Path(shutil.copytree(FOLDER, tmp_path / "playbook"))
    text = (playbook / "playbook.yaml").read_text("utf-8")
    line = next(one for one in text.splitlines() if one.startswith("  praise:"))
    text = text.replace(line, f"{line}\n{line.replace('praise:', 'login:', 1)}").replace("\nrules:\n", "\n" + RULE)
    (playbook / "playbook.yaml").write_text(text, "utf-8")
    play = (playbook / "plays" / "refund-where.md").read_text("utf-8")
    play = (
        play.replace("return_refund, billing_problem", "login")
        .replace("refund-where", "login-only")
        .replace("intent: return_refund", "intent: login")
    )
    (playbook / "plays" / "login-only.md").write_text(play, "utf-8")
    folder = tmp_path / "home" / "bundles"
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TACTFUL_PLAYBOOK", str(playbook))
    monkeypatch.setenv("TACTFUL_MODEL__BUNDLE", str(folder / "current"))
    promote(tiny_folder(), folder)
    return folder


def history(bundles: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (bundles / "history.jsonl").read_text("utf-8").splitlines()]


def current(bundles: Path) -> Path:
    return (bundles / "current").resolve()


def test_a_bundle_that_kills_a_rule_and_a_play_is_refused_and_names_each(
    bundles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["promote", str(own_folder()), "--bundles", str(bundles)])

    said = capsys.readouterr().err
    assert code == 3
    assert current(bundles) == tiny_folder().resolve()
    assert "rule 'fire' never holds with this bundle: no intent of the bundle is among login" in said
    assert "login-only.md: is never reached with this bundle" in said
    assert "rules and plays would never hold again" in said
    assert '--force "why"' in said


def test_a_reason_promotes_it_and_is_kept_with_what_spoke_against_it(bundles: Path) -> None:
    code = main(["promote", str(own_folder()), "--bundles", str(bundles), "--force", "the shop has no logins any more"])

    assert code == 0
    assert current(bundles) == own_folder().resolve()
    last = history(bundles)[-1]
    assert last["reason"] == "the shop has no logins any more"
    assert (last["act"], last["bundle"]) == ("promote", Bundle.load(own_folder()).id)
    assert any("login-only.md" in str(one) for one in last["despite"])  # type: ignore[attr-defined]
    assert last["by"]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_force_without_a_reason_is_refused(bundles: Path, reason: str) -> None:
    assert main(["promote", str(own_folder()), "--bundles", str(bundles), "--force", reason]) == 2
    assert current(bundles) == tiny_folder().resolve()


def test_what_holds_as_before_is_promoted_without_a_word_of_force(bundles: Path, tmp_path: Path) -> None:
    same = Path(shutil.copytree(tiny_folder(), tmp_path / "same"))

    assert main(["promote", str(same), "--bundles", str(bundles)]) == 0
    assert current(bundles) == same.resolve()
    assert "reason" not in history(bundles)[-1]


def test_going_back_stands_in_the_history_too(bundles: Path, tmp_path: Path) -> None:
    promote(Path(shutil.copytree(tiny_folder(), tmp_path / "same")), bundles)

    rollback(bundles)

    assert [line["act"] for line in history(bundles)] == ["promote", "promote", "rollback"]


def test_a_bundle_for_one_task_is_judged_with_those_that_serve_beside_it(bundles: Path, tmp_path: Path) -> None:
    moods = bundles.parent / "moods"
    promote(tiny_folder(), moods)
    by_task = {"bundle": bundles / "current", "bundles": {"urgency": moods / "current"}, "encoder": "none"}
    settings = Settings(model=by_task)  # type: ignore[arg-type]

    # For the urgency it may take the place of the other one: the intents stay those of the bundle that serves.
    assert killed_by(tiny_folder(), bundles=moods, settings=settings) == []
    assert any("login-only" in str(one) for one in killed_by(own_folder(), bundles=bundles, settings=settings))


def test_a_rule_for_safety_that_holds_no_more_is_named_though_it_was_dead_before(bundles: Path) -> None:
    promote(own_folder(), bundles, reason="a mistake", despite=["all"])

    named = [str(one) for one in killed_by(own_folder(), bundles=bundles, settings=load_settings())]

    assert any("rule 'fire'" in one for one in named)
    assert not any("login-only" in one for one in named)


def test_a_playbook_that_is_not_sound_holds_a_promotion_back(bundles: Path, tmp_path: Path) -> None:
    (tmp_path / "playbook" / "playbook.yaml").write_text("rules: [", "utf-8")

    assert main(["promote", str(tiny_folder()), "--bundles", str(bundles)]) == 1
