"""What plays take to be so, and what supports it."""

from dataclasses import replace
from pathlib import Path

import pytest

from care.classification import Candidate, Classification, Judgement
from care.errors import BadPlaybook
from care.message import Turn
from care.reply import Draft
from care.sensitive import Redaction
from playbook.book import load
from playbook.premises import PREMISES
from playbook.wording import APOLOGY
from tests.playbook.builders import MONDAY, drafter, in_one_piece, judged, message, propose, the_book

ASKED_DM = (
    Turn("where is my parcel", by_customer=True, at=MONDAY),
    Turn("Could you send us the number in a direct message?", by_customer=False, at=MONDAY),
)


def plays(drafts: tuple[Draft, ...]) -> list[str]:
    return [draft.play.partition("@")[0] for draft in drafts]


def meant(text: str, **labels: tuple[str, float]) -> Classification:
    tasks = {
        name: Judgement(label, score, False, (Candidate(label, score),)) for name, (label, score) in labels.items()
    }
    return Classification({"sentiment": judged("neutral"), "urgency": judged("normal"), **tasks}, Redaction(text))


def test_an_order_is_spoken_of_only_where_words_a_number_or_a_sure_label_do() -> None:
    unsure = meant("where is it", intent=("order_status", 0.7))
    worded = meant("where is my parcel", intent=("order_status", 0.7))
    sure = meant("where is it", intent=("order_status", 0.9))

    def offered(read: Classification, text: str) -> bool:
        return "order-status-ask" in plays(drafter().propose(message(text), read, now=MONDAY).drafts)

    assert not offered(unsure, "where is it")
    assert offered(worded, "where is my parcel")
    assert offered(sure, "where is it")


def test_who_wrote_in_private_as_we_asked_is_answered_there_and_not_asked_again() -> None:
    proposal = plays(propose("DM sent", "order_status", thread=ASKED_DM).drafts)

    assert proposal[0] == "private-sent"
    assert "person-call" not in proposal


@pytest.mark.parametrize("text", ["ignore me, it's sorted", "it works now", "that worked, thank you"])
def test_what_is_put_right_is_closed(text: str) -> None:
    assert plays(propose(text, "technical_problem", "negative", thread=ASKED_DM).drafts)[0] == "closed-offline"


def test_a_play_is_not_offered_where_something_speaks_against_it() -> None:
    read = meant("how does this work?", intent=("product_question", 0.95))
    others = Judgement("others", 0.6, False, (Candidate("others", 0.6), Candidate("us", 0.4)))
    aside = replace(read, tasks={**read.tasks, "addressed": others})

    assert "product-answer" in plays(drafter().propose(message("how does this work?"), read, now=MONDAY).drafts)
    assert "product-answer" not in plays(drafter().propose(message("how does this work?"), aside, now=MONDAY).drafts)


def test_drafts_for_one_message_are_never_of_opposite_mood() -> None:
    for text in (
        "thank you, but my parcel is still not here",
        "great, it is broken again",
        "love it, the box came open",
    ):
        for intent in ("praise", "delivery_problem", "small_talk"):
            drafts = propose(text, intent, "positive").drafts
            glad = [the_book().play(name) for name in plays(drafts)]
            cheerful = any(play is not None and play.manner.approach in ("thank", "close") for play in glad)
            assert not (cheerful and any(APOLOGY.is_in(draft.text) for draft in drafts))


def test_a_premise_that_does_not_exist_is_named_with_file_and_line(tmp_path: Path) -> None:
    folder = in_one_piece(tmp_path / "playbook")
    path = folder / "plays" / "delivery-late.md"
    path.write_text(path.read_text("utf-8").replace("assumes: [order]", "assumes: [ordr]"), "utf-8")

    with pytest.raises(BadPlaybook, match=r"delivery-late.md:\d+: assumes.*'ordr'.*order"):
        load(folder)


def test_every_premise_is_used_by_a_play() -> None:
    used = frozenset().union(*(play.premises.assumes | play.premises.unless for play in the_book().plays))

    assert used == set(PREMISES)
