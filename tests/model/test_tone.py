"""What the tone check stops, warns of and lets go."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.errors import BundleError
from care.ports import ToneChecker
from care.reply import Finding, ToneReport, Verdict
from model.tone.checker import ToneModel
from model.tone.checks import ChannelLimit, VoiceRules
from model.tone.head import ToneHead
from model.tone.rules import default_rules
from playbook.lengths import weighted
from tests.model.tone_cases import FIRES, QUIET, Case
from training.tone import train_default_tone

RULES_ONLY = ToneModel.rules_only(limits={"x": ChannelLimit(280, weighted)})


@pytest.fixture(scope="module")
def tone_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_default_tone(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def trained(tone_folder: Path) -> ToneModel:
    return ToneModel.load(tone_folder)


def check(case: Case, model: ToneModel = RULES_ONLY) -> ToneReport:
    return model.check(
        case.text, channel=case.channel, to=case.to, mood=case.mood, urgency=case.urgency, name=case.name
    )


@pytest.mark.parametrize("case", FIRES, ids=lambda case: f"{case.rule}: {case.text[:30]}")
def test_a_rule_sees_what_it_is_for(case: Case) -> None:
    model = RULES_ONLY

    seen = model.read(
        case.text, channel=case.channel, to=case.to, mood=case.mood, urgency=case.urgency, name=case.name
    ).seen

    assert case.rule in {fault.rule for fault in seen}


def test_a_copy_of_an_invoice_is_no_talk_among_colleagues() -> None:
    seen = RULES_ONLY.read("A copy is no trouble. Send your customer number in a direct message.").seen

    assert "internal_hint" not in {fault.rule for fault in seen}


@pytest.mark.parametrize("case", QUIET, ids=lambda case: f"{case.rule}: {case.text[:30]}")
def test_a_rule_keeps_quiet_where_its_words_are_harmless(case: Case) -> None:
    seen = RULES_ONLY.read(
        case.text, channel=case.channel, to=case.to, mood=case.mood, urgency=case.urgency, name=case.name
    ).seen

    assert case.rule not in {fault.rule for fault in seen if fault.severity != "hint"}


def test_every_rule_has_a_case_that_fires_and_one_that_is_quiet() -> None:
    rules = set(default_rules().rules) - {"forbidden"}

    assert rules <= {case.rule for case in FIRES}
    assert {rule for rule in rules if default_rules().rules[rule].severity == "stop"} <= {case.rule for case in QUIET}


def test_a_good_reply_may_go() -> None:
    report = RULES_ONLY.check(
        "I'm sorry your lamp arrived broken. A new one leaves today.", channel="x", mood="negative"
    )

    assert report.verdict is Verdict.SEND
    assert report.score > 0.5
    assert report.findings == ()


def test_a_joke_is_for_happy_customers_only() -> None:
    text = "Haha, your cat has good taste! 😂"

    assert RULES_ONLY.check(text, channel="x", mood="very_positive").verdict is Verdict.SEND
    assert RULES_ONLY.check(text, channel="x", mood="negative").verdict is Verdict.STOP
    assert RULES_ONLY.check(text, channel="x", mood="neutral", urgency="urgent").verdict is Verdict.STOP


def test_the_mood_is_read_from_the_message_when_nobody_labelled_it() -> None:
    text = "Oops, looks like it took the scenic route!"

    angry = RULES_ONLY.check(text, channel="x", to="This is ridiculous, three weeks and still no parcel!")
    calm = RULES_ONLY.check(text, channel="x", to="Just curious, which way did it travel?")

    assert (angry.verdict, calm.verdict) == (Verdict.STOP, Verdict.SEND)


def test_a_playful_voice_may_speak_slang_and_a_formal_one_may_not() -> None:
    text = "yo fam, that jacket slaps"

    playful = ToneModel.rules_only(voice=VoiceRules(profile="playful")).check(text, channel="x", mood="positive")
    formal = ToneModel.rules_only(voice=VoiceRules(profile="formal")).check(text, channel="x", mood="positive")

    assert playful.verdict is Verdict.SEND
    assert formal.verdict is Verdict.STOP


def test_the_playbooks_forbidden_phrases_are_stopped_however_they_are_written() -> None:
    model = ToneModel.rules_only(voice=VoiceRules(forbidden=("we can't complain", "tip top")))

    assert [finding.rule for finding in model.check("Well, we cannot complain.", channel="x").findings] == ["forbidden"]
    assert [finding.rule for finding in model.check("Everything is TIP top!", channel="x").findings] == ["forbidden"]


def test_a_text_is_counted_as_its_channel_counts() -> None:
    words = "lamp " * 20
    model = ToneModel.rules_only(limits={"tiny": ChannelLimit(30, lambda text: len(text.split()))})

    assert model.check(words, channel="tiny").verdict is Verdict.SEND
    assert model.check(words * 2, channel="tiny").verdict is Verdict.STOP


def test_an_empty_text_never_goes_out() -> None:
    assert RULES_ONLY.check(" \n", channel="x").verdict is Verdict.STOP


def test_an_open_slot_of_our_own_is_stopped_like_any_other() -> None:
    assert RULES_ONLY.check("Your parcel is [[status]].", channel="x").verdict is Verdict.STOP


def test_the_emoji_policy_is_the_voices() -> None:
    text = "Thank you! 😊"

    assert ToneModel.rules_only(voice=VoiceRules(emoji="none")).check(text, channel="x").verdict is Verdict.WARN
    assert ToneModel.rules_only(voice=VoiceRules(emoji="few")).check(text, channel="x").verdict is Verdict.SEND
    assert ToneModel.rules_only(voice=VoiceRules(emoji="few")).check(text * 3, channel="x").verdict is Verdict.WARN
    assert ToneModel.rules_only(voice=VoiceRules(emoji="free")).check(text * 3, channel="x").verdict is Verdict.SEND


# fixes ----------------------------------------------------------------------------------------------------------


def fixed(text: str, finding: Finding) -> str:
    assert finding.fix is not None
    return text[: finding.start] + finding.fix + text[finding.end :]


@pytest.mark.parametrize("case", FIRES, ids=lambda case: f"{case.rule}: {case.text[:30]}")
def test_a_fix_takes_its_finding_away(case: Case) -> None:
    before = check(case)

    for finding in before.findings:
        if finding.fix is not None:
            after = check(Case(case.rule, fixed(case.text, finding), case.channel, case.to, case.mood, case.urgency))
            count = sum(fault.rule == finding.rule for fault in before.findings)
            assert sum(fault.rule == finding.rule for fault in after.findings) < count


def test_a_fix_keeps_the_capital_of_a_sentence() -> None:
    text = "You forgot to add the number."
    finding = next(fault for fault in RULES_ONLY.check(text, channel="x").findings if fault.fix)

    assert fixed(text, finding) == "We still need you to add the number."


# laws -----------------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(max_size=300),
    to=st.none() | st.text(max_size=80),
    mood=st.sampled_from([None, "very_negative", "neutral", "positive", "unheard of"]),
)
def test_any_text_gets_a_verdict_and_spans_inside_it(text: str, to: str | None, mood: str | None) -> None:
    report = RULES_ONLY.check(text, channel="anywhere", to=to, mood=mood, name=to)

    assert 0 <= report.score <= 1
    for finding in report.findings:
        assert 0 <= finding.start <= finding.end <= len(text)
        assert finding.message


_PIECES = st.sampled_from(
    [
        "Hi Anna,",
        "you should have",
        "sorry",
        "LOL",
        "😂",
        "FREE MONEY",
        "{{name}}",
        "can't",
        "\ud800",
        "\x00",
        "we guarantee",
        "!!!",
        "\n",
        "İ",
    ]
)


@settings(max_examples=150, deadline=None)
@given(pieces=st.lists(_PIECES, max_size=12))
def test_the_trained_check_holds_the_same_laws(pieces: list[str], trained: ToneModel) -> None:
    text = " ".join(pieces)

    report = trained.check(text, channel="x", mood="negative", urgency="high")

    assert 0 <= report.score <= 1
    assert all(0 <= finding.start <= finding.end <= len(text) for finding in report.findings)
    assert report.verdict is Verdict.SEND or report.findings
    assert report == trained.check(text, channel="x", mood="negative", urgency="high")


def test_a_long_text_is_judged_quickly(trained: ToneModel) -> None:
    text = "I'm sorry about the delay, and I have asked the courier where your parcel is. " * 2_000

    start = time.process_time()
    trained.check(text, channel="x", mood="negative")

    assert time.process_time() - start < 2


# the head -------------------------------------------------------------------------------------------------------


def test_it_is_what_the_journey_asks_for(trained: ToneModel) -> None:
    checker: ToneChecker = trained

    report = checker.check("Is that supposed to be a question?", channel="x", to=None, mood=None, urgency=None)

    assert report.verdict is Verdict.STOP


def test_the_head_stops_what_no_rule_knows_and_shows_where(trained: ToneModel) -> None:
    text = "Thanks for writing. A hamster would have understood that by now, wouldn't it?"

    report = trained.check(text, channel="x", mood="negative")

    assert report.verdict is Verdict.STOP
    assert all(text[finding.start : finding.end] for finding in report.findings)


def test_the_head_lets_a_foreign_language_be(trained: ToneModel) -> None:
    report = trained.check(
        "Guten Tag Frau Berg, Ihr Paket ist unterwegs.", channel="x", to="Wo ist mein Paket und wann kommt es?"
    )

    assert report.verdict is Verdict.SEND


def test_a_folder_without_a_head_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no tone head"):
        ToneModel.load(tmp_path)


@pytest.mark.parametrize("name", ["manifest.json", "features.json", "weights.safetensors"])
def test_a_damaged_head_is_refused(name: str, tone_folder: Path, tmp_path: Path) -> None:
    for file in tone_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    broken = tmp_path / name
    broken.write_bytes(broken.read_bytes()[:-40] + b"x" * 40)

    with pytest.raises(BundleError):
        ToneModel.load(tmp_path)


def test_a_head_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    head = ToneHead(
        {"w:thanks": 0.5}, bias=-0.25, slope=2.0, offset=0.1, stop_below=0.3, warn_below=0.6, about={"seed": 7}
    )

    head.save(tmp_path / "tone")

    assert ToneHead.load(tmp_path / "tone") == head


def test_a_head_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ToneHead({"w:thanks": 0.5}, bias=-0.25, slope=2.0, offset=0.1, stop_below=0.3, warn_below=0.6)
    old.save(tmp_path / "tone")

    def full(path: Path, *_: object, **__: object) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        replace(old, bias=1.0).save(tmp_path / "tone")

    assert ToneHead.load(tmp_path / "tone") == old
    assert [path.name for path in tmp_path.iterdir()] == ["tone"]


def test_a_text_checked_before_is_judged_anew_for_whom_it_goes_to(trained: ToneModel) -> None:
    text = "Haha, that happens! Fingers crossed it turns up 😂"
    asked = [
        ("negative", "where is my parcel"),
        ("very_positive", "what a lovely lamp"),
        (None, "donde esta mi pedido"),
    ]

    for mood, to in asked * 2:
        fresh = trained.with_head(trained.head or ToneHead({}, 0, 1, 0, 0, 0))
        assert trained.check(text, channel="x", to=to, mood=mood) == fresh.check(text, channel="x", to=to, mood=mood)
