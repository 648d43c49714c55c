"""The example playbook about what cannot wait, and what a playbook may say of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from care.classification import RISKS, Risk
from care.decision import Action
from care.errors import BadPlaybook
from care.handing_over import reachable
from care.message import Attachment, Turn
from playbook.book import load
from playbook.shelf import Shelf
from tests.playbook.builders import MONDAY, Drafter, drafter, in_one_piece, labelled, message, propose, the_book

SATURDAY_EVENING = datetime(2026, 11, 28, 21, 40, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return in_one_piece(tmp_path / "playbook")


def edited(folder: Path, *changes: tuple[str, str]) -> Path:
    path = folder / "playbook.yaml"
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")
    return folder


def problems(folder: Path) -> str:
    with pytest.raises(BadPlaybook) as caught:
        load(folder)
    return "\n".join(str(problem) for problem in caught.value.problems)


def test_the_example_speaks_of_every_risk_and_has_a_play_for_it() -> None:
    book = the_book()

    assert set(book.policy.risks) == set(RISKS)
    for kind in RISKS:
        assert any(kind in play.when.risks and not play.when.intents for play in book.plays), kind


def test_danger_reaches_somebody_who_answers_day_and_night() -> None:
    policy = the_book().policy

    for kind in ("self_harm", "danger", "assault", "threat_to_staff"):
        line = policy.risks[kind]
        step = reachable(policy, line.team)
        assert line.is_always
        assert step is not None
        assert step.is_day_and_night


@pytest.mark.parametrize("kind", RISKS)
@pytest.mark.parametrize("channel", ["x", "chat", "email"])
def test_its_own_play_comes_first_and_nothing_ordinary_at_all(kind: str, channel: str) -> None:
    read = replace(labelled("order_status"), risk=(Risk(kind, 0.9),))

    proposal = drafter().propose(message("words of some kind", channel=channel), read, now=MONDAY)

    plays = [the_book().play(draft.play_id if hasattr(draft, "play_id") else draft.play.partition("@")[0])
             for draft in proposal.drafts]  # fmt: skip
    assert plays
    assert all(play is not None and kind in play.when.risks for play in plays)


@pytest.mark.parametrize("kind", RISKS)
def test_a_mere_hint_of_it_tells_a_person_and_offers_no_words(kind: str) -> None:
    read = replace(labelled("order_status"), risk=(Risk(kind, 0.12),))

    proposal = drafter().propose(message("words of some kind", channel="x"), read, now=MONDAY)

    assert proposal.drafts == ()
    assert proposal.asks is not None
    assert kind.replace("_", " ") in proposal.asks
    assert proposal.decision.action is not Action.ANSWER_PUBLIC


@pytest.mark.parametrize(
    ("kind", "is_offered"), [("self_harm", True), ("danger", True), ("press", False), ("legal", False)]
)
def test_words_for_what_does_no_harm_meanwhile_wait_until_it_is_all_but_sure(kind: str, is_offered: bool) -> None:
    read = replace(labelled("order_status"), risk=(Risk(kind, 0.6),))

    proposal = drafter().propose(message("words of some kind", channel="x"), read, now=MONDAY)

    assert bool(proposal.drafts) is is_offered
    assert proposal.decision.action is Action.ESCALATE


def test_a_risk_without_a_play_asks_a_person(folder: Path) -> None:
    (folder / "plays" / "bereaved.md").unlink()
    book = load(folder)
    read = replace(labelled("cancellation"), risk=(Risk("bereavement", 0.9),))

    proposal = Drafter(shelf=lambda: Shelf.of(book)).propose(message("words"), read, now=MONDAY)

    assert proposal.drafts == ()
    assert proposal.asks is not None
    assert "bereavement" in proposal.asks


def test_a_playbook_without_the_key_is_safe_too(folder: Path) -> None:
    path = folder / "playbook.yaml"
    text = path.read_text("utf-8")
    start, end = text.index("\nrisks:\n"), text.index("\nrules:\n")
    path.write_text(text[:start] + text[end:], "utf-8")
    book = load(folder)
    read = replace(labelled("spam"), risk=(Risk("danger", 0.3),))

    proposal = Drafter(shelf=lambda: Shelf.of(book)).propose(message("words"), read, now=SATURDAY_EVENING)

    assert (proposal.decision.action, proposal.decision.hand_to) == (Action.ESCALATE, "care")
    assert proposal.decision.is_always


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  press:\n    team: press\n", "  gossip:\n    team: press\n", "gossip: is not a setting we know"),
        ("  press:\n    team: press\n", "  press:\n    team: nobody\n", "'nobody' is not known here"),
        ("  press:\n    team: press\n", "  press:\n    team: none\n", "'none' is not known here"),
        (
            "  press:\n    team: press\n",
            "  press:\n    action: ignore\n    team: press\n",
            "'ignore' is not known here",
        ),
        ("    clock: always\n", "    clock: sometimes\n", "'sometimes' is not known here"),
        ("day_and_night: true", "day_and_night: often", "should be true or false"),
    ],
)
def test_what_a_playbook_may_not_say_of_a_risk(folder: Path, old: str, new: str, said: str) -> None:
    assert said in problems(edited(folder, (old, new)))


def test_a_window_and_a_rule_may_count_at_any_hour(folder: Path) -> None:
    book = load(edited(
        folder,
        ("urgent: {promise: 1 h, target: 15 min}", "urgent: {promise: 1 h, target: 15 min, clock: always}"),
        ("  - name: press, listed\n", "  - name: press, listed\n    clock: always\n"),
    ))  # fmt: skip

    assert book.policy.clock("x").due_at(SATURDAY_EVENING, "urgent") == SATURDAY_EVENING + timedelta(minutes=15)
    assert [rule.name for rule in book.policy.rules if rule.is_always] == ["press, listed"]


def test_a_team_may_say_which_languages_it_speaks(folder: Path) -> None:
    says = "  training: {does: courses, languages: [fr, nl]}\n"
    book = load(
        edited(folder, ("  training: courses, and what customers praise or complain about in how we work\n", says))
    )

    assert dict(book.policy.teams.speakers) == {"fr": "training", "nl": "training"}
    assert book.reach.teams["training"] == "courses"


def test_a_foreign_message_gets_a_person_and_only_words_in_its_language() -> None:
    read = replace(labelled("order_status"), language="fr")

    proposal = drafter().propose(message("Où est mon colis ?", channel="chat"), read, now=MONDAY)

    assert [draft.play.partition("@")[0] for draft in proposal.drafts] == ["acknowledge-fr"]
    assert proposal.decision.action is Action.ANSWER_PRIVATE


# what a draft carries ------------------------------------------------------------------------------------------------


def test_a_draft_that_quotes_an_hour_carries_it() -> None:
    proposal = propose("my chair wobbles and I am not amused", "service_complaint", "neutral", channel="chat")
    quoting = [draft for draft in proposal.drafts if draft.promise]

    assert quoting
    for draft in quoting:
        clock = the_book().policy.clock("chat")
        assert draft.promise in draft.text
        assert draft.promised_at == clock.promise_now(MONDAY, MONDAY, "normal")
    assert all(draft.promised_at is None for draft in proposal.drafts if "by " not in draft.text)


def test_a_draft_that_says_somebody_has_it_names_the_team() -> None:
    proposal = propose("the lamp burnt my hand", "safety_issue", "very_negative", "urgent")

    assert {draft.handed_to for draft in proposal.drafts} == {"safety"}


def test_a_play_is_not_offered_when_its_team_cannot_be_told(folder: Path) -> None:
    book = load(edited(
        folder,
        ("email: safety@lumofinch.example, ", ""),
        ("  safety:\n    - {contact: safety officer, after: 0 min, answers_within: 15 min}\n"
         "    - {contact: head of care, after: 15 min, answers_within: 1 h}\n",
         "  safety:\n    - {contact: safety officer, after: 0 min, answers_within: 15 min}\n"),
    ))  # fmt: skip
    read = replace(labelled("safety_issue", "very_negative", "urgent"), risk=(Risk("danger", 0.9),))

    proposal = Drafter(shelf=lambda: Shelf.of(book)).propose(message("the lamp burnt my hand"), read, now=MONDAY)

    assert proposal.decision.action is Action.ESCALATE
    assert all(draft.handed_to != "safety" for draft in proposal.drafts)
    assert all("has your message" not in draft.text for draft in proposal.drafts)


def test_a_play_may_need_facts_and_a_team(folder: Path) -> None:
    path = folder / "plays" / "goods-faulty.md"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("needs: [order_number, photo]", "needs: {facts: [photo], handed_to: logistics}"), "utf-8"
    )

    play = load(folder).play("goods-faulty")

    assert play is not None
    assert (play.needs, play.handed_to) == (("photo",), "logistics")
    path.write_text(text.replace("needs: [order_number, photo]", "needs: {facts: [photo], handed_to: moon}"), "utf-8")
    assert "'moon' is not known here" in problems(folder)


def test_a_photo_that_came_is_not_asked_for() -> None:
    plain = message("the lid of the box is bent, order LF-204817", channel="chat")
    pictured = replace(plain, attachments=(Attachment("lid.jpg", "image/jpeg"),))
    read = labelled("faulty_goods", "negative")

    first = drafter().propose(plain, read, now=MONDAY).drafts[0].text
    second = drafter().propose(pictured, read, now=MONDAY).drafts[0].text

    assert "photo" in first
    assert "photo" not in second


def test_a_photo_that_came_before_is_not_asked_for_either() -> None:
    photo = Turn("here it is", by_customer=True, at=MONDAY, attachments=(Attachment("lid.jpg", "image/jpeg"),))
    words = Turn("here it is", by_customer=True, at=MONDAY)
    plain = message("the lid of the box is bent, order LF-204817", channel="chat")
    read = labelled("faulty_goods", "negative")

    asked, known = (
        [draft.text for draft in drafter().propose(plain, read, thread=[turn], now=MONDAY).drafts]
        for turn in (words, photo)
    )

    assert any("photo" in text for text in asked)
    assert not any("photo" in text for text in known)


@pytest.mark.parametrize("file", ["lid.jpg", "clip.mp4"])
@pytest.mark.parametrize(
    ("play", "text", "intent"),
    [
        ("fault-product", "my lamp does not turn on", "technical_problem"),
        ("fault-app", "the app crashes when I open it", "technical_problem"),
        ("product-which", "does this one come with a plug?", "product_question"),
        ("goods-faulty", "the lid of the box is bent, order LF-204817", "faulty_goods"),
    ],
)
def test_no_play_asks_for_a_picture_that_came(play: str, text: str, intent: str, file: str) -> None:
    plain = message(text, channel="chat")
    kind = "image/jpeg" if file.endswith("jpg") else "video/mp4"
    pictured = replace(plain, attachments=(Attachment(file, kind),))
    read = labelled(intent, "neutral")

    asked, known = (
        {draft.play.partition("@")[0]: draft.text for draft in drafter().propose(proposal, read, now=MONDAY).drafts}
        for proposal in (plain, pictured)
    )

    assert any(word in asked[play] for word in ("photo", "screenshot", "video"))
    assert not [text for text in known.values() if "photo" in text or "screenshot" in text or "video" in text]
