"""Greeting by name: only where a display name surely holds one."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.message import Author
from care.names import folded, given_names, is_given_name
from playbook.names import given_name
from playbook.slots import first_name

ROWS = json.loads((Path(__file__).parents[2] / "fixtures" / "display_names.json").read_text("utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: repr(row["name"])[:40])
def test_a_display_name_greets_one_person_by_their_given_name_or_nobody(row: dict[str, object]) -> None:
    assert given_name(str(row["name"])) in row["greet"]  # type: ignore[operator]


def test_most_plain_names_are_greeted() -> None:
    plain = [row for row in ROWS if "" not in row["greet"]]
    greeted = [row for row in plain if given_name(row["name"])]

    assert len(plain) >= 40
    assert len(greeted) == len(plain)


def test_the_playbook_can_forbid_a_word() -> None:
    author = Author(handle="x", name="Luna Finch")

    assert first_name(author, frozenset()) == "Luna"
    assert first_name(author, frozenset({"finch"})) == ""


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_a_greeting_is_one_short_word_of_letters(name: str) -> None:
    greeted = given_name(name)

    assert len(greeted) <= 20
    assert all(sign.isalpha() or sign in "'’-" for sign in greeted)


def test_the_list_of_names_is_plain_small_letters() -> None:
    assert len(given_names()) > 10_000
    assert all(name == folded(name) for name in given_names())
    assert is_given_name("José")
    assert is_given_name("Jean-Luc")
    assert not is_given_name("Acme")
