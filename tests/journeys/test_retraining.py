"""The commands of docs/retraining.md, in their order, on a smaller export and with n-grams alone."""

import csv
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import dirty_export
from care.errors import TactfulError
from cli.main import app
from tests.model.tiny import tiny_folder
from training.promotion import current, history

PAGE = Path(__file__).resolve().parents[2] / "docs" / "retraining.md"
ROWS = 500
pytestmark = [pytest.mark.issue(17)]


def commands() -> list[list[str]]:
    """Every line of shell of the page."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """Where the page was walked, and what each command said."""
    folder = tmp_path_factory.mktemp("walk")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TACTFUL_HOME", str(folder / "home"))
        patch.setenv("TACTFUL_MODEL__BUNDLE", str(tiny_folder()))
        patch.setenv("TACTFUL_MODEL__ENCODER", "none")
        said = {}
        walk(["tactful", "migrate"])
        for words in commands():
            if words[0] == "export":
                name, value = words[1].split("=", 1)
                patch.setenv(name, value.replace("$PWD", str(folder)))
            elif words[:3] == ["python", "-m", "benchmarks.dirty_export"]:
                dirty_export.main([*words[3:], *(["--rows", str(ROWS)] if len(words) == 4 else [])])
            else:
                said[" ".join(words)] = walk(words)
        yield folder, said


def walk(words: list[str]) -> str:
    """What a command said. It fails where the page would have stopped a newcomer."""
    assert words[0] == "tactful", words
    ran = CliRunner().invoke(app, [*words[1:], *(["--encoder", "none"] if words[1] == "train" else [])])
    problem = str(ran.exception) if isinstance(ran.exception, TactfulError) else ""
    told = f"{ran.stdout}{ran.stderr}{problem}"
    assert ran.exit_code == 0, f"{' '.join(words)}\n{told}"
    return told


def test_a_newcomer_gets_from_a_dirty_export_to_a_bundle_that_serves_and_back(
    walked: tuple[Path, dict[str, str]],
) -> None:
    folder, said = walked

    bundles = folder / "work" / "bundles"
    acts = [line.act for line in history(bundles)]
    assert acts == ["promote", "promote", "rollback"]
    assert current(bundles) == history(bundles)[0].bundle
    [imported] = [text for words, text in said.items() if "data import" in words]
    assert "2 conflicts" in imported
    assert "payment_card" in imported


def test_on_the_way_planted_errors_are_found_and_mended(walked: tuple[Path, dict[str, str]]) -> None:
    folder, said = walked

    with (folder / "work" / "suspects.csv").open(encoding="utf-8", newline="") as file:
        settled = [row for row in csv.DictReader(file) if row["by"]]
    assert sum(row["label"] != row["right"] for row in settled) > 5
    [again] = [text for words, text in said.items() if "--add" in words]
    assert re.search(r"suspects.csv: 0 rows added, \d+ of the files got another label by a person", again)


def test_nothing_of_a_card_number_is_left_in_what_is_kept(walked: tuple[Path, dict[str, str]]) -> None:
    folder, _ = walked

    assert dirty_export.CARD in (folder / "work" / "export.csv").read_text("utf-8-sig")
    for path in (folder / "work" / "history", folder / "work" / "second"):
        assert not any(dirty_export.CARD.encode() in file.read_bytes() for file in path.rglob("*") if file.is_file())
    assert dirty_export.CARD not in (folder / "work" / "suspects.csv").read_text("utf-8")
    assert json.loads((folder / "work" / "history" / "dataset.json").read_text("utf-8"))["masked"]["payment_card"] > 0
