import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from care.errors import BundleError
from care.message import Turn
from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.encoder import DIMENSIONS
from model.risk import RiskReader
from model.sensitive import SensitiveFinder
from model.watch import Watch
from tests.model.tiny import tiny_folder
from training.risk import fitted_by_hand, folds_of, logistic, train_default_risk
from wiring.shapes.reading import ClassificationOut

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SAID = {
    "self_harm": ("I do not want to live any more {}", "he says he will hurt himself {}", "i will end my life {}"),
    "danger": ("the {} is smoking and smells burnt", "my baby swallowed a piece of the {}", "the {} gave me a shock"),
    "fraud": ("somebody paid with my card for a {}", "a fake mail wants my password for the {}", "{} I never ordered"),
}
ORDINARY = (
    "where is my {}",
    "the {} is broken",
    "thank you for the {}",
    "what does the {} cost",
    "return my {} please",
)
THINGS = ("lamp", "chair", "kettle", "phone", "jacket", "mirror", "tent", "desk", "sofa", "stove")


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Heads of n-grams alone, fitted on a few fixtures of our own, in two seconds."""
    home = tmp_path_factory.mktemp("home")
    (home / "fixtures" / "messages").mkdir(parents=True)
    lines = ["text,risk,thread,language,hand,channel,intent"]
    for at, thing in enumerate(THINGS):
        hand = at % 4 + 1
        for kind, sentences in SAID.items():
            lines += [f"{sentence.format(thing)},{kind},,en,{hand},x," for sentence in sentences]
        lines += [f"{sentence.format(thing)},,,en,{hand},x," for sentence in ORDINARY]
    (home / "fixtures" / "risk.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return train_default_risk(fixtures=home / "fixtures", home=home, encoder=None)


@pytest.fixture(scope="module")
def with_risk(small_folder: Path) -> MessageClassifier:
    return MessageClassifier(
        Bundle.load(tiny_folder()), None, SensitiveFinder(), watch=Watch(RiskReader.load(small_folder), None)
    )


def test_risk_is_read_beside_any_label_set(with_risk: MessageClassifier) -> None:
    read = with_risk.classify("somebody paid with my card for a bicycle")

    assert [risk.kind for risk in read.risk] == ["fraud"]
    assert 0 < read.risk[0].score <= 1
    assert set(read.tasks) == {"intent", "urgency"}


def test_the_heads_read_with_their_encoder_though_the_bundle_has_none(small_folder: Path) -> None:
    read: list[str] = []

    def features(texts: Sequence[str]) -> NDArray[np.float32]:
        read.extend(texts)
        return np.zeros((len(texts), DIMENSIONS), np.float32)

    encoder = SimpleNamespace(id="enc_1", features=features)
    heads = RiskReader.load(small_folder)
    lean = heads.calibration.lean
    full = np.stack([lean[:, 0], np.zeros(len(lean), np.float32), lean[:, 1]], axis=1)
    knowing = replace(
        heads,
        encoder="enc_1",
        seen_weight=np.zeros((4, len(lean)), np.float32),
        calibration=replace(heads.calibration, full=full),
    )
    reader = MessageClassifier(
        Bundle.load(tiny_folder()),
        None,
        SensitiveFinder(),
        watch=Watch(knowing, encoder),  # type: ignore[arg-type]
    )

    assert [risk.kind for risk in reader.classify("somebody paid with my card for a bicycle").risk] == ["fraud"]
    assert read == ["somebody paid with my card for a bicycle"]


def test_an_ordinary_message_carries_none(with_risk: MessageClassifier) -> None:
    assert with_risk.classify("where is my bicycle").risk == ()


def test_the_words_that_carry_it_are_shown_where_they_stand(with_risk: MessageClassifier) -> None:
    text = "hello 4111 1111 1111 1111 he says he will hurt himself tonight"

    (risk,) = with_risk.classify(text).risk

    assert risk.kind == "self_harm"
    assert any("hurt" in text[span.start : span.end] for span in risk.spans)
    assert all(0 <= span.start < span.end <= len(text) for span in risk.spans)


def test_a_rule_adds_a_kind_that_the_heads_do_not_see(with_risk: MessageClassifier) -> None:
    assert "legal" in [risk.kind for risk in with_risk.classify("see you in court").risk]


def test_without_the_heads_the_reviewed_rules_still_say_what_cannot_wait() -> None:
    text = "card 4111 1111 1111 1111 and i want to die"

    (risk,) = MessageClassifier(Bundle.load(tiny_folder()), None, SensitiveFinder()).classify(text).risk

    assert risk.kind == "self_harm"
    assert [text[span.start : span.end] for span in risk.spans] == ["want to die"]


def test_what_was_said_before_speaks_for_a_few_words_with_any_bundle(with_risk: MessageClassifier) -> None:
    before = Turn("he says he will hurt himself tonight", by_customer=True, at=datetime(2026, 1, 1, tzinfo=UTC))

    assert with_risk.classify("please help").risk == ()
    assert [risk.kind for risk in with_risk.classify("please help", thread=[before]).risk] == ["self_harm"]


def test_the_wire_says_kind_score_and_spans(with_risk: MessageClassifier) -> None:
    said = ClassificationOut.of(with_risk.classify("somebody paid with my card for a kettle")).as_json()

    assert said["language"]["label"] == "en"
    assert 0 < said["language"]["score"] <= 1
    (risk,) = said["risk"]
    assert set(risk) == {"kind", "score", "spans"}
    assert all(set(span) == {"start", "end"} for span in risk["spans"])
    assert json.dumps(said)


def test_a_changed_file_is_refused(small_folder: Path, tmp_path: Path) -> None:
    for path in small_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "weights.safetensors").write_bytes(b"other")

    with pytest.raises(BundleError, match="SHA-256"):
        RiskReader.load(tmp_path)


def test_the_same_fixtures_are_not_fitted_again(small_folder: Path) -> None:
    said: list[str] = []
    home = small_folder.parent.parent

    train_default_risk(fixtures=home / "fixtures", home=home, encoder=None, say=said.append)

    assert said == ["the risk heads are up to date"]


def test_what_is_held_out_was_read_by_no_model_of_the_same_hand() -> None:
    chance = np.random.default_rng(2)
    rows = chance.normal(size=(60, 4)).astype(np.float32)
    wanted = rows[:, :1] > 0
    fold, rest = np.arange(20), np.arange(20, 60)

    _, _, scores = fitted_by_hand(rows, wanted, [fold], 1.0)

    weight, bias = logistic(rows[rest], wanted[rest], c=1.0)
    assert np.allclose(scores[fold], rows[fold] @ weight + bias, atol=1e-4)


def test_several_kinds_are_fitted_as_each_would_be() -> None:
    chance = np.random.default_rng(1)
    rows = chance.normal(size=(200, 6)).astype(np.float32)
    wanted = np.stack([rows[:, 0] > 0.5, rows[:, 1] > 1], axis=1)

    weight, bias = logistic(rows, wanted, c=1.0)

    told = rows @ weight + bias > 0
    assert (told == wanted).mean() > 0.9


def test_a_hand_is_held_out_whole_and_the_older_fixtures_never_are() -> None:
    hands = ["1"] * 50 + ["2"] * 30 + ["3"] * 25 + ["4"] * 20 + ["0"] * 99

    assert folds_of(hands, 2) == [["1", "4"], ["2", "3"]]
    assert folds_of(["1", "2"], 5) == [["1"], ["2"]]
