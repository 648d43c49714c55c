from pathlib import Path

import pytest

from care.errors import BadTrainingData
from training.examples import read_examples
from training.options import CleanOptions, ReadOptions

GOOD = "text,intent\nhello there,greet\nhi you,greet\nbye now,leave\nsee you,leave\n"


def _report(tmp_path: Path, content: bytes, *, strict: bool = False) -> str:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(BadTrainingData) as caught:
        read_examples([path], ReadOptions({"intent": "intent"}, clean=CleanOptions(strict=strict)))
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "bad.csv: is empty"),
        (
            GOOD.encode() + b'"never closed,greet\nhello,greet\n',
            "bad.csv:6: a quote is opened there and not closed rightly (up to line 7)",
        ),
        (b"text,intent\n", "no labelled rows"),
        (b"text,intent\nhello,greet\nhi,greet\n", "one label only"),
        (b"body,intent\nhello,greet\n", "no column 'text'"),
        (b"text,reason\nhello,greet\n", "no column 'intent' (the columns are: text, reason)"),
        (GOOD.encode() + b"Hello  there,leave\n", "'greet' on line 2; 'leave' on line 6"),
        (GOOD.encode() + b"x" * 10_000_000 + b",greet\n", "bad.csv:6: the text has 10,000,000 characters"),
        (GOOD.encode() + b"one,two,three\n", "bad.csv:6: has 3 cells, the heading has 2"),
    ],
)
def test_bad_data_is_told_with_its_line_and_its_fix(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in _report(tmp_path, content)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"lonely,rare\n", "line 6: intent 'rare' has only this row"),
        (b"odd one,nan\n", "bad.csv:6: intent is 'nan'"),
        (b"NaN,greet\n", "bad.csv:6: the text is empty"),
        (b"hello too,Greet\n", "column intent: 1 row say 'Greet' and 2 say 'greet'"),
    ],
)
def test_who_is_strict_has_refused_what_is_settled_otherwise(tmp_path: Path, line: bytes, said: str) -> None:
    assert said in _report(tmp_path, GOOD.encode() + line, strict=True)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    report = _report(tmp_path, GOOD.encode() + b"odd one,nan\nlonely,rare\n,greet\n", strict=True)

    assert len([line for line in report.splitlines() if line.startswith(("bad.csv:6", "bad.csv:8", "line 7"))]) == 3


def test_conflicts_can_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(GOOD + "hello there,leave\n", "utf-8")

    examples = read_examples([path], ReadOptions({"intent": "intent"}, clean=CleanOptions(allow_conflicts=True)))

    assert len(examples.rows) == 5


def test_an_empty_label_skips_the_row_for_that_task_only(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("text,a,b\none,x,p\ntwo,y,p\nthree,x,q\nfour,y,\nfive,,q\n", "utf-8")

    examples = read_examples([path], ReadOptions({"a": "a", "b": "b"}))

    assert examples.of("a") == ["x", "y", "x", "y", None]
    assert examples.of("b") == ["p", "p", "q", None, "q"]


def test_json_lines_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text("".join(f'{{"text": "{t}", "intent": "{i}"}}\n' for t, i in ("aa", "ba", "cb", "db")), "utf-8")

    assert len(read_examples([path], ReadOptions({"intent": "intent"})).rows) == 4


def test_the_hash_follows_the_content(tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(GOOD, "utf-8")
    second.write_text(GOOD.replace("hi you", "hey you"), "utf-8")

    hashes = {read_examples([path], ReadOptions({"intent": "intent"})).data_hash for path in (first, second)}

    assert len(hashes) == 2


def test_a_column_of_subjects_is_each_messages_first_line_as_serving_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "mails.csv"
    rows = ("Lamp broken,please help,a", ",please help me,a", "Re: Lamp,it is the blue one,b", "the red,the red one,b")
    path.write_text("subject,text,intent\n" + "\n".join(rows) + "\n", "utf-8")

    examples = read_examples([path], ReadOptions({"intent": "intent"}))

    assert examples.texts == ["Lamp broken\nplease help", "please help me", "it is the blue one", "the red one"]


def test_a_column_of_subjects_that_is_a_label_or_the_message_is_not_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "topics.csv"
    path.write_text("subject,text\nlamps,one\nlamps,two\nchairs,three\nchairs,four\n", "utf-8")

    assert read_examples([path], ReadOptions({"topic": "subject"})).texts == ["one", "two", "three", "four"]
    assert read_examples([path], ReadOptions({"topic": "text"}, text="subject"), is_training=False).texts[0] == "lamps"
