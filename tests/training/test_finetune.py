"""Fine-tuning, on a random encoder of two narrow layers: seconds, and every promise but the points it gains."""

import csv
import functools
import itertools
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
import torch
import typer
from tokenizers import models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel
from typer.testing import CliRunner

from care.errors import BadInput, BadTrainingData, BundleError
from cli.train import train as train_command
from model.bundle import Bundle, read_manifest
from model.encoder import Encoder
from model.sensitive import SensitiveFinder
from model.style import style_names
from tests.model.tiny import WORDS, tiny_folder, write_examples
from training import finetune
from training.export import export
from training.finetune import train_finetuned
from training.fit import Material, fit
from training.learner import Learner, Plan, learn
from training.lesson import Lesson, Tuning, held_out, lesson_of
from training.options import ReadOptions, TrainOptions
from training.promotion import promote
from training.recipe import TrainRecipe
from training.run import train
from training.tasks import task_data
from wiring.assemble import Assembly
from wiring.settings import ModelSettings, Settings

LABELS = {"intent": "intent", "urgency": "urgency"}
QUICK = Tuning(epochs=2)
COMMAND = typer.Typer()
COMMAND.command()(train_command)


def opened(bundle: Path, home: Path) -> Any:
    return Assembly(Settings(home=home), bundle=bundle, threads=2, is_trial=True).classifier


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@functools.cache
def tiny_weights() -> Path:
    """A random BERT of two layers, 32 wide, and a tokenizer that knows the words of the tiny examples."""
    folder = Path(tempfile.mkdtemp(prefix="tactful-bert-"))
    tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    sentences = [sentence for several in WORDS.values() for sentence in several]
    tokenizer.train_from_iterator(sentences, trainers.WordPieceTrainer(vocab_size=400, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.save(str(folder / "tokenizer.json"))
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
    )
    with torch.random.fork_rng():
        torch.manual_seed(5)
        BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def finetuned(tmp_path: Path, name: str = "mine", tuning: Tuning = QUICK, **options: Any) -> Path:
    path = write_examples(tmp_path / "examples.csv")
    usual = {"encoder": str(tiny_weights()), "threads": 1}
    wanted = TrainOptions(tmp_path / name, tmp_path, **{**usual, **options})
    return train_finetuned([path], ReadOptions(LABELS), wanted, tuning=tuning).folder


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> Path:
    return finetuned(tmp_path_factory.mktemp("bundles"), say=said.append)


def test_the_same_data_and_seed_give_the_same_encoder_and_bundle(folder: Path, tmp_path: Path) -> None:
    again = finetuned(tmp_path)

    assert Bundle.load(again).encoder == Bundle.load(folder).encoder
    assert Bundle.load(again).id == Bundle.load(folder).id


def test_another_seed_gives_another_encoder(folder: Path, tmp_path: Path) -> None:
    other = finetuned(tmp_path, tuning=Tuning(seed=14, epochs=1))

    assert Bundle.load(other).encoder != Bundle.load(folder).encoder


def test_messages_of_one_label_move_together_and_away_from_others(tmp_path: Path) -> None:
    export(tmp_path, source=tiny_weights())

    eager = finetuned(tmp_path, tuning=Tuning(epochs=6, frozen_layers=0, encoder_rate=3e-3, head_rate=1e-2, kept=0))

    def apart(encoder: Path) -> float:
        labels = np.repeat(np.arange(len(WORDS)), 4)
        vectors = Encoder.load(encoder).features([s.format("lamp") for several in WORDS.values() for s in several])
        alike = vectors[:, :32] @ vectors[:, :32].T
        same = labels[:, None] == labels
        return float(alike[same].mean() - alike[~same].mean())

    assert apart(eager / "encoder") > apart(next(tmp_path.glob("encoder-*"))) + 0.02


def test_the_estimate_is_told_before_the_first_epoch_and_the_truth_after_the_last(
    folder: Path, said: list[str]
) -> None:
    estimates = [at for at, line in enumerate(said) if re.match(r"fine-tuning will take about [\d.]+ (s|min) on", line)]
    epochs = [at for at, line in enumerate(said) if line.startswith("fine-tuning: epoch")]
    took = [at for at, line in enumerate(said) if re.match(r"fine-tuning took .*; the estimate was", line)]

    assert estimates
    assert took
    assert max(estimates) < min(epochs) <= max(epochs) < min(took)
    assert "loss" in said[epochs[0]]
    assert "left" in said[epochs[0]]


def test_an_estimate_that_turns_out_wrong_is_put_right_once() -> None:
    texts = [sentence.format("lamp") for several in WORDS.values() for sentence in several]
    data = task_data("intent", [intent for intent, several in WORDS.items() for _ in several])
    lesson = lesson_of(tiny_weights(), texts, [data.of], [data])
    encoder = BertModel.from_pretrained(tiny_weights(), add_pooling_layer=False)
    learner = Learner(encoder, lesson, QUICK)
    seconds = itertools.count(0.0, 90.0)
    lines: list[str] = []

    plan = Plan(lesson, lesson.batches(QUICK), QUICK, "cpu")
    learn(learner, plan, estimate_s=61.0, say=lines.append, clock=lambda: next(seconds))

    assert [line for line in lines if "slower" in line] == ["slower than estimated: about 3.0 min in all, not 61 s"]


def test_the_bundle_is_served_with_its_own_encoder_by_the_command_line(folder: Path, tmp_path: Path) -> None:
    classifier = opened(folder, tmp_path)

    read = classifier.classify("where is my lamp parcel", explain=True)

    assert classifier.bundle.encoder == Encoder.load(folder / "encoder").id
    assert read.tasks["intent"].neighbours


def test_the_service_reads_with_the_own_encoder_of_the_promoted_bundle(folder: Path, tmp_path: Path) -> None:
    promote(folder, tmp_path / "bundles")
    settings = Settings(home=tmp_path, model=ModelSettings(bundle=tmp_path / "bundles" / "current"))

    served = Assembly(settings, is_trial=True).classifier
    direct = opened(folder, tmp_path)

    asked = "how do i return the mirror"
    assert served.bundle_id == direct.bundle_id
    assert served.classify(asked, explain=True).tasks == direct.classify(asked, explain=True).tasks
    assert served.classify(asked, explain=True).tasks["intent"].neighbours


def test_a_bundle_that_lost_its_encoder_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = copied(folder, tmp_path / "copy")
    for file in (copy / "encoder").iterdir():
        file.unlink()

    with pytest.raises(BundleError, match="lacks its own encoder"):
        opened(copy, tmp_path)


def test_a_bundle_with_the_encoder_of_another_is_refused(folder: Path, tmp_path: Path) -> None:
    other = finetuned(tmp_path, "other", tuning=Tuning(seed=14, epochs=1))
    copy = copied(folder, tmp_path / "copy")
    for file in (other / "encoder").iterdir():
        (copy / "encoder" / file.name).write_bytes(file.read_bytes())

    with pytest.raises(BundleError, match="was trained with encoder"):
        opened(copy, tmp_path)


def copied(folder: Path, to: Path) -> Path:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            (to / file.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (to / file.relative_to(folder)).write_bytes(file.read_bytes())
    return to


def test_figures_rest_on_rows_that_the_encoder_did_not_learn_from(folder: Path) -> None:
    manifest = read_manifest(folder)
    facts = manifest["finetuned"]
    full = json.loads((folder / "metrics.json").read_text("utf-8"))["intent"]["full"]

    assert facts["n_learnt"] + facts["n_held_out"] == manifest["n_rows"] == 192
    assert 0.1 <= facts["n_held_out"] / 192 <= 0.25
    assert manifest["metrics"]["intent"]["n"] == full["n"] == facts["n_held_out"]


def test_readings_that_know_the_labels_of_some_rows_do_not_raise_the_figures() -> None:
    dice = np.random.default_rng(4)
    labels = [f"label {i % 8}" for i in range(480)]
    data = task_data("task", labels)
    readings = dice.normal(size=(480, 16)).astype(np.float32)
    held_out_rows = np.arange(0, 480, 5)
    learnt = np.setdiff1d(np.arange(480), held_out_rows)
    readings[learnt, data.of[learnt]] += 20
    readings /= np.linalg.norm(readings, axis=1, keepdims=True)
    readings = np.concatenate([readings, np.zeros((480, len(style_names())), np.float32)], axis=1)
    texts = [f"message {word}" for word in dice.permutation(480)]

    def accuracy(rows: Any) -> float:
        fitted = fit(Material(texts, [data], readings, held_out_rows=rows), TrainRecipe(), lambda line: None)
        return float(fitted.metrics["task"]["full"]["right"].mean())

    assert accuracy(None) > 0.75
    assert accuracy(held_out_rows) < 0.4


def test_some_of_every_label_are_held_out_and_a_thread_is_never_torn() -> None:
    labels = [f"label {i % 12}" for i in range(2400)]
    threads = [f"thread {i // 24}" if i < 1200 else None for i in range(2400)]
    texts = [f"message {i % 2350}" for i in range(2400)]
    data = task_data("task", labels)

    rows = held_out(texts, [data], threads=threads, seed=3)

    out = set(rows.tolist())
    assert 0.15 < len(out) / 2400 < 0.25
    assert set(data.of[rows]) == set(range(12))
    for thread in range(50):
        assert len({i in out for i in range(thread * 24, thread * 24 + 24)}) == 1
    assert all((i in out) == (i + 2350 in out) for i in range(1200, 50))


def test_a_task_that_few_rows_speak_of_has_rows_held_out_too() -> None:
    often = task_data("often", [f"label {i % 12}" for i in range(600)])
    seldom = task_data("seldom", [("yes", "no")[i % 2] if i % 97 == 0 else None for i in range(600)])

    for seed in range(10):
        rows = held_out([f"message {i}" for i in range(600)], [often, seldom], threads=[None] * 600, seed=seed)

        assert (seldom.of[rows] >= 0).sum() >= 1
        assert 0.15 < len(rows) / 600 < 0.25


def test_of_many_rows_a_smaller_share_is_held_out() -> None:
    labels = [f"label {i % 12}" for i in range(20_000)]

    rows = held_out([f"message {i}" for i in range(20_000)], [task_data("t", labels)], threads=[None] * 20_000, seed=3)

    assert len(rows) == 2000


def test_what_is_sensitive_never_reaches_the_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cards.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "intent"])
        for intent, sentences in WORDS.items():
            for sentence in sentences:
                writer.writerow([sentence.format("lamp") + " my card is 4111 1111 1111 1111", intent])
    reached: list[str] = []
    tokenise = finetune.lesson_of

    def watched(weights: Path, texts: list[str], *rest: Any) -> Lesson:
        reached.extend(texts)
        return tokenise(weights, texts, *rest)

    monkeypatch.setattr(finetune, "lesson_of", watched)

    out = train_finetuned(
        [path],
        ReadOptions({"intent": "intent"}),
        TrainOptions(
            out=tmp_path / "out", home=tmp_path, encoder=str(tiny_weights()), threads=1, redactor=SensitiveFinder()
        ),
        tuning=Tuning(epochs=1),
    ).folder

    assert reached
    assert all("PAYMENT_CARD" in text for text in reached)
    assert not any("4111 1111" in text for text in reached)
    assert "4111 1111" not in (out / "examples.json").read_text("utf-8")


