"""The figures we promise, held against fixtures/sensitive. Each miss is printed by its place, so that it can be"
" read."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from model.sensitive import SensitiveFinder

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "sensitive"
FINDER = SensitiveFinder()


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text("ascii").splitlines()]


def test_cards_in_every_writing_are_found() -> None:
    all_cases = cases("cards.jsonl")
    missed = [
        (case["issuer"], case["writing"], case["context"])
        for case in all_cases
        if not any(
            span.category == "payment_card" and span.start <= case["start"] and span.end >= case["end"]
            for span in FINDER.redact(case["text"]).spans
        )
    ]

    assert len(all_cases) >= 600
    assert len(missed) <= 0.005 * len(all_cases), missed


def test_lookalikes_are_left_alone() -> None:
    all_cases = cases("lookalikes.jsonl")
    marked = [
        (case["sort"], place)
        for place, case in enumerate(all_cases)
        if any(span.category == "payment_card" for span in FINDER.redact(case["text"]).spans)
    ]

    assert len(all_cases) >= 600
    assert len(marked) <= 0.005 * len(all_cases), marked


def test_the_second_half_of_a_split_card_is_masked() -> None:
    missed = []
    for place, case in enumerate(cases("split_cards.jsonl")):
        first = FINDER.redact(case["first"]).text
        second = FINDER.redact(case["second"], before=first).text
        if case["digits"] in "".join(char for char in second if char.isdigit()):
            missed.append(place)

    assert missed == []


def test_what_is_given_away_in_words_is_masked_and_what_only_looks_so_is_not() -> None:
    wrong = []
    for case in cases("given_away.jsonl"):
        redaction = FINDER.redact(case["text"])
        kinds = set(redaction.categories)
        is_gone = case.get("value", "\0") not in redaction.text
        if not (kinds.issuperset(case["want"]) and kinds.isdisjoint(case["forbid"]) and is_gone):
            wrong.append(case["text"])

    assert wrong == []


def test_vectors_from_public_standards_are_judged_as_the_standards_do() -> None:
    wrong: list[tuple[str, str]] = []
    counts: Counter[str] = Counter()
    for case in cases("vectors.jsonl"):
        counts[case["kind"]] += 1
        spans = [span for span in FINDER.redact(case["text"]).spans if span.category == case["kind"]]
        if case["is_one"]:
            is_right = any((span.start, span.end) == (case["start"], case["end"]) for span in spans)
        else:
            is_right = not any(span.start < case["end"] and case["start"] < span.end for span in spans)
        if not is_right:
            wrong.append((case["kind"], case["text"]))

    assert len(counts) == 10
    assert len(wrong) <= 0.01 * counts.total(), wrong


@pytest.mark.parametrize("name", ["cards.jsonl", "split_cards.jsonl", "lookalikes.jsonl", "vectors.jsonl"])
def test_fixtures_are_plain_ascii_lines(name: str) -> None:
    assert (FOLDER / name).read_bytes().isascii()
