"""`tactful train`: what is told, what is refused, and what is never overwritten."""

import csv
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from care.errors import TactfulError
from cli import failures
from cli.main import app
from model.bundle import Bundle, read_manifest
from tests.model.tiny import write_examples

ROOT = Path(__file__).resolve().parents[2]


def train(folder: Path, file: Path, *options: str, label: str = "intent") -> tuple[int, str, str]:
    words = ["train", str(file), "--out", str(folder / "mine"), "--label", label, "--encoder", "none", "-q", *options]
    ran = CliRunner().invoke(app, words, env={"TACTFUL_HOME": str(folder / "home")})
    problem = str(ran.exception) if ran.exception and not isinstance(ran.exception, SystemExit) else ""
    return ran.exit_code, ran.stdout, ran.stderr + problem


def by_config(path: Path) -> tuple[int, str, str]:
    ran = CliRunner().invoke(app, ["train", "--config", str(path)], env={"TACTFUL_HOME": str(path.parent / "home")})
    problem = ran.exception if isinstance(ran.exception, TactfulError) else None
    code = failures.exit_code(problem) if problem else ran.exit_code
    return code, ran.stdout, ran.stderr + str(problem or "")


def config(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_bundle_that_stands_there_is_replaced_only_by_a_word(tmp_path: Path) -> None:
    file = write_examples(tmp_path / "rows.csv")
    assert train(tmp_path, file)[0] == 0
    before = read_manifest(tmp_path / "mine")

    code, _, said = train(tmp_path, file)
    assert code == 1
    assert "holds a bundle already" in said
    assert "--replace" in said
    assert read_manifest(tmp_path / "mine") == before
    assert train(tmp_path, file, "--replace")[0] == 0


def test_what_was_settled_is_told_on_the_screen_in_the_report_and_on_the_card(tmp_path: Path) -> None:
    file = write_examples(tmp_path / "rows.csv")
    with file.open("a", encoding="utf-8") as more:
        more.write("where did you put my parcel,Parcel,low\nmy parcel is nowhere,,low\nhello there,none,\n")

    code, out, _ = train(tmp_path, file, "--json")

    assert code == 0
    told = json.loads(out)["told"]
    assert any("1 row say 'Parcel'" in line for line in told)
    assert read_manifest(tmp_path / "mine")["told"] == told
    card = (tmp_path / "mine" / "README.md").read_text("utf-8")
    assert all(line in card for line in told)


def test_the_card_says_what_reads_and_in_which_languages(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    german = [("wo bleibt mein Paket mit der Lampe {}", "parcel"), ("ich möchte mein Geld zurück für {}", "refund")]
    rows = [(text.format(n), label) for n in range(20) for text, label in german]
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("text", "intent"), *rows, ("where is my parcel with the lamp", "parcel")])

    assert train(tmp_path, file)[0] == 0

    card = (tmp_path / "mine" / "README.md").read_text("utf-8")
    assert "language: [de]" in card
    assert "languages of the messages, where it can be told: de 98 %, en 2 %" in card
    assert "encoder: none; words and pieces of words (n-grams) alone" in card
    assert read_manifest(tmp_path / "mine")["language_shares"]["de"] == pytest.approx(40 / 41, abs=1e-4)


@pytest.mark.parametrize(("option", "name"), [("--suspects", "nowhere/s.csv"), ("--out", "rows.csv/mine")])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path, option: str, name: str) -> None:
    file = write_examples(tmp_path / "rows.csv")

    code, _, said = train(tmp_path, file, option, str(tmp_path / name))

    assert code == 1
    assert "written in" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "rows.csv"]


def test_of_very_many_settled_things_the_first_are_shown_and_all_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    rows = [(f"{word} my number {n} thing", word) for n in range(1_000) for word in ("return", "track")]
    twice = [(f"return my number {n} thing", "track") for n in range(40)]
    with file.open("w", encoding="utf-8", newline="") as made:
        csv.writer(made).writerows([("text", "intent"), *rows, *twice])

    code, _, said = train(tmp_path, file)

    assert code == 0
    assert said.count("has no majority and is left out") == 25
    assert "15 more; manifest.json lists all" in said
    assert len(read_manifest(tmp_path / "mine")["told"]) == 40


