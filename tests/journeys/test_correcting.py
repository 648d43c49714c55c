"""What people say messages are about is kept, agreement too, refused where no label is one, and given out masked."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.answering import Words
from care.case import Source
from care.correcting import labels_by_people
from care.errors import BadStep, Problem, SensitiveBlocked
from care.journey import Journey
from care.reply import Approval, Rejection, RejectReason
from cli.main import app
from store.work import SqlStore
from tests.doubles import ANNA, BEN, inbound

pytestmark = [pytest.mark.issue(17)]


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store)


def says(walk: Journey, text: str, *, number: int = 1, source: Source = Source.LIVE) -> str:
    [message_id] = walk.receive([inbound(text, outside_id=f"m{number}", thread_key=f"t{number}")], source=source)
    walk.prepare(message_id)
    return message_id


def approve(walk: Journey, message_id: str, **labels: str) -> None:
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    walk.approve(suggestion.id, Approval(by=BEN.id, text="We look.", version=suggestion.choice.version, labels=labels))


def test_what_is_no_label_or_no_task_is_refused_and_nothing_is_kept(walk: Journey) -> None:
    message_id = says(walk, "Where is my parcel?")

    with pytest.raises(BadStep, match=r"intent has no such label\. It has: billing_problem, delivery_problem"):
        walk.casework.relabel(message_id, by=ANNA.id, labels={"intent": "my own words about it"})
    with pytest.raises(BadStep, match="There is no such task"):
        walk.casework.relabel(message_id, by=ANNA.id, labels={"action": "escalate"})
    with pytest.raises(BadStep, match="no such label"):
        approve(walk, message_id, intent="my own words about it")

    assert list(labels_by_people(walk.store)) == []


def relabel(walk: Journey, message_id: str, **labels: str) -> None:
    walk.casework.relabel(message_id, by=ANNA.id, labels=labels)


def reject(walk: Journey, message_id: str, **labels: str) -> None:
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    rejection = Rejection(BEN.id, suggestion.choice.version, RejectReason.WRONG_INTENT, labels=labels)
    walk.answering.reject(suggestion.id, rejection)


@pytest.mark.parametrize("step", [relabel, approve, reject])
@pytest.mark.parametrize("labels", [{"4000056655665556": "praise"}, {"intent": "4000056655665556"}])
def test_a_card_is_refused_as_a_label_and_as_the_name_of_one(
    journey: Journey, step: Callable[..., None], labels: dict[str, str]
) -> None:
    message_id = says(journey, "Where is my parcel?")

    with pytest.raises(SensitiveBlocked) as blocked:
        step(journey, message_id, **labels)

    assert blocked.value.problems == (Problem("labels", "holds card_number", "choose a label"),)
    assert list(labels_by_people(journey.store)) == []


def test_a_card_is_refused_as_the_name_of_a_team(journey: Journey) -> None:
    message_id = says(journey, "Where is my parcel?")

    with pytest.raises(SensitiveBlocked):
        journey.casework.override(message_id, by=ANNA.id, team="4000056655665556", reason="They know her.")


def test_why_a_decision_is_another_one_is_kept_masked(journey: Journey, tmp_path: Path) -> None:
    message_id = says(journey, "Where is my parcel?")

    journey.casework.override(message_id, by=ANNA.id, team="legal", reason=" Her card 4000056655665556 was charged. ")

    kept = b"".join(path.read_bytes() for path in tmp_path.glob("tactful.db*"))
    assert b"Her card [card_number] was charged." in kept
    assert b"4000056655665556" not in kept


def test_corrections_and_agreement_are_given_out_with_who_and_when_and_samples_are_not(walk: Journey) -> None:
    corrected = says(walk, "Where is my parcel? 4000056655665556", number=1)
    walk.casework.relabel(corrected, by=ANNA.id, labels={"intent": "praise"})
    walk.casework.relabel(corrected, by=ANNA.id, labels={"intent": "billing_problem"})
    agreed = says(walk, "I was charged twice", number=2)
    approve(walk, agreed)
    said_so = says(walk, "Thank you", number=3)
    walk.casework.relabel(said_so, by=ANNA.id, labels={"intent": "praise"})
    fits_none = says(walk, "Ten more words", number=4)
    walk.casework.relabel(fits_none, by=ANNA.id, labels={"intent": "out_of_scope"})
    walk.answering.answer(says(walk, "Nobody said what this is about", number=5), Words(ANNA.id, "Thanks."))
    walk.casework.relabel(says(walk, "A sample", number=6, source=Source.DEMO), by=ANNA.id, labels={"intent": "praise"})

    found = {label.message_id: label for label in labels_by_people(walk.store, batch=2) if label.task == "intent"}

    assert {id: (label.was, label.label, label.by) for id, label in found.items()} == {
        corrected: ("delivery_problem", "billing_problem", ANNA.id),
        agreed: ("billing_problem", "billing_problem", BEN.id),
        said_so: ("praise", "praise", ANNA.id),
        fits_none: ("small_talk", "out_of_scope", ANNA.id),
    }
    assert found[corrected].text == "Where is my parcel? [card_number]"
    assert {label.bundle for label in found.values()} == {"stub@1"}
    with walk.store(read=True) as work:
        assert work.lists.figures()["corrections"] == {"intent": 4}


def test_the_command_writes_them_for_training(
    store: SqlStore,
    make_journey: Callable[..., Journey],
    sqlite_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    walk = make_journey(store)
    walk.casework.relabel(says(walk, "Where is my parcel?"), by=ANNA.id, labels={"intent": "praise"})
    approve(walk, says(walk, "I was charged twice", number=2))

    ran = CliRunner().invoke(app, ["corrections", "export", "-o", str(tmp_path / "said.csv")])
    CliRunner().invoke(app, ["corrections", "export", "--changed", "-o", str(tmp_path / "said.jsonl")])

    assert ran.exit_code == 0, ran.output
    assert "intent: 1 corrected, 1 agreed" in ran.stderr
    with (tmp_path / "said.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    said = {(row["text"], row["task"], row["was"], row["label"], row["agreed"], row["by"]) for row in rows}
    assert {row for row in said if row[1] == "intent"} == {
        ("Where is my parcel?", "intent", "delivery_problem", "praise", "no", ANNA.id),
        ("I was charged twice", "intent", "billing_problem", "billing_problem", "yes", BEN.id),
    }
    [only] = (tmp_path / "said.jsonl").read_text("utf-8").splitlines()
    assert json.loads(only)["label"] == "praise"
    refused = CliRunner().invoke(app, ["corrections", "export", "-o", str(tmp_path / "said.pdf")])
    assert "is of no kind that holds rows" in str(refused.exception)
