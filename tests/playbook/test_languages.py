"""Words in ten languages: offered to who writes in one of them, in that language alone, and promising nothing."""

from dataclasses import replace

import pytest

from care.customer import Elsewhere
from care.preparing import DraftingTools, Prepared
from care.preparing import propose as prepare
from model.language import language_of
from playbook.book import Book
from playbook.live import LivePlaybook
from playbook.shelf import Shelf
from tests.playbook.builders import MONDAY, SilentTone, labelled, message, the_book

LANGUAGES = ("cs", "da", "de", "es", "fr", "it", "nl", "pl", "pt", "sv")


def propose(
    language: str,
    sentiment: str = "neutral",
    *,
    book: Book | None = None,
    channel: str = "x",
    risks: tuple[str, ...] = (),
) -> Prepared:
    shelf = Shelf.of(book or the_book())
    read = replace(labelled("order_status", sentiment, text="...", risks=risks), language=language)
    tools = DraftingTools(LivePlaybook(lambda: shelf), SilentTone(), clock=lambda: MONDAY)
    return prepare(message("wo ist mein Paket", channel=channel, name="Ana Lopez"), read, tools)


def with_speakers(language: str) -> Book:
    book = the_book()
    policy = book.policy
    return replace(book, policy=replace(policy, teams=replace(policy.teams, speakers={language: "care"})))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_of_ten_languages_has_its_own_words_and_no_english_ones(language: str) -> None:
    texts = [draft.text for draft in propose(language, book=with_speakers(language)).drafts]

    assert len(texts) == 2
    assert {language_of(text).label for text in texts} == {language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_somebody_speaks_it_is_said_only_where_somebody_does(language: str) -> None:
    def ids(book: Book) -> list[str]:
        return [draft.play.partition("@")[0] for draft in propose(language, book=book).drafts]

    assert ids(the_book()) == [f"acknowledge-{language}"]
    assert ids(with_speakers(language)) == [f"hand-over-{language}", f"acknowledge-{language}"]


def test_a_language_without_words_gets_none_and_english_never_gets_them() -> None:
    assert propose("fi").drafts == ()
    assert not any(draft.play.startswith(("acknowledge-de", "hand-over-de")) for draft in propose("en").drafts)


def test_who_may_be_in_danger_is_not_told_that_we_have_their_message() -> None:
    assert not any(draft.play.startswith("acknowledge-") for draft in propose("de", risks=("danger",)).drafts)


def test_an_upset_customer_reads_that_we_are_sorry() -> None:
    assert "tut uns leid" in propose("de", "very_negative", channel="email").drafts[0].text


def test_our_words_about_another_case_are_not_said_in_our_language_to_who_writes_another() -> None:
    shelf = Shelf.of(the_book())
    read = replace(labelled("order_status", text="..."), language="de")
    tools = DraftingTools(LivePlaybook(lambda: shelf), SilentTone(), clock=lambda: MONDAY)
    other = (Elsewhere("cas_2", "email", MONDAY),)

    told = prepare(message("wo ist mein Paket", channel="chat"), read, tools, elsewhere=other)

    assert {language_of(draft.text).label for draft in told.drafts} == {"de"}
    assert not any("email" in draft.text for draft in told.drafts)


def test_words_that_people_rejected_ten_times_are_withheld_in_every_language() -> None:
    shelf = Shelf.of(the_book())
    [first] = propose("de").drafts
    live = LivePlaybook(lambda: shelf, suspended=lambda: frozenset({first.play}))
    read = replace(labelled("order_status", text="..."), language="de")
    tools = DraftingTools(live, SilentTone(), clock=lambda: MONDAY)

    assert prepare(message("wo ist mein Paket", channel="x"), read, tools).drafts == ()
