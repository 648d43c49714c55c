"""Loading a playbook: what is wrong is named with file and line; what is right is kept as values."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from care.decision import Action
from care.errors import BadPlaybook
from playbook.book import load
from playbook.general import general_cues
from tests.playbook.builders import FOLDER, in_one_piece, propose, the_book


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fixtures' playbook to break."""
    return in_one_piece(tmp_path / "playbook")


def edit(path: Path, old: str, new: str) -> int:
    """Replace a text that stands there once. Returns its line."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems(folder: Path) -> list[str]:
    with pytest.raises(BadPlaybook) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_the_fixtures_playbook_loads_and_has_forty_plays_or_more() -> None:
    book = the_book()

    assert len(book.plays) >= 40
    assert book.policy.intents["spam"].public is Action.IGNORE
    assert book.channels["x"].undo_s == 20


def test_the_version_changes_with_any_file_and_with_nothing_else(folder: Path) -> None:
    before = load(folder).version
    (folder / "notes.txt").write_text("not ours", "utf-8")
    unchanged = load(folder).version
    edit(folder / "plays" / "hello.md", "I'm here and reading.", "I'm here, reading.")

    assert before == unchanged != load(folder).version


def test_a_play_names_itself_and_its_content(folder: Path) -> None:
    before = load(folder).play("hello")
    edit(folder / "plays" / "hello.md", "I'm here and reading.", "I'm here, reading.")
    after = load(folder).play("hello")

    assert before is not None
    assert after is not None
    assert before.reference.startswith("hello@")
    assert before.reference != after.reference
    assert len(before.reference) == len("hello@") + 8


def test_an_unknown_intent_is_named_with_its_line(folder: Path) -> None:
    line = edit(folder / "plays" / "hello.md", "intents: [small_talk]", "intents: [small_talk, smalltalk]")

    assert any(problem.startswith(f"plays/hello.md:{line}: intents: 'smalltalk'") for problem in problems(folder))


def test_an_unknown_slot_is_named_with_its_line(folder: Path) -> None:
    line = edit(folder / "plays" / "hello.md", "I'm here and reading.", "I'm here, {{ nickname }}.")

    assert f"plays/hello.md:{line}: the slot `nickname` is not known" in problems(folder)


def test_every_problem_is_reported_at_once(folder: Path) -> None:
    edit(folder / "plays" / "hello.md", "intents: [small_talk]", "intents: [nothing]")
    edit(folder / "playbook.yaml", "offline_team: care", "offline_team: nobody_here")
    edit(folder / "playbook.yaml", "  urgent: {promise: 1 h, target: 15 min}", "  urgent: {promise: 1 h, target: 3 h}")

    assert len(problems(folder)) >= 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("offline_team: care", "offline_team: care\nsurprise: 1", "is not a setting we know"),
        ("offline_team: care", "offline_team: &a care", None),
        ("offline_team: care", "offline_team: !!python/object/apply:os.system [id]", "should be a text"),
        ("offline_team: care", "offline_team: !ours care", "no tags"),
        ("offline_team: care", "offline_team: {care", "not valid YAML"),
        ("offline_team: care", "offline_team: care\noffline_team: care", "stands here twice"),
        ('mon-fri: ["08:00-20:00"]', 'mon-fri: ["20:00-08:00"]', "is not a shift"),
        ('mon-fri: ["08:00-20:00"]', 'monday: ["08:00-20:00"]', "names no days"),
        (
            "undo_s: 30\n    hours: office\n    private_channel: an e-mail",
            "undo_s: -1\n    hours: office\n    private_channel: an e-mail",
            "whole number",
        ),
        ("waiting_per_h: 2", "waiting_per_h: true", "whole number"),
        ("    until: 2027-12-31", "    until: soon", "should be a day"),
        ("  low: {promise: 8 h, target: 6 h}", "  low: {promise: eight hours, target: 6 h}", "should be a time"),
        ("  low: {promise: 8 h, target: 6 h}", "  low: {promise: 8 h}", "`target` is missing"),
        ("  technical:\n    - {contact", "  technicians:\n    - {contact", "is not a setting we know"),
        ("email: legal@lumofinch.example", "email: legal@", "should be an e-mail address"),
        ("email: legal@lumofinch.example", 'email: "legal@lumofinch.example\\nBcc: a@b.example"', "an e-mail address"),
        ("email: legal@lumofinch.example", "mail: legal@lumofinch.example", "is not a setting we know"),
    ],
)
def test_what_is_wrong_in_playbook_yaml_is_said(folder: Path, old: str, new: str, said: str | None) -> None:
    edit(folder / "playbook.yaml", old, new)

    if said is None:
        assert load(folder)
    else:
        assert any(problem.startswith("playbook.yaml:") and said in problem for problem in problems(folder))


def test_a_line_that_went_says_so_with_its_line_and_what_to_do(folder: Path) -> None:
    path = folder / "playbook.yaml"
    line = edit(path, "\ncues:\n", "\nharm_cues: [hurt]\ncues:\n  thanks: [thx]\n") + 1
    spam = edit(path, "kind: spam, ", "kind: spam, words: [vague], ")

    told = "\n".join(problems(folder))

    assert f"playbook.yaml:{line}: harm_cues: is no setting any more" in told
    assert "take the line out" in told
    assert f"playbook.yaml:{spam}: intents.spam.words: is no setting any more" in told
    assert "cues.thanks: is read without a list" in told


def test_a_list_of_the_playbook_takes_the_place_of_the_general_one(folder: Path) -> None:
    assert "wants_call" in load(folder).policy.cues_in("please call me")
    edit(folder / "playbook.yaml", "\ncues:\n", "\ncues:\n  wants_call: [shout over]\n")

    assert "wants_call" not in load(folder).policy.cues_in("please call me")
    assert "wants_call" in load(folder).policy.cues_in("shout over the fence")


def test_the_words_of_the_example_are_few() -> None:
    general = {cue.name for cue in general_cues("en").values()}
    listed = [phrase for cue in the_book().policy.cues if cue.name not in general for phrase in cue.phrases]

    assert len(listed) <= 250


def test_aliases_cannot_grow_into_a_bomb(folder: Path) -> None:
    grown = [f"{new}: &{new} [*{old}, *{old}]\n" for old, new in pairwise("abcdefgh")]
    bomb = "a: &a [x, x]\n" + "".join(grown)
    (folder / "playbook.yaml").write_text(bomb, "utf-8")

    assert all("anchors and aliases are not used here" in problem for problem in problems(folder))


FRONT = "---\nid: {}\ntitle: t\nintents: [praise]\nactions: [{}]\napproach: thank\n---\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no front matter", "has no front matter"),
        ("---\nid: a\n", "has no front matter"),
        (FRONT.format("A b", "ignore") + "x", "is not an id"),
        (FRONT.format("hello", "ignore") + "x", "is already the id"),
        (FRONT.format("a", "sing") + "x", "'sing' is not known"),
        (FRONT.format("a", "ignore") + "", "has no section"),
        (FRONT.format("a", "ignore") + "## rainy\nx", "'rainy'"),
        (FRONT.format("a", "ignore") + "## any\n", "is empty"),
        (FRONT.format("a", "ignore").replace("title", "needs: [shoe_size]\ntitle") + "x", "no fact"),
    ],
)
def test_what_is_wrong_in_a_play_is_said(folder: Path, text: str, said: str) -> None:
    (folder / "plays" / "new.md").write_text(text, "utf-8")

    assert any(problem.startswith("plays/new.md:") and said in problem for problem in problems(folder))


def test_a_folder_without_a_playbook_says_so(tmp_path: Path) -> None:
    assert problems(tmp_path) == [f"{tmp_path}: has no playbook.yaml (see docs/playbook.md)"]


def test_a_play_may_only_name_labels_of_the_bundle() -> None:
    with pytest.raises(BadPlaybook) as caught:
        load(FOLDER, intents=["praise", "spam"])

    assert any("order_status" in str(problem) for problem in caught.value.problems)


def test_public_holidays_and_special_days_are_in_the_hours() -> None:
    book = load(FOLDER, today=date(2026, 11, 23))
    hours = book.policy.clock("email").hours

    assert hours.shifts(date(2026, 12, 25)) == ()
    assert hours.shifts(date(2027, 3, 8)) == ()  # a holiday of Berlin only
    assert hours.shifts(date(2026, 12, 24)) == ()
    assert len(hours.shifts(date(2026, 12, 23))) == 2


def test_every_default_intent_has_a_line() -> None:
    text = (FOLDER.parent / "labels" / "intents.md").read_text("utf-8")

    for intent in the_book().policy.intents:
        assert f"| `{intent}` |" in text
    assert len(the_book().policy.intents) == 32


def test_names_we_listen_for_are_cues_that_rules_can_ask_for() -> None:
    book = the_book()

    assert "names_brand" in book.policy.cues_in("my new lamp from Lumo & Finch")
    assert "names_competitor" in book.policy.cues_in("brightfern is cheaper")
    assert "names_industry" in book.policy.cues_in("garden furniture gets dearer every year")


def test_a_list_of_names_to_listen_for_that_we_do_not_know_is_a_problem(folder: Path) -> None:
    line = edit(folder / "playbook.yaml", "  competitors: [brightfern, petal and post]", "  rivals: [brightfern]")

    assert any(f"playbook.yaml:{line}" in problem and "rivals" in problem for problem in problems(folder))


@pytest.mark.parametrize(
    ("text", "intent", "action"),
    [
        ("brightfern loses every second parcel", "service_complaint", Action.IGNORE),
        ("@lumofinch brightfern lost my parcel, can you do better", "service_complaint", Action.ANSWER_PRIVATE),
        ("lumo & finch beats brightfern any day", "praise", Action.ANSWER_PUBLIC),
        ("my order from brightfern and you", "service_complaint", Action.ANSWER_PRIVATE),
        ("Can anyone tell me why my sourdough never rises?", "technical_problem", Action.IGNORE),
        ("Does anyone at @lumofinch read this?", "service_complaint", Action.ANSWER_PRIVATE),
        ("does anyone know why my order from you is late", "delivery_problem", Action.ANSWER_PRIVATE),
    ],
)
def test_what_names_a_competitor_or_asks_everybody_is_answered_only_when_it_speaks_to_us(
    text: str, intent: str, action: Action
) -> None:
    decision = propose(text, intent, "negative", channel="x").decision

    assert decision.action is action


def test_a_decision_says_that_a_competitor_is_named() -> None:
    reasons = propose("@lumofinch is brightfern better?", "product_question").decision.reasons

    assert "It names a competitor." in reasons


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("satisfaction: {target: 4.2 of 5, owner: care}", "satisfaction: {target: high}", "a number"),
        ("satisfaction: {target: 4.2", "mood: {target: 4.2", "first_response_on_time"),
        ("rejected_plays: withhold", "rejected_plays: burn", "withhold"),
    ],
)
def test_a_goal_that_cannot_be_measured_is_a_problem(folder: Path, old: str, new: str, what: str) -> None:
    line = edit(folder / "playbook.yaml", old, new)

    assert any(f"playbook.yaml:{line}" in problem and what in problem for problem in problems(folder))


def test_staffing_rules_of_a_team_stand_on_those_of_all(folder: Path) -> None:
    text = (
        "staffing: {share: 0.8, within: 20 min, shrinkage: 0.25, handle: 5 min, "
        "teams: {care: {concurrency: 3, zone: Asia/Tokyo, patience: 30 min}}}\n"
    )
    (folder / "playbook.yaml").write_text((folder / "playbook.yaml").read_text("utf-8") + text, "utf-8")

    staffing = load(folder).policy.teams.staffing

    usual, care = staffing.rules("billing"), staffing.rules("care")
    assert (usual.share, usual.within, usual.concurrency, usual.patience) == (0.8, timedelta(minutes=20), 1.0, None)
    assert (care.share, care.shrinkage, care.concurrency, care.zone) == (0.8, 0.25, 3.0, "Asia/Tokyo")
    assert (care.patience, care.handle) == (timedelta(minutes=30), timedelta(minutes=5))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("staffing: {share: 1.5}", "staffing.share: should be a number from 0.01 to 0.999"),
        ("staffing: {zone: Mars/Base}", "staffing.zone: 'Mars/Base' is not a time zone"),
        ("staffing: {within: soon}", "staffing.within: should be a time"),
        ("staffing: {teams: {nobody_at_all: {share: 0.5}}}", "staffing.teams.nobody_at_all: is not a setting we know"),
        ("staffing: {agents: 5}", "staffing.agents: is not a setting we know"),
    ],
)
def test_staffing_rules_that_cannot_be_are_problems(folder: Path, text: str, what: str) -> None:
    (folder / "playbook.yaml").write_text((folder / "playbook.yaml").read_text("utf-8") + text + "\n", "utf-8")

    assert any(what in problem for problem in problems(folder))
