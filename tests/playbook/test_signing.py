"""Sign-off: a named person approves words of law and medicine, an edit voids it, and what waits is not offered."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from care.errors import BadInput, BadPlaybook, NotFound
from cli.main import app
from playbook.book import Book, load
from playbook.live import LivePlaybook
from playbook.plays import Play
from playbook.shelf import Shelf
from playbook.signing import matters_of, problems, sign, withheld
from tests.playbook.builders import FOLDER

pytestmark = pytest.mark.issue(19)

TODAY = date(2026, 11, 27)
KIM = "Dr. Kim Ames"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shop's playbook, where Kim approves what is said of law."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "playbook"))
    with (folder / "playbook.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\nsign_off:\n  legal: {{by: [{KIM}]}}\n")
    return folder


def signed(folder: Path, play_id: str = "privacy-form", on: date = TODAY) -> Book:
    book = load(folder)
    sign(folder, found(book, play_id), book.sign_off, matter="legal", by=KIM, on=on)
    return load(folder)


def found(book: Book, play_id: str) -> Play:
    play = book.play(play_id)
    assert play is not None
    return play


def test_bundled_plays_of_law_and_medicine_are_known_and_wait_for_nobody_until_somebody_is_named() -> None:
    book = load(FOLDER)
    touched = {play.id: matters_of(play, book.sign_off) for play in book.plays if matters_of(play, book.sign_off)}

    assert touched["privacy-form"] == ("legal",)
    assert any("medical" in matters for matters in touched.values())
    assert len(book.offered) == len(book.plays)
    assert [problem for play in book.plays for problem in problems(play, book.sign_off, today=TODAY)] == []


def test_once_somebody_is_named_a_play_without_their_yes_is_named_and_not_offered(folder: Path) -> None:
    book = load(folder)
    play = found(book, "privacy-form")

    [problem] = problems(play, book.sign_off, today=TODAY)
    assert str(problem) == (
        "plays/privacy-form.md: is never offered: nobody has approved its words for legal matter "
        f'(`tactful playbook sign privacy-form --by "{KIM}" --for legal` once they have read it)'
    )
    assert play not in book.offered
    assert play not in Shelf.of(book).index.of_intents(["privacy_request"])
    [entry] = [entry for entry in LivePlaybook(lambda: Shelf.of(book)).plays if entry.id == "privacy-form"]
    assert (entry.sign_offs.matters, entry.sign_offs.withheld) == (
        ("legal",),
        "nobody has approved its words for legal matter",
    )


def test_a_signed_play_is_offered_and_keeps_its_name_in_drafts(folder: Path) -> None:
    before = found(load(folder), "privacy-form").reference

    book = signed(folder)
    play = found(book, "privacy-form")

    assert play in book.offered
    assert play.reference == before
    assert [(done.matter, done.by, done.on) for done in play.signing.done] == [("legal", KIM, TODAY)]
    assert list(problems(play, book.sign_off, today=TODAY)) == []


def test_an_edit_of_the_words_voids_a_sign_off_and_one_of_the_owner_does_not(folder: Path) -> None:
    signed(folder)
    path = folder / "plays" / "privacy-form.md"
    text = path.read_text("utf-8")

    path.write_text(text.replace("owner: legal", "owner: privacy"), "utf-8")
    assert withheld(found(book := load(folder), "privacy-form"), book.sign_off) == ""
    path.write_text(text.rstrip() + " We also promise more.\n", "utf-8")
    assert withheld(found(book := load(folder), "privacy-form"), book.sign_off) == (
        f"its words changed since {KIM} approved them on 2026-11-27 (legal)"
    )


def test_signing_again_takes_the_place_of_the_older_yes(folder: Path) -> None:
    signed(folder, on=date(2025, 1, 2))
    play = found(signed(folder), "privacy-form")

    assert [done.on for done in play.signing.done] == [TODAY]
    assert (folder / "plays" / "privacy-form.md").read_text("utf-8").count("signed:") == 1


def test_a_yes_older_than_a_year_is_named_and_still_offered(folder: Path) -> None:
    book = signed(folder, on=date(2025, 11, 1))
    play = found(book, "privacy-form")

    [problem] = problems(play, book.sign_off, today=TODAY)
    assert problem.what == f"{KIM} approved its words for legal matter on 2025-11-01, more than a year ago"
    assert play in book.offered


def test_a_yes_of_somebody_who_is_not_named_holds_for_nothing(folder: Path) -> None:
    book = signed(folder)
    play = found(book, "privacy-form")
    other = replace(play, signing=replace(play.signing, done=(replace(play.signing.done[0], by="Lou"),)))

    assert withheld(other, book.sign_off) == "Lou approved its words and may not sign legal matter"


def test_a_play_that_marks_itself_waits_though_nobody_is_named(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "playbook"))
    path = folder / "plays" / "opening-hours.md"
    path.write_text(path.read_text("utf-8").replace("owner:", "needs_sign_off: [medical]\nowner:", 1), "utf-8")
    book = load(folder)

    assert withheld(found(book, "opening-hours"), book.sign_off) == "nobody has approved its words for medical matter"


def test_who_may_not_sign_a_play_of_a_base_and_a_matter_that_is_none_are_refused(folder: Path) -> None:
    book = load(folder)
    own, below = found(book, "privacy-form"), found(book, "legal-handover")

    with pytest.raises(BadInput, match=r"'Lou' may not sign legal matter\. Those who may: Dr\. Kim Ames\."):
        sign(folder, own, book.sign_off, matter="legal", by="Lou", on=TODAY)
    with pytest.raises(BadInput, match="take it first, `tactful playbook take legal-handover`"):
        sign(folder, below, book.sign_off, matter="legal", by=KIM, on=TODAY)
    with pytest.raises(BadInput, match="--for is one of legal, medical, not 'tax'"):
        sign(folder, own, book.sign_off, matter="tax", by=KIM, on=TODAY)


def test_a_matter_that_is_none_in_the_playbook_is_a_problem_with_its_line(folder: Path) -> None:
    path = folder / "playbook.yaml"
    path.write_text(path.read_text("utf-8").replace("  legal: {by", "  tax: {by"), "utf-8")

    with pytest.raises(BadPlaybook, match=r"sign_off\.tax: is not a setting we know"):
        load(folder)


def tactful(*words: str) -> Result:
    return CliRunner().invoke(app, ["playbook", *words], catch_exceptions=False)


def test_the_command_signs_a_play_and_names_where(folder: Path) -> None:
    done = tactful("sign", "privacy-form", "--by", KIM, "--for", "legal", "--playbook", str(folder))

    assert done.stdout == f"{folder / 'plays' / 'privacy-form.md'}: approved by {KIM} for legal matter\n"
    book = load(folder)
    assert withheld(found(book, "privacy-form"), book.sign_off) == ""
    with pytest.raises(NotFound):
        tactful("sign", "nothing", "--by", KIM, "--for", "legal", "--playbook", str(folder))
