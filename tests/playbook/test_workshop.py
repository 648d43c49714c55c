"""What owners of a playbook are told: the fixtures' own is clean, and each kind of fault is found in a broken one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.errors import NotFound
from care.learning import DraftOutcome
from cli.playbook import app
from playbook.book import SENTIMENTS, URGENCIES, load
from playbook.shelf import Shelf
from playbook.workshop import Workshop
from tests.model.tiny import tiny_folder
from tests.playbook.builders import FOLDER, Drafter, drafter, in_one_piece, the_playbook


def bench(folder: Path) -> Workshop:
    shelf = Shelf.of(load(folder))
    return Drafter(shelf=lambda: shelf).workshop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return in_one_piece(tmp_path / "playbook")


def found_after(folder: Path, play: str, old: str, new: str) -> str:
    path = folder / "plays" / f"{play}.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return "\n".join(str(problem) for problem in bench(folder).lint())


def test_the_fixtures_playbook_has_nothing_to_mend() -> None:
    assert drafter().workshop().lint() == []


def test_an_intent_of_the_bundle_that_no_line_names_is_said() -> None:
    known = the_playbook().policy.intents
    told = {"intent": [*known, "teleportation"], "sentiment": SENTIMENTS, "urgency": URGENCIES}
    (problem,) = drafter().workshop().lint(labels=told)

    assert "does not know teleportation" in str(problem)


def test_every_example_inside_the_plays_is_as_expected() -> None:
    tested = drafter().workshop().test()

    assert len(tested) >= 60
    assert [problem for problem in tested if problem.problem] == []


@pytest.mark.parametrize(
    ("play", "old", "new", "said"),
    [
        ("hello", "I'm here and reading.", "I'm here and reading. " + "x" * 300, "long on x, which takes 280"),
        ("hello", "I'm here and reading.", "We value your feedback.", "which we never do"),
        ("hello", "I'm here and reading.", "I'm sorry, so sorry.", "apologises twice"),
        ("delivery-late", "{% if not apologised %}I'm sorry about the delivery. {% endif %}Could", "I'm sorry. Could",
         "apologises a second time"),
        ("hello", "owner: care\n", "", "has no owner"),
        ("delivery-page", "page: delivery\n", "", "names no page"),
        ("hello", "play: hello}", "play: goodbye}", "expects the play 'goodbye'"),
        ("hello", "I'm here and reading.", "Our safety officer has your message.", "claims that somebody else has it"),
        ("threat-lead", "handed_to: safety", "handed_to: training", "is never offered"),
        ("press-handover", "when: {risks: [press]", "when: {tiers: [press]", "no play answers press"),
        ("spam-decline", "intents: [spam]", "intents: [praise]", "spam has no play for public channels"),
        ("offline-public", "intents: [any]", "intents: [praise]", "no offline play answers every public message"),
    ],
)  # fmt: skip
def test_a_fault_is_found(folder: Path, play: str, old: str, new: str, said: str) -> None:
    assert said in found_after(folder, play, old, new)


def test_a_wrong_expectation_is_named_with_its_line(folder: Path) -> None:
    path = folder / "plays" / "hello.md"
    path.write_text(path.read_text("utf-8").replace("action: answer_private", "action: escalate"), "utf-8")

    wrong = [problem for problem in bench(folder).test() if problem.problem]

    assert [problem.problem for problem in wrong] == ["decided answer_private instead of escalate"]
    assert wrong[0].where.startswith("plays/hello.md:")


def test_a_play_shows_its_texts_with_and_without_values() -> None:
    shown = drafter().workshop().render("order-status-answer", channel="chat")

    assert any("LF-204817" in example.text for example in shown)
    assert all(example.length <= example.limit for example in shown)
    with pytest.raises(NotFound):
        drafter().workshop().render("nobody")


def test_outcomes_are_counted_by_play() -> None:
    sent, rejected = (
        DraftOutcome("hello@1", "Hi.", "Hi.", is_sent=True),
        DraftOutcome("hello@1", "Hi.", "", is_sent=False),
    )

    lines, flags = the_playbook().learn([sent, sent, sent, rejected])

    assert (lines[0].n_accepted, lines[0].n_rejected, flags) == (3, 1, [])


def test_lint_reads_the_intents_of_a_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_MODEL__ENCODER", "none")

    result = CliRunner().invoke(app, ["lint", str(FOLDER), "--bundle", str(tiny_folder()), "--strict"])

    assert result.exit_code == 3
    assert "a label of the bundle" in result.stdout


def test_lint_strict_exits_3_when_the_playbook_cannot_be_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    (folder / "plays" / "hello.md").write_text("no front matter", "utf-8")

    result = CliRunner().invoke(app, ["lint", str(folder), "--strict"])

    assert result.exit_code == 3
    assert "plays/hello.md:1: has no front matter" in result.stdout
