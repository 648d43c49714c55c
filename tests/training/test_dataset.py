"""Labelled texts come in from any tool, masked first, and go out again with nothing lost."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from openpyxl import Workbook, load_workbook
from pyarrow import ipc, parquet
from typer.testing import CliRunner

from care.errors import BadInput
from cli.main import app
from tests.doubles import StubRedactor
from tests.model.tiny import tiny_folder
from training.dataset import Dataset, Import, export_rows, import_rows, open_dataset, problems_of, records_of
from wiring.exchange.formats import format_of
from wiring.exchange.record import Asked, Guess

CARD, MASK = "4000056655665556", "[card_number]"
pytestmark = [pytest.mark.issue(17)]


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., Dataset]:
    def bring(path: Path, **labels: str) -> Dataset:
        language: Callable[[str], str] = lambda text: "en"  # noqa: E731
        return import_rows(Import(path, tmp_path / "set", Asked(labels=labels), StubRedactor(), language))

    return bring


def out(dataset: Dataset, path: Path, **options: Any) -> Path:
    export_rows(dataset, path, **{"form": "", "bundle": "", "guesses": None, **options})
    return path


def write(path: Path, *objects: Any) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in objects), "utf-8")
    return path


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


ROWS = [
    ["n", "text", "intent", "note"],
    ["1", "where is my kettle", "parcel", "=1+1"],
    ["2", f"my card {CARD}, twice", "billing", f"seen {CARD}"],
    ["3", "two\nlines", "", ""],
]
STUDIO = [
    {
        "id": 7,
        "data": {"text": f"card {CARD}", "channel": "mail"},
        "annotations": [
            {
                "id": 1,
                "was_cancelled": False,
                "result": [
                    {"from_name": "intent", "to_name": "text", "type": "choices", "value": {"choices": ["billing"]}}
                ],
            }
        ],
        "predictions": [],
    },
    {"id": 8, "data": {"text": "late again", "channel": "mail"}, "annotations": [], "predictions": []},
]
ARGILLA = [
    {
        "id": "a",
        "fields": {"text": f"card {CARD}"},
        "metadata": {"channel": "mail"},
        "responses": {"intent": [{"value": "billing", "user_id": "u"}]},
        "suggestions": {},
    },
    {"id": "b", "fields": {"text": "late again"}, "metadata": {}, "responses": {}, "suggestions": {}},
]
DOCCANO = [
    {"id": 1, "text": f"card {CARD}", "label": ["billing"], "Comments": []},
    {"id": 2, "text": "late again", "label": [], "Comments": []},
]
ZENDESK = [
    {
        "id": 1,
        "subject": "Card",
        "description": f"card {CARD}",
        "tags": ["vip"],
        "custom_fields": [{"id": 36, "value": "billing"}],
    },
    {"id": 2, "subject": "Late", "description": "late again", "tags": [], "custom_fields": [{"id": 36, "value": None}]},
]
CHATWOOT = [
    {
        "id": 5,
        "inbox_id": 1,
        "labels": ["billing"],
        "messages": [
            {"content": f"card {CARD}", "message_type": 0},
            {"content": "twice!", "message_type": 0},
            {"content": "we look", "message_type": 1},
            {"content": "thanks", "message_type": 0},
        ],
    }
]  # fmt: skip


def masked(value: Any) -> Any:
    return json.loads(json.dumps(value).replace(CARD, MASK))


def test_a_table_goes_out_as_it_came_in_but_for_what_was_masked(tmp_path: Path, bring: Callable[..., Dataset]) -> None:
    path = tmp_path / "history.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(ROWS)

    dataset = bring(path, intent="intent")
    with out(dataset, tmp_path / "back.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == masked(ROWS)
    book = load_workbook(out(dataset, tmp_path / "back.xlsx"))
    assert [[cell or "" for cell in row] for row in book["rows"].iter_rows(values_only=True)] == masked(ROWS)
    assert (
        parquet.read_table(out(dataset, tmp_path / "back.parquet")).column("text")[1].as_py()
        == f"my card {MASK}, twice"
    )
    packed = out(dataset, tmp_path / "back.jsonl.gz")
    assert json.loads(gzip.open(packed, "rt", encoding="utf-8").readline())["note"] == "=1+1"
    assert CARD not in "".join(file.read_text("utf-8") for file in dataset.folder.iterdir())
    assert dataset.about["masked"] == {"card_number": 2}


@pytest.mark.parametrize(
    ("objects", "name", "labels", "texts"),
    [
        (STUDIO, "label-studio", {}, [f"card {MASK}", "late again"]),
        (ARGILLA, "argilla", {}, [f"card {MASK}", "late again"]),
        (DOCCANO, "doccano", {"intent": "label"}, [f"card {MASK}", "late again"]),
        (ZENDESK, "zendesk", {"intent": "custom_fields.36"}, [f"card {MASK}", "late again"]),
        (CHATWOOT, "chatwoot", {"intent": "labels"}, [f"card {MASK}\ntwice!"]),
    ],
)
def test_each_tool_is_known_by_its_look_and_gets_back_what_it_gave(
    objects: list[Any],
    name: str,
    labels: dict[str, str],
    texts: list[str],
    tmp_path: Path,
    bring: Callable[..., Dataset],
) -> None:
    dataset = bring(write(tmp_path / "tool.jsonl", *objects), **labels)

    records = list(records_of(dataset))
    assert (dataset.about["format"], [record.text for record in records]) == (name, texts)
    assert [record.labels["intent"] for record in records] == ["billing", None][: len(texts)]
    assert lines(out(dataset, tmp_path / "back.jsonl")) == masked(objects)


@pytest.mark.parametrize("form", ["label-studio", "argilla", "doccano", "zendesk", "chatwoot"])
def test_what_a_bundle_says_goes_along_as_a_pre_annotation(
    form: str, tmp_path: Path, bring: Callable[..., Dataset]
) -> None:
    dataset = bring(write(tmp_path / "rows.jsonl", {"text": "late again", "intent": None, "n": 3}), intent="intent")

    path = out(
        dataset,
        tmp_path / "out.jsonl",
        form=form,
        bundle="b@1",
        guesses=lambda texts: [{"intent": Guess("parcel", 0.87654)} for _ in texts],
    )

    [row] = lines(path)
    assert "parcel" in json.dumps(row)
    assert form == "doccano" or "0.8765" in json.dumps(row) or row["additional_tags"] == ["intent__parcel"]
    again = import_rows(Import(path, tmp_path / "again", Asked(), StubRedactor(), lambda text: "en", form))
    assert [record.text for record in records_of(again)] == ["late again"]


def test_tickets_inside_of_an_object_and_folders_of_the_hub_are_read(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text(json.dumps({"tickets": ZENDESK, "count": 2}, indent=2), "utf-8")
    saved = tmp_path / "hub" / "train"
    saved.mkdir(parents=True)
    info = {"features": {"text": {"dtype": "string"}, "label": {"names": ["billing", "parcel"], "_type": "ClassLabel"}}}
    (saved / "dataset_info.json").write_text(json.dumps(info), "utf-8")
    table = pyarrow.table({"text": ["card", "late"], "label": [0, 1], "n": [4, 5]})
    with (
        pyarrow.OSFile(str(saved / "data-00000-of-00001.arrow"), "wb") as file,
        ipc.new_stream(file, table.schema) as to,
    ):
        to.write_table(table)

    def bring(path: Path, name: str, **labels: str) -> Dataset:
        return import_rows(Import(path, tmp_path / name, Asked(labels=labels), StubRedactor(), lambda text: "en"))

    tickets = bring(tmp_path / "export.json", "tickets", intent="custom_fields.36")
    hub = bring(tmp_path / "hub", "hub-set")
    assert (tickets.about["format"], tickets.about["rows"]) == ("zendesk", 2)
    assert [(record.labels["label"], record.rest) for record in records_of(hub)] == [
        ("billing", {"n": 4, "split": "train"}),
        ("parcel", {"n": 5, "split": "train"}),
    ]
    back = out(hub, tmp_path / "back")
    assert format_of(back).name == "hugging-face"
    again = bring(back, "again")
    assert [record.rest for record in records_of(again)] == [record.rest for record in records_of(hub)]
    assert [record.labels for record in records_of(again)] == [record.labels for record in records_of(hub)]


def test_what_should_be_mended_stands_in_the_issues_with_line_and_fix(
    tmp_path: Path, bring: Callable[..., Dataset]
) -> None:
    said = [
        ("where is it", "parcel"),
        ("Where is it", "billing"),
        ("where is it", "parcel"),
        ("money back", "Refund"),
        ("refund me", "refund"),
        ("refund this", "refund"),
        ("", "parcel"),
        ("hello", "none"),
        ("and now", ""),
        ("once", "rare"),
        ("charged twice", "billing"),
        ("both", '["parcel", "billing"]'),
    ]
    dataset = bring(
        write(tmp_path / "rows.jsonl", *({"text": text, "intent": label} for text, label in said)), intent="intent"
    )

    found = [str(problem) for problem in problems_of(dataset, most=50)]
    assert found == [
        "line 7, text: is empty (remove the row or fill it in; training leaves it out)",
        "line 8, intent: says 'none', which is no label (empty the cell, or train with "
        "--keep-label where it is a label)",
        "line 9, intent: has no label (label the row; training leaves it out)",
        "line 12, intent: is a list of 2 labels (give one label, or train with --first-label)",
        "line 4, intent: 1 rows say 'Refund' and 2 say 'refund' (write 'refund'; training does)",
        "line 10, intent: 'rare' has one row only (give two rows or more, or merge it with another label)",
        "line 1, intent: the same text has different labels: 'parcel' on line 1 and 1 more; 'billing' on line 2 "
        "(say 'parcel' on all)",
    ]
    about = dataset.about
    assert (about["rows"], about["repeats"], about["conflicts"], about["empty"], about["issues"]) == (12, 2, 1, 1, 7)
    assert about["languages"] == {"en": 1.0}
    assert about["counts"]["intent"]["parcel"] == 4


def test_what_fails_on_the_way_leaves_no_folder(tmp_path: Path, bring: Callable[..., Dataset]) -> None:
    path = write(tmp_path / "rows.jsonl", *({"text": f"a {n}", "intent": f"words {n}"} for n in range(5002)))

    with pytest.raises(BadInput, match="these are no labels"):
        bring(path, intent="intent")
    assert not (tmp_path / "set").exists()
    with pytest.raises(BadInput, match="is no dataset"):
        open_dataset(tmp_path)


def test_import_and_export_stand_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    path = write(tmp_path / "rows.jsonl", {"text": "my parcel is late", "intent": "parcel"}, {"text": "my money back"})

    def run(*words: object) -> str:
        ran = CliRunner().invoke(app, [str(word) for word in words])
        assert ran.exit_code == 0, ran.output
        return ran.output

    said = run("data", "import", path, "--out", tmp_path / "set", "--label", "intent")
    assert "2 rows of table" in said
    assert "2 issues in" in said
    run("data", "export", tmp_path / "set", "-o", tmp_path / "out.csv", "--bundle", tiny_folder())
    heading = (tmp_path / "out.csv").read_text("utf-8").splitlines()[0]
    assert heading == "text,intent,intent_predicted,intent_score"
    assert "n=" not in run("evaluate", tmp_path / "set", "--bundle", tiny_folder())


def test_a_workbook_comes_in_as_any_table(tmp_path: Path, bring: Callable[..., Dataset]) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (["text", "intent", "n"], ["late", "parcel", 4], ["card", "billing", 5]):
        book.active.append(row)
    book.save(tmp_path / "rows.xlsx")

    dataset = bring(tmp_path / "rows.xlsx", intent="intent")

    assert dataset.about["columns"] == {"text": "str", "intent": "str", "n": "int"}
    assert [record.rest for record in records_of(dataset)] == [{"n": 4}, {"n": 5}]