def test_all_tasks_are_learnt_at_once_and_rows_without_a_label_are_left_out_of_its_task(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "intent", "urgency"])
        for intent, sentences in WORDS.items():
            for at, sentence in enumerate(sentences):
                for thing in ("lamp", "chair", "tent"):
                    urgency = "" if at else ("low" if intent == "praise" else "normal")
                    writer.writerow([sentence.format(thing), intent if at else "out_of_scope", urgency])

    report = train_finetuned(
        [path],
        ReadOptions(LABELS),
        TrainOptions(out=tmp_path / "out", home=tmp_path, encoder=str(tiny_weights()), threads=1),
        tuning=Tuning(epochs=1),
    )

    assert set(Bundle.load(report.folder).tasks) == {"intent", "urgency"}
    assert set(Bundle.load(report.folder).labels["intent"]) == set(WORDS)


class Interrupted(BaseException):
    pass


@pytest.fixture
def old_bundle(tmp_path: Path) -> Path:
    return copied(tiny_folder(), tmp_path / "mine")


def test_an_interrupted_run_leaves_the_bundle_that_was_there(old_bundle: Path, tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("fine-tuning: epoch 2"):
            raise Interrupted

    with pytest.raises(Interrupted):
        finetuned(tmp_path, say=interrupt)

    assert Bundle.load(old_bundle).id == Bundle.load(tiny_folder()).id
    assert sorted(path.name for path in tmp_path.iterdir()) == ["examples.csv", "mine"]


def test_training_again_without_fine_tuning_takes_the_encoder_away(tmp_path: Path) -> None:
    out = finetuned(tmp_path)

    train([tmp_path / "examples.csv"], ReadOptions(LABELS), TrainOptions(out=out, home=tmp_path, encoder="none"))

    assert not (out / "encoder").exists()
    assert opened(out, tmp_path).classify("where is my lamp parcel")


def test_a_folder_that_is_no_bundle_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", "utf-8")
    lines: list[str] = []

    with pytest.raises(BundleError, match="not a bundle"):
        finetuned(tmp_path, say=lines.append)

    assert not any("fine-tuning" in line for line in lines)


def test_bad_data_gives_the_same_report_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("text,intent\nhello,greet\n", "utf-8")

    with pytest.raises(BadTrainingData, match="one label only"):
        train_finetuned([path], ReadOptions({"intent": "intent"}), TrainOptions(out=tmp_path / "out", home=tmp_path))

    assert [left.name for left in tmp_path.iterdir()] == ["bad.csv"]


@pytest.mark.parametrize("library", ["torch", "transformers", "onnx"])
def test_without_its_libraries_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(BadInput, match=rf"{library}.*`make finetune`"):
        finetuned(tmp_path)


def test_a_folder_without_weights_cannot_be_fine_tuned(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"lacks config\.json, model\.safetensors"):
        train_finetuned(
            [write_examples(tmp_path / "examples.csv")],
            ReadOptions(LABELS),
            TrainOptions(out=tmp_path / "out", home=tmp_path, encoder=str(folder / "encoder")),
        )


def test_an_encoder_of_another_kind_is_refused_before_any_work(tmp_path: Path) -> None:
    other = copied(tiny_weights(), tmp_path / "other")
    config = json.loads((other / "config.json").read_text("utf-8"))
    (other / "config.json").write_text(json.dumps({**config, "model_type": "roberta"}), "utf-8")

    with pytest.raises(BadInput, match="holds a roberta model"):
        finetuned(tmp_path, encoder=str(other))


def test_the_command_says_how_long_it_will_take_and_gives_the_report(tmp_path: Path) -> None:
    path = write_examples(tmp_path / "examples.csv")

    words = [str(path), "--out", str(tmp_path / "out"), "--label", "intent", "--finetune", "--json"]
    done = CliRunner().invoke(COMMAND, [*words, "--encoder", str(tiny_weights())])

    assert done.exit_code == 0, done.stderr
    assert "fine-tuning will take about" in done.stderr
    assert json.loads(done.stdout)["tasks"]["intent"]["n"] == read_manifest(tmp_path / "out")["finetuned"]["n_held_out"]


def test_fine_tuning_no_encoder_is_wrong_usage(tmp_path: Path) -> None:
    path = write_examples(tmp_path / "examples.csv")

    words = [str(path), "--out", str(tmp_path / "out"), "--label", "intent", "--finetune", "--encoder", "none"]
    done = CliRunner().invoke(COMMAND, words)

    assert done.exit_code == 2
    assert "--encoder none" in done.stderr
    assert not (tmp_path / "out").exists()
