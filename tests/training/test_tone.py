"""Fitting the tone head."""

import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from care.errors import BadTrainingData
from care.reply import Verdict
from model.tone.checker import ToneModel
from training.tone import REPLIES, ToneRecipe, fit_head, read_replies, tone_facts, train_default_tone
from wiring.assemble import limits_in

PLAYBOOK = REPLIES.parent / "playbook"

FAULTS = {
    "rude", "blame", "sarcasm", "joke_to_upset", "slang", "shouting", "profanity", "promise_money", "promise_date",
    "legal_admission", "internal", "stock_phrase", "cold", "dismissive", "overlong", "jargon", "wrong_name", "none",
    "other_person", "competitor", "blame_own", "medical_advice", "financial_advice", "danger_played_down",
    "asks_secret", "legalese",
}  # fmt: skip


def write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "verdict", "mood"), *rows])
    return path


def test_our_replies_are_many_marked_and_varied() -> None:
    replies = read_replies(REPLIES)

    counts = Counter(reply.fault for reply in replies)
    words = [frozenset(re.findall(r"\w+", reply.text.lower())) for reply in replies]
    alike = sum(any(len(a & b) > 0.6 * len(a | b) for b in words[:at]) for at, a in enumerate(words))
    assert set(counts) == FAULTS
    assert counts["none"] >= 450
    assert len(replies) - counts["none"] >= 350
    assert counts["joke_to_upset"] >= 80
    assert all((reply.fault == "none") is reply.is_good for reply in replies)
    assert alike < 0.1 * len(replies)


def test_what_no_fold_has_seen_is_caught_and_good_replies_go() -> None:
    replies = read_replies(REPLIES)
    limits = limits_in(PLAYBOOK)
    read = tone_facts(replies, limits=limits)
    is_good = np.array([reply.is_good for reply in replies])
    held_out = np.random.default_rng(3).random(len(replies)) < 0.2

    head = fit_head(
        [facts for facts, out in zip(read, held_out, strict=True) if not out], is_good[~held_out], recipe=ToneRecipe()
    )

    model = ToneModel.rules_only(limits=limits).with_head(head)
    stopped = [
        model.check(reply.text, channel=reply.channel, to=reply.to, mood=reply.mood, urgency=reply.urgency).verdict
        is Verdict.STOP
        for reply, out in zip(replies, held_out, strict=True)
        if out
    ]
    caught = np.mean([stop for stop, good in zip(stopped, is_good[held_out], strict=True) if not good])
    false_stops = np.mean([stop for stop, good in zip(stopped, is_good[held_out], strict=True) if good])
    assert caught >= 0.92
    assert false_stops <= 0.02


def test_training_twice_on_the_same_replies_does_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    rows = [(f"thank you number {n}", "good", "neutral") for n in range(8)]
    rows += [(f"you fool number {n}", "bad", "neutral") for n in range(8)]
    replies = write(tmp_path / "replies.csv", rows)

    first = train_default_tone(tmp_path, replies=replies, say=said.append)
    written = (first / "manifest.json").stat().st_mtime_ns
    again = train_default_tone(tmp_path, replies=replies, say=said.append)

    assert said[-1] == "the tone head is up to date"
    assert (again / "manifest.json").stat().st_mtime_ns == written


def test_a_corrected_verdict_is_in_the_next_head(tmp_path: Path) -> None:
    text = "Ahoy, your crate is in port."
    wrong = write(tmp_path / "corrected.csv", [(text, "bad", "neutral"), (text + " Arr!", "bad", "neutral")] * 3)

    before = ToneModel.load(train_default_tone(tmp_path)).check(text, channel="x").score
    after = ToneModel.load(train_default_tone(tmp_path, corrected=[wrong])).check(text, channel="x").score

    assert after < before / 2


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "no rows"),
        ([("hello", "fine", "")], "row 2"),
        ([("", "good", "")], "row 2"),
        ([("hello", "good", "")], "at least"),
    ],
)
def test_replies_that_cannot_teach_are_named(rows: list[tuple[str, ...]], problem: str, tmp_path: Path) -> None:
    with pytest.raises(BadTrainingData, match=problem):
        train_default_tone(tmp_path, replies=write(tmp_path / "replies.csv", rows))
