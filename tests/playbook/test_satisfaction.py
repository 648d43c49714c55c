"""The satisfaction question: asked once, at the right end of the right conversations, and its answers read."""

import pytest

from playbook.satisfaction import may_ask, score_of
from tests.playbook.builders import ours, the_book, theirs


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("5", 5),
        ("4/5", 4),
        ("3 out of 5", 3),
        ("a 2 I'd say", 2),
        ("1!", 1),
        ("⭐⭐⭐⭐", 4),
        ("not at all", 1),
        ("completely", 5),
        ("perfect, thanks", 5),
        ("not really", 2),
        ("no", 2),
        ("yes thanks", 4),
        ("so-so", 3),
        ("not bad", 3),
        ("not happy", 2),
        ("very happy", 5),
        ("happy", 4),
        ("😡", 1),
        ("👍", 4),
        ("😍😍", 5),
        ("😐", 3),
        ("five", 5),
        ("Mostly fine", 4),
        ("worst service", 1),
    ],
)
def test_an_answer_is_read(text: str, score: int) -> None:
    assert score_of(text) == score


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "2.5",
        "1 or 2",
        "12345",
        "50%",
        "where is my order",
        "😡😍",
        "LF-204817",
        "no " * 30,
        "x" * 400,
        "there is still no parcel and I have to leave the house at noon on Friday, please",
    ],
)
def test_what_says_nothing_clear_is_no_score(text: str) -> None:
    assert score_of(text) is None


def test_it_is_asked_once_and_never_after_praise_or_something_sensitive() -> None:
    closing = the_book().closing
    before, asked = [theirs("where is it"), ours("It is on the way.")], [ours(f"Done. {closing.question}")]

    assert may_ask(closing, kinds=["question"], is_sensitive=False, thread=before)
    assert not may_ask(closing, kinds=["question"], is_sensitive=False, thread=asked)
    assert not may_ask(closing, kinds=["praise"], is_sensitive=False, thread=before)
    assert not may_ask(closing, kinds=["question"], is_sensitive=True, thread=before)