def test_no_more_rows_than_were_asked_for_are_learnt_and_everybody_is_told(tmp_path: Path) -> None:
    file = write_examples(tmp_path / "rows.csv")

    code, out, said = train(tmp_path, file, "--max-rows", "100")

    assert code == 0
    assert "100 of 192 rows" in out
    assert "learnt from 100 of 192 rows" in said
    manifest = read_manifest(tmp_path / "mine")
    assert (manifest["n_rows"], manifest["n_read"]) == (100, 192)
    assert manifest["recipe"]["max_rows"] == 100
    assert "on 100 labelled messages of 192 that were read" in (tmp_path / "mine" / "README.md").read_text("utf-8")


def test_what_cannot_be_learnt_is_told_and_nobody_is_sent_on(tmp_path: Path) -> None:
    dice = np.random.default_rng(7)
    file = tmp_path / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as made:
        words = ("lamp", "blue", "please", "today", "hello", "order", "late", "ask", "door", "green")
        rows = [(" ".join(dice.choice(words, 6)) + f" {n}", f"type {dice.integers(5)}") for n in range(200)]
        csv.writer(made).writerows([("text", "intent"), *rows])

    code, out, _ = train(tmp_path, file)

    assert code == failures.GATE_NOT_MET
    assert "intent is NO BETTER THAN GUESSING" in out
    assert "always saying the commonest label gives 0.2" in out
    assert "next: tactful classify" not in out
    assert "**no better than guessing**" in (tmp_path / "mine" / "README.md").read_text("utf-8")
    metrics = json.loads((tmp_path / "mine" / "metrics.json").read_text("utf-8"))
    assert metrics["intent"]["guessing"]["better_than_guessing"] is False


def test_what_can_be_learnt_stands_beside_the_commonest_label(tmp_path: Path) -> None:
    _, out, _ = train(tmp_path, write_examples(tmp_path / "rows.csv"))

    assert "always saying the commonest label gives 0.167" in out
    assert "in 95 of 100 cases" in out
    assert "NO BETTER" not in out
    assert "next: tactful classify" in out


def test_a_workbook_and_its_sheet_are_learnt_from(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for title in ("old", "new"):
        sheet = book.create_sheet(title)
        sheet.append(["Text", "Intent"])
        for n in range(10):
            sheet.append([f"refund number {n} {title}", 1])
            sheet.append([f"parcel number {n} {title}", 2.0])
    book.save(tmp_path / "rows.xlsx")

    code, _, said = train(tmp_path, tmp_path / "rows.xlsx")
    assert code == 1
    assert "--sheet" in said
    code, _, said = train(tmp_path, tmp_path / "rows.xlsx", "--sheet", "new")
    assert code == 0
    assert Bundle.load(tmp_path / "mine").labels == {"intent": ("1", "2")}


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    code, _, said = train(tmp_path, tmp_path / "no.csv")

    assert code == 1
    assert "there is no such file" in said


DATA = '[data]\nfiles = ["rows.csv"]\n[data.labels]\nintent = "intent"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("out = ", "run.toml is not TOML"),
        (DATA, "run.toml: out is missing"),
        ('out = "x"\n[data]\nfiles = ["a.csv"]', "run.toml: data.labels is missing"),
        ('out = "x"\nseed = 3\n' + DATA, "run.toml: seed is not known"),
        ('out = "x"\n[data]\nfiles = "a.csv"\n[data.labels]\na = "a"', "run.toml: data.files input should be a valid"),
        ('out = "x"\n' + DATA + "[recipe]\nsead = 1", "recipe.sead is not known"),
        ('out = "x"\n' + DATA + '[recipe]\nseed = "a"', "recipe.seed input should be a valid integer"),
        ('out = "x"\n' + DATA + "[recipe.kernel]\nmarks = 1", "recipe.kernel.marks is not known"),
        ('out = "x"\n' + DATA + "[data.clean]\nstrict = 1", "data.clean.strict input should be a valid boolean"),
    ],
)
def test_a_config_that_cannot_be_used_says_where_and_how(tmp_path: Path, text: str, said: str) -> None:
    code, _, told = by_config(config(tmp_path, text))

    assert code == 4
    assert said in told


