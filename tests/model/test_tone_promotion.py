"""Serve before you sell: a care reply that promotes is stopped; what is owed or asked for is not."""

import csv
import time
from pathlib import Path

import pytest

from care.reply import Verdict
from model.tone import causes
from model.tone.checker import ToneModel

pytestmark = pytest.mark.issue(19)

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
RULES_ONLY = ToneModel.rules_only()


def rows(name: str) -> list[dict[str, str]]:
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def promotes(text: str, to: str) -> bool:
    told = causes.find(text, to=to or None, channel="email", is_upset=True)
    return any(fault.cause.rule == "promotion" for fault in told)


def test_replies_that_sell_are_found_and_those_that_only_name_an_offer_are_not() -> None:
    replies = rows("promotion.csv")
    found = {verdict: [row for row in replies if row["verdict"] == verdict] for verdict in ("bad", "good")}
    missed = [row["text"] for row in found["bad"] if not promotes(row["text"], row["to"])]
    stopped = [row["text"] for row in found["good"] if promotes(row["text"], row["to"])]

    assert min(map(len, found.values())) >= 60
    assert len(missed) <= 0.05 * len(found["bad"]), missed
    assert stopped == []


def test_no_good_reply_and_no_draft_of_ours_is_taken_for_promotion() -> None:
    good = [(row["text"], row["to"]) for row in rows("replies.csv") if row["verdict"] == "good"]
    drafts = [(row["draft"], row["text"]) for row in rows("pairs.csv")]

    assert len(good) >= 600
    assert [text for text, to in {*good, *drafts} if promotes(text, to)] == []


def test_ways_out_are_not_taken_for_promotion() -> None:
    for text in ("Have you tried the other cable?", "Try the new filter first.", "We've just released version 11.1."):
        assert not promotes(text, "It is broken")


def test_promotion_is_a_stop_that_says_what_to_do() -> None:
    report = RULES_ONLY.check("We are on it. Check out our new collection!", channel="x", to="It is broken")

    assert report.verdict is Verdict.STOP
    [finding] = [finding for finding in report.findings if finding.rule == "promotion"]
    assert finding.message.startswith("This sells: serve first.")


@pytest.mark.parametrize("asked", ["Any offers?", "How much is the lamp?", "Which plan suits me?"])
def test_who_asks_about_an_offer_is_told_of_it(asked: str) -> None:
    assert not promotes("Our new range is here: have a look at our new lamps, 10% off this week!", asked)


@pytest.mark.parametrize("pump", ["our new ", "check out our ", "save ", "don't miss ", "summer sale ", "with our "])
def test_looking_for_promotion_takes_linear_time(pump: str) -> None:
    text = (pump * 20_000)[: causes.MOST_CHARS]
    started = time.thread_time()

    promotes(text, "it is broken")

    assert time.thread_time() - started < 2
