"""Drift over what the store holds, on both databases: who counts, what is said of too few, how often it is told."""

import json
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from care.case import Source
from care.classification import Candidate, Classification, Correction, Judgement
from care.drift import LOW, UNSURE, DriftReference, DriftReport, DriftStanding, find_drift
from care.events import public
from care.ports import utc_now
from care.reply import SuggestionState
from care.sensitive import Redaction
from cli.main import app
from model.bundle import read_manifest
from store.tables import CaseRow, ClassificationRow, MessageRow, SuggestionRow
from store.work import SqlStore
from tests.doubles import MONDAY
from tests.model.tiny import WORDS, reseal, tiny_folder
from tests.workload import arrived
from wiring.drift import last_look, references_of, weekly_look
from wiring.measures import measures
from wiring.settings import Settings, load_settings

pytestmark = pytest.mark.issue(17)
HOUR = timedelta(hours=1)
BUNDLE = "bdl_now"
REFERENCE = DriftReference(BUNDLE, 1000, {"parcel": 600, "refund": 400}, n_unsure=50, n_low=100, threshold=0.3)


def judgement(label: str, score: float = 0.9, *, reasons: tuple[str, ...] = ()) -> Judgement:
    return Judgement(label, score, abstained=score < 0.3, candidates=(Candidate(label, score),), reasons=reasons)


def served(store: SqlStore, judged: Sequence[Judgement], *, bundle: str = BUNDLE, at: datetime = MONDAY) -> list[str]:
    """A live message for each, a second apart from `at` on. Returns their ids."""
    moments = [at + n * timedelta(seconds=1) for n in range(len(judged))]
    arrived(store, moments)
    unread = MessageRow.id.not_in(select(ClassificationRow.message_id))
    with store.engine.begin() as connection:
        ids = list(connection.scalars(select(MessageRow.id).where(unread).order_by(MessageRow.received_at)))
        read = [Classification({"intent": said}, Redaction(""), bundle=bundle) for said in judged]
        rows = [{"message_id": id, "value": value} for id, value in zip(ids, read, strict=True)]
        connection.execute(insert(ClassificationRow), [{**row, "bundle": bundle, "made_at": at} for row in rows])
    return ids


def mixed(n_parcel: int, n_refund: int, score: float = 0.9) -> list[Judgement]:
    return [judgement("parcel", score)] * n_parcel + [judgement("refund", score)] * n_refund


def look(store: SqlStore, reference: DriftReference = REFERENCE, *, days: int = 28, most: int = 20_000) -> DriftReport:
    return find_drift(store, {"intent": reference}, now=MONDAY + HOUR, days=days, most=most)


def test_the_same_mix_is_steady_and_another_one_has_drifted(any_store: SqlStore) -> None:
    served(any_store, mixed(100, 70) + mixed(20, 10, score=0.6))
    [steady] = look(any_store).tasks
    served(any_store, mixed(0, 300), at=MONDAY + HOUR / 2)
    report = look(any_store)

    assert (steady.standing, steady.n, steady.n_reference) == (DriftStanding.STEADY, 200, 1000)
    assert report.drifted == ("intent",)
    moved = {shift.name: shift for shift in report.tasks[0].shifts if shift.is_drifted}
    assert (moved["refund"].share, moved["refund"].before) == (0.76, 0.4)
    assert report.tasks[0].shifts[-1].is_drifted is False


def test_messages_unlike_anything_learnt_are_drift_though_the_labels_stay(any_store: SqlStore) -> None:
    served(any_store, mixed(90, 60) + mixed(60, 40, score=0.1))

    [task] = look(any_store).tasks

    assert {shift.name for shift in task.shifts if shift.is_drifted} == {UNSURE, LOW}


def test_of_fewer_than_two_hundred_nothing_is_told(any_store: SqlStore) -> None:
    served(any_store, mixed(0, 199))

    report = look(any_store)

    assert (report.tasks[0].standing, report.drifted) == (DriftStanding.TOO_FEW, ())
    assert look(any_store, DriftReference(BUNDLE)).tasks[0].standing is DriftStanding.NO_REFERENCE


def test_only_live_messages_of_these_days_that_the_bundle_in_use_read_count(any_store: SqlStore) -> None:
    counted = served(any_store, mixed(3, 0))
    served(any_store, mixed(2, 0), bundle="bdl_before")
    served(any_store, [judgement("parcel", reasons=("a rule",))])
    served(any_store, mixed(2, 0), at=MONDAY - timedelta(days=30))
    sample, machine = served(any_store, mixed(2, 0), at=MONDAY + HOUR / 2)
    with any_store.engine.begin() as connection:
        case = select(MessageRow.case_id).where(MessageRow.id == sample).scalar_subquery()
        connection.execute(update(CaseRow).where(CaseRow.id == case).values(source=Source.DEMO))
        connection.execute(update(MessageRow).where(MessageRow.id == machine).values(automatic="absence"))

    assert look(any_store).tasks[0].n == len(counted)
    assert look(any_store, days=60).tasks[0].n == len(counted) + 2


def test_of_too_many_the_newest_are_looked_at_each_once(any_store: SqlStore) -> None:
    served(any_store, mixed(400, 0))
    served(any_store, mixed(0, 200), at=MONDAY + HOUR / 2)

    newest, whole = look(any_store, most=200), look(any_store)

    assert (newest.n_messages, newest.is_capped) == (200, True)
    assert {shift.name: shift.share for shift in newest.tasks[0].shifts}["refund"] == 1.0
    assert (whole.n_messages, whole.is_capped, whole.tasks[0].n) == (600, False, 600)


