"""Faults that no kindness mends: found by detectors of their own, whatever the head thinks of the tone."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.reply import Verdict
from model.tone import causes
from model.tone.checker import ToneModel
from model.tone.head import ToneHead
from tests.model.tone_cases import FIRES
from training.tone import train_default_tone

RULES_ONLY = ToneModel.rules_only()
ROWS = json.loads(Path(__file__).with_name("replies_held_out.json").read_text("utf-8"))
FAULTY = [row for row in ROWS if row["fault"]]
FINE = [row for row in ROWS if not row["fault"]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> ToneModel:
    return ToneModel.load(train_default_tone(tmp_path_factory.mktemp("home")))


def verdict(model: ToneModel, row: dict[str, str]) -> Verdict:
    return model.check(row["text"], channel=row["channel"], to=row["to"], mood=row["mood"]).verdict


@pytest.mark.issue(14)
def test_faults_are_stopped_by_a_rule_that_names_them() -> None:
    missed = []
    for row in FAULTY:
        report = RULES_ONLY.check(row["text"], channel=row["channel"], to=row["to"], mood=row["mood"])
        if report.verdict is not Verdict.STOP or not {finding.rule for finding in report.findings} - {"cold", "tone"}:
            missed.append(row["text"])

    assert len(FAULTY) >= 70
    assert len(missed) <= 0.05 * len(FAULTY), missed


@pytest.mark.issue(14)
def test_replies_that_say_it_well_go_out(trained: ToneModel) -> None:
    stopped = [row["text"] for row in FINE if verdict(trained, row) is Verdict.STOP]

    assert len(FINE) >= 30
    assert len(stopped) <= 1, stopped


@pytest.mark.issue(14)
@pytest.mark.parametrize("stop_below", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("case", FIRES, ids=lambda case: f"{case.rule}: {case.text[:30]}")
def test_no_head_outvotes_a_rule_that_stops(case: object, stop_below: float) -> None:
    # Sure that everything may go out, and with any threshold a bundle may carry.
    words = {f"w:{word}": 50.0 for word in case.text.lower().split()}  # type: ignore[attr-defined]
    head = ToneHead(words, bias=1_000.0, slope=50.0, offset=50.0, stop_below=stop_below, warn_below=stop_below)
    asked = {"channel": case.channel, "to": case.to, "mood": case.mood, "urgency": case.urgency, "name": case.name}  # type: ignore[attr-defined]

    alone = RULES_ONLY.check(case.text, **asked)  # type: ignore[attr-defined]
    with_head = RULES_ONLY.with_head(head).check(case.text, **asked)  # type: ignore[attr-defined]

    if alone.verdict is Verdict.STOP:
        assert with_head.verdict is Verdict.STOP
        assert with_head.score < 0.5


@pytest.mark.parametrize("text", ["On it. Back to you by 3 pm.", "Which lamp is it?", "Could you try another cable?"])
def test_a_short_reply_without_a_kind_word_is_not_stopped(trained: ToneModel, text: str) -> None:
    assert trained.check(text, channel="x", to="the checkout fails again", mood="negative").verdict is not Verdict.STOP


@pytest.mark.parametrize("text", ["On it.", "Hello Kim, it left on Monday.", "It left.", "Kim, it left."])
def test_a_fix_never_puts_an_apology_before_somebodys_first_word(trained: ToneModel, text: str) -> None:
    for model in (RULES_ONLY, trained):
        for finding in model.check(text, channel="email", to="where is it", mood="very_negative").findings:
            assert not (finding.fix and "sorry" in finding.fix.lower())


class TestWhatItAnswers:
    def test_danger_counts_only_where_somebody_speaks_of_it(self) -> None:
        text = "That's normal, just keep using it."

        assert "danger_played_down" in rules(text, to="the plug sparks and smokes")
        assert "danger_played_down" not in rules(text, to="the rug loses fluff")

    def test_personal_facts_may_be_asked_for_in_private_but_a_security_code_never(self) -> None:
        address = "Could you send us your address and phone number?"

        assert "asks_personal_in_public" in rules(address, channel="x")
        assert "asks_personal_in_public" not in rules(address, channel="email")
        assert "asks_secret" in rules("What's the CVC?", channel="email")
        assert "asks_secret" not in rules("Please never send us the CVC.", channel="email")

    def test_law_is_for_calm_readers(self) -> None:
        text = "According to our terms you have 14 days for that."

        assert "legalese" in rules(text, is_upset=True)
        assert "legalese" not in rules(text, is_upset=False)


def rules(text: str, *, to: str | None = None, channel: str = "chat", is_upset: bool = False) -> set[str]:
    return {told.cause.rule for told in causes.find(text, to=to, channel=channel, is_upset=is_upset)}


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=200), to=st.none() | st.text(max_size=80))
def test_a_cause_lies_in_the_text(text: str, to: str | None) -> None:
    for told in causes.find(text, to=to, channel="x", is_upset=True):
        assert 0 <= told.start < told.end <= len(text)


@pytest.mark.parametrize(
    "pump", ["you ", "your son ", "a", "it'll be ", "please send ", "by 3 pm ", "1 ", "the refund ", "."]
)
def test_looking_for_causes_takes_linear_time(pump: str) -> None:
    text = (pump * 20_000)[: causes.MOST_CHARS]
    started = time.thread_time()

    causes.find(text, to="it smokes, my savings, cheaper, rash", channel="x", is_upset=True)

    assert time.thread_time() - started < 2
