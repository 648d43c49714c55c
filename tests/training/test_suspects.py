"""Labels that are likely wrong are listed worst first, and a page shows what a run is worth."""

import csv
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.model.tiny import WORDS, write_examples
from training.suspects import doubts_of

pytestmark = [pytest.mark.issue(17)]
N_FLIPPED = 8


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the tiny rows, a few of which have another label than they should."""
    folder = tmp_path_factory.mktemp("run")
    path = write_examples(folder / "rows.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    names = list(WORDS)
    for at in range(1, N_FLIPPED * 23, 23):
        rows[at][1] = names[(names.index(rows[at][1]) + 1) % len(names)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    words = ["train", path, "--label", "intent", "--encoder", "none", "--out", folder / "b", "-q"]
    ran = CliRunner().invoke(app, [*map(str, words), "--suspects", str(folder / "suspects.csv")])
    assert ran.exit_code == 0, ran.output
    return folder


def test_planted_flips_come_first_with_the_label_that_is_right(run: Path) -> None:
    with (run / "suspects.csv").open(encoding="utf-8", newline="") as file:
        suspects = list(csv.DictReader(file))
    planted = {at + 1 for at in range(1, N_FLIPPED * 23, 23)}

    first = suspects[: N_FLIPPED + 3]
    found = [row for row in first if int(row["line"]) in planted]
    assert len(found) >= 0.7 * N_FLIPPED
    right = {sentence.format("lamp")[:6]: intent for intent, said in WORDS.items() for sentence in said}
    assert all(row["label"] != row["likely"] for row in suspects)
    assert any(right.get(row["text"][:6]) == row["likely"] for row in found)


def test_the_page_of_a_run_needs_nothing_beside_it(run: Path) -> None:
    page = (run / "b" / "report.html").read_text("utf-8")

    for title in (
        "Promises",
        "Reliability",
        "Labels",
        "Confusion",
        "Most confused pairs",
        "Slices",
        "Likely label errors",
    ):
        assert title in page, title
    assert "<svg" in page
    assert "http" not in page
    assert "<script" not in page


def test_a_name_of_no_kind_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    path = write_examples(tmp_path / "rows.csv")
    words = ["train", path, "--label", "intent", "--encoder", "none", "--out", tmp_path / "b", "-q"]

    ran = CliRunner().invoke(app, [*map(str, words), "--suspects", str(tmp_path / "suspects.pdf")])

    assert "is of no kind that holds rows" in str(ran.exception)
    assert not (tmp_path / "b").exists()


def test_another_label_that_is_likelier_is_named_and_counted_where_it_is_as_sure_as_usual() -> None:
    shares = np.float32([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.9, 0.1], [0.45, 0.55]])

    doubts = doubts_of(shares, np.array([0, 0, 1, 0, 0]))

    assert doubts.own.tolist() == pytest.approx([0.9, 0.2, 0.9, 0.9, 0.45])
    assert doubts.likely.tolist() == [1, 1, 0, 1, 1]
    assert (doubts.likely_chance > doubts.own).tolist() == [False, True, False, False, True]
    assert doubts.is_wrong.tolist() == [False, False, False, False, False]
    assert doubts_of(shares, np.array([0, 0, 1, 1, 0])).is_wrong.tolist() == [False, True, False, True, True]


def settled(folder: Path, run: Path, right: dict[str, str]) -> tuple[int, str, Path]:
    """Train again with some suspects settled. right: by line, the label that is right."""
    with (run / "suspects.csv").open(encoding="utf-8", newline="") as file:
        suspects = list(csv.DictReader(file))
    path = folder / "suspects.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(suspects[0]))
        table.writeheader()
        table.writerows(row | {"right": right.get(row["line"], ""), "by": "kim"} for row in suspects)
    words = ["train", run / "rows.csv", "--label", "intent", "--encoder", "none", "--out", folder / "b", "-q"]
    ran = CliRunner().invoke(app, [*map(str, words), "--add", str(path)])
    return ran.exit_code, ran.output, folder / "b"


def test_suspects_that_somebody_settled_are_learnt_and_the_others_are_left_as_they_are(
    run: Path, tmp_path: Path
) -> None:
    with (run / "suspects.csv").open(encoding="utf-8", newline="") as file:
        first, second = list(csv.DictReader(file))[:2]

    code, said, bundle = settled(tmp_path, run, {first["line"]: first["likely"], second["line"]: second["label"]})

    assert code == 0
    assert "0 rows added, 1 of the files got another label by a person" in said
    assert "that nobody settled left out" in said
    assert (bundle / "manifest.json").exists()


def test_a_settled_label_that_no_row_has_is_refused_with_its_line(run: Path, tmp_path: Path) -> None:
    with (run / "suspects.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))

    code, said, bundle = settled(tmp_path, run, {first["line"]: "lgoin"})

    assert code == 1
    assert "suspects.csv:2: no row of the files has the label 'lgoin'" in said
    assert not bundle.exists()
