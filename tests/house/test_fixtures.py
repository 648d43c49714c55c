"""The fixtures are as many and as varied as they are said to be."""

import csv
import re
from collections import Counter
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SENTIMENTS = {"very_negative", "negative", "neutral", "positive", "very_positive"}
URGENCIES = {"low", "normal", "high", "urgent"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def messages() -> list[dict[str, str]]:
    return [row for path in sorted((FIXTURES / "messages").glob("*.csv")) for row in rows(path)]


def words(text: str) -> list[str]:
    """A text's words, with what fills slots (numbers, codes, handles) made equal."""
    return ["#" if re.search(r"\d|^@", word) else word for word in re.findall(r"@?\w+", text.lower())]


def test_there_are_three_thousand_labelled_messages_and_more() -> None:
    found = messages()

    assert len(found) >= 3_000
    assert {row["sentiment"] for row in found} == SENTIMENTS
    assert {row["urgency"] for row in found} == URGENCIES
    assert sum(row["intent"] == "out_of_scope" for row in found) >= 300


def test_under_a_fifth_of_them_have_the_same_words_but_for_a_slot() -> None:
    patterns: Counter[str] = Counter()
    of_message = []
    for row in messages():
        listed = words(row["text"])
        # Long enough that one word more or less is a slot and not another sentence.
        mine = (
            {" ".join([*listed[:n], "*", *listed[n + 1 :]]) for n in range(len(listed))} if len(listed) > 4 else set()
        )
        patterns.update(mine)
        of_message.append(mine)
    n_near = sum(any(patterns[pattern] > 1 for pattern in mine) for mine in of_message)

    assert n_near < 0.2 * len(of_message), f"{n_near} of {len(of_message)}"


def test_golden_messages_are_never_among_those_that_training_sees() -> None:
    seen = {" ".join(words(row["text"])) or row["text"] for row in messages()}
    golden = rows(FIXTURES / "golden.csv")

    assert len(golden) >= 150
    assert [row["id"] for row in golden if (" ".join(words(row["text"])) or row["text"]) in seen] == []


def test_there_are_six_hundred_marked_replies_and_forty_conversations() -> None:
    replies = rows(FIXTURES / "replies.csv")

    assert len(replies) >= 600
    assert {row["verdict"] for row in replies} == {"good", "bad"}
    assert len((FIXTURES / "demo" / "conversations.jsonl").read_text("utf-8").splitlines()) == 40
