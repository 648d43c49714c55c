"""A newcomer's first playbook: seven answers, a folder without a fault, and drafts for their own trade."""

import csv
import re
from itertools import combinations
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.playbook import app
from model.tone.checker import ToneModel
from model.tone.checks import VoiceRules
from playbook.book import Book, load
from playbook.newcomer import SHARED, Answers, start, trades
from playbook.shelf import Shelf
from tests.playbook.builders import FOLDER, MONDAY, Drafter, labelled, message
from wiring.assemble import limits_of

GOLDEN = FOLDER.parent / "golden_trades.csv"
TRADES = sorted(trades())


def begun(tmp_path: Path, trade: str, **answers: str) -> Path:
    folder = tmp_path / trade
    start(folder, trade, Answers(**{"brand": "Northwind", **answers}))
    return folder


def bench(book: Book) -> Drafter:
    voice = VoiceRules(book.voice.profile, emoji=book.voice.emoji, forbidden=book.voice.forbidden)
    shelf = Shelf.of(book)
    return Drafter(lambda: shelf, ToneModel.rules_only(voice=voice, limits=limits_of(book)))


@pytest.mark.parametrize("trade", TRADES)
def test_a_folder_that_was_just_begun_has_nothing_to_mend(tmp_path: Path, trade: str) -> None:
    workshop = bench(load(begun(tmp_path, trade, contacts="care@northwind.example, 030 5550 0199"))).workshop()

    assert [str(problem) for problem in workshop.lint()] == []
    assert [example for example in workshop.test() if example.problem] == []


def test_a_brand_without_a_phone_has_nothing_to_mend(tmp_path: Path) -> None:
    workshop = bench(load(begun(tmp_path, "utility", contacts="care@northwind.example"))).workshop()

    assert [str(problem) for problem in workshop.lint()] == []


@pytest.mark.parametrize("trade", TRADES)
def test_a_trade_drafts_for_ten_messages_that_are_typical_of_it(tmp_path: Path, trade: str) -> None:
    desk = bench(load(begun(tmp_path, trade)))
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["trade"] == trade]

    drafted = {
        row["text"]: desk.propose(
            message(row["text"]),
            labelled(row["intent"], row["sentiment"], text=row["text"], act=row["act"]),
            now=MONDAY,
        ).drafts
        for row in rows
    }

    assert len(rows) >= 10
    wrong = [
        (row["text"], [draft.play.partition("@")[0] for draft in drafted[row["text"]]], row["play"])
        for row in rows
        if [draft.play.partition("@")[0] for draft in drafted[row["text"]]][:1] != [row["play"]]
    ]
    assert wrong == []


def test_no_sentence_stands_in_two_trades_or_in_a_trade_and_the_base() -> None:
    said = {name: _sentences(name) for name in (SHARED, *TRADES)}

    shared = {(one, other): said[one] & said[other] for one, other in combinations(said, 2)}
    assert {pair: sentences for pair, sentences in shared.items() if sentences} == {}


def _sentences(base: str) -> set[str]:
    """The sentences of a base's own plays, without tags; short ones such as "Thanks." say nothing of their own."""
    from playbook.layers import BASES

    bodies = [path.read_text("utf-8").split("\n---\n", 1)[1] for path in (BASES / base / "plays").glob("*.md")]
    plain = re.sub(r"{%.*?%}", " ", "\n".join(bodies))
    sentences = (" ".join(sentence.split()) for sentence in re.split(r"(?<=[.!?])\s+|\n+", plain))
    return {sentence for sentence in sentences if len(sentence.split()) >= 5 and not sentence.startswith("## ")}


def test_the_command_asks_nothing_where_nobody_sits_and_says_what_comes_next(tmp_path: Path) -> None:
    folder = tmp_path / "sunline-air"

    result = CliRunner().invoke(app, ["new", str(folder), "--trade", "airline"])

    assert result.exit_code == 0
    assert f"tactful playbook lint {folder} --strict" in result.stderr
    assert load(folder).brand.name == "Sunline Air"


def test_every_answer_reaches_the_playbook(tmp_path: Path) -> None:
    told = {
        "--brand": "Sunline & Co", "--accounts": "x=@sunline, email=hello@sunline.example",
        "--hours": "Europe/Berlin mon-fri 07:00-12:00, mon-fri 13:00-19:00, sat 10:00-14:00",
        "--contacts": "care@sunline.example, boss@sunline.example, +49 30 5550, https://sunline.example/safe",
        "--private-channel": "a private chat", "--tone": "formal", "--languages": "en, de",
    }  # fmt: skip
    options = [word for option in told.items() for word in option]

    result = CliRunner().invoke(app, ["new", str(tmp_path / "mine"), "--trade", "airline", *options])
    book = load(tmp_path / "mine")

    assert result.exit_code == 0, result.output
    assert (book.brand.name, book.brand.phone, book.voice.profile) == ("Sunline & Co", "+49 30 5550", "formal")
    assert (book.channel("x").account, book.channel("x").private_channel) == ("sunline", "a private chat")
    assert (book.channel("email").account, book.reach.safe_channels[0].link) == (
        "hello@sunline.example", "https://sunline.example/safe")  # fmt: skip
    assert book.reach.contacts[0].email == "boss@sunline.example"
    assert book.policy.teams.speakers == {"de": "care"}
    assert [len(day) for day in book.policy.clock("x").hours.week] == [2, 2, 2, 2, 2, 1, 0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (["--trade", "bakery"], "There is no trade 'bakery'. Known are airline"),
        (["--trade", "base"], "There is no trade 'base'"),
        (["--trade", "airline", "--hours", "always"], "says no hours"),
        (["--trade", "airline", "--accounts", "sunline"], "'sunline' is no account"),
        (["--trade", "airline", "--accounts", "fax=1"], "There is no channel 'fax'"),
        (["--trade", "airline", "--contacts", "call us"], "'call us' is no e-mail address"),
        (["--trade", "airline", "--tone", "grumpy"], "The tone 'grumpy' is not known"),
        (["--trade", "airline", "--languages", "de"], "'de' cannot come first"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_and_nothing_is_written(
    tmp_path: Path, answer: list[str], said: str
) -> None:
    result = CliRunner().invoke(app, ["new", str(tmp_path / "mine"), *answer])

    assert result.exit_code != 0
    assert said in str(result.exception)
    assert not (tmp_path / "mine").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")

    result = CliRunner().invoke(app, ["new", str(tmp_path), "--trade", "airline"])

    assert "is there already" in str(result.exception)


def test_the_trades_are_listed_with_what_they_are_about() -> None:
    listed = CliRunner().invoke(app, ["new", "--list"]).stdout

    assert "airline    flights and trains" in listed


def test_a_play_that_is_taken_can_be_reworded_in_the_own_folder(tmp_path: Path) -> None:
    folder = begun(tmp_path, "airline")

    CliRunner().invoke(app, ["take", "delay-now", "--playbook", str(folder)])
    path = folder / "plays" / "delay-now.md"
    path.write_text(path.read_text("utf-8").replace("I'm sorry you're stuck waiting.", "Sorry for the wait."), "utf-8")

    play = load(folder).play("delay-now")
    assert play is not None
    assert (play.origin, "Sorry for the wait." in play.sections[0].body.source) == ("", True)
    again = CliRunner().invoke(app, ["take", "delay-now", "--playbook", str(folder)])
    assert "is a play of this playbook already" in str(again.exception)
