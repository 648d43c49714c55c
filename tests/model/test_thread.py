import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from care.message import Turn
from model.text import normalise
from model.thread import in_context, is_bare

THREADS = Path(__file__).resolve().parents[2] / "fixtures" / "threads.csv"
AT = datetime(2026, 1, 1, tzinfo=UTC)


def _threads() -> list[dict[str, str]]:
    with THREADS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_most_follow_ups_of_the_fixture_are_known_for_what_they_are() -> None:
    threads = _threads()

    known = [row for row in threads if is_bare(normalise(row["text"]))]

    assert len(threads) >= 60
    assert len(known) >= 0.95 * len(threads)


@pytest.mark.parametrize(
    "text",
    [
        "where is my parcel",
        "ok thanks",
        "thank you!",
        "still have not received my refund for order LF-1, cancel it",
        "my card is declined",
        "love it",
        "no, I want to cancel instead",
    ],
)
def test_what_speaks_for_itself_is_read_by_itself(text: str) -> None:
    thread = [Turn("how long is delivery to Norway", by_customer=True, at=AT)]

    assert in_context(text, thread) is None


def test_the_last_full_message_of_the_customer_counts() -> None:
    thread = [
        Turn("where is my parcel", by_customer=True, at=AT),
        Turn("we are looking into it", by_customer=False, at=AT),
        Turn("any update?", by_customer=True, at=AT),
    ]

    assert in_context("hello??", thread) == "where is my parcel"


def test_without_a_thread_nothing_is_inherited() -> None:
    assert in_context("still nothing", []) is None
