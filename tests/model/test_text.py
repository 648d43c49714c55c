import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.text import normalise, prepare


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=80))
@settings(max_examples=300, deadline=None)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_every_code_point_knows_where_it_came_from(text: str) -> None:
    prepared = prepare(text)

    assert len(prepared.origins) == len(prepared.text)
    assert all(0 <= start < end <= len(text) for start, end in prepared.origins)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sooooo  late", "soo late"),
        ("donâ€™t", "don't"),
        ("hi @some_brand!!!!", "hi @user!!"),
        ("see https://example.org/x?y=1 now", "see url now"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("pa\u200bss\u00adword", "password"),
        ("cafe\u0301", "café"),
        ("a\ud800b", "ab"),
        ("  \n ", ""),
    ],
)
def test_what_means_the_same_looks_the_same(written: str, read: str) -> None:
    assert normalise(written) == read


def test_a_span_leads_back_to_the_text_as_received() -> None:
    received = "well, sooooo laaaate @brand"
    prepared = prepare(received)
    at = prepared.text.index("soo")

    start, end = prepared.span(at, at + 3)

    assert received[start:end] == "sooooo"
