"""A message and a draft read together."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from care.classification import Candidate, Classification, Judgement
from care.errors import BundleError
from care.message import Turn
from care.ports import Offer
from care.sensitive import Redaction
from model.pairs import Pair, PairReader, features
from tests.doubles import MONDAY

ASKED = (
    Turn("It is broken", by_customer=True, at=MONDAY),
    Turn("Which model is it?", by_customer=False, at=MONDAY),
)


def judged(**chances: float) -> Judgement:
    ordered = sorted(chances.items(), key=lambda chance: -chance[1])
    return Judgement(ordered[0][0], ordered[0][1], False, tuple(Candidate(label, score) for label, score in ordered))


def pair(**changes: object) -> Pair:
    read = Classification(
        {"intent": judged(order_status=0.6, outage=0.3), "sentiment": judged(negative=0.9)}, Redaction("Where is it?")
    )
    kept = Pair("Where is it?", (), read, "answer_public", True, "track", Offer("ask"), "Could you send the number?")
    return replace(kept, **changes)  # type: ignore[arg-type]


def test_a_play_is_read_by_how_probable_its_subject_is() -> None:
    both = features(pair(offer=Offer("ask", frozenset({"order_status", "outage"}))))
    first = features(pair(offer=Offer("ask", frozenset({"outage"}))))
    other = features(pair(offer=Offer("ask", frozenset({"praise"}))))

    assert (both["chance"], first["chance"], other["chance"]) == (pytest.approx(0.9), 0.3, 0.0)


def test_asking_somebody_who_was_just_asked_is_told_apart_from_asking_first() -> None:
    first, again = features(pair()), features(pair(thread=ASKED))

    assert "asks|first" in first
    assert {"asks|follow_up", "asks|we_asked"} <= again.keys()


def test_an_open_slot_and_the_mood_it_meets_are_seen() -> None:
    row = features(pair(draft="[[next_step]].", missing=("next_step",)))

    assert row["slot:next_step|sentiment:negative"] == 0.9


def test_what_a_draft_does_by_its_words_meets_the_mood_whichever_play_it_is_from() -> None:
    row = features(pair(draft="Sorry about that. Write to us in a direct message, and I'll look into it."))

    assert row["says:sorry|sentiment:negative"] == row["says:private|sentiment:negative"] == 0.9
    assert "says:thanks" not in row


def test_a_play_that_is_judged_as_another_is_known_by_its_own_name_too() -> None:
    assert features(pair(own="bag-missing"))["own:bag-missing"] == 1.0
    assert not any(name.startswith("own:") for name in features(pair(own="track")))


def test_a_kept_head_gives_the_same_chances(tmp_path: Path) -> None:
    reader = PairReader({"asks": 1.0, "chance": 2.0}, -1.0, 1.5, 0.1, 0.6, {"pairs": 3})

    reader.save(tmp_path / "pairs")
    again = PairReader.load(tmp_path / "pairs")

    assert again.probability(features(pair())) == pytest.approx(reader.probability(features(pair())))
    assert (again.least, again.about) == (0.6, {"pairs": 3})


def test_a_damaged_head_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "pairs"
    PairReader({"asks": 1.0}, 0.0, 1.0, 0.0, 0.5).save(folder)
    (folder / "features.json").write_text(json.dumps(["tells"]), "utf-8")

    with pytest.raises(BundleError, match=r"not the file that was saved.*makes a new pairs head"):
        PairReader.load(folder)
    with pytest.raises(BundleError, match="There is no pairs head"):
        PairReader.load(tmp_path / "nowhere")
