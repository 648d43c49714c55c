"""How something is said, as numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.style import names_of, style_features, style_names


def said(text: str) -> dict[str, float]:
    return names_of(style_features([text])[0])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Thanks a lot!", "says gratitude"),
        ("Hello, could you have a look at it, please?", "says counterfactual"),
        ("Hello, could you have a look at it, please?", "sentence begins hello"),
        ("Nice work. Why did you change it?", "says challenge"),
        ("I'm not sure, perhaps it was me.", "says hedge"),
        ("you are a f*cking id1ot", "says swear"),
        ("you are a f*cking id1ot", "second and insult"),
        ("Sooooo good", "elongated"),
        ("WHAT IS THIS???", "capitals"),
        ("love it 😍", "warm_emoji"),
        ("sure 🙄", "mocking_emoji"),
    ],
)
def test_a_text_shows_how_it_is_meant(text: str, name: str) -> None:
    assert said(text)[name] > 0


def test_asking_kindly_is_more_polite_than_demanding() -> None:
    kind = said("Hi, thanks for this. Would you mind telling me where it is, please?")
    curt = said("So why did you not actually answer? What is wrong with you?")

    assert kind["polite"] > 0.8 > 0.45 > curt["polite"]


def test_an_insult_hurts_more_than_a_thank_you() -> None:
    assert said("What a stupid idiot you are")["hurtful"] > 0.8 > said("Thank you, that was lovely")["hurtful"]


def test_a_phrase_may_have_three_words() -> None:
    assert "says deference" in said("They said: keep up the pace")


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(st.text(max_size=200), max_size=5))
def test_any_texts_give_one_row_each_between_zero_and_one(texts: list[str]) -> None:
    made = style_features(texts)

    assert made.shape == (len(texts), len(style_names()))
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    assert ((made >= 0) & (made <= 1)).all()


def test_the_same_text_gives_the_same_row_whatever_was_read_before() -> None:
    alone = style_features(["Well, THAT was $tupid!!"])[0]

    among = style_features(["so what?", "Well, THAT was $tupid!!", "x" * 10_000])[1]

    assert (alone == among).all()


def test_each_column_has_a_name_of_its_own() -> None:
    assert len(set(style_names())) == len(style_names())
