"""A playbook laid over a base: what it takes, adds, replaces and switches off, and what is said when that fails."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.errors import BadPlaybook
from cli.playbook import app
from playbook import layers
from playbook.book import Book, load
from playbook.layers import BASES
from tests.playbook.builders import FOLDER, in_one_piece

PLAY = """---
id: {id}
title: A play of our own
intents: [small_talk]
actions: [answer_public, answer_private]
approach: answer
owner: care
{more}---
## any
We are here.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fixtures' playbook, which extends the base."""
    return Path(shutil.copytree(FOLDER, tmp_path / "playbook"))


def with_play(folder: Path, id: str, more: str = "") -> Path:
    (folder / "plays" / f"{id}.md").write_text(PLAY.format(id=id, more=more), "utf-8")
    return folder


def changed(folder: Path, old: str, new: str) -> Path:
    path = folder / "playbook.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(BadPlaybook) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def texts(book: Book) -> dict[str, list[str]]:
    return {play.id: [section.body.source for section in play.sections] for play in book.plays}


def test_a_playbook_over_a_base_is_the_same_as_one_that_writes_it_all_out(tmp_path: Path) -> None:
    layered, whole = load(FOLDER), load(in_one_piece(tmp_path / "whole"))

    assert texts(layered) == texts(whole)
    assert {**layered.channels} == {**whole.channels}
    assert (layered.policy.rules, layered.policy.intents) == (whole.policy.rules, whole.policy.intents)
    assert (layered.slots.facts.keys(), layered.slots.by_agent) == (whole.slots.facts.keys(), whole.slots.by_agent)


def test_every_play_says_where_it_comes_from() -> None:
    listed = CliRunner().invoke(app, ["plays", "--playbook", str(FOLDER)]).stdout.splitlines()

    assert any(line.split()[:2] == ["hello", "base"] for line in listed)
    assert any(line.startswith("order-status-ask") and "this playbook" in line for line in listed)


def test_a_play_takes_the_place_of_one_of_the_base(folder: Path) -> None:
    book = load(with_play(folder, "greet", "replaces: hello\n"))

    assert book.play("hello") is None
    assert book.play("greet") is not None


def test_a_play_of_the_same_name_has_to_say_that_it_replaces(folder: Path) -> None:
    (said,) = problems(with_play(folder, "hello"))

    assert said.startswith("plays/hello.md:2: id: 'hello' is already the id of base:plays/hello.md")
    assert "replaces: hello" in said
    assert load(with_play(folder, "hello", "replaces: hello\n")).play("hello").title == "A play of our own"  # type: ignore[union-attr]


def test_a_play_that_is_in_no_base_cannot_be_replaced_or_switched_off(folder: Path) -> None:
    changed(folder, "without: [", "without: [greeting, ")

    said = problems(with_play(folder, "greet", "replaces: goodbye\n"))

    assert any("without: 'greeting' is no play of a base" in problem for problem in said)
    assert any("plays/greet.md:8: replaces: 'goodbye' is no play of a base" in problem for problem in said)


def test_a_play_that_is_switched_off_is_gone(folder: Path) -> None:
    assert load(changed(folder, "without: [", "without: [hello, ")).play("hello") is None


def test_a_base_that_does_not_exist_is_named_with_those_that_do(folder: Path) -> None:
    (said,) = problems(changed(folder, "extends: base", "extends: bakery"))

    assert "there is no base 'bakery'" in said
    assert "airline" in said


def test_bases_in_a_circle_are_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bases = Path(shutil.copytree(BASES, tmp_path / "bases"))
    path = bases / "base" / "playbook.yaml"
    path.write_text("extends: airline\n" + path.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(layers, "BASES", bases)

    (said,) = problems(folder)

    assert "base -> airline -> base is a circle" in said


def test_what_is_wrong_in_a_base_is_named_as_the_bases(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bases = Path(shutil.copytree(BASES, tmp_path / "bases"))
    with (bases / "base" / "plays" / "hello.md").open("a", encoding="utf-8") as file:
        file.write("\n## any\n{{ nickname }}\n")
    monkeypatch.setattr(layers, "BASES", bases)

    (said,) = problems(folder)

    assert said.startswith("base:plays/hello.md:")


def test_a_setting_changes_one_field_and_keeps_the_rest(folder: Path) -> None:
    book = load(changed(folder, "  x: {account: lumofinch, ", "  x: {account: lumofinch, limit: 140, "))

    assert (book.channel("x").limit, book.channel("x").counted_as) == (140, "weighted")


def test_a_name_without_a_value_takes_the_bases_away(folder: Path) -> None:
    book = load(changed(folder, "channels:\n", "channels:\n  rehearsal:\n"))

    assert "rehearsal" not in book.channels


def test_a_rule_of_the_same_name_stands_where_the_bases_stood_and_a_new_one_comes_first(folder: Path) -> None:
    rules = (
        "\nrules:\n"
        "  - {name: 'press, listed', when: {tiers: [press]}, action: escalate, team: press, reason: Ours.}\n"
        "  - {name: a new one, when: {cues: [glad]}, action: answer_public, reason: New.}\n"
    )
    before = [rule.name for rule in load(folder).policy.rules]
    after = load(changed(folder, "\nroutes:\n", rules + "\nroutes:\n")).policy.rules

    assert [rule.name for rule in after] == ["a new one", *before]
    assert next(rule for rule in after if rule.name == "press, listed").reason == "Ours."
