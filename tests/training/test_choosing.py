"""What to label next: texts in doubt, none like another, in a list that training reads back."""

import csv
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from care.classification import Candidate, Classification, Judgement
from care.sensitive import Redaction
from cli.main import app
from model.topics import piece_vectors
from tests.model.tiny import THINGS, tiny_folder, write_examples
from training.choosing import Pool, choose

pytestmark = [pytest.mark.issue(17)]
NEW = ["the lamp parcel and the refund please", "is my refund parcel late", "what a strange wednesday it is", "ahem"]


def judged(*scores: float) -> Classification:
    candidates = tuple(Candidate(f"label {at}", score) for at, score in enumerate(scores))
    said = Judgement(candidates[0].label, scores[0], abstained=scores[0] < 0.5, candidates=candidates)
    return Classification({"intent": said}, Redaction(text=""))


def test_the_most_doubtful_of_texts_alike_is_chosen_once() -> None:
    pool = Pool(
        [2, 3, 4, 5, 6],
        ["a", "b", "c", "d", "e"],
        [judged(0.9, 0.05), judged(0.5, 0.45), judged(0.5, 0.44), judged(0.6, 0.3), judged(0.2, 0.1)],
    )
    alike = np.float32([[1, 0], [0, 1], [0, 1], [0.7, 0.7], [0.7, 0.7]])

    chosen = choose(pool, ["intent"], 3, vectors=alike)

    assert [choice.line for choice in chosen] == [3, 6, 2]
    assert [choice.why for choice in chosen] == ["between label 0 and label 1", "new: no label is likely", "unsure"]


def test_vectors_of_texts_alike_are_near() -> None:
    near, same, far = piece_vectors(["where is my parcel", "where is my parcel?", "the lamp is broken"])

    assert near @ same > near @ far


def run(folder: Path, *words: object) -> tuple[int, str]:
    environment = {"TACTFUL_HOME": str(folder / "home"), "TACTFUL_MODEL__ENCODER": "none"}
    ran = CliRunner().invoke(app, list(map(str, words)), env=environment)
    problem = ran.exception if ran.exception and not isinstance(ran.exception, SystemExit) else ""
    return ran.exit_code, f"{ran.stdout}{ran.stderr}{problem}"


def test_what_was_chosen_is_masked_and_learnt_back_once_it_is_labelled(tmp_path: Path) -> None:
    learnt = write_examples(tmp_path / "rows.csv")
    with (tmp_path / "new.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [*NEW, "my card is 4000056655665556 and what now", f"where is my {THINGS[0]} parcel", ""]
        csv.writer(file).writerows([["Body"], *([text] for text in rows)])
    out = tmp_path / "next.csv"

    code, said = run(
        tmp_path, "data", "next", tmp_path / "new.csv", "--text", "Body", "--bundle", tiny_folder(), "-o", out, "-n", 4
    )

    assert code == 0, said
    assert "1 that the bundle learnt from" in said
    with out.open(encoding="utf-8", newline="") as file:
        chosen = list(csv.DictReader(file))
    assert len(chosen) == 4
    assert "4000056655665556" not in out.read_text("utf-8")
    with out.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(chosen[0]))
        table.writeheader()
        table.writerows(row | {"task": "intent", "right": "refund", "by": "kim"} for row in chosen)
    more = ["--label", "intent", "--encoder", "none", "--out", tmp_path / "b", "--add", out, "-q"]
    code, said = run(tmp_path, "train", learnt, *more)
    assert code == 0, said
    assert "next.csv: 4 rows added" in said


def test_where_nothing_is_left_to_label_it_is_said(tmp_path: Path) -> None:
    learnt = write_examples(tmp_path / "rows.csv")

    code, said = run(tmp_path, "data", "next", learnt, "--bundle", tiny_folder(), "-o", tmp_path / "next.csv")

    assert code == 1
    assert "no text is left to choose from" in said
    assert not (tmp_path / "next.csv").exists()
