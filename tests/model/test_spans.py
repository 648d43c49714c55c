"""The reader of spans, on a pipeline that learnt a few sentences."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from care.errors import BundleError
from care.sensitive import Handling, Redaction, SensitiveSpan
from model.spans import PIPELINE, SpanReader
from training.marked import MarkedText, parsed
from training.spans import SpansRecipe, fit_spans

LINES = (
    "my [{}|FAILED] is broken",
    "the [{}|FAILED] doesn't work",
    "do you sell a [{}|PRODUCT]",
    "my [{}|FAILED] was missing, sort it out",
    "I like the [{}|PRODUCT]",
)
THINGS = ("kettle", "lamp", "router", "sofa", "phone", "oven")
RECIPE = SpansRecipe(epochs=25, least=3, rate=0.01)


@pytest.fixture(scope="module")
def rows() -> list[MarkedText]:
    marked = [parsed(line.format(thing)) for thing in THINGS for line in LINES]
    return [MarkedText(text, marks, "ab"[n // 5 % 2]) for n, (text, marks) in enumerate(marked)]


@pytest.fixture(scope="module")
def reader(rows: list[MarkedText]) -> SpanReader:
    fitted = fit_spans(rows, recipe=RECIPE)
    return replace(fitted, thresholds={**fitted.thresholds, "FAILED": 0.5})


def test_a_span_that_both_witnesses_hold_is_read(reader: SpanReader) -> None:
    text = "hello, my lamp is broken"

    (entity,) = reader.entities(text, Redaction(text))

    assert (entity.kind, entity.value, text[entity.start : entity.end]) == ("failed", "lamp", "lamp")


def test_a_span_without_a_frame_is_never_sure(reader: SpanReader) -> None:
    text = "I like the lamp"

    assert [found.label for found in reader.propose(text)] == ["PRODUCT"]
    assert reader.entities(text, Redaction(text)) == ()


def test_what_was_masked_is_never_read(reader: SpanReader) -> None:
    text = "my lamp is broken"
    span = SensitiveSpan(3, 7, "person_name", 1.0, "<PERSON_NAME>", Handling.OFFLINE)

    assert reader.entities(text, Redaction("my <PERSON_NAME> is broken", (span,))) == ()


def test_a_reader_is_the_same_after_it_was_kept(reader: SpanReader, tmp_path: Path) -> None:
    reader.save(tmp_path / "spans")
    loaded = SpanReader.load(tmp_path / "spans")

    for text in ("my oven is broken", "I like the router", ""):
        assert loaded.propose(text) == reader.propose(text)
    assert loaded.thresholds == reader.thresholds


def test_no_file_of_it_is_a_pickle(reader: SpanReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.save(tmp_path / "spans")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a pickle was read")

    for name in ("pickle", "cloudpickle", "srsly.cloudpickle", "dill"):
        for load in ("load", "loads"):
            if name in sys.modules and hasattr(sys.modules[name], load):
                monkeypatch.setattr(sys.modules[name], load, refuse)

    assert SpanReader.load(tmp_path / "spans").propose("my oven is broken")
    assert b"\x80\x04\x95" not in (tmp_path / "spans" / PIPELINE).read_bytes()[:16]


def test_a_damaged_folder_is_refused(reader: SpanReader, tmp_path: Path) -> None:
    reader.save(tmp_path / "spans")
    (tmp_path / "spans" / PIPELINE).write_bytes(b"\x81\xa1x\x01")

    with pytest.raises(BundleError):
        SpanReader.load(tmp_path / "spans")
    with pytest.raises(BundleError, match="train-default"):
        SpanReader.load(tmp_path / "none")


def test_the_same_sentences_give_the_same_reader(rows: list[MarkedText]) -> None:
    quick = replace(RECIPE, epochs=2)
    first, second = (fit_spans(rows, recipe=quick) for _ in range(2))

    assert [first.propose(row.text) for row in rows] == [second.propose(row.text) for row in rows]
