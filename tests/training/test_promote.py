"""A bundle that is worse, or kills a rule for safety or a play, is not promoted, unless somebody says why."""

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.errors import TactfulError
from cli import failures
from cli.main import app
from model.bundle import Bundle, read_manifest
from tests.model.tiny import THINGS, WORDS, own_folder, reseal, tiny_folder
from tests.playbook.builders import in_one_piece
from training.gate import killed_by
from training.options import ReadOptions, TrainOptions
from training.promotion import current, promote
from training.run import train
from wiring.settings import Settings, load_settings

NEW = ("table", "carpet", "clock")
RULE = "rules:\n  - {name: fire, when: {intents: [login], cues: [danger]}, action: escalate, reason: It burns.}\n"


@pytest.fixture
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `current` names the tiny bundle, which serves with a playbook that has a rule and a play for its labels."""
    playbook = in_one_piece(tmp_path / "playbook")
    text = (playbook / "playbook.yaml").read_text("utf-8")
    line = next(row for row in text.splitlines() if row.startswith("  praise:"))
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


def run(*words: object) -> tuple[int, str]:
    """Exit code, and all that was said."""
    ran = CliRunner().invoke(app, list(map(str, words)))
    problem = ran.exception if isinstance(ran.exception, TactfulError) else None
    return failures.exit_code(problem) if problem else ran.exit_code, f"{ran.stdout}{ran.stderr}{problem or ''}"


@pytest.fixture
def held_out(tmp_path: Path) -> Path:
    """Messages that no bundle has seen."""
    path = tmp_path / "held-out.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent", "urgency"), *labelled(NEW)])
    return path


def labelled(things: Sequence[str]) -> list[tuple[str, str, str]]:
    """Text, intent and urgency, right ones."""
    return [
        (sentence.format(thing), intent, "low" if intent == "praise" else "normal")
        for intent, sentences in WORDS.items()
        for sentence in sentences
        for thing in things
    ]


def test_a_bundle_that_kills_a_rule_and_a_play_is_refused_and_names_each(bundles: Path) -> None:
    code, said = run("promote", own_folder(), "--bundles", bundles)

    assert code == 3
    assert current(bundles) == Bundle.load(tiny_folder()).id
    assert "rule 'fire' never holds with this bundle: no intent of the bundle is among login" in said
    assert "login-only.md: is never reached with this bundle" in said
    assert "rules and plays that would never hold again" in said
    assert '--force "why"' in said


def test_a_reason_promotes_it_and_is_kept_with_what_spoke_against_it(bundles: Path) -> None:
    code, _ = run("promote", own_folder(), "--bundles", bundles, "--force", "the shop has no logins any more")

    assert code == 0
    assert current(bundles) == Bundle.load(own_folder()).id
    last = history(bundles)[-1]
    assert last["reason"] == "the shop has no logins any more"
    assert (last["act"], last["bundle"]) == ("promote", Bundle.load(own_folder()).id)
    assert any("login-only.md" in str(reason) for reason in last["despite"])  # type: ignore[attr-defined]
    assert last["by"]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_force_without_a_reason_is_refused(bundles: Path, reason: str) -> None:
    assert run("promote", own_folder(), "--bundles", bundles, "--force", reason)[0] == 2
    assert current(bundles) == Bundle.load(tiny_folder()).id


def test_without_common_rows_no_figures_are_compared(bundles: Path) -> None:
    code, said = run("promote", tiny_folder(), "--bundles", bundles)

    assert code == 3
    assert "figures of other rows say nothing" in said
    assert "--on FILE" in said


def test_what_is_as_good_on_the_same_rows_is_promoted_without_a_word_of_force(bundles: Path, held_out: Path) -> None:
    code, said = run("promote", tiny_folder(), "--bundles", bundles, "--on", held_out)

    assert (code, "p = 1.000" in said) == (0, True), said
    assert "reason" not in history(bundles)[-1]


def test_what_is_worse_on_the_same_rows_is_refused_with_the_test(bundles: Path, held_out: Path, tmp_path: Path) -> None:
    with (tmp_path / "wrong.csv").open("w", encoding="utf-8", newline="") as file:
        names = [*WORDS]
        wrong = dict(zip(names, names[1:] + names[:1], strict=True))
        rows = [
            (pattern.format(thing), wrong[intent])
            for intent, said in WORDS.items()
            for pattern in said
            for thing in THINGS
        ]
        csv.writer(file).writerows([("text", "intent"), *rows])
    read = ReadOptions({"intent": "intent"})
    worse = train([tmp_path / "wrong.csv"], read, TrainOptions(tmp_path / "worse", tmp_path, "none")).folder

    code, said = run("promote", worse, "--bundles", bundles, "--on", held_out)

    assert code == 3
    assert "intent: it loses" in said
    assert "more than chance explains (p = 0.000)" in said
    assert "urgency: the new bundle has no such task" in said


def test_a_fifth_of_the_rows_relabelled_by_one_author_is_refused(bundles: Path, held_out: Path, tmp_path: Path) -> None:
    rows, n_flipped = [], 0
    for text, intent, urgency in labelled(THINGS):
        is_flipped = intent in ("refund", "login") and n_flipped < 38
        n_flipped += is_flipped
        rows.append((text, "price" if is_flipped else intent, urgency))
    with (tmp_path / "poisoned.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent", "urgency"), *rows])
    read = ReadOptions({"intent": "intent", "urgency": "urgency"})
    poisoned = train([tmp_path / "poisoned.csv"], read, TrainOptions(tmp_path / "poisoned", tmp_path, "none")).folder

    code, said = run("promote", poisoned, "--bundles", bundles, "--on", held_out)

    assert (code, n_flipped, len(rows)) == (3, 38, 192)
    assert "intent: it loses" in said
    assert current(bundles) == Bundle.load(tiny_folder()).id


def test_a_task_that_the_file_has_no_column_of_is_not_promoted_unseen(
    bundles: Path, held_out: Path, tmp_path: Path
) -> None:
    lines = held_out.read_text("utf-8").splitlines()
    (tmp_path / "half.csv").write_text("\n".join(line.rpartition(",")[0] for line in lines), "utf-8")

    code, said = run("promote", tiny_folder(), "--bundles", bundles, "--on", tmp_path / "half.csv")

    assert code == 3
    assert "urgency: it was not compared, half.csv has no column of its labels" in said


def test_what_is_no_better_than_guessing_is_refused_though_nothing_serves(tmp_path: Path, bundles: Path) -> None:
    manifest = read_manifest(tiny_folder())
    guessing = Path(shutil.copytree(tiny_folder(), tmp_path / "guessing"))
    manifest["metrics"]["intent"]["better_than_guessing"] = False
    reseal(guessing, manifest)

    code, said = run("promote", guessing, "--bundles", tmp_path / "empty")

    assert code == 3
    assert "intent: it is no better than always saying" in said
    told = run("promote", tiny_folder(), "--bundles", tmp_path / "empty")[1]
    assert "note: no setting names" in told


def test_going_back_and_the_list_stand_on_the_command_line_too(bundles: Path, held_out: Path) -> None:
    run("promote", own_folder(), "--bundles", bundles, "--force", "a mistake")

    code, said = run("rollback", "--bundles", bundles)
    assert (code, Bundle.load(tiny_folder()).id in said) == (0, True)
    assert [line["act"] for line in history(bundles)] == ["promote", "promote", "rollback"]
    listed = run("bundles", "--bundles", bundles)[1]
    assert "a mistake" in listed
    assert f"current: {Bundle.load(tiny_folder()).id}" in listed
    assert run("rollback", "--bundles", bundles)[0] == 1


def test_two_bundles_are_compared_on_the_same_rows(bundles: Path, held_out: Path) -> None:
    code, said = run("compare", "current", tiny_folder(), "--on", held_out, "--bundles", bundles)

    assert code == 0, said
    assert "+0.0 points" in said
    assert "0 of 72 rows are read differently" in said
    loaded = json.loads(run("compare", "current", tiny_folder(), "--on", held_out, "--bundles", bundles, "--json")[1])
    assert loaded["tasks"]["intent"]["n"] == 72


def test_bundles_that_share_no_task_with_the_file_are_not_compared(bundles: Path, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("text,why\nhello,greeting\n", "utf-8")

    code, said = run("compare", "current", tiny_folder(), "--on", tmp_path / "other.csv", "--bundles", bundles)

    assert code == 1
    assert "no column named after a task (intent, urgency)" in said


def test_a_bundle_for_one_task_is_judged_with_those_that_serve_beside_it(bundles: Path, tmp_path: Path) -> None:
    moods = bundles.parent / "moods"
    promote(tiny_folder(), moods)
    by_task = {"bundle": bundles / "current", "bundles": {"urgency": moods / "current"}, "encoder": "none"}
    settings = Settings(model=by_task)  # type: ignore[arg-type]

    # For the urgency it may take the place of the other one: the intents stay those of the bundle that serves.
    assert killed_by(tiny_folder(), bundles=moods, settings=settings) == []
    assert any("login-only" in str(problem) for problem in killed_by(own_folder(), bundles=bundles, settings=settings))


def test_a_rule_for_safety_that_holds_no_more_is_named_though_it_was_dead_before(bundles: Path) -> None:
    promote(own_folder(), bundles, reason="a mistake", despite=["all"])

    named = [str(problem) for problem in killed_by(own_folder(), bundles=bundles, settings=load_settings())]

    assert any("rule 'fire'" in problem for problem in named)
    assert not any("login-only" in problem for problem in named)


def test_a_playbook_that_is_not_sound_holds_a_promotion_back(bundles: Path, tmp_path: Path) -> None:
    (tmp_path / "playbook" / "playbook.yaml").write_text("rules: [", "utf-8")

    assert run("promote", tiny_folder(), "--bundles", bundles)[0] == 1
