"""The one finder of phrases: its little language, what it reads a text as, and that no text makes it slow."""

import random
import time

import pytest

from care.phrases import PhraseBook, read


def says(phrase: str, text: str) -> bool:
    return PhraseBook({"it": [phrase]}).is_in(text)


@pytest.mark.parametrize(
    ("phrase", "text", "holds"),
    [
        ("call me", "please CALL  me", True),
        ("call me", "recall me", False),
        ("call me", "call. Me too", False),
        ("call/ring me", "ring me", True),
        ("call me back?", "call me", True),
        ("lawyer*", "my lawyers say", True),
        ("see you ... court", "see you all in court", True),
        ("see you ... court", "see you one two three four court", False),
        ("can not", "I can’t", True),
        ("can't", "you cannot", True),
        ("we will", "we'll see", True),
        ("six-year-old", "a six year old", True),
        ("code ... <code>", "the code, it is 771204", True),
        ("code ... <code>", "code: 55 21 90", True),
        ("code ... <code>", "no code in the 3 mails", False),
        ("pw <code>", "pw Kitten44", True),
        ("pw <code>", "pw kitten", False),
        ("pay <money>", "I pay 20 euros", True),
        ("on <day>", "on Friday", True),
        ("^ please", "please come", True),
        ("^ please", "oh please come", False),
        ("seven of $", "seven of", True),
        ("of $", "what are they of?", False),
        ("of $", "seven of them", False),
        ("😡", "not again 😡😡", True),
        ("@*", "ask @somebody", True),
        ("@*", "ask somebody", False),
        ("lumofinch", "@lumofinch hello", True),
        ("lumofinch", "#LumoFinch", True),
        ("fuck*", "what the f*ck", True),
    ],
)
def test_phrases_match_as_people_mean_them(phrase: str, text: str, holds: bool) -> None:
    assert says(phrase, text) is holds


@pytest.mark.parametrize("phrase", ["", "...", "a ...", "... a", "$", "?", "maybe? so", "&"])
def test_what_is_no_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="phrase"):
        PhraseBook({"it": [phrase]})


def test_many_phrases_at_once_find_what_each_finds_alone() -> None:
    chance = random.Random(11)
    listed = ["call me", "how do i", "can't sign in", "my lawyer*", "refund*", "😡", "24 h", "me ... in", "x $"]
    alone = {phrase: PhraseBook({phrase: [phrase]}) for phrase in listed}
    together = PhraseBook({phrase: [phrase] for phrase in listed})
    words = ["call", "me", "how", "do", "i", "can't", "sign", "in", "my", "h", "lawyer", "refunded", "😡", "24", "x"]

    for _ in range(2_000):
        text = " ".join(chance.choices([*words, "?", "lawyer’s", "me."], k=chance.randint(0, 8)))

        assert together.keys_in(text) == {phrase for phrase, book in alone.items() if book.is_in(text)}, text


def test_a_hit_says_where_it_stands_in_the_text() -> None:
    text = "Hm. I can’t sign in 😡"

    (hit,) = PhraseBook({"it": ["can't sign in"]}).find(read(text))

    assert (text[hit.start : hit.end], hit.sentence) == ("can’t sign in", 1)


def test_no_text_makes_the_finder_slow() -> None:
    book = PhraseBook({"it": ["take ... to ... court", "a* b* c*"]})
    texts = ["take " * 20_000, "a" * 100_000, "take a to " * 10_000, " " * 100_000, "!@#" * 50_000]

    start = time.perf_counter()
    for text in texts:
        book.keys_in(text)

    assert time.perf_counter() - start < 2
