"""What a playbook says of private answers to public messages: a word in public, and drafts with words for both."""

from pathlib import Path

import pytest

from care.errors import BadPlaybook
from care.message import Visibility
from playbook.book import load
from playbook.lengths import length_of
from tests.playbook.builders import in_one_piece, propose, the_book


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fixtures' playbook to change."""
    return in_one_piece(tmp_path / "playbook")


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "playbook.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def problem(folder: Path) -> str:
    with pytest.raises(BadPlaybook) as refused:
        load(folder)
    return str(refused.value)


def test_the_examples_public_channels_say_so_and_their_private_texts_may_be_longer() -> None:
    x, mail = the_book().channel("x"), the_book().channel("email")

    assert length_of(x.pointer, counted_as=x.counted_as) <= x.limit
    assert (x.longest(Visibility.PUBLIC), x.longest(Visibility.PRIVATE)) == (280, 10_000)
    assert (mail.pointer, mail.longest(Visibility.PRIVATE)) == ("", mail.limit)


def test_a_draft_for_a_public_message_has_words_for_private_too() -> None:
    prepared = propose("You charged me twice for order LF-204817", "billing_problem", "negative", name="Ana Silva")

    draft = prepared.drafts[0]
    assert "in a direct message" in draft.text
    assert "direct message" not in draft.private_text
    assert draft.private_text.startswith("Hi Ana, ")
    assert draft.says(Visibility.PRIVATE) == draft.private_text
    assert draft.says(Visibility.PUBLIC) == draft.text


def test_a_channel_without_such_answers_and_a_private_message_have_no_words_for_them() -> None:
    for channel in ("review", "email"):
        drafts = propose("You charged me twice", "billing_problem", "negative", channel=channel).drafts
        assert [draft.private_text for draft in drafts] == [""] * len(drafts)


def test_a_pointer_belongs_to_a_public_channel(folder: Path) -> None:
    edit(folder, "    private_channel: this chat\n", "    private_channel: this chat\n    pointer: We wrote to you.\n")

    assert "belongs to a public channel" in problem(folder)


def test_a_pointer_fits_its_channel(folder: Path) -> None:
    edit(folder, "    pointer: We have just answered you on Messenger.\n", f"    pointer: {'word ' * 500}\n")

    assert "the channel takes 2000" in problem(folder)
