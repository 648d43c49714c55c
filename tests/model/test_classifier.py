import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.message import Turn
from care.sensitive import WITHHELD_TEXT, Handling, Redaction
from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.sensitive import SensitiveFinder
from tests.model.tiny import tiny_classifier, tiny_folder
from wiring.shapes.reading import ClassificationOut


def test_a_plain_question_gets_its_label() -> None:
    read = tiny_classifier().classify("where is my blue parcel?")

    assert read.tasks["intent"].label == "parcel"
    assert read.bundle.startswith("bdl_")


@pytest.mark.parametrize("text", ["", " ", "x" * 10_000, "a\x00b", "lone \ud800 half", "\U000e0041" * 50, "😡" * 500])
def test_no_text_breaks_it(text: str) -> None:
    read = tiny_classifier().classify(text, explain=True)

    assert 0 <= read.tasks["intent"].score <= 1


def test_an_empty_text_says_nothing() -> None:
    judged = tiny_classifier().classify("").tasks["intent"]

    assert judged.abstained
    assert judged.score == 0


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_candidates_never_promise_more_than_certainty(text: str) -> None:
    for judged in tiny_classifier().classify(text).tasks.values():
        assert judged.candidates[0].label == judged.label
        assert sum(candidate.score for candidate in judged.candidates) <= 1 + 1e-5
        shown = [candidate.score for candidate in judged.candidates]
        assert all(0 <= score <= 1 for score in shown)


def test_many_at_once_are_read_as_one_by_one() -> None:
    texts = ["refund the lamp please", "cannot log in", "is the tent in stock", "hello"]

    together = tiny_classifier().classify_many(texts)

    for text, read in zip(texts, together, strict=True):
        alone = tiny_classifier().classify(text)
        assert alone.tasks["intent"].label == read.tasks["intent"].label
        assert alone.tasks["intent"].score == pytest.approx(read.tasks["intent"].score, abs=1e-5)


def test_reasons_are_words_of_the_text_as_received() -> None:
    text = "hi!!!!! my card is 4111 1111 1111 1111, refund the lamp pleaseeee"

    judged = tiny_classifier().classify(text, explain=True).tasks["intent"]

    words = [text[piece.start : piece.end] for piece in judged.evidence]
    assert judged.label == "refund"
    assert "refund" in words
    assert not any(word.endswith(",") for word in words)


def test_without_its_words_a_label_is_less_sure() -> None:
    lower = total = 0
    for text in ("where is my red parcel today", "i want my money back for the old lamp", "cannot log in to the app"):
        judged = tiny_classifier().classify(text, explain=True).tasks["intent"]
        spans = [(piece.start, piece.end) for piece in judged.evidence]
        kept = "".join(c for i, c in enumerate(text) if not any(start <= i < end for start, end in spans))
        again = tiny_classifier().classify(kept).tasks["intent"]
        total += 1
        lower += again.label != judged.label or again.score < judged.score
    assert lower == total


def test_asking_for_precision_abstains_where_it_was_not_certified() -> None:
    judged = tiny_classifier().classify("where is my parcel", precision=0.999).tasks["intent"]

    assert judged.abstained


def test_danger_raises_urgency_and_names_its_rule() -> None:
    judged = tiny_classifier().classify("my lamp caught fire and burned my hand").tasks["urgency"]

    assert judged.label == "urgent"
    assert "danger_to_people" in judged.reasons


def test_a_bare_follow_up_means_what_its_thread_means() -> None:
    before = Turn("where is my parcel with the chair", by_customer=True, at=datetime(2026, 1, 1, tzinfo=UTC))

    read = tiny_classifier().classify("still nothing", thread=[before])

    assert read.tasks["intent"].label == "parcel"


def test_the_urgency_of_a_bare_follow_up_is_its_own() -> None:
    before = Turn("thank you, the lamp is lovely", by_customer=True, at=datetime(2026, 1, 1, tzinfo=UTC))

    praised = tiny_classifier().classify(before.text).tasks
    alone = tiny_classifier().classify("still nothing").tasks
    read = tiny_classifier().classify("still nothing", thread=[before]).tasks

    assert (praised["intent"].label, praised["urgency"].label) == ("praise", "low")
    assert read["intent"].label == "praise"
    assert read["urgency"] == alone["urgency"]
    assert read["urgency"].label == "normal"


def test_a_failing_redactor_withholds_the_text() -> None:
    class Broken:
        def redact(self, text: str, *, before: str | None = None, is_public: bool | None = None) -> Redaction:
            raise RuntimeError("boom")

    read = MessageClassifier(Bundle.load(tiny_folder()), None, Broken()).classify("my card is 4111 1111 1111 1111")

    assert read.sensitive.handling is Handling.WITHHELD
    assert read.sensitive.text == WITHHELD_TEXT


def test_the_value_of_a_card_is_nowhere_in_the_answer() -> None:
    read = tiny_classifier().classify("card 4111 1111 1111 1111 refund please", explain=True)

    assert "4111 1111 1111 1111" not in str(ClassificationOut.of(read, explain=True).as_json())
    assert "4111111111111111" not in str(ClassificationOut.of(read, explain=True).as_json())


def test_a_precision_can_be_asked_of_one_task_and_says_what_it_costs() -> None:
    read = tiny_classifier().classify("where is my parcel", precision={"intent": 0.9})

    promise = read.tasks["intent"].promise
    assert promise is not None
    assert promise.precision == 0.9
    assert 0 < promise.coverage <= 1
    assert promise.lower_bound >= 0.9
    assert read.tasks["urgency"].promise is None


def test_what_was_asked_of_the_classifier_holds_for_requests_that_ask_nothing() -> None:
    strict = MessageClassifier(Bundle.load(tiny_folder()), None, SensitiveFinder(), precision={"intent": 0.9999})

    assert strict.classify("where is my parcel").tasks["intent"].abstained
    assert not strict.classify("where is my parcel", precision=0.9).tasks["intent"].abstained


def test_a_promise_that_cannot_be_kept_costs_everything() -> None:
    judged = tiny_classifier().classify("where is my parcel", precision=0.9999).tasks["intent"]

    assert judged.abstained
    assert ClassificationOut.of(tiny_classifier().classify("hi", precision=0.9999)).as_json()["intent"]["promise"] == {
        "precision": 0.9999,
        "coverage": 0.0,
        "lower_bound": 0.0,
    }


def test_serving_imports_no_training_library() -> None:
    program = (
        "import sys; from pathlib import Path; from model.classifier import MessageClassifier;"
        "from model.sensitive import SensitiveFinder;"
        "from model.bundle import Bundle;"
        f"MessageClassifier(Bundle.load(Path({str(tiny_folder())!r})), None, SensitiveFinder())"
        ".classify('where is my parcel', explain=True);"
        "heavy = {'torch', 'transformers', 'sklearn', 'pandas', 'matplotlib', 'onnx'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_scores_are_numbers_even_for_unknown_words() -> None:
    judged = tiny_classifier().classify("qwertz zuiop").tasks["intent"]

    assert np.isfinite(judged.score)
