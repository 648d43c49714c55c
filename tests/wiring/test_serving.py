"""What serves is opened in one way, and a promoted bundle reads the next message."""

import json
import logging
import shutil
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.errors import BadSettings, BundleError
from cli.doctor import check_model, check_playbook
from cli.draft import open_desk
from cli.main import app
from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.pairs import PairReader, pairs_folder
from model.tone.head import ToneHead
from tests.model.tiny import own_folder, tiny_folder
from tests.playbook.test_live import Seconds
from training.promotion import promote
from wiring.assemble import Assembly
from wiring.serving import LiveClassifier, LiveJudge, labels, open_classifier, state_of
from wiring.settings import Settings, load_settings
from wiring.watched import Watched, marks_of

TEXT = "can i park near the lamp"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As a team sets it: the intents are its own, all else is read by the bundle that serves."""
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TACTFUL_MODEL__ENCODER", "none")
    monkeypatch.setenv("TACTFUL_MODEL__BUNDLE", str(tiny_folder()))
    monkeypatch.setenv("TACTFUL_MODEL__BUNDLES", json.dumps({"intent": str(own_folder())}))
    monkeypatch.setenv("TACTFUL_SENSITIVE", json.dumps({"email": "allow"}))
    return load_settings()


def test_service_draft_and_command_line_read_alike(settings: Settings) -> None:
    served = Assembly(settings).classifier.classify(TEXT)
    desk = open_desk(bundle=None, playbook=None, agent="").classifier.classify(TEXT)
    ran = CliRunner().invoke(app, ["classify", "--json", f"{TEXT} me@example.org"])

    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.stdout)
    assert served.bundles == desk.bundles == said["model"]["bundles"]
    assert served.tasks["intent"].label == desk.tasks["intent"].label == said["intent"]["label"] == "parking"
    assert "me@example.org" in said["redacted_text"]
    assert said["sensitive"]["action"] == "allow"


def test_a_bundle_that_is_named_reads_alone(settings: Settings) -> None:
    ran = CliRunner().invoke(app, ["classify", "--json", "--bundle", str(tiny_folder()), "where is my parcel"])

    said = json.loads(ran.stdout)
    assert said["intent"]["label"] == "parcel"
    assert set(said["model"]["bundles"].values()) == {Bundle.load(tiny_folder()).id}


def test_doctor_knows_the_labels_of_every_bundle(settings: Settings) -> None:
    assert f"intent by {Bundle.load(own_folder()).id}" in check_model(settings).detail
    assert "does not know labels of the bundle: opening, parking" in check_playbook(settings).detail
    assert labels(settings)["urgency"] == ("low", "normal")


def test_a_task_that_its_bundle_has_not_is_refused_with_what_it_has(settings: Settings) -> None:
    wrong = settings.model_copy(update={"model": settings.model.model_copy(update={"bundles": {"mood": own_folder()}})})

    with pytest.raises(BundleError, match="no task mood; it has intent"):
        open_classifier(wrong, redactor=Assembly(wrong).redactor)
    with pytest.raises(BundleError, match="for mood, which that bundle has not; it has intent"):
        labels(wrong)


def test_a_misspelt_setting_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_MODEL__BUNDLES", json.dumps(["intent"]))

    with pytest.raises(BadSettings, match=r"model\.bundles"):
        load_settings()


@pytest.fixture
def promoted(tmp_path: Path) -> Settings:
    """Every bundle by the link that a promotion turns."""
    bundles = tmp_path / "home" / "bundles"
    for name, folder in (("all", tiny_folder()), ("own", own_folder())):
        shutil.copytree(folder, bundles / name / "first")
        promote(bundles / name / "first", bundles / name)
    by_link = {"bundle": bundles / "all" / "current", "bundles": {"intent": bundles / "own" / "current"}}
    return Settings(home=tmp_path / "home", model={**by_link, "encoder": "none"})  # type: ignore[arg-type]


def live(settings: Settings, clock: Seconds) -> LiveClassifier:
    redactor = Assembly(settings).redactor
    make = partial(open_classifier, settings, redactor=redactor)
    return LiveClassifier(Watched("bundle", make, lambda: state_of(settings), clock=clock))


def test_a_bundle_promoted_for_one_task_reads_the_next_message(promoted: Settings, tmp_path: Path) -> None:
    clock = Seconds()
    reader = live(promoted, clock)
    assert reader.classify(TEXT).tasks["intent"].label == "parking"

    promote(tiny_folder(), tmp_path / "home" / "bundles" / "own")
    clock.now = 3.0

    assert reader.classify("where is my parcel").tasks["intent"].label == "parcel"
    assert reader.labels["intent"] == Bundle.load(tiny_folder()).labels["intent"]


def test_a_bundle_that_cannot_be_opened_leaves_the_old_one_at_work(
    promoted: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Seconds()
    reader = live(promoted, clock)
    kept = promote(tiny_folder(), tmp_path / "home" / "bundles" / "own")
    (kept / "weights.safetensors").chmod(0o644)
    (kept / "weights.safetensors").write_bytes(b"other")
    clock.now = 3.0

    with caplog.at_level(logging.WARNING, logger="wiring.watched"):
        assert reader.classify(TEXT).tasks["intent"].label == "parking"
    assert "SHA-256" in str(reader.watched.problem)
    assert "bundle not taken over" in caplog.text

    promote(own_folder(), tmp_path / "home" / "bundles" / "own")
    clock.now = 6.0
    assert reader.classify(TEXT).tasks["intent"].label == "parking"
    assert reader.watched.problem is None


def test_who_asks_for_labels_never_waits_for_a_bundle(promoted: Settings, tmp_path: Path) -> None:
    clock, opening, may_open = Seconds(), threading.Event(), threading.Event()
    redactor = Assembly(promoted).redactor

    def make() -> MessageClassifier:
        if opening.is_set():
            assert may_open.wait(30)
        opening.set()
        return open_classifier(promoted, redactor=redactor)

    reader = LiveClassifier(Watched("bundle", make, lambda: state_of(promoted), clock=clock))
    promote(tiny_folder(), tmp_path / "home" / "bundles" / "own")
    clock.now = 3.0

    assert reader.labels["intent"] == ("opening", "parking")
    may_open.set()
    for _ in range(3000):
        if "parcel" in reader.labels["intent"]:
            break
        time.sleep(0.01)
    assert reader.labels["intent"] == Bundle.load(tiny_folder()).labels["intent"]


def test_nothing_is_opened_again_while_nothing_changes(promoted: Settings) -> None:
    clock = Seconds()
    reader = live(promoted, clock)
    made = reader.watched.now()
    clock.now = 30.0

    assert reader.watched.now() is made


def test_what_judges_drafts_is_taken_over_when_it_was_trained_again(tmp_path: Path) -> None:
    folder = pairs_folder(tmp_path)
    PairReader({"asks": 1.0}, 0.0, 1.0, 0.0, 0.5).save(folder)
    watched = Watched(
        "pairs head", lambda: PairReader.load(folder), lambda: marks_of(folder), clock=(clock := Seconds())
    )
    judge = LiveJudge(watched)
    assert judge.least == 0.5

    PairReader({"asks": 1.0}, 0.0, 1.0, 0.0, 0.7).save(folder)
    assert judge.least == 0.5
    clock.now = 3.0
    assert judge.least == 0.7
    (folder / "manifest.json").write_text("{}", "utf-8")
    clock.now = 6.0
    assert judge.least == 0.7


def test_the_tone_check_takes_over_a_head_that_was_trained_again(promoted: Settings) -> None:
    parts = Assembly(promoted)
    text, folder = "We are looking into it.", promoted.tone_folder
    before = parts.tone.check(text, channel="x").score
    weights = dict.fromkeys(("w:we", "w:are", "w:looking", "w:into", "w:it"), -9.0)
    ToneHead(weights, 0.0, 1.0, 0.0, 0.1, 0.2).save(folder)
    assert ToneHead.load(folder)

    assert parts.tone.check(text, channel="x").score != before


def test_what_was_promoted_serves_without_a_word_in_the_settings(tmp_path: Path) -> None:
    bundles = tmp_path / "bundles"
    shutil.copytree(tiny_folder(), bundles / "default")
    settings = Settings(home=tmp_path)
    assert settings.bundle == bundles / "default"

    promote(own_folder(), bundles)
    assert settings.bundle == bundles / "current"
    assert set(labels(settings)["intent"]) == {"opening", "parking"}
