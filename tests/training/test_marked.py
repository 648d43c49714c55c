from pathlib import Path

import pytest

from benchmarks.machine import ROOT
from care.errors import BadTrainingData
from training.marked import parsed, read_marked


def test_marks_are_taken_out_of_a_line_and_kept_by_their_place() -> None:
    text, marks = parsed("my [kettle|PRODUCT] from [order 4471|ORDER]!")

    assert text == "my kettle from order 4471!"
    assert [(text[start:end], label) for start, end, label in marks] == [("kettle", "PRODUCT"), ("order 4471", "ORDER")]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("my [kettle|KETTLE] leaks", "KETTLE is no label"),
        ("my [kettle|] leaks", "nothing is no label"),
        ("my [kettle leaks", "not closed"),
        ("my [kettle] leaks", "not closed"),
    ],
)
def test_a_mark_that_cannot_be_used_is_told_with_file_and_line(tmp_path: Path, line: str, what: str) -> None:
    (tmp_path / "shops.txt").write_text(f"all fine\n{line}\n", "utf-8")

    with pytest.raises(BadTrainingData, match=rf"shops.txt:2: .*{what}"):
        read_marked(tmp_path)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadTrainingData, match=r"one \.txt file a trade"):
        read_marked(tmp_path)


def test_ours_are_two_thousand_sentences_over_sixteen_trades_none_over_a_tenth() -> None:
    rows = read_marked(ROOT / "fixtures" / "spans")
    trades = [row.trade for row in rows]

    assert len(rows) >= 2_000
    assert len(set(trades)) >= 16
    assert max(trades.count(trade) for trade in set(trades)) <= 0.1 * len(rows)
    assert len({row.text for row in rows}) > 0.98 * len(rows)
