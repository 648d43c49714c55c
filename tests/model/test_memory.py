"""What a reader remembers of texts it has read: never more than it may, and never one text's answer for another."""

from model.memory import Remembered, Source
from model.thread import Context

SIZE = 100
"""Bytes of each answer here. A text adds four for each character."""


def of(text: str, before: str | None = None) -> Source:
    return text, None if before is None else Context(before, (1.0,))


def remembering(*texts: str, limit_bytes: int) -> Remembered[str]:
    memory: Remembered[str] = Remembered(limit_bytes)
    for text in texts:
        memory.put(of(text), f"answer to {text}", n_bytes=SIZE)
    return memory


def known(memory: Remembered[str], *texts: str) -> list[str]:
    return [text for text in texts if memory.get(of(text)) is not None]


def test_never_more_is_remembered_than_the_limit_and_the_oldest_goes_first() -> None:
    memory = remembering("a", "b", "c", limit_bytes=2 * (SIZE + 4))

    assert known(memory, "a", "b", "c") == ["b", "c"]
    assert memory.get(of("c")) == "answer to c"


def test_what_was_asked_for_lately_stays() -> None:
    memory = remembering("a", "b", limit_bytes=2 * (SIZE + 4))
    memory.get(of("a"))
    memory.put(of("c"), "answer to c", n_bytes=SIZE)

    assert known(memory, "a", "b", "c") == ["a", "c"]


def test_an_answer_makes_all_the_room_it_needs_and_no_more() -> None:
    memory = remembering("a", "b", "c", "d", limit_bytes=4 * (SIZE + 4))
    memory.put(of("e"), "a long answer", n_bytes=2 * SIZE)
    memory.put(of("f"), "a short answer", n_bytes=0)

    assert known(memory, "a", "b", "c", "d", "e", "f") == ["c", "d", "e", "f"]


def test_an_answer_larger_than_the_limit_is_not_kept_and_pushes_nothing_out() -> None:
    memory = remembering("a", limit_bytes=SIZE + 4)
    memory.put(of("large"), "answer", n_bytes=SIZE + 1)
    memory.put(of("the text counts too"), "answer", n_bytes=SIZE)
    memory.put(of("b", before="and so does what was said before"), "answer", n_bytes=0)

    assert known(memory, "a", "large", "the text counts too") == ["a"]
    assert memory.get(of("b", before="and so does what was said before")) is None


def test_the_same_text_said_in_another_conversation_is_another_text() -> None:
    memory: Remembered[str] = Remembered(10_000)
    memory.put(of("yes", before="is it broken?"), "broken", n_bytes=SIZE)
    memory.put(of("yes", before="has it come?"), "has come", n_bytes=SIZE)

    assert memory.get(of("yes")) is None
    assert memory.get(of("yes", before="is it broken?")) == "broken"
    assert memory.get(of("yes", before="has it come?")) == "has come"


def test_what_is_put_twice_counts_once() -> None:
    memory = remembering("a", "b", "b", "b", limit_bytes=2 * (SIZE + 4))

    assert known(memory, "a", "b") == ["a", "b"]
