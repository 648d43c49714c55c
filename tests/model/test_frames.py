from typing import Any

import pytest

from model.frames import matcher_of, spans_framed


@pytest.fixture(scope="module")
def tools() -> tuple[Any, Any]:
    import spacy

    pipeline = spacy.blank("en")
    return pipeline, matcher_of(pipeline.vocab)


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("my kettle is broken again", "FAILED", "kettle"),
        ("the coffee machine won't turn on", "FAILED", "coffee machine"),
        ("your app keeps crashing", "FAILED", "app"),
        ("been waiting for 13 days", "SINCE", "for 13 days"),
        ("the wifi is down since Monday", "SINCE", "since Monday"),
        ("ten days and still nothing", "SINCE", "ten days"),
        ("my name is Tomasz Wrona", "PERSON", "Tomasz Wrona"),
        ("Mrs Idowu took the parcel", "PERSON", "Mrs Idowu"),
        ("the shop in Leeds was shut", "PLACE", "Leeds"),
        ("I bought a kettle from you", "PRODUCT", "kettle"),
    ],
)
def test_a_frame_holds_the_span_and_nothing_beside_it(
    tools: tuple[Any, Any], text: str, label: str, value: str
) -> None:
    pipeline, matcher = tools
    doc = pipeline(text)

    assert (value, label) in {(doc[start:end].text, of) for start, end, of in spans_framed(doc, matcher)}


@pytest.mark.parametrize(
    "text",
    [
        "the screen at my seat was dead",  # the seat is well
        "my son is lost",
        "my insulin is gone",
        "it was meant to come in 6 weeks, now you say 14",
        "I've been a customer for 20 years",
        "two days a month now",
        "thanks to Maria",
        "works fine in German",
    ],
)
def test_what_only_looks_like_it_is_held_by_no_frame(tools: tuple[Any, Any], text: str) -> None:
    pipeline, matcher = tools
    doc = pipeline(text)

    found = {(doc[start:end].text, label) for start, end, label in spans_framed(doc, matcher)}

    assert not {span for span in found if span != ("screen", "FAILED")}
