"""Labels that are likely wrong are listed worst first, and a page shows what a run is worth."""

import csv
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.model.tiny import WORDS, write_examples
from training.suspects import margins

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


def test_what_falls_behind_another_label_is_suspected_and_the_other_named() -> None:
    shares = np.float32([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.9, 0.1], [0.8, 0.2]])

    behind, likely = margins(shares, np.array([0, 0, 1, 0, 1]))

    assert (behind < 0).tolist() == [False, True, False, False, True]
    assert likely.tolist() == [1, 1, 0, 1, 0]
