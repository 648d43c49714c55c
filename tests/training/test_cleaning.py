"""Labelled files as they really are: what is settled is told, and what cannot be settled is refused."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from care.errors import BadTrainingData
from training.cleaning import capped
from training.examples import read_examples
from training.options import CleanOptions, ReadOptions
from training.rows import Example, Examples

CHAIR = [(f"the chair number {n} wobbles", "broken") for n in range(30)]
WHERE = [(f"when does number {n} get here", "waiting") for n in range(30)]
PLAIN = CHAIR + WHERE


def read(folder: Path, rows: list[tuple[str, str]], **options: Any) -> Examples:
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "why"), *rows])
    return read_examples([path], ReadOptions({"intent": "why"}, clean=CleanOptions(**options)))


def refused(folder: Path, rows: list[tuple[str, str]], **options: Any) -> str:
    with pytest.raises(BadTrainingData) as caught:
        read(folder, rows, **options)
    return str(caught.value)


def labels(examples: Examples) -> Counter[str | None]:
    return Counter(examples.of("intent"))


@pytest.mark.parametrize(
    "other",
    ["Broken", "BROKEN", " broken ", "broken\u00a0", "bro\u200bken", "broken.", "ｂroken"],
)
def test_spellings_of_one_label_are_one_and_it_is_told(tmp_path: Path, other: str) -> None:
    examples_read = read(tmp_path, [*CHAIR, ("the chair creaks", other), *WHERE])

    assert labels(examples_read) == {"broken": 31, "waiting": 30}
    assert any("why: 1 row" in line for line in examples_read.told)


def test_letters_in_two_pieces_and_gaps_part_no_labels(tmp_path: Path) -> None:
    rows = [(f"send back {n}", ("zurückgabe", "zuru\u0308ckgabe")[n % 2]) for n in range(10)]
    rows += [(f"new pass word {n}", ("log_in", "log in", "Log-In")[n % 3]) for n in range(10)]

    assert labels(read(tmp_path, rows)) == {"zurückgabe": 10, "log_in": 10}


@pytest.mark.parametrize(("one", "other"), [("1", "1.0"), ("12", "12.00"), ("-3", "-3.0")])
def test_numbers_that_a_spreadsheet_made_real_are_the_same_label(tmp_path: Path, one: str, other: str) -> None:
    rows = [(text, one if at % 3 else other) for at, (text, _) in enumerate(CHAIR)] + WHERE

    assert labels(read(tmp_path, rows)) == {one: 30, "waiting": 30}


def test_labels_that_are_really_two_stay_two(tmp_path: Path) -> None:
    rows = [(f"it is late {n}", ("1", "-1", "10", "1.5", "01", "A", "A-", "A+")[n % 8]) for n in range(40)]

    assert len(labels(read(tmp_path, rows))) == 8


@pytest.mark.parametrize("blank", ["none", "None", "NaN", "null", "N/A", "#N/A", "NA", "-", " none "])
def test_a_word_for_no_label_leaves_the_row_out_and_is_told(tmp_path: Path, blank: str) -> None:
    examples_read = read(tmp_path, [*PLAIN, ("good morning", blank)])

    assert labels(examples_read) == {"broken": 30, "waiting": 30}
    assert any("count as unlabelled; --keep-label keeps it" in line for line in examples_read.told)


def test_a_word_for_no_label_may_be_a_label_here(tmp_path: Path) -> None:
    rows = [*CHAIR, *((text, "NA") for text, _ in WHERE)]

    assert labels(read(tmp_path, rows, keep_labels=["NA"]))["NA"] == 30
    said = refused(tmp_path, rows)
    assert "has one label only, 'broken'" in said
    assert "30 rows saying 'NA' count as unlabelled" in said


def test_a_row_without_words_is_left_out_and_told(tmp_path: Path) -> None:
    examples_read = read(tmp_path, [*PLAIN, ("#REF!", "broken"), ("  ", "broken"), ("nan", "waiting")])

    assert len(examples_read.rows) == 60
    assert "text: 3 rows without a text left out (line 62, 63, 64)" in examples_read.told


def test_a_list_of_labels_is_refused_by_its_line_or_its_first_is_taken(tmp_path: Path) -> None:
    rows = [*PLAIN, ("it wobbles and is late", "waiting; broken"), ("it is late and wobbles", "broken|waiting")]

    assert "line 62: why is a list of 2 labels (give each row one label" in refused(tmp_path, rows)
    assert labels(read(tmp_path, rows, first_label=True)) == {"broken": 31, "waiting": 31}


def test_a_sign_inside_a_label_makes_no_list_of_it(tmp_path: Path) -> None:
    rows = [(text, "late, lost" if label == "waiting" else label) for text, label in PLAIN]

    assert labels(read(tmp_path, rows)) == {"broken": 30, "late, lost": 30}


def test_lists_in_json_are_lists_and_of_one_a_label(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"text": text, "why": [label]} for text, label in PLAIN]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert len(read_examples([path], ReadOptions({"intent": "why"})).rows) == 60

    rows[3]["why"] = ["broken", "waiting"]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    with pytest.raises(BadTrainingData, match=r"rows.jsonl:4: why is a list of 2 labels"):
        read_examples([path], ReadOptions({"intent": "why"}))
    assert "why is a list of 2 labels" in refused(tmp_path, [*PLAIN, ("late", "['broken', 'waiting']")])


def test_a_label_of_one_row_is_kept_and_told(tmp_path: Path) -> None:
    examples_read = read(tmp_path, [*PLAIN, ("delete my data", "privacy")])

    assert labels(examples_read)["privacy"] == 1
    assert "why: one row only, kept as an example but measured nowhere: 'privacy'" in examples_read.told


def test_a_column_of_texts_is_no_column_of_labels_and_is_not_quoted(tmp_path: Path) -> None:
    rows = [(text, f"card 4000 0566 5566 55{n:02}") for n, (text, _) in enumerate(CHAIR)]

    said = refused(tmp_path, rows)

    assert "has 30 labels of 30 with a single row" in said
    assert "4000" not in said + refused(tmp_path, [*rows, *rows], strict=True)


def test_a_few_contradictions_are_settled_by_the_majority_and_listed(tmp_path: Path) -> None:
    rows = [*PLAIN, ("the chair number 3 wobbles", "broken"), ("The chair number 3 wobbles", "waiting")]

    examples_read = read(tmp_path, rows)

    assert labels(examples_read) == {"broken": 31, "waiting": 30}
    assert any(
        "line 5: the same text has different labels" in line and "counts as 'broken'" in line
        for line in examples_read.told
    )


def test_a_contradiction_without_majority_is_left_out(tmp_path: Path) -> None:
    examples_read = read(tmp_path, [*PLAIN, ("the chair number 3 wobbles", "waiting")])

    assert labels(examples_read) == {"broken": 29, "waiting": 30}
    assert any("has no majority and is left out" in line for line in examples_read.told)


def test_many_contradictions_are_refused_unless_they_are_wanted(tmp_path: Path) -> None:
    rows = [*PLAIN, *((text, "waiting") for text, _ in CHAIR[:4])]

    assert "'broken' on line 2; 'waiting' on line 62" in refused(tmp_path, rows)
    assert len(read(tmp_path, rows, allow_conflicts=True).rows) == 64
    assert "'broken' on line 5" in refused(tmp_path, [*PLAIN, ("the chair number 3 wobbles", "waiting")], strict=True)


def test_the_same_words_after_other_words_contradict_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        before = [("yes please", "broken", "us: Is it broken?"), ("yes please", "waiting", "us: Is it late?")]
        csv.writer(file).writerows([("text", "why", "thread"), *((*row, "") for row in PLAIN), *before])

    assert len(read_examples([path], ReadOptions({"intent": "why"})).rows) == 62


def test_what_is_said_twice_is_kept_once_and_the_hash_does_not_see_it(tmp_path: Path) -> None:
    once, twice = read(tmp_path, PLAIN), read(tmp_path, [*PLAIN, *PLAIN])

    assert (twice.n_read, twice.n_repeats, len(twice.rows)) == (120, 60, 60)
    assert once.data_hash == twice.data_hash
    assert "repeats: 60 of 120 rows (50%) say what another says; each is learnt and counted once" in twice.told


def test_html_is_read_without_its_tags_and_masks_are_no_tags(tmp_path: Path) -> None:
    examples_read = read(
        tmp_path, [*PLAIN, ("<p>it is <b>late</b></p>", "waiting"), ("mail <EMAIL> is <NAME>", "waiting")]
    )

    assert examples_read.texts[-2:] == ["it is late", "mail <EMAIL> is <NAME>"]
    assert "text: 1 row of HTML read without its tags" in examples_read.told


def test_a_cap_keeps_the_shares_of_the_labels_and_a_few_of_the_rare() -> None:
    rows = [
        Example(n, f"text {n}", {"intent": "rare" if n < 6 else "some" if n % 4 == 0 else "most"}) for n in range(4_000)
    ]

    kept = Counter(row.labels["intent"] for row in capped(rows, ["intent"], 400, seed=1))

    assert sum(kept.values()) == 400
    assert kept["rare"] >= 5
    assert kept["some"] / 400 == pytest.approx(0.25, abs=0.06)


def test_files_of_several_kinds_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text;why\n" + "\n".join(f"{t};{w}" for t, w in CHAIR), "cp1252")
    (tmp_path / "b.JSONL").write_text("\n".join(json.dumps({"text": t, "why": w}) for t, w in WHERE), "utf-16")

    paths = [tmp_path / "a.csv", tmp_path / "b.JSONL"]

    assert len(read_examples(paths, ReadOptions({"intent": "why"})).rows) == 60


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadTrainingData, match="there is no such file"):
        read_examples([tmp_path / "no.csv"], ReadOptions({"intent": "why"}))
