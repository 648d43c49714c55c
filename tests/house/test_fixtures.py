"""The fixtures are as many and as varied as they are said to be."""

import csv
import re
from collections import Counter
from pathlib import Path

from care.classification import RISKS
from model.thread import turns_of

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SENTIMENTS = {"very_negative", "negative", "neutral", "positive", "very_positive"}
URGENCIES = {"low", "normal", "high", "urgent"}
DEFINED = {
    "act": {"asks", "reports", "answers", "solved", "thanks", "vents", "chats", "promotes"},
    "stance": {"sincere", "sarcastic"},
    "addressed": {"us", "others", "nobody"},
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def messages() -> list[dict[str, str]]:
    return [row for path in sorted((FIXTURES / "messages").glob("*.csv")) for row in rows(path)]


def words(text: str) -> list[str]:
    """A text's words, with what fills slots (numbers, codes, handles) made equal."""
    return ["#" if re.search(r"\d|^@", word) else word for word in re.findall(r"@?\w+", text.lower())]


def test_there_are_twelve_thousand_labelled_messages_of_sixteen_trades_and_more() -> None:
    by_trade = {path.stem: len(rows(path)) for path in (FIXTURES / "messages").glob("*.csv")}
    labelled = messages()

    assert len(by_trade) >= 16
    assert len(labelled) >= 12_000
    assert {name: n for name, n in by_trade.items() if not 0.03 <= n / len(labelled) <= 0.12} == {}
    assert {row["sentiment"] for row in labelled} == SENTIMENTS
    assert {row["urgency"] for row in labelled} == URGENCIES
    assert sum(row["intent"] == "out_of_scope" for row in labelled) >= 300


def test_every_label_of_every_message_is_defined() -> None:
    marks = [*messages(), *rows(FIXTURES / "risk.csv")]

    for column, known in DEFINED.items():
        assert {row[column] for row in messages()} == known, column
    assert {kind for row in marks for kind in row["risk"].split("+")} - {""} == set(RISKS)
    assert [row["text"] for row in messages() if row["thread"] and not turns_of(row["thread"])] == []


def test_at_least_four_hands_wrote_every_kind_of_risk_and_what_looks_like_it() -> None:
    marked = rows(FIXTURES / "risk.csv")

    for kind in RISKS:
        assert len({row["hand"] for row in marked if kind in row["risk"].split("+")}) >= 4, kind
    assert len({row["hand"] for row in marked if not row["risk"]}) >= 4


def test_the_exam_of_risk_is_in_nothing_that_is_trained_on() -> None:
    exam = {" ".join(words(row["text"])) for row in rows(FIXTURES / "risk_unseen.csv")}
    learnt = {" ".join(words(row["text"])) for row in (*rows(FIXTURES / "risk.csv"), *messages())}

    assert len(exam) >= 500
    assert exam.isdisjoint(learnt)


def test_the_exam_of_the_default_bundle_is_in_nothing_that_is_trained_on() -> None:
    exam = rows(FIXTURES / "messages_unseen.csv")
    learnt = {" ".join(words(row["text"])) for row in (*rows(FIXTURES / "risk.csv"), *messages())}
    # Two or three words ("ok ta") are said by everybody, and so is a link.
    texts = [words(row["text"]) for row in exam]
    long = {" ".join(said) for said in texts if len(said) > 3 and "https" not in said}

    assert len(exam) >= 1_500
    assert {row["trade"] for row in exam} == {path.stem for path in (FIXTURES / "messages").glob("*.csv")}
    assert {row["intent"] for row in exam} <= {row["intent"] for row in messages()}
    assert {row["sentiment"] for row in exam} == SENTIMENTS
    assert {row["urgency"] for row in exam} == URGENCIES
    assert long.isdisjoint(learnt)


def test_under_fifteen_in_a_hundred_have_the_same_words_but_for_a_slot() -> None:
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

    assert n_near < 0.15 * len(of_message), f"{n_near} of {len(of_message)}"


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