def test_what_people_corrected_or_let_stand_tells_accuracy_and_calibration(any_store: SqlStore) -> None:
    ids = served(any_store, mixed(6, 0, score=0.8) + mixed(1, 0, score=0.1))
    with any_store() as work:
        for id, label in zip(ids, ("refund", "refund", "parcel"), strict=False):
            work.classifications.correct(Correction(id, "intent", "parcel", label, "per_anna"))
        work.classifications.correct(Correction(ids[1], "intent", "refund", "parcel", "per_anna"))
    with any_store.engine.begin() as connection:
        # The last one was no more than a hint: approving the reply says nothing of it.
        approved = SuggestionRow.message_id.in_([ids[0], ids[3], ids[6]])
        connection.execute(update(SuggestionRow).where(approved).values(state=SuggestionState.APPROVED))

    people = look(any_store).tasks[0].people

    assert people is not None
    assert (people.n, people.accuracy) == (4, 0.75)
    assert people.calibration_error == pytest.approx(0.05)
    assert people.too_sure == pytest.approx(0.05)


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    # Twice the rows of the tiny bundle, which are too few to tell.
    folder = Path(shutil.copytree(tiny_folder(), tmp_path / "bundle"))
    manifest = read_manifest(folder)
    kept = manifest["reference"]["intent"]
    labels = {label: 2 * n for label, n in kept["labels"].items()}
    manifest["reference"]["intent"] = {**kept, "n": 2 * kept["n"], "labels": labels}
    reseal(folder, manifest)
    monkeypatch.setenv("TACTFUL_MODEL__BUNDLE", str(folder))
    return load_settings()


def test_a_bundle_keeps_what_it_said_of_its_held_out_rows(settings: Settings) -> None:
    manifest = read_manifest(tiny_folder())
    kept = manifest["reference"]

    assert set(kept) == {"intent", "urgency"}
    assert sum(kept["intent"]["labels"].values()) == kept["intent"]["n"] == manifest["metrics"]["intent"]["n"]
    assert set(kept["intent"]["labels"]) == set(WORDS)
    assert references_of(settings)["intent"].accuracy == manifest["metrics"]["intent"]["accuracy"]


def test_a_bundle_of_before_says_that_it_keeps_nothing_to_compare_with(
    settings: Settings, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Path(shutil.copytree(tiny_folder(), tmp_path / "old"))
    manifest = read_manifest(old)
    del manifest["reference"]
    reseal(old, manifest)
    monkeypatch.setenv("TACTFUL_MODEL__BUNDLE", str(old))

    ran = CliRunner().invoke(app, ["drift"])

    assert ran.exit_code == 0, ran.output
    assert f"intent: {manifest['id']} keeps nothing to compare with; train it again" in ran.output


def test_the_command_ends_with_1_where_something_drifted_and_says_what(settings: Settings, store: SqlStore) -> None:
    bundle = references_of(settings)["intent"].bundle
    ids = served(store, [judgement("refund", 1.0)] * 250, bundle=bundle, at=utc_now() - HOUR)
    with store() as work:
        work.classifications.correct(Correction(ids[0], "intent", "refund", "parcel", "per_anna"))

    told = CliRunner().invoke(app, ["drift"])
    line = CliRunner().invoke(app, ["drift", "--json", "--days", "7"])
    said = json.loads(line.output)

    assert (told.exit_code, line.exit_code) == (1, 1)
    assert "refund: " in told.output
    assert "people said of 1 what is right: too few to tell" in told.output
    assert "no sample of all messages" in told.output
    assert (said["drifted"], said["n_messages"]) == (["intent"], 250)
    assert said["tasks"][0]["shifts"][0]["name"] == "refund"


def test_a_weekly_look_tells_once_a_week_and_again_of_another_bundle(settings: Settings, any_store: SqlStore) -> None:
    home = settings.home
    served(any_store, [judgement("refund")] * 250, bundle=references_of(settings)["intent"].bundle)
    now = MONDAY + HOUR

    assert weekly_look(any_store, settings, now=now) == {"model.drifted": 1}
    assert weekly_look(any_store, settings, now=now + HOUR) == {}
    assert last_look(home) is not None
    assert ("drift", True, "intent") in [(m.name, m.value, m.label) for m in measures(home)]
    (home / ".drift.json").write_text("{ half")
    assert weekly_look(any_store, settings, now=now + HOUR) == {}, "another machine has told of it already"
    assert weekly_look(any_store, settings, now=now + timedelta(days=8)) == {"model.drifted": 1}
    with any_store() as work:
        events = list(work.trail.events(after=0, names=["model.drifted"]))
    assert public(events[0]).data == {
        "bundle": references_of(settings)["intent"].bundle, "tasks": "intent", "n": 250, "days": 28,
    }  # fmt: skip


def test_a_service_without_a_bundle_looks_at_nothing(settings: Settings, store: SqlStore, tmp_path: Path) -> None:
    gone = settings.model_copy(update={"model": settings.model.model_copy(update={"bundle": tmp_path / "gone"})})

    assert weekly_look(store, gone, now=MONDAY) == {}
    assert last_look(settings.home) is None
