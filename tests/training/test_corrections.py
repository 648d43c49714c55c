"""What people said in service is learnt before what stood in the file, and nobody's word turns a bundle alone."""

import csv
from pathlib import Path

import pytest

from care.errors import BadTrainingData
from training.corrections import FEWEST_OF_AUTHOR
from training.examples import read_examples
from training.options import ReadOptions
from training.rows import Examples

COLUMNS = ("text", "task", "was", "label", "by", "at")
pytestmark = [pytest.mark.issue(17)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "history.csv"
    lines = ["text,intent"]
    lines += [f"where is parcel {n},{'refund' if n == 0 else 'parcel'}\nmoney back for {n},refund" for n in range(9)]
    path.write_text("\n".join(lines), "utf-8")
    return path


def read(file: Path, *said: tuple[str, ...]) -> Examples:
    path = file.parent / "corrections.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([COLUMNS, *said])
    return read_examples([file], ReadOptions({"intent": "intent"}, added=(path,)))


def labels(examples: Examples) -> dict[str, str | None]:
    return {row.text: row.labels["intent"] for row in examples.rows}


def test_a_label_of_a_person_counts_before_the_one_of_the_file_and_the_latest_of_all(file: Path) -> None:
    found = read(
        file,
        ("Where is parcel 0", "intent", "refund", "praise", "per_ben", "2026-11-01T08:00:00.000Z"),
        ("Where is parcel 0", "intent", "refund", "parcel", "per_anna", "2026-11-02T08:00:00.000Z"),
        ("it never came", "intent", "refund", "parcel", "per_anna", "2026-11-02T08:00:00.000Z"),
        ("it never came", "mood", "neutral", "negative", "per_anna", "2026-11-02T08:00:00.000Z"),
    )

    assert labels(found)["where is parcel 0"] == "parcel"
    assert labels(found)["it never came"] == "parcel"
    assert found.n_read == 19
    assert any("1 row added, 1 of the files got another label by a person" in line for line in found.told)
    assert any("of tasks that are not trained here" in line for line in found.told)


def test_of_one_person_only_so_many_labels_count(file: Path) -> None:
    flips = [
        (f"a matter of its own {n}", "intent", "parcel", "refund", "per_mallory", f"2026-11-02T08:{n:02}:00.000Z")
        for n in range(FEWEST_OF_AUTHOR + 30)
    ]

    found = read(file, *flips)

    assert len(found.rows) == 18 + FEWEST_OF_AUTHOR
    assert "a matter of its own 49" in labels(found)
    assert any(f"of 50 labels by per_mallory the newest {FEWEST_OF_AUTHOR} count" in line for line in found.told)


def test_a_correction_of_nobody_is_refused_with_its_line(file: Path) -> None:
    with pytest.raises(BadTrainingData, match=r"corrections\.csv:2: needs a label, and in `by` who gave it"):
        read(file, ("it never came", "intent", "refund", "parcel", "", ""))