def test_a_config_that_is_missing_is_one_line(tmp_path: Path) -> None:
    code, _, told = by_config(tmp_path / "no.toml")

    assert code == 6
    assert "There is no file" in told


def test_a_config_trains_as_it_says_and_replaces_only_by_a_word(tmp_path: Path) -> None:
    write_examples(tmp_path / "rows.csv")
    text = 'out = "mine"\nencoder = "none"\n%s' + DATA
    text += (
        "[recipe]\nmax_rows = 100\n[recipe.scope]\nthreshold_leeway = [0, 0.5]\n[recipe.promise]\npromises = [0.9]\n"
    )

    code, out, said = by_config(config(tmp_path, text % ""))
    assert code == 0
    assert "100 of 192 rows" in out
    assert "learnt from 100 of 192 rows" in said
    assert read_manifest(tmp_path / "mine")["recipe"]["promise"]["promises"] == [0.9]
    code, _, said = by_config(config(tmp_path, text % ""))
    assert code == 1
    assert "replace = true" in said
    assert by_config(config(tmp_path, text % "replace = true\n"))[0] == 0


def test_a_config_stands_for_files_and_flags_and_not_beside_them(tmp_path: Path) -> None:
    file = write_examples(tmp_path / "rows.csv")

    assert CliRunner().invoke(app, ["train", str(file), "--config", "run.toml"]).exit_code == 2
    ran = CliRunner().invoke(app, ["train", "--config", "run.toml", "--out", "x", "--keep-label", "NA", "--strict"])
    assert ran.exit_code == 2
    assert all(flag in ran.stderr for flag in ("--out", "--keep-label", "--strict"))
    assert CliRunner().invoke(app, ["train", str(file)]).exit_code == 2


def alone(folder: Path, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, which leaves no half-written byte code behind."""
    env = {"TACTFUL_HOME": str(folder / "home"), "PATH": "/usr/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "cli.main", *words]
    return subprocess.run(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True, timeout=300, **options)


def test_a_disk_without_room_leaves_the_old_bundle_and_no_traceback(tmp_path: Path) -> None:
    file = write_examples(tmp_path / "rows.csv")
    assert train(tmp_path, file)[0] == 0
    before = read_manifest(tmp_path / "mine")

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))

    mine = ["train", str(file), "--out", str(tmp_path / "mine"), "--label", "urgency", "--encoder", "none", "--replace"]
    done = alone(tmp_path, *mine, preexec_fn=no_room, stdout=subprocess.DEVNULL)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "File too large. What was not written whole is as it was before." in done.stderr
    assert read_manifest(tmp_path / "mine") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".mine")] == []


def test_an_import_without_room_to_look_things_up_is_one_line(tmp_path: Path) -> None:
    file = write_examples(tmp_path / "rows.csv")

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))

    words = ["data", "import", str(file), "--label", "intent", "--out", str(tmp_path / "set")]
    done = alone(tmp_path, *words, preexec_fn=no_room, stdout=subprocess.DEVNULL)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "name a larger folder in TMPDIR" in done.stderr
    assert not (tmp_path / "set").exists()


def test_a_full_disk_under_the_output_is_told(tmp_path: Path) -> None:
    messages = tmp_path / "x.txt"
    messages.write_text("nothing to hide\n" * 5_000, "utf-8")
    with open("/dev/full", "w") as full:
        done = alone(tmp_path, "redact", "--file", str(messages), stdout=full)

    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
