"""Gaps that nobody filled: found whatever system left them, and ordinary replies let be."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care import placeholders
from care.reply import Verdict, open_slots
from model.tone.checker import ToneModel

LINES = json.loads((Path(__file__).parents[2] / "fixtures" / "placeholders.json").read_text("utf-8"))
RULES_ONLY = ToneModel.rules_only()


@pytest.mark.parametrize("text", LINES["gaps"])
def test_a_gap_of_any_system_is_found_and_stopped_by_the_tone_check(text: str) -> None:
    report = RULES_ONLY.check(text, channel="chat")

    assert open_slots(text)
    assert report.verdict is Verdict.STOP
    assert "open_slot" in {finding.rule for finding in report.findings}


@pytest.mark.parametrize("text", LINES["fine"])
def test_an_ordinary_reply_has_no_gaps(text: str) -> None:
    assert placeholders.find(text) == ()


def test_our_own_slots_are_known_by_name_with_blanks_and_without() -> None:
    gaps = placeholders.find("Hello [[ name ]], order [[order_number]] is [[cut")

    assert [(gap.name, gap.is_ours) for gap in gaps] == [("name", True), ("order_number", True), ("cut", True)]


def test_a_draft_reads_as_if_its_slots_were_filled() -> None:
    text = "Hello [[name]], your order is [[ status ]]. Thank you."

    filled = placeholders.blanked(text)

    assert len(filled) == len(text)
    assert placeholders.find(filled) == ()


def test_the_mask_of_a_card_shows_no_digit_in_the_name_of_its_gap() -> None:
    assert open_slots("Your card <PAYMENT_CARD 411111…1111> was charged.") == ["<PAYMENT_CARD>"]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="[]{}<>%$*|@_ #aN,/:«»1x\n", max_size=60))
def test_gaps_lie_in_the_text_in_order_and_never_overlap(text: str) -> None:
    at = 0
    for gap in placeholders.find(text):
        assert at <= gap.start < gap.end <= len(text)
        at = gap.end


@pytest.mark.parametrize("pump", ["{", "[[", "{{a", "<", "%a", "Hello ", "$a", "@@a", "https://", "a_", "Dear ,\n"])
def test_looking_for_gaps_takes_linear_time(pump: str) -> None:
    text = (pump * 160_000)[:160_000]

    # Eight times the text: eight times the work where it is linear, sixty-four times where it is quadratic.
    assert _quickest_s(text) < 24 * _quickest_s(text[:20_000])


def _quickest_s(text: str) -> float:
    tries = []
    for _ in range(3):
        started = time.thread_time()
        placeholders.find(text)
        tries.append(time.thread_time() - started)
    return min(tries)
