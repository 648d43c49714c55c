import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from care.errors import BadTrainingData, BundleError
from model.bundle import Bundle, read_manifest
from tests.model.tiny import tiny_folder, write_examples
from training.options import ReadOptions, TrainOptions
from training.run import train
from training.score import auroc, macro_f1, score_task

ROOT = Path(__file__).resolve().parents[2]


def test_the_same_data_and_seed_give_the_same_bundle(tmp_path: Path) -> None:
    path = write_examples(tmp_path / "examples.csv")
    labels = {"intent": "intent", "urgency": "urgency"}

    again = train([path], ReadOptions(labels), TrainOptions(out=tmp_path / "again", home=tmp_path, encoder="none"))

    assert again.bundle_id == Bundle.load(tiny_folder()).id
    assert again.tasks["intent"]["accuracy"] == read_manifest(tiny_folder())["metrics"]["intent"]["accuracy"]


def test_bad_data_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("text,intent\nhello,greet\n", "utf-8")

    with pytest.raises(BadTrainingData):
        train(
            [path], ReadOptions({"intent": "intent"}), TrainOptions(out=tmp_path / "out", home=tmp_path, encoder="none")
        )

    assert [left.name for left in tmp_path.iterdir()] == ["bad.csv"]


def test_a_folder_that_is_no_bundle_is_not_overwritten(tmp_path: Path) -> None:
    path = write_examples(tmp_path / "examples.csv")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years of work", "utf-8")

    with pytest.raises(BundleError, match="not a bundle"):
        train(
            [path],
            ReadOptions({"intent": "intent"}),
            TrainOptions(out=tmp_path / "precious", home=tmp_path, encoder="none"),
        )

    assert (tmp_path / "precious" / "thesis.txt").exists()


WITHOUT = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "transformers", "sentence_transformers"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Without())
from pathlib import Path
from training.options import ReadOptions, TrainOptions
from training.run import train
home = Path(sys.argv[1])
print(train([home / "examples.csv"], ReadOptions({"intent": "intent"}), TrainOptions(home / "out", home)).folder)
"""


def test_a_bundle_with_the_encoder_is_made_without_torch_and_transformers(tmp_path: Path) -> None:
    write_examples(tmp_path / "examples.csv")

    words = [sys.executable, "-c", WITHOUT, str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)

    assert done.returncode == 0, done.stderr
    assert Bundle.load(tmp_path / "out").kernel is not None


def test_any_label_names_and_rare_labels_are_learnt(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "why"])
        for i in range(20):
            writer.writerow([f"where is parcel {i}", "Versand / wo?"])
            writer.writerow([f"money back number {i}", "返金"])
        writer.writerow(["the sky is blue", "0"])
        writer.writerow(["the sky is grey", "0"])

    report = train(
        [path], ReadOptions({"grund": "why"}), TrainOptions(out=tmp_path / "out", home=tmp_path, encoder="none")
    )

    assert set(Bundle.load(report.folder).labels["grund"]) == {"Versand / wo?", "返金", "0"}


def test_measures_agree_with_hand_counts() -> None:
    assert macro_f1(["a", "a", "b", "b"], ["a", "b", "b", "b"]) == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert auroc(np.array([0.9, 0.4], np.float32), np.array([0.1, 0.4], np.float32)) == pytest.approx(0.875)
    scored = score_task(["a", "out_of_scope", "b"], ["a", "a", "a"], [0.9, 0.2, 0.6], [False, True, False])
    assert scored["accuracy"] == 0.5
    assert scored["joint_accuracy"] == pytest.approx(2 / 3)
    assert json.dumps(scored)
